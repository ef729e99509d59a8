"""Which days are down, judged by the days before, and which falls never came back.

The level of a signal drifts, so it has to be followed; an outage must not be followed, or after a
week it would be normal. What tells them apart is what came before and how long it lasts: a day
below the accepted days before it is down, and is not accepted, until the signal comes back or has
stayed where it fell for so long that this is its level now.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel

REMEMBERED: Final = 14
"""Accepted days that make up the level to judge the next one by."""
FIRST_DAYS: Final = 14
FIRST_SHARE: Final = 0.8
"""A record begins at the level that a fifth of its first days reach, or, where its very first days
are up there, a fifth of the days of :data:`PATIENCE`."""
PATIENCE: Final = 56
"""Days after which a fall that never came back is a new level."""
PATIENCE_DEEP: Final = 182
"""The same for a fall of more than half, which shutdowns of months are."""
DRIFT: Final = 0.005
"""Share of the level that a day without a look at it may take away unnoticed, up to as much as
counts for nothing anyway."""
LEAST_RISE: Final = 5
"""Days that a rise has to last to the end of the record, or its patience, to be a new level."""
_LAST_DAYS: Final = 7
_ENOUGH: Final = 3


@kernel()
def judge_days(  # one walk through the days
    levels: NDArray[np.float64], tolerance: float, deep: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.intp]]:
    """Tell days that are down, or up for a while, from days at a new level.

    Parameters
    ----------
    levels
        Level of each day without its season, on a scale on which falls add up; NaN where there
        was nothing to see; shape ``(days,)``.
    tolerance
        Falls up to this are none.
    deep
        Falls of more than this are deep.

    Returns
    -------
    down : numpy.ndarray
        Shape ``(days,)``.
    raised : numpy.ndarray
        Of a rise for a fortnight at most, as near the end of the record, where these would
        outnumber the days around them; shape ``(days,)``.
    shifts : numpy.ndarray
        First day of each new level that was never left again within the patience.
    """
    count = levels.size
    down = np.zeros(count, np.bool_)
    raised = np.zeros(count, np.bool_)
    shifts = []
    memory = np.empty(REMEMBERED)
    held = written = 0
    newest = settled = 0
    first = _quantile_of(levels[:FIRST_DAYS], FIRST_SHARE)
    later = _quantile_of(levels[:PATIENCE], FIRST_SHARE)
    if later > first and _quantile_of(levels[:_ENOUGH], 1.0) > later - tolerance:
        first = later
    for day in range(count):
        if np.isnan(levels[day]):
            continue
        level = np.median(memory[:held]) if held >= _ENOUGH else first
        off = levels[day] - level
        if abs(off) > tolerance:
            rises = off > 0
            fallen = off < -tolerance - min(DRIFT * (day - newest), tolerance)
            patience = PATIENCE_DEEP if off < -deep else PATIENCE
            lasts = day + (LEAST_RISE if rises else patience) <= count
            if lasts and day >= settled and (rises or fallen):
                after = levels[day : day + patience]
                late = after[max(after.size - _LAST_DAYS, 0) :]
                middle, end = _quantile_of(after, 0.5) - level, _quantile_of(late, 0.5) - level
                # A day far above what follows is of a surge, and no first day of a level.
                if (
                    abs(middle) > tolerance
                    and abs(end) > tolerance
                    and middle * off > 0 < end * off
                    and off - max(middle, end) <= tolerance
                ):
                    shifts.append(day)
                    # What swings before it comes to rest is no further level.
                    settled = day + _LAST_DAYS
                    held = written = 0
                    first = _quantile_of(levels[day : day + REMEMBERED], 0.5)
                    fallen = rises = False
            if fallen:
                down[day] = True
            if rises:
                raised[day] = True
            if fallen or rises:
                continue
        memory[written % REMEMBERED] = levels[day]
        written += 1
        held = min(written, REMEMBERED)
        newest = day
    return down, _near_the_end(raised), np.array(shifts, dtype=np.intp)


@kernel()
def _near_the_end(days: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the days of runs of at most :data:`REMEMBERED`, as near the end of the record."""
    kept = np.zeros_like(days)
    before = -1
    for day in range(days.size + 1):
        if day < days.size and days[day]:
            continue
        if day >= days.size - REMEMBERED and day - before - 1 <= REMEMBERED:
            kept[before + 1 : day] = True
        before = day
    return kept


@kernel()
def _quantile_of(part: NDArray[np.float64], share: float) -> float:
    seen = part[~np.isnan(part)]
    if seen.size == 0:
        return np.nan
    seen.sort()
    return float(seen[max(int(np.ceil(share * seen.size)) - 1, 0)])
