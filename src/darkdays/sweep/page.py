"""The report of a sweep: one page and its figures, in a folder of its version."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays import files
from darkdays.errors import DarkdaysError
from darkdays.figures.calendars import onset_calendar
from darkdays.figures.datasource_pairs import datasource_pairs
from darkdays.figures.plot import Plot
from darkdays.figures.rankings import ranking
from darkdays.figures.rhythms import onset_rhythms
from darkdays.files import rows_of
from darkdays.report.formats import rounded
from darkdays.report.index import write_index
from darkdays.report.page import framed
from darkdays.report.provenance import code_digest, environment_digest, machine
from darkdays.report.publishing import Published
from darkdays.report.version import Change, next_version
from darkdays.sweep.findings import Seen, days_of, findings_of, named
from darkdays.sweep.grid import Grid
from darkdays.sweep.merging import Written
from darkdays.sweep.pairs import pairs
from darkdays.sweep.rhythms import PHASES, rhythm

MOST_ROWS: Final = 50
"""Rows of a table on the page; the whole of it is in a file."""


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


def publish(
    grid: Grid, seen: Seen, document: Mapping[str, Any], reports: Path, inputs: str
) -> Published:
    """Put the report of a sweep into a folder of its version, or point to an equal one.

    Parameters
    ----------
    grid, seen, document
        What it is about, and what it says.
    reports
        Folder of all reports.
    inputs
        Digest of everything the signals were made of.

    Returns
    -------
    Published
        An existing version where nothing changed; it is never written to.
    """
    home = reports / grid.name
    digests = {
        "case": files.sha256(grid.model_dump_json().encode()),
        "data": inputs,
        "parameters": document["parameters"],
        "code": code_digest(),
        "environment": environment_digest(),
    }
    findings = {**document}
    change = next_version(home, findings, digests)
    target = home / change.version
    if change.is_new:
        contents = _contents(grid, seen, findings, change, digests)
        staged = home / f".{change.version}.{os.getpid()}.partial"
        try:
            for name in sorted(contents):
                path = staged / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(contents[name])
            staged.rename(target)
        except OSError as error:
            raise DarkdaysError(
                f"cannot write {target}: {error.strerror or error}; "
                "free the disk or choose another folder with --reports."
            ) from None
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    write_index(reports)
    return Published(target, change)


def _contents(
    grid: Grid, seen: Seen, document: dict[str, Any], change: Change, digests: dict[str, Any]
) -> dict[str, bytes]:
    plots = _plots(seen)
    contents = {
        f"figures/{plot.name}.{kind}": plot.rendered(kind)
        for plot in plots
        for kind in ("svg", "png")
    }
    for plot in plots:
        contents[f"figures/{plot.name}.csv"] = files.csv_text(plot.data).encode()
    whole = {"case": document["case"], "version": change.version, **document}
    contents["findings.json"] = files.json_text(whole).encode()
    reasons = "\n".join(f"- {reason}" for reason in change.reasons)
    before = f"Against {change.previous}:" if change.previous else "Nothing before it."
    contents["CHANGES.md"] = f"# {change.version}\n\n{before}\n\n{reasons}\n".encode()
    figures = {
        plot.name: {
            "title": plot.title,
            "caption": plot.caption,
            "alt": plot.alt,
            "svg": base64.b64encode(contents[f"figures/{plot.name}.svg"]).decode(),
        }
        for plot in plots
    }
    page = framed(
        "sweep.html.j2",
        grid=json.loads(grid.model_dump_json()),
        findings=document,
        numbers={one["id"]: one for one in document["findings"]},
        figures=figures,
        version=change.version,
        digests=digests,
        settings=_records(seen.by_setting),
        ranked=_records(named(seen, "entity").head(MOST_ROWS)),
        pairs=_records(pairs(seen.sides)),
        most=MOST_ROWS,
    )
    contents["report.html"] = page.encode()
    manifest = {
        "case": document["case"],
        "version": change.version,
        "digests": digests,
        "files": {name: files.sha256(contents[name]) for name in sorted(contents)},
        "machine": machine(),
    }
    contents["manifest.json"] = files.json_text(manifest).encode()
    return contents


def _plots(seen: Seen) -> Sequence[Plot]:
    plots = [
        ranking(named(seen, "entity")),
        onset_calendar(days_of(seen)),
        onset_rhythms({unit: rhythm(seen.events, seen.of, unit) for unit in PHASES}),
        datasource_pairs(pairs(seen.sides)),
    ]
    if seen.simulated:
        for plot in plots:
            plot.figure.suptitle("SIMULATED", color="#a4161a", fontsize=10, x=0.99, ha="right")
    return plots


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


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows for the page, numbers rounded as everywhere and missing ones None."""
    rounding = [name for name in table.columns if pd.api.types.is_float_dtype(table[name])]
    rows = table.to_dict("records")
    return [
        {str(key): rounded(value) if key in rounding else value for key, value in row.items()}
        for row in rows
    ]
