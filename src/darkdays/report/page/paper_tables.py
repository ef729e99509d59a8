"""Tables of a report for a paper: claims, outages and findings, as CSV and for LaTeX.

Both say what ``findings.json`` says. The CSV has every digit; the LaTeX, a ``longtable`` with the
rules of ``booktabs``, has what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from darkdays.files import writing

_COLUMNS: Final = {
    "claims": ("statement", "verdict", "holds", "of", "because"),
    "outages": (
        "name", "network", "datasource", "onset", "onset_low", "onset_high", "recovery",
        "recovery_low", "recovery_high", "depth", "depth_low", "depth_high", "q", "kind",
    ),
    "findings": ("id", "value", "unit", "low", "high", "n"),
}  # fmt: skip
_PRINTED: Final = {
    "outages": ("name", "datasource", "onset_low", "onset_high", "recovery_low", "recovery_high",
                "depth"),
}  # fmt: skip
_TIME: Final = re.compile(r"^(\d{4}-\d\d-\d\d)T([\d:]+)Z$")
_WIDTHS: Final = {
    "claims": r"p{0.35\textwidth}lrrp{0.35\textwidth}",
    "findings": r"p{0.4\textwidth}rlrrr",
}


def tables_of(findings: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of every table that has a row, by their name in a version.

    Parameters
    ----------
    findings
        As published.
    """
    files = {}
    about = f"{findings['case']}, version {findings['version']}"
    simulated = " SIMULATED." if findings["simulated"] else ""
    for name, columns in _COLUMNS.items():
        table = pd.DataFrame([dict(_flat(row)) for row in findings[name]])
        if table.empty:
            continue
        table = table.reindex(columns=list(columns)).dropna(axis="columns", how="all")
        if "n" in table:
            table["n"] = table["n"].astype("Int64")
        files[f"tables/{name}.csv"] = writing.csv_text(table).encode()
        printed = table[[one for one in _PRINTED.get(name, columns) if one in table]].map(_spaced)
        latex = printed.rename(columns=lambda column: str(column).replace("_", " ")).to_latex(
            index=False, escape=True, longtable=True, na_rep="", float_format="%.4g",
            column_format=_WIDTHS.get(name) if len(printed.columns) == len(columns) else None,
        )  # fmt: skip
        packages = r"Times are UTC. Needs \usepackage{booktabs,longtable}."
        files[f"tables/{name}.tex"] = (
            f"% {name} of {about}.{simulated} {packages}\n{latex}".encode()
        )
    return files


def _spaced(cell: Any) -> Any:
    return _TIME.sub(r"\1 \2", cell) if isinstance(cell, str) else cell


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through what a row says, an interval as two, and how often a verdict holds."""
    for key, value in row.items():
        if key.endswith("interval"):
            stem = key.removesuffix("interval")
            yield from zip((f"{stem}low", f"{stem}high"), value, strict=True)
        elif key == "sensitivity":
            yield from (value or {}).items()
        else:
            yield key, value
