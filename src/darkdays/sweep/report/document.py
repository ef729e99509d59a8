"""What the report of a sweep states, as ``findings.json``, and whose data it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from darkdays.fetch.plan import wanted_of
from darkdays.files.writing import rows_of
from darkdays.sweep.plan.grid import Grid
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.report.findings import Seen, findings_of
from darkdays.sweep.report.merging import Written

_IN_THE_PROJECT: Final = "see data/SOURCES.md"


def document_of(grid: Grid, seen: Seen, written: Mapping[str, Written]) -> dict[str, Any]:
    """Return the document stored as ``findings.json``, without its version."""
    failed = seen.failures
    return {
        "schema": 1,
        "kind": "sweep",
        "case": grid.name,
        "title": grid.title,
        "simulated": seen.simulated,
        "parameters": {
            "level": list(seen.settings.levels),
            "min_depth": list(seen.settings.min_depths),
            "change_points": seen.settings.change_points,
        },
        "studies": len(seen.studies),
        "empty": sorted(seen.empty),
        "signals_assessed": int(seen.signals["assessed"].sum()),
        "signals_not_assessed": sorted(
            f"{row.study} {row.datasource} {row.entity}: {row.reason}"
            for row in rows_of(failed[failed["entity"] != ""])
        ),
        "not_read": sorted(
            f"{row.study} {row.datasource}: {row.reason}".replace(" : ", ": ")
            for row in rows_of(failed[failed["entity"] == ""])
        ),
        "claims": _claims(seen),
        "findings": findings_of(seen),
        "outages": {
            name: {"rows": one.rows, "sha256": one.sha256} for name, one in written.items()
        },
    }


def sources_of(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """Return every source measured studies are read from, in the order of its names.

    Returns
    -------
    list of dict
        ``name``, ``citation`` and ``licence``.
    """
    found: dict[str, dict[str, Any]] = {}
    for study in studies:
        if study.made is not None:
            continue
        services = {one.name: one.source.SERVICE for one in wanted_of(study.case)}
        for name in (*services, *(one.datasource for one in study.case.signals)):
            service = services.get(name)
            found[name] = {
                "name": name,
                "citation": service.citation if service else _IN_THE_PROJECT,
                "licence": service.licence if service else _IN_THE_PROJECT,
            }
    return [found[name] for name in sorted(found)]


def _claims(seen: Seen) -> list[dict[str, Any]]:
    """Return the verdicts under the chosen settings, and in how many of all settings they hold."""
    found = []
    for (study, claim), rows in seen.verdicts.groupby(["study", "claim"], sort=True):
        first = rows.iloc[0]
        found.append(
            {
                "id": f"{study}.{claim}",
                "statement": f"{study}: {first['statement']}",
                "verdict": first["verdict"],
                "because": first["because"],
                "sensitivity": {
                    "holds": int((rows["verdict"] == first["verdict"]).sum()),
                    "of": len(rows),
                },
            }
        )
    return found
