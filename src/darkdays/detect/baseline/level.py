"""The running level of a signal: a median over weeks of ordinary days, from shift to shift.

A record too short to follow has one normal level, that of its upper tenth: one nine tenths dark
still has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.baseline.blocks import Blocks
from darkdays.detect.baseline.quantiles import running_medians

REACH: Final = 10.0
"""Days before and after that make up the level of a day."""
DRIFT_REACH: Final = 28.0
"""Days before and after whose weekly changes make up the drift of a day."""
_WEEK: Final = 7
_AROUND: Final = 2  # days in which the moment of a shift is looked for
_ONE_DAY: Final = 1
_WILD: Final = 5.0  # median deviations
UPPER_SHARE: Final = 0.1
"""The normal level is held by at least this share of the record."""


def drift(days: NDArray[np.float64], most: float, down: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the slow drift of a level, from how much it changes in a week.

    The median over weeks of the change from one weekday to the next same: an outage, however
    long, touches those of the week it begins in and of the week it ends in. These are no drift
    where they are larger than any others, or a fall in stages at the end of a record would be.

    Parameters
    ----------
    days
        Level of each day, NaN where there is none, shape ``(days,)``.
    most
        Change in a week, beyond the usual one, that is still drift.
    down
        Days that tell nothing; where a record ends with them its level stays what it was, shape
        ``(days,)``.
    """
    numbers = np.arange(days.size, dtype=np.float64)
    days = np.where(down, np.nan, days)
    weekly = days[_WEEK:] - days[:-_WEEK]
    seen = weekly[~np.isnan(weekly)]
    if seen.size:
        usual = float(np.median(seen))
        away = np.abs(weekly - usual)
        reach = max(most, _WILD * float(np.median(np.abs(seen - usual))))
        weekly = np.where(away > reach, np.nan, weekly)
    middles = numbers[: weekly.size] + _WEEK / 2
    slope = running_medians(weekly, middles, numbers, DRIFT_REACH) / _WEEK
    known = ~np.isnan(slope)
    if not known.any():
        return np.zeros(days.size)
    slope = np.interp(numbers, numbers[known], slope[known])
    if down.any():
        slope[np.flatnonzero(~np.isnan(days)).max(initial=-1) + 1 :] = 0.0
    return np.cumsum(slope) - slope / 2


@dataclass(frozen=True)
class Level:
    """A level that runs smoothly between its shifts.

    Attributes
    ----------
    shifts
        First samples of new levels, shape ``(k,)``.
    stretches
        Days and their levels for each of the ``k + 1`` stretches; between days the level is a
        straight line, beyond the first and the last it stays.
    """

    shifts: NDArray[np.intp]
    stretches: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]

    def at(self, places: NDArray[np.float64], samples: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the level at places (days, as :meth:`Blocks.place` gives them) of samples."""
        cuts = np.searchsorted(samples, self.shifts)
        parts = np.split(places, cuts)
        return np.concatenate(
            [np.interp(part, *line) for part, line in zip(parts, self.stretches, strict=True)]
        )

    def jumps(self) -> NDArray[np.float64]:
        """Return by how much the level changes at each shift."""
        ends = [(levels[0], levels[-1]) for _, levels in self.stretches]
        return np.array([after[0] - before[1] for before, after in pairwise(ends)])


def follow(blocks: Blocks, seen: NDArray[np.float64], shifts: NDArray[np.intp]) -> Level:
    """Follow the level of a signal without its season.

    Parameters
    ----------
    blocks
        Of the signal.
    seen
        Value of each ordinary block, NaN for the others, shape ``(m,)``.
    shifts
        First samples of new levels.
    """
    days = blocks.by_day(seen)
    numbers = np.arange(days.size)
    # A day with a shift in it belongs to neither side.
    shifted = blocks.day[np.searchsorted(blocks.edges, shifts, side="right") - 1]
    after = np.concatenate([[0], shifted + _ONE_DAY])
    before = np.concatenate([shifted, [days.size]])
    stretches = []
    for first, end in zip(after, before, strict=True):
        here = numbers[first:end][~np.isnan(days[first:end])]
        if here.size == 0:
            whole = blocks.values[(blocks.day >= first) & (blocks.day < end)]
            middle = float(np.median(whole if whole.size else blocks.values))
            stretches.append((np.array([float(first)]), np.array([middle])))
            continue
        places = here.astype(np.float64)
        stretches.append((places, running_medians(days[here], places, places, REACH)))
    return Level(shifts, tuple(stretches))


def shift_samples(
    blocks: Blocks, flat: NDArray[np.float64], days: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the sample at which each new level begins, given the day it was noticed on."""
    found = []
    for day in days:
        near = np.flatnonzero(np.abs(blocks.day - day) <= _AROUND)
        near = near[~np.isnan(flat[near])]
        block = int(near[_best_split(flat[near])])
        inside = slice(blocks.edges[max(block - 1, 0)], blocks.edges[min(block + 1, flat.size)])
        found.append(int(inside.start) + _best_split(blocks.samples[inside]))
    # The level that a record begins with is no new one.
    return np.unique(np.array([one for one in found if one > 0], dtype=np.intp))


def _best_split(values: NDArray[np.float64]) -> int:
    """Return where two means explain the values best, by least absolute sums of squares."""
    if values.size < 2:
        return 0
    total = np.cumsum(values - values.mean())[:-1]
    left = np.arange(1, values.size)
    return int(np.argmax(total**2 * (1 / left + 1 / (values.size - left)))) + 1


def normal_level(
    values: NDArray[np.float64],
    fitted: NDArray[np.float64],
    weights: NDArray[np.float64],
    within: float,
) -> float:
    """Return the level a signal has when nothing is wrong.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``, not negative.
    fitted
        Level of the segment each sample belongs to, shape ``(n,)``.
    weights
        How much time each sample speaks for, shape ``(n,)``.
    within
        Segments at most this share below the upper tenth's level count as normal.

    Returns
    -------
    float
        Median of the samples of all normal segments, in the unit of ``values``.
    """
    upper = _quantile(fitted, weights, 1 - UPPER_SHARE)
    normal = fitted >= (1 - within) * upper
    return _quantile(values[normal], weights[normal], 0.5)


def time_weights(times: pd.DatetimeIndex, step: pd.Timedelta) -> NDArray[np.float64]:
    """Return how many bins each sample speaks for: until the next, and for twelve at most.

    A record read every ten minutes during an event and hourly otherwise would else be mostly
    event.
    """
    spans: NDArray[np.float64] = np.diff(times.values) / step.to_timedelta64()
    weights: NDArray[np.float64] = np.clip(np.append(spans, 1.0), 1.0, 12.0)
    return weights


def _quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    return float(np.quantile(values, share, weights=weights, method="inverted_cdf"))
