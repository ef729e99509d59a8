"""Claims about an outage that everybody dates and measures otherwise."""

from __future__ import annotations

import pandas as pd

from darkdays.case.records import OutageReported
from darkdays.claims.judging.verdicts import (
    INCONCLUSIVE,
    SUPPORTED,
    Judgement,
    Number,
    no_outage,
    untested,
)
from darkdays.contracts.moments import in_utc
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of


def outage_reported(claim: OutageReported, evidence: Evidence) -> Judgement:
    """Judge whether an outage began in the time claimed; its durations stand side by side.

    Only an onset whose bounds both lie in that time began in it for certain.
    """
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return untested(f"{name}'s connectivity")
    window = evidence.case.window
    start, end = in_utc(claim.start or window.start, claim.end or window.end)
    dated = evidence.dated(claim.entity)
    mine = dated[(dated["onset_high"] >= start) & (dated["onset_low"] < end)]
    if mine.empty:
        return no_outage(evidence, claim.entity, " in that time")
    certain = bool(((mine["onset_low"] >= start) & (mine["onset_high"] <= end)).any())
    numbers = [_duration(str(one), rows) for one, rows in mine.groupby("datasource", sort=True)]
    told = [f"{_span(number)} in {number.name.removeprefix('duration.')}" for number in numbers]
    return Judgement(
        SUPPORTED if certain else INCONCLUSIVE,
        f"{name} had an outage that {'began' if certain else 'may have begun'} in that time, in "
        f"{len(numbers)} datasource{'s' * (len(numbers) != 1)}: {'; '.join(told)}. No duration is "
        "averaged; what others report stands beside it in the table of durations.",
        "A control that went down with it, which would make it the instrument's.",
        tuple(numbers),
    )


def _span(number: Number) -> str:
    if number.low is None:
        return "dated only"
    if number.high is None:
        return f"more than {number.low:.2g} h"
    return f"{number.low:.2g} to {number.high:.2g} h"


def _duration(datasource: str, rows: pd.DataFrame) -> Number:
    """Return the duration of the longest outage of a datasource; how many there are is noted."""
    sized = rows[rows["duration_low"].notna()]
    longest = max(rows_of(sized), key=lambda row: row.duration_low, default=None)
    value, low, high = (
        None if longest is None or pd.isna(bound := getattr(longest, name)) else float(bound)
        for name in ("duration", "duration_low", "duration_high")
    )
    note = f"the longest of {len(rows)} that began in that time" if len(rows) > 1 else ""
    return Number(f"duration.{datasource}", value, "h", low, high, n=len(rows), note=note)
