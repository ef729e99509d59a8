"""The outages of a study in its findings: each with bounds, and what was told apart from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from darkdays.detect.outages.controls import LOW_DAY, ORDINARY, OUTAGE, trusted
from darkdays.detect.outages.lasting import LASTING, RISE
from darkdays.files.writing import rows_of
from darkdays.report.findings.formats import finding, moment, rounded, written
from darkdays.report.findings.study import Study

_OUTAGE: Final = (
    "kind onset:T recovery:T restored:t depth:F duration_hours=duration:f "
    "duration_interval=duration_low,duration_high:f p:f q:f samples:i"
)

_CANNOT_TELL: Final = {
    LASTING: "lasting shift or degradation: cannot tell which",
    RISE: "dark before it rose or grown since: cannot tell which",
    LOW_DAY: "degradation of the kind holidays make: no control, donor or calendar tells",
    ORDINARY: "as low as that day is elsewhere, in other years or on holidays",
}
"""What is listed and is no outage to believe."""


def outage_findings(study: Study) -> Iterator[dict[str, Any]]:
    """Go through the numbers of outages, falls and returns, each a finding."""
    counts: dict[str, int] = {}

    def numbered(name: str) -> str:
        counts[name] = counts.get(name, 0) + 1
        return f"{name}.{counts[name]}"

    for row in rows_of(trusted(study.outages)):
        signal = f"{row.datasource}.{row.entity}"
        witnesses = written(row, "entity datasource baseline:f p:f q:f")
        for name, unit, known, columns in (
            ("onset", "UTC", row.onset, "onset:T"),
            ("recovery", "UTC", row.recovery, "recovery:T"),
            ("depth", "share of normal level", row.depth, "depth:F"),
            ("duration", "h", row.duration_low, "duration:F"),
        ):
            if not pd.isna(known):
                value, interval = written(row, columns).values()
                yield finding(
                    numbered(f"{name}.{signal}"), value, unit, interval, study.level,
                    int(row.samples), **witnesses,
                )  # fmt: skip
    for row in rows_of(study.steps):
        yield finding(
            numbered(f"fall.{row.datasource}.{row.entity}"), moment(row.time), "UTC",
            (moment(row.low), moment(row.high)), study.level, None,
            level_before=rounded(row.level_before), level_after=rounded(row.level_after),
        )  # fmt: skip
    for row in rows_of(study.lasting):
        yield finding(
            numbered(f"return.{row.datasource}.{row.entity}"), moment(row.start), "UTC",
            (moment(row.start_low), moment(row.start_high)), study.level, None,
            until=moment(row.end), level_before=rounded(row.level_before),
            level_after=rounded(row.level_after),
        )  # fmt: skip


def outage_of(study: Study, row: Any) -> dict[str, Any]:
    """Return an outage with its bounds, and how its record ends."""
    if pd.isna(row.depth):
        status = "dated only: the signal counts too few units to say how much was gone"
    elif pd.isna(row.recovery) and pd.isna(row.restored):
        status = f"recovery not observed by the end of the record, {moment(row.last_seen)}"
    elif pd.isna(row.restored):
        status = (
            f"more than half back, not yet normal at the end of the record, {moment(row.last_seen)}"
        )
    else:
        status = "back to normal"
    falls = _falls(study, row)
    if len(falls) > 1:
        status += f"; fell in {len(falls)} steps: {', '.join(falls)}"
    if row.label in _CANNOT_TELL:
        status = f"{_CANNOT_TELL[row.label]}; {status}"
    return {
        "entity": row.entity,
        "name": study.case.name_of(row.entity),
        "network": study.case.network_of(row.entity),
        "datasource": row.datasource,
        "label": _label(study, row),
        **written(row, _OUTAGE),
        "status": status,
    }


def _falls(study: Study, row: Any) -> list[str]:
    """Return the steps in which an outage fell, each with its date and the level after it."""
    end = row.last_seen if pd.isna(row.recovery) else row.recovery
    return [
        f"{moment(step.time)} to {step.level_after:.0%} of normal"
        for step in rows_of(study.steps)
        if (step.entity, step.datasource) == (row.entity, row.datasource)
        and row.onset_low <= step.time < end
    ]


def _label(study: Study, row: Any) -> str:
    if row.label != OUTAGE:
        return str(row.label)
    for event in rows_of(study.short):
        starts = event.start_low <= row.onset < event.end
        if starts and not pd.isna(row.restored) and row.restored <= event.end:
            return "short event, cause unexplained"
    return OUTAGE


def short_of(row: Any) -> dict[str, Any]:
    """Return a short fall of several signals at once."""
    return {
        "label": "short event, cause unexplained",
        **written(row, "start:T end:t entities:w datasources:w signals_falling=falling:i"),
    }
