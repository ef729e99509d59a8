"""What studies of lists come to: findings, and tables of counts behind the figures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays.files import writing
from darkdays.labels.finding import Alternative, Finding

_FLOATS: Final = ("value", "low", "high")


@dataclass(frozen=True)
class Results:
    """Findings and tables of one or more studies.

    Attributes
    ----------
    findings
        In the order they were made.
    tables
        By name; texts and numbers only, counts and named rows, never a copy of a list.
    citations
        Of the lists they were made from.
    """

    findings: tuple[Finding, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    citations: tuple[str, ...] = ()

    def __add__(self, other: Results) -> Results:
        return Results(
            self.findings + other.findings,
            {**self.tables, **other.tables},
            tuple(dict.fromkeys(self.citations + other.citations)),
        )

    @property
    def by_id(self) -> dict[str, Finding]:
        """The findings by their id."""
        return {one.id: one for one in self.findings}


def save(results: Results, path: Path, made_from: str) -> None:
    """Write results, and the digest of what they were made from, whole or not at all."""
    document = {
        "made_from": made_from,
        "citations": list(results.citations),
        "findings": [_plain(asdict(one)) for one in results.findings],
        "tables": {
            name: {"columns": list(table.columns), "rows": _rows(table)}
            for name, table in results.tables.items()
        },
    }
    writing.write_text(path, writing.json_text(document))


def load(path: Path, made_from: str) -> Results | None:
    """Read results that :func:`save` wrote, None if there are none made from the same."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["made_from"] != made_from:
            return None
        findings = tuple(_finding(one) for one in document["findings"])
        tables = {
            name: pd.DataFrame(table["rows"], columns=table["columns"])
            for name, table in document["tables"].items()
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Results(findings, tables, tuple(document["citations"]))


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    return [[_plain(cell) for cell in row] for row in table.to_numpy(dtype=object).tolist()]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: what is not a number is null."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _finding(document: dict[str, Any]) -> Finding:
    alternatives = tuple(Alternative(**_numbers(one)) for one in document.pop("alternatives"))
    return Finding(**_numbers(document), alternatives=alternatives)


def _numbers(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: math.nan if value is None and name in _FLOATS else value
        for name, value in document.items()
    }
