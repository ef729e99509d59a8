"""Whether speed tests of some days are slower than those of others, and who could still test.

Days are what is compared: each of the days in question with every other day of the same weekday,
in Cliff's delta of their speeds, and the mean of all pairs taken. A day with many tests weighs no
more than one with few, and the weekdays of both sides are the same. Tests of one day share their
network's state, so that the interval comes from resampling days, not tests (Student's t with the
spread of the resampled means).

Who tests is no accident: people test when things break, and cannot when they are cut off. Two
bounds (Horowitz & Manski 2000, JASA 95, 77) say how far that could carry the number: tests missing
from the usual number of a day put at the slow end or at the fast end, and tests beyond it taken
away from either end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.blocking.ordinal import Compared, Floats, compare
from darkdays.detect.speeds.day_ratios import neighbours_alike, welch_reach
from darkdays.detect.speeds.speed_days import SpeedDays

DRAWS: Final = 999
_ENOUGH: Final = 3


@dataclass(frozen=True)
class Slowdown:
    """The days in question against the others; below 0 is slower.

    Attributes
    ----------
    delta, low, high
        Mean of Cliff's delta over pairs of days, with the interval of resampled days; -1 and 1
        where either side has fewer than three days.
    bound_low, bound_high
        What delta could be whoever is missing.
    placebo_p
        Share of stretches of as many days in a row, the one in question included, whose delta
        against all other days is as low.
    placebos
        How many stretches there are.
    pooled
        All tests of either side thrown together, as if independent.
    days, other_days, tests, other_tests
        What it rests on; tests as a mean a day.
    lost, other_lost
        Share of tests that are in no bucket, mean of days.
    """

    delta: float
    low: float
    high: float
    bound_low: float
    bound_high: float
    placebo_p: float
    placebos: int
    pooled: Compared
    days: int
    other_days: int
    tests: float
    other_tests: float
    lost: float
    other_lost: float


def slowdown(
    record: SpeedDays,
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    level: float,
    same_weekdays: bool = True,
    draws: int = DRAWS,
    rng: np.random.Generator,
) -> Slowdown | None:
    """Compare the days of ``[start, end)`` with all other days of a record.

    Parameters
    ----------
    record
        Of one place and direction.
    start, end
        Naive UTC midnights.
    level
        Confidence of the intervals.
    same_weekdays
        Compare a day with days of its own weekday only.
    draws
        Resamples of days.
    rng
        Where they come from.

    Returns
    -------
    Slowdown or None
        None if no day in question has another one to be compared with.
    """
    inside = np.asarray((record.days >= start) & (record.days < end))
    pairs = _pairs(record, same_weekdays)
    if not _has_pairs(pairs, inside):
        return None
    mine, others = record.within(inside), record.within(~inside)
    delta = _mean(pairs, inside, ~inside)
    low, high = _resampled(pairs, inside, delta, level=level, draws=draws, rng=rng)
    bound_low, bound_high = _bounds(record, inside, same_weekdays)
    placebo_p, placebos = _placebo(pairs, inside, delta)
    return Slowdown(
        delta=delta,
        low=low,
        high=high,
        bound_low=min(bound_low, delta),
        bound_high=max(bound_high, delta),
        placebo_p=placebo_p,
        placebos=placebos,
        pooled=compare(mine.counts.sum(axis=0), others.counts.sum(axis=0), level),
        days=len(mine.days),
        other_days=len(others.days),
        tests=float(mine.tests.mean()),
        other_tests=float(others.tests.mean()),
        lost=float(mine.lost.mean()),
        other_lost=float(others.lost.mean()),
    )


def _pairs(record: SpeedDays, same_weekdays: bool) -> Floats:
    """Return delta of every day against every other one, NaN where they are not compared."""
    shares = record.counts / record.counts.sum(axis=1, keepdims=True)
    reached = shares.cumsum(axis=1)
    # Of each category: the share of the other day that is below it, less the share above.
    found: Floats = shares @ (2 * reached - shares - 1).T
    weekdays = record.days.day_of_week.to_numpy()
    if same_weekdays:
        found[weekdays[:, np.newaxis] != weekdays[np.newaxis, :]] = np.nan
    np.fill_diagonal(found, np.nan)
    return found


def _has_pairs(pairs: Floats, inside: NDArray[np.bool_]) -> bool:
    return bool(np.isfinite(pairs[np.ix_(inside, ~inside)]).any())


def _mean(pairs: Floats, mine: NDArray[np.generic], others: NDArray[np.generic]) -> float:
    """Return the mean over the days in question of each one's mean over the others."""
    block = pairs[mine][:, others]
    known = np.isfinite(block)
    counted = known.sum(axis=1)
    sums = np.where(known, block, 0.0).sum(axis=1)
    rows = counted > 0
    return float((sums[rows] / counted[rows]).mean()) if rows.any() else float("nan")


