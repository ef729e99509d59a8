"""What one specification of a rate ratio comes to: its ratio, and its test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.association.calendar import EventDays
from darkdays.correlate.crossover.exact import exact_ratio
from darkdays.correlate.crossover.mantel_haenszel import rate_ratio
from darkdays.correlate.crossover.primary import FEWEST_ONSETS
from darkdays.correlate.crossover.stratified import Ratio, count_by_stratum
from darkdays.correlate.exposure import nearness_of_days
from darkdays.correlate.shifts.shifts import ShiftTest, circular_shift_test
from darkdays.correlate.shifts.strata import strata_of_places, time_strata

TOO_FEW: Final = "too few onsets"
NOT_MEASURED: Final = "not measured"
CANNOT_TELL: Final = "no p-value as small could come out"


@dataclass(frozen=True)
class Answer:
    """What one specification comes to; without a test where the data cannot decide."""

    ratio: Ratio
    test: ShiftTest | None


UNMEASURED: Final = Answer(Ratio(None, reason=NOT_MEASURED), None)


def answer(
    onsets: NDArray[np.int64],
    events: EventDays,
    days: pd.DatetimeIndex,
    *,
    days_after: int,
    width: str | int,
    weekly: bool,
    level: float,
) -> Answer:
    """Return ratio and shift test of one specification.

    Parameters
    ----------
    onsets
        Shape ``(places, days)``.
    events
        Of the same shape.
    days
        Consecutive local days.
    days_after
        Days after an event that count as exposed.
    width
        Of the strata of the ratio.
    weekly
        Shift by whole weeks in blocks of 28 days, instead of by days within months.
    level
        Confidence of the limits.
    """
    places = onsets.shape[0]
    exposed = events.exposed(days_after)
    counts = count_by_stratum(onsets, exposed, strata_of_places(time_strata(days, width), places))
    ratio = rate_ratio(counts, level=level)
    if ratio.high is None:
        ratio = exact_ratio(counts, "rate", level=level)
    if onsets.sum() < FEWEST_ONSETS:
        return Answer(Ratio(ratio.value, ratio.low, ratio.high, reason=TOO_FEW), None)
    used = slice(0, len(days) // 7 * 7 if weekly else len(days))
    parts = time_strata(days[used], 28 if weekly else "month")
    strata = strata_of_places(parts, places)
    onsets, exposed = onsets[:, used], exposed[:, used]
    near = nearness_of_days(events.possible, days_after=days_after)[:, used]
    # Strata shifted together stay of one shape: whole stretches of time are left out, and places.
    kept: NDArray[np.bool_] = np.isin(strata, strata[onsets > 0])
    if events.shared:
        kept = np.isin(parts, parts[onsets.any(axis=0)]) & onsets.any(axis=1, keepdims=True)
    if not kept.any():
        return Answer(Ratio(ratio.value, ratio.low, ratio.high, reason=TOO_FEW), None)
    test = circular_shift_test(
        onsets[kept],
        exposed[kept],
        strata[kept],
        nearness=near[kept],
        together=np.broadcast_to(parts, strata.shape)[kept] if events.shared else None,
        step=7 if weekly else 1,
    )
    if test.smallest_p > 1 - level:
        return Answer(Ratio(ratio.value, ratio.low, ratio.high, reason=CANNOT_TELL), None)
    return Answer(ratio, test)
