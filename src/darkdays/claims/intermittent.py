"""Claims that a network came and went: several separate outages over several days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of


@dataclass(frozen=True)
class _Separate:
    """Separate outages of one datasource, at least and at most, and the days they span."""

    least: int
    most: int
    days: int
    open_ended: bool


def intermittent(claim: claims.Intermittent, evidence: Evidence) -> Judgement:
    """Judge whether an entity had several separate outages over several days.

    Two outages are separate if the network was back to normal for ``apart_hours`` between them,
    within the bounds of both. Every datasource that shows an outage at all has to show them.
    """
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    mine = evidence.dated(claim.entity)
    if mine.empty:
        return verdicts.no_outage(name)
    counted = {
        str(datasource): _separate(rows, claim.apart_hours, evidence.clock)
        for datasource, rows in mine.groupby("datasource", sort=True)
    }
    enough = [
        one.least >= claim.at_least_outages and one.days >= claim.at_least_days
        for one in counted.values()
    ]
    too_few = [
        not one.open_ended and (one.most < claim.at_least_outages or one.days < claim.at_least_days)
        for one in counted.values()
    ]
    verdict = verdicts.either(all(enough), all(too_few))
    said = "; ".join(
        f"{one.least if one.least == one.most else f'{one.least} to {one.most}'} over {one.days} "
        f"day{'' if one.days == 1 else 's'} in {datasource}"
        + (", not back by the end" if one.open_ended else "")
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


def _separate(rows: pd.DataFrame, apart_hours: float, time_zone: str) -> _Separate:
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
    first, last = (
        one.onset.tz_convert(time_zone).tz_localize(None).normalize()
        for one in (ordered[0], ordered[-1])
    )
    return _Separate(least, most, (last - first).days + 1, pd.isna(ordered[-1].restored))


def _back(outage: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the earliest and the latest moment at which an outage was over."""
    low = outage.restored if pd.isna(outage.recovery_low) else outage.recovery_low
    high = outage.restored
    if not pd.isna(outage.recovery_high):
        high = max(high, outage.recovery_high)
    return min(low, high), high