def _resampled(
    pairs: Floats,
    inside: NDArray[np.bool_],
    delta: float,
    *,
    level: float,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    mine, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    if len(mine) < _ENOUGH or len(others) < _ENOUGH:
        return -1.0, 1.0
    block = pairs[np.ix_(mine, others)]
    every = np.ones((1, len(others)))
    each = _means(block, every)[0]
    drawn = (
        each[rng.choice(len(mine), (draws, len(mine)))],
        _means(block, _counted(rng.choice(len(others), (draws, len(others))))),
    )
    parts = [_variance(one) for one in drawn]
    freedom = [len(mine) - 1, len(others) - 1]
    one, other = (part * (1 + 1 / free) for part, free in zip(parts, freedom, strict=True))
    if not np.isfinite(one + other):
        return -1.0, 1.0
    if one + other == 0:
        return delta, delta
    reach = welch_reach(one, other, len(mine), len(others), level=level)
    alike = neighbours_alike(np.nanmean(np.where(inside, np.nan, pairs)[~inside], axis=1))
    half = float(reach * np.sqrt(one + other) * alike)
    return max(delta - half, -1.0), min(delta + half, 1.0)


def _counted(chosen: NDArray[np.integer]) -> Floats:
    """Return how often each of as many things was chosen, a row a draw."""
    counts = np.zeros(chosen.shape)
    np.add.at(counts, (np.arange(len(chosen))[:, None], chosen), 1)
    return counts


def _means(block: Floats, times: Floats) -> Floats:
    """Return each row's mean over columns that count so many times, a row a draw, or NaN."""
    known = np.isfinite(block)
    counted = times @ known.T
    sums = times @ np.where(known, block, 0.0).T
    return np.divide(sums, counted, out=np.full_like(sums, np.nan), where=counted > 0)


def _variance(drawn: Floats) -> float:
    """Return the variance of the mean of each draw over what is known in it."""
    known = np.isfinite(drawn)
    some = known.any(axis=1)
    means = np.where(known, drawn, 0.0).sum(axis=1)[some] / known.sum(axis=1)[some]
    return float(means.var(ddof=1)) if means.size > 1 else np.nan


def _placebo(pairs: Floats, inside: NDArray[np.bool_], delta: float) -> tuple[float, int]:
    """Move the days in question through the record, as long a stretch each time."""
    n, length = len(inside), int(inside.sum())
    found = []
    for first in range(n - length + 1):
        moved = np.zeros(n, dtype=bool)
        moved[first : first + length] = True
        if _has_pairs(pairs, moved):
            found.append(_mean(pairs, moved, ~moved))
    # The true stretch counts once, also where days without tests keep it from being found so.
    found = [*found, delta] if not any(one == delta for one in found) else found
    as_low = sum(one <= delta for one in found)
    return as_low / len(found), len(found)


def _bounds(
    record: SpeedDays, inside: NDArray[np.bool_], same_weekdays: bool
) -> tuple[float, float]:
    """Return what delta would be with missing tests all slow, and all fast."""
    ends = []
    for slow in (True, False):
        moved = _as_if(record, inside, same_weekdays, slow=slow)
        pairs = _pairs(moved, same_weekdays)
        ends.append(_mean(pairs, inside, ~inside))
    return min(ends), max(ends)


def _as_if(
    record: SpeedDays, inside: NDArray[np.bool_], same_weekdays: bool, *, slow: bool
) -> SpeedDays:
    """Return the record with the days in question filled up, or thinned, to the usual number."""
    counts = record.counts.copy()
    weekdays = record.days.day_of_week.to_numpy()
    for day in np.flatnonzero(inside):
        alike = ~inside & (weekdays == weekdays[day]) if same_weekdays else ~inside
        if not alike.any():
            continue
        row = counts[day]
        # Tests on neither side for certain go where they speak for this end.
        if not slow:
            row[0] -= record.adrift[day]
            row[-1] += record.adrift[day]
        missing = float(record.tests[alike].mean()) - record.tests[day]
        if missing >= 0:
            row[0 if slow else -1] += missing
        else:
            # As many as were beyond the usual number, from the end that they would have made.
            _take(row, -missing, from_the_fast_end=slow)
    return SpeedDays(record.days, counts, record.tests, record.adrift, record.quartiles)


def _take(row: Floats, number: float, *, from_the_fast_end: bool) -> None:
    places = range(len(row) - 1, -1, -1) if from_the_fast_end else range(len(row))
    for place in places:
        taken = min(number, row[place])
        row[place] -= taken
        number -= taken
