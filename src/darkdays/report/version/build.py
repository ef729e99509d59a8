"""A report written into the run folder, as a draft."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays.figures.drawn import Drawn
from darkdays.files import writing
from darkdays.report.findings.formats import written
from darkdays.report.findings.lists import lists_of
from darkdays.report.findings.records import about, expects_outages, records_of
from darkdays.report.findings.study import Study
from darkdays.report.version.draft import Draft


def write_draft(
    *,
    folder: Path,
    study: Study,
    findings: dict[str, Any],
    pictures: Sequence[Drawn],
    events: pd.DataFrame,
    order: pd.DataFrame,
    inputs: Mapping[str, Any],
    sources: Sequence[Mapping[str, Any]] = (),
    carried: Mapping[str, bytes] | None = None,
) -> Draft:
    """Write figures and findings into a run's ``report`` folder.

    Parameters
    ----------
    folder
        Replaced as a whole.
    study, findings
        What the report states.
    pictures
        Its figures, as they were drawn.
    events, order
        Tables shown beside the findings.
    inputs
        Digests of the case and of every file read.
    sources
        Where the numbers come from (see :func:`darkdays.report.version.sources.sources_of`).
    carried
        Files the report carries along, by their name in it.
    """
    figures = folder / "figures"
    shutil.rmtree(folder, ignore_errors=True)
    figures.mkdir(parents=True)
    for one in pictures:
        writing.write_bytes(figures / f"{one.name}.svg", one.svg)
        writing.write_bytes(figures / f"{one.name}.png", one.png)
        writing.write_bytes(figures / f"{one.name}.narrow.svg", one.narrow)
        writing.write_text(figures / f"{one.name}.csv", writing.csv_text(one.data))
    for name, body in (carried or {}).items():
        writing.write_bytes(folder / name, body)
    case = study.case
    content = {
        "findings": findings,
        "digests": {**inputs, "parameters": findings["parameters"]},
        "sources": [dict(one) for one in sources],
        "case": {
            **written(case, "name title question summary time_zone"),
            **case.model_dump(mode="json", include={"authors", "licence", "doi", "funding"}),
            "missing": case.unwritten(),
            "names": {one.id: one.name for one in case.measured},
            "since": f"{case.window.start:%Y-%m-%d}",
            "until": f"{case.window.end:%Y-%m-%d}",
            "has_signals": study.assessed > 0,
            "expects_outages": expects_outages(case),
        },
        "lists": lists_of(study, findings),
        "records": records_of(study, [one.name for one in pictures], events),
        "about": about(case),
        "figures": [written(one, "name title caption alt") for one in pictures],
        "events": events[list(_EVENT_COLUMNS)].to_dict("records"),
        "order": [
            {
                "entities": [row.first, row.second],
                "first": case.name_of(row.first),
                "second": case.name_of(row.second),
                **written(row, "hours:f interval=hours_low,hours_high:f order"),
            }
            for row in writing.rows_of(order)
        ],
        "stages": [
            {
                "entity": row.entity,
                "name": case.name_of(row.entity),
                **written(row, "datasource start:t interval=start_low,start_high:t until=end:t"),
                "before": f"{row.level_before:.0%}",
                "after": f"{row.level_after:.0%}",
            }
            for row in writing.rows_of(study.lasting)
        ],
    }
    writing.write_text(folder / "draft.json", writing.json_text(content))
    return Draft(folder, content)


_EVENT_COLUMNS: Final = (
    "kind", "start", "end", "time_zone", "precision", "place", "statement", "source", "conflict",
)  # fmt: skip
