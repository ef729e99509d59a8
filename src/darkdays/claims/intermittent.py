"""Claims that a network came and went: several separate outages over several days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.meanwhile import would_show
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of

_BACK: Final = 1 / 3
"""Share of the loss that is back in a bin that may have been up for part of it."""


@dataclass(frozen=True)
class _Separate:
    """Separate outages of one datasource and the days they span, at least and at most.

    ``complete`` where another like them would have been found.
    """

    least: int
    most: int
    days: int
    most_days: int
    open_ended: bool
    complete: bool


def intermittent(claim: claims.Intermittent, evidence: Evidence) -> Judgement:
    """Judge whether an entity had several separate outages over several days.

    Two outages are separate if the network was back to normal for ``apart_hours`` between them,
    within the bounds of both; at most, there is one more for every stretch within an outage in
    which that can have been so and the detector sees no end: bins more than a third of the way
    back, or bins nobody measured. Every datasource that shows an outage at all has to show them.
    There are too few only where another, as long as the shortest and half as deep, would be found.
    """
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    mine = evidence.dated(claim.entity)
    if mine.empty:
        return verdicts.no_outage(evidence, claim.entity)
    counted = {
        str(datasource): _separate(rows, claim.apart_hours, evidence)
        for datasource, rows in mine.groupby("datasource", sort=True)
    }
    enough = [
        one.least >= claim.at_least_outages and one.days >= claim.at_least_days
        for one in counted.values()
    ]
    too_few = [
        one.complete
        and not one.open_ended
        and (one.most < claim.at_least_outages or one.most_days < claim.at_least_days)
        for one in counted.values()
    ]
    verdict = verdicts.either(all(enough), all(too_few))
    said = "; ".join(
        f"{one.least if one.least == one.most else f'{one.least} to {one.most}'} over {one.days} "
        f"day{'' if one.days == 1 else 's'} in {datasource}"
        + (", not back by the end" if one.open_ended else "")
        + ("" if one.complete else ", where others may be missed")
        for datasource, one in counted.items()
    )
    return Judgement(
        verdict,
        f"Separate outages of {name}, back to normal for {claim.apart_hours:g} hours or more "
        f"between: {said}.",
        f"A datasource that shows fewer than {claim.at_least_outages}, or all within "
        f"{claim.at_least_days - 1 or 1} day{'s' if claim.at_least_days > 2 else ''}.",
        tuple(
            Number(
                f"separate.{datasource}",
                float(one.least) if one.least == one.most else None,
                "outages",
                float(one.least),
                float(one.most),
                n=one.most,
                note=f"over {one.days} local days",
            )
            for datasource, one in counted.items()
        ),
    )


def _separate(rows: pd.DataFrame, apart_hours: float, evidence: Evidence) -> _Separate:
    """Count the outages of one datasource that lie apart for sure, and those that can."""
    ordered = list(rows_of(rows.sort_values("onset", kind="stable")))
    hour = pd.Timedelta(hours=1)
    least = most = 1
    for before, outage in pairwise(ordered):
        if pd.isna(before.restored):
            continue
        back_low, back_high = _back(before)
        least += (outage.onset_low - back_high) / hour >= apart_hours
        most += (outage.onset_high - back_low) / hour >= apart_hours
    most += sum(_hidden(outage, apart_hours, evidence) for outage in ordered)
    hours = (rows["until"] - rows["onset"]).min() / hour
    undated = evidence.outages["entity"].eq(ordered[0].entity) & evidence.outages["onset"].isna()
    begun, last = ordered[0], ordered[-1]
    until = last.last_seen if pd.isna(last.restored) else last.restored
    return _Separate(
        least,
        most + int((undated & evidence.outages["datasource"].eq(ordered[0].datasource)).sum()),
        max(_days(begun.onset_high, last.onset_low, evidence.clock), 1),
        _days(begun.onset_low, max(last.onset_high, until), evidence.clock),
        pd.isna(last.restored),
        would_show(evidence, rows, hours),
    )


def _days(first: pd.Timestamp, last: pd.Timestamp, time_zone: str) -> int:
    """Return how many local days there are from one moment to another, both counted."""
    start, end = (one.tz_convert(time_zone).tz_localize(None).normalize() for one in (first, last))
    return int((end - start).days) + 1


def _hidden(outage: Any, apart_hours: float, evidence: Evidence) -> int:
    """Return in how many places an outage can have paused for so long and not been seen to."""
    asked = pd.Timedelta(hours=apart_hours)
    found = 0
    for one in evidence.analyses:
        if (one.entity, one.datasource) != (outage.entity, outage.datasource) or pd.isna(
            outage.depth
        ):
            continue
        last = outage.last_seen if pd.isna(outage.restored) else outage.restored
        first, end = one.times.searchsorted([x.tz_localize(None) for x in (outage.onset, last)])
        times = one.times[first:end]
        back = one.values[first:end] > (1 - outage.depth * (1 - _BACK)) * one.baseline
        # The bins before and after a run may have been up in part; the first and last are edges.
        edges = np.flatnonzero(np.diff(np.concatenate([[False], back, [False]])))
        inner = (edges[::2] > 0) & (edges[1::2] < back.size)
        lengths = (edges[1::2] - edges[::2] + 1)[inner] * one.step
        gaps = np.diff(times) if len(times) > 1 else np.array([], "timedelta64[s]")
        found += int((lengths > asked).sum()) + int((gaps > asked + one.step).sum())
    return found


def _back(outage: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the earliest and the latest moment at which an outage was over."""
    low = outage.restored if pd.isna(outage.recovery_low) else outage.recovery_low
    high = outage.restored
    if not pd.isna(outage.recovery_high):
        high = max(high, outage.recovery_high)
    return min(low, high), high
