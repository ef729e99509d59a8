"""Claims that reports agree: on when an outage began, or on how long it lasted."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from darkdays.case.case import Case
from darkdays.case.records import ReportsAgree
from darkdays.claims.judging.lag_words import hours_in_words
from darkdays.claims.judging.verdicts import Judgement, Number, either, untested
from darkdays.evidence.variations import events_of_place
from darkdays.files.writing import rows_of

_REPORTING: Final = ("disruption", "shutdown-label")
_HOUR: Final = pd.Timedelta(hours=1)


class _Report(NamedTuple):
    """What one source says, as an interval in hours: of a length, or since the claim's start."""

    who: str
    low: float
    high: float


def reports_agree(
    claim: ReportsAgree,
    case: Case,
    events: pd.DataFrame,
    table: pd.DataFrame | None,
    span: tuple[pd.Timestamp, pd.Timestamp],
) -> Judgement:
    """Judge whether what sources say lies so close together, by the bounds of each.

    A source that dates the beginning more coarsely than the difference claimed tells nothing.
    """
    name = case.name_of(claim.entity)
    if table is not None:
        told, coarse = _lengths(table), 0
        what = f"how long the outage of {name} lasted"
    else:
        told = _beginnings(case, events, claim.entity, span)
        fine = [one for one in told if one.high - one.low <= claim.within_hours]
        told, coarse = fine, len(told) - len(fine)
        what = f"when the outage of {name} began"
    if len(told) < 2:
        return untested(f"two reports of {what}")
    first, last = min(told, key=lambda one: one.high), max(told, key=lambda one: one.low)
    least = max(last.low - first.high, 0.0)
    most = max(one.high for one in told) - min(one.low for one in told)
    verdict = either(most <= claim.within_hours, least > claim.within_hours)
    sources = f"{len(told)} reports say {what}"
    if least > claim.within_hours:
        said = (
            f"{sources}, and {last.who} differs from {first.who} by at least "
            f"{hours_in_words(least)}."
        )
    else:
        said = f"{sources}; they lie within {hours_in_words(most)} of each other."
        if np.isinf(most):
            said = f"{sources}; how far they are apart is open, for some give one bound only."
    if coarse:
        said += f" {coarse} more date it too coarsely to tell."
    return Judgement(
        verdict,
        f"{said} Nothing of this was measured here, and reports may repeat each other.",
        "A report that dates it otherwise, or a correction of one of these.",
        (Number("difference", None, "h", least, None if np.isinf(most) else most, n=len(told)),),
    )


def _lengths(table: pd.DataFrame) -> list[_Report]:
    stated = table[table[["hours_low", "hours_high"]].notna().any(axis=1)]
    bounds = stated.fillna({"hours_low": 0.0, "hours_high": np.inf})
    return [_Report(row.source, row.hours_low, row.hours_high) for row in rows_of(bounds)]


def _beginnings(
    case: Case, events: pd.DataFrame, entity: str, span: tuple[pd.Timestamp, pd.Timestamp]
) -> list[_Report]:
    said = events_of_place(case, events[events["kind"].isin(_REPORTING)], entity)
    said = said[(said["start_high"] > span[0]) & (said["start_low"] < span[1])]
    return [
        _Report(
            row.source.split(", http")[0],
            (row.start_low - span[0]) / _HOUR,
            (row.start_high - span[0]) / _HOUR,
        )
        for row in rows_of(said)
    ]
