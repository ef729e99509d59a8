"""From a number on a page to its finding, and from a finding to its cell and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from darkdays.report.findings.tolerance import Tolerances
from darkdays.report.page.executed import Cell, cell_of


class Links:
    """Findings by what they are about.

    Parameters
    ----------
    findings
        The findings of a document.
    cells
        Executed cells of the report, none in a draft.
    """

    def __init__(self, findings: Sequence[Mapping[str, Any]], cells: Sequence[Cell] = ()) -> None:
        self.cells = cells
        self._ids: dict[tuple[str, str, str, Any], str] = {}
        for one in findings:
            witnesses = one["witnesses"]
            kind, _, rest = str(one["id"]).partition(".")
            signal = (witnesses.get("datasource", ""), witnesses.get("entity", ""))
            if not all(signal):
                signal = _signal(rest)
            self._ids.setdefault((kind, *signal, one["value"]), str(one["id"]))

    def finding(self, kind: str, row: Mapping[str, Any], value: Any) -> str:
        """Return the id of a finding such as an ``onset`` of a row's signal, empty if none."""
        return self._ids.get((kind, row["datasource"], row["entity"], value), "")

    def first_onset(self, entity: str) -> str:
        """Return the id of the earliest onset of an entity, empty if there is none."""
        found = [
            (value, name)
            for (kind, _, whose, value), name in self._ids.items()
            if kind == "onset" and whose == entity
        ]
        return min(found, default=("", ""))[1]

    def cell(self, call: str) -> Cell | None:
        """Return the first executed cell whose code calls this."""
        return next((cell for cell in self.cells if call in cell.source), None)

    def anchor(self, place: str) -> str:
        """Return the id on a page of the cell at a place, empty without it."""
        return next((cell.anchor for cell in self.cells if cell.place == place), "")


def published_findings(
    findings: Mapping[str, Any],
    *,
    version: str,
    tolerances: Tolerances,
    cells: Sequence[Cell],
    sources: Sequence[Mapping[str, Any]],
    counted: Sequence[str],
) -> dict[str, Any]:
    """Return a findings document as it is published.

    Parameters
    ----------
    findings
        What the study found.
    version
        Of the report.
    tolerances, cells, sources
        What every finding is given: its measured tolerance, the cell that shows it, and the
        names of its sources.
    counted
        Ids of the findings that were counted from lists.
    """
    given = []
    for one in findings["findings"]:
        cell = cell_of(one["id"], cells, counted=one["id"] in counted)
        given.append(
            {
                **one,
                "tolerance": tolerances.of(one["id"]),
                "cell": cell.place if cell else None,
                "sources": _named_in(one, sources),
            }
        )
    return {
        "case": findings["case"],
        "version": version,
        **findings,
        "findings": given,
        "tolerances": tolerances.document,
    }


def _signal(rest: str) -> tuple[str, str]:
    """Return datasource and entity of ``ioda.bgp.country/IR.1``, empty where it is neither."""
    name, _, number = rest.rpartition(".")
    if not number.isdigit() or "/" not in name:
        return "", ""
    before, _, code = name.rpartition("/")
    datasource, _, kind = before.rpartition(".")
    return datasource, f"{kind}/{code}"


def _named_in(finding: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the sources a finding was made from: those it names, or all of them."""
    names = [str(one["name"]) for one in sources]
    witness = finding["witnesses"].get("datasource")
    named = [name for name in names if name == witness or f".{name}." in f".{finding['id']}."]
    return named or names
