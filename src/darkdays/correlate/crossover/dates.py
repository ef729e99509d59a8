"""How many separate dates a test rests on, and what is left of it without any one of them.

Shifts move all places together, so an outage that thirty places see is one witness. Where there
are few witnesses, one that is mistaken (an outage of another cause, a false alarm) must not make
the verdict: the test is repeated without each (the jackknife of Quenouille 1956, Biometrika 43,
353).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.shifts.shifts import ShiftTest

FEWEST_DATES: Final = 3
"""Of one or two a p-value says on which day of a month they fell, not how often they do."""
FEW: Final = 5
"""Of more, one alone is less than a fifth of the evidence."""


def separate_dates(onsets: NDArray[np.bool_] | NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the number of the date each day with an onset belongs to, from 1, and 0 on others.

    A day and the one after it are one date: what places saw on either side of midnight.

    Parameters
    ----------
    onsets
        Flag or number of onsets, shape ``(places, days)``.
    """
    dates = np.zeros(onsets.shape[-1], dtype=np.intp)
    begun = -2
    for day in np.flatnonzero(np.any(onsets, axis=0)).tolist():
        if day > begun + 1:
            begun = day
            dates[day] = dates.max() + 1
        else:
            dates[day] = dates[begun]
    return dates


def dates_followed(
    onsets: NDArray[np.bool_] | NDArray[np.integer], nearness: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Return the number of the date of events that each onset follows, from 1, and 0 elsewhere.

    Parameters
    ----------
    onsets
        Flag or number of onsets, shape ``(places, days)``.
    nearness
        How near each day is to the latest event, 0 where it is not exposed, same shape.
    """
    followed = np.zeros(onsets.shape, dtype=np.intp)
    widest = int(nearness.max(initial=0))
    places, days = np.nonzero((np.asarray(onsets) > 0) & (nearness > 0))
    # Day 0 may follow an event from before it.
    events = days + nearness[places, days]
    happened = np.zeros((1, onsets.shape[-1] + widest + 1), dtype=bool)
    happened[0, events] = True
    followed[places, days] = separate_dates(happened)[events]
    return followed


def without_one(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    nearness: NDArray[np.int64],
    whole: ShiftTest,
    tested: Callable[[NDArray[np.bool_] | NDArray[np.integer]], ShiftTest | None],
    alpha: float,
) -> tuple[float, float]:
    """Return the largest p-values, of both sides, when any one date is left out.

    That there are more is said by the outages that follow events: where these are of a few dates,
    many outages on other days make them no more. So of more, dates of events are left out as well,
    with the outages that follow them.

    Parameters
    ----------
    onsets
        Flag or number of onsets, shape ``(places, days)``.
    nearness
        How near each day is to the latest event, same shape.
    whole
        The test of all of them.
    tested
        What tests others.
    alpha
        Where neither side of the whole test is below it, or there are more than a few dates, its
        own p-values come back.
    """
    outages = _left_out(onsets, separate_dates(onsets), whole, tested, alpha)
    followed = _left_out(onsets, dates_followed(onsets, nearness), whole, tested, alpha)
    return max(outages[0], followed[0]), outages[1]


def _left_out(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    dates: NDArray[np.intp],
    whole: ShiftTest,
    tested: Callable[[NDArray[np.bool_] | NDArray[np.integer]], ShiftTest | None],
    alpha: float,
) -> tuple[float, float]:
    count = int(dates.max(initial=0))
    p_values = [(whole.p_value, whole.p_fewer)]
    if min(p_values[0]) > alpha or count > FEW:
        return p_values[0]
    for date in range(1, count + 1):
        found = tested(np.where(dates == date, 0, onsets)) if count > FEWEST_DATES else None
        p_values.append((1.0, 1.0) if found is None else (found.p_value, found.p_fewer))
    more, fewer = zip(*p_values, strict=True)
    return max(more), max(fewer)
