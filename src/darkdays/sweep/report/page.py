"""The report of a sweep: a page, its PDF, figures and numbers, in a folder of its version."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from darkdays.figures.plot import Plot
from darkdays.figures.sweeps.calendars import onset_calendar
from darkdays.figures.sweeps.datasource_pairs import datasource_pairs
from darkdays.figures.sweeps.rankings import ranking
from darkdays.figures.sweeps.rhythms import onset_rhythms
from darkdays.files import writing
from darkdays.report.findings.formats import rounded
from darkdays.report.page.figure_tables import figure_table
from darkdays.report.page.page import framed, in_an_address
from darkdays.report.page.pdf import pdf_of
from darkdays.report.version.citation import citation_of
from darkdays.report.version.provenance import code_digest, environment_digest
from darkdays.report.version.seal import SWEPT
from darkdays.report.version.version import Change
from darkdays.report.version.version_folder import Published, changes_text, place
from darkdays.sweep.plan.grid import Grid
from darkdays.sweep.report.findings import Seen, named
from darkdays.sweep.report.overview import calendar
from darkdays.sweep.report.pairs import pairs
from darkdays.sweep.report.rhythms import PHASES, rhythm

MOST_ROWS: Final = 50
"""Rows of a table on the page; the whole of it is in a file."""
GRID: Final = "grid.yaml"


def publish(
    grid: Grid,
    seen: Seen,
    document: Mapping[str, Any],
    reports: Path,
    *,
    inputs: str,
    sources: Sequence[Mapping[str, Any]] = (),
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
    sources
        Whose data they are, see :func:`darkdays.sweep.sources.sources_of`.

    Returns
    -------
    Published
        An existing version where nothing changed; it is never written to.
    """
    digests = {
        "case": writing.sha256(grid.model_dump_json().encode()),
        "snapshot": "",
        "data": {SWEPT: inputs},
        "parameters": document["parameters"],
        "code": code_digest(sweeps=True),
        "environment": environment_digest(),
    }
    return place(
        reports,
        document,
        digests,
        lambda change: _contents(grid, seen, document, change, digests, sources),
    )


def _contents(
    grid: Grid,
    seen: Seen,
    document: Mapping[str, Any],
    change: Change,
    digests: dict[str, Any],
    sources: Sequence[Mapping[str, Any]],
) -> dict[str, bytes]:
    plots = _plots(seen)
    contents: dict[str, bytes] = {}
    for plot in plots:
        for kind in ("svg", "png"):
            contents[f"figures/{plot.name}.{kind}"] = plot.rendered(kind)
        contents[f"figures/{plot.name}.csv"] = writing.csv_text(plot.data).encode()
    whole = {"case": document["case"], "version": change.version, **document}
    contents["findings.json"] = writing.json_text(whole).encode()
    stated = grid.model_dump(mode="json", exclude_defaults=True)
    if not seen.simulated:
        contents[GRID] = yaml.safe_dump(stated, sort_keys=False, allow_unicode=True).encode()
    contents["CHANGES.md"] = changes_text(change).encode()
    told = {"case": {"title": grid.title, "question": grid.question}, "sources": list(sources)}
    contents["CITATION.cff"] = citation_of(told, whole).encode()
    page = framed(
        "sweep.html.j2",
        grid=stated,
        findings=document,
        numbers={one["id"]: one for one in document["findings"]},
        figures={plot.name: _figure(plot, contents) for plot in plots},
        version=change.version,
        digests=digests,
        sources=sources,
        settings=_records(seen.by_setting),
        ranked=_records(named(seen, "entity").head(MOST_ROWS)),
        pairs=_records(pairs(seen.sides)),
        most=MOST_ROWS,
    )
    contents["report.html"] = page.encode()
    contents["report.pdf"] = _pdf(page, contents, grid.title, change.version)
    return contents


def _figure(plot: Plot, contents: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "title": plot.title,
        "caption": plot.caption,
        "alt": plot.alt,
        "svg": in_an_address(contents[f"figures/{plot.name}.svg"]),
        "narrow": "",
        "table": figure_table(contents[f"figures/{plot.name}.csv"].decode()),
    }


def _pdf(page: str, contents: Mapping[str, bytes], title: str, version: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="darkdays-") as scratch:
        for name in contents:
            if name.endswith(".svg"):
                writing.write_bytes(Path(scratch) / name, contents[name])
        return pdf_of(page, Path(scratch), title=title, version=version)


def _plots(seen: Seen) -> Sequence[Plot]:
    plots = [
        ranking(named(seen, "entity")),
        onset_calendar(calendar(seen.events, seen.of)),
        onset_rhythms({unit: rhythm(seen.events, seen.of, unit) for unit in PHASES}),
        datasource_pairs(pairs(seen.sides)),
    ]
    if seen.simulated:
        for plot in plots:
            plot.figure.suptitle("SIMULATED", color="#a4161a", fontsize=10, x=0.99, ha="right")
    return plots


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows for the page, numbers rounded as everywhere and missing ones None."""
    rounding = [name for name in table.columns if pd.api.types.is_float_dtype(table[name])]
    rows = table.to_dict("records")
    return [
        {str(key): rounded(value) if key in rounding else value for key, value in row.items()}
        for row in rows
    ]
