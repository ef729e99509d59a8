"""What a signal would be without the outage: its season around its running level.

Neither may be taught by the outage itself. What falls within the hour to nothing, or next to it, is
left out from the beginning (:mod:`darkdays.detect.baseline.dark_hours`). Outages only take away, so
the season is first read off the upper part of the weeks; days that are down by it are left out
(:mod:`darkdays.detect.baseline.down_days`), and season and level are read again as medians of the
rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.baseline import clock
from darkdays.detect.baseline.blocks import Blocks, cut_into_blocks
from darkdays.detect.baseline.dark_hours import dark_blocks
from darkdays.detect.baseline.down_days import judge_days
from darkdays.detect.baseline.level import Level, drift, follow, shift_samples
from darkdays.detect.baseline.moving_season import moving_hours, turned_hours
from darkdays.detect.baseline.quantiles import running_medians

Scale = Literal["multiplicative", "additive"]
HOUR_OF_DAY_FROM: Final = pd.Timedelta(weeks=2)
HOUR_OF_WEEK_FROM: Final = pd.Timedelta(weeks=4)
_ONE_DAY: Final = pd.Timedelta(days=1)
_UPPER: Final = 0.9  # first, the hours of a day are what a tenth of the days reach
_LEAST_FALL: Final = 0.06  # of the level of a day, to be down
# An hour down by more than this is left out: at first only what no day of the week explains.
_LEAST_DIPS: Final = (0.35, 0.08)
# Beyond this many robust standard deviations an hour or a day is no longer ordinary.
_ORDINARY: Final = 3.5
_FEW_WEEKDAYS: Final = 1


@dataclass(frozen=True)
class Baseline:
    """Normal value of every sample.

    Attributes
    ----------
    expected
        In the unit of the signal, shape ``(n,)``.
    season
        ``"hour of week"``, ``"day of week"``, ``"hour of day"`` or ``"none"``.
    shifts
        First samples of new levels that were there to stay, shape ``(k,)``.
    shift_ratios
        Level after each shift as a share of the level before, shape ``(k,)``.
    ordinary
        Samples of hours that taught it, shape ``(n,)``.
    drift
        Share of itself that the level moves in a day, for the most part.
    """

    expected: NDArray[np.float64]
    season: str
    shifts: NDArray[np.intp]
    shift_ratios: NDArray[np.float64]
    ordinary: NDArray[np.bool_]
    drift: float


def running_baseline(
    values: NDArray[np.float64],
    times: pd.DatetimeIndex,
    step: pd.Timedelta,
    *,
    scale: Scale = "multiplicative",
    time_zone: str = "UTC",
) -> Baseline:
    """Follow the normal value of a signal of two weeks or more.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``; not negative where multiplicative.
    times
        Their times, naive UTC, ascending; they need not be regular.
    step
        Bin width.
    scale
        ``"multiplicative"`` for counts, whose season is a factor, or ``"additive"``.
    time_zone
        Whose clock the season keeps.

    Returns
    -------
    Baseline
    """
    if scale == "multiplicative":
        work, unit, deep = _logs(values), 1.0, float(np.log(2))
    else:
        work, unit = values, float(np.median(np.abs(values))) or 1.0
        deep = unit / 2
    period, season = _season_of(times, step)
    if step > _ONE_DAY:
        # What takes days to show in a daily signal takes as many samples in a coarser one.
        numbers = np.round((times - times[0]) / step).astype(np.int64)
        times = pd.date_range(times[0], periods=int(numbers[-1]) + 1)[numbers]
    blocks = cut_into_blocks(work, times, min(step, _ONE_DAY), time_zone)
    dark = np.zeros(blocks.values.size, np.bool_)
    if scale == "multiplicative":
        dark = dark_blocks(blocks, values)
    found = _fitted(blocks, np.where(dark, np.nan, blocks.values), period, unit, deep)
    places = blocks.place(blocks.local)
    expected = found.level.at(places, np.arange(values.size)) + _through(found.slow, places)
    if period:
        expected = expected + blocks.at_samples(found.pattern, period)
    expected = expected + blocks.between(found.moved)
    jumps = found.level.jumps()
    if scale == "multiplicative":
        expected, ratios = np.exp(expected), np.exp(jumps)
    else:
        ratios = 1 + jumps / unit
    usual = np.repeat(found.ordinary, np.diff(blocks.edges))
    moves = np.abs(np.diff(found.slow))
    daily = float(np.median(moves[moves > 0])) / unit if moves.any() else 0.0
    daily /= max(step / _ONE_DAY, 1.0)
    return Baseline(expected, season, found.level.shifts, ratios, usual, daily)


class _Fit(NamedTuple):
    level: Level
    slow: NDArray[np.float64]
    pattern: NDArray[np.float64]
    moved: NDArray[np.float64]
    ordinary: NDArray[np.bool_]


def _fitted(
    blocks: Blocks, seen: NDArray[np.float64], period: int, unit: float, deep: float
) -> _Fit:
    """Fit season, drift and level in turn to what is not dark, without what is down by them."""
    first, places = blocks.edges[:-1], blocks.place(blocks.clock)
    phases = blocks.phases(period) if period else np.zeros(blocks.values.size, np.intp)
    turned = np.zeros(blocks.values.size)
    if period == clock.WEEK and blocks.width < clock.DAY:
        turned = turned_hours(blocks, seen, unit)
        seen = seen - turned
    pattern = _first_pattern(blocks, seen, period, unit)
    days = blocks.by_day(seen - pattern[phases])
    slow = drift(days, _LEAST_FALL * unit, np.zeros(days.size, bool))
    flat = seen - _through(slow, places)
    ordinary = ~np.isnan(seen)
    for least_dip in _LEAST_DIPS:
        level_now = flat - pattern[phases]
        days = blocks.by_day(level_now)
        usual = max(_LEAST_FALL * unit, _ORDINARY * _spread_of_steps(days))
        down, raised, new = judge_days(days, usual, deep)
        apart = down | raised
        slow = drift(blocks.by_day(seen - pattern[phases]), _LEAST_FALL * unit, down)
        flat = seen - _through(slow, places)
        level_now = flat - pattern[phases]
        shifts = shift_samples(blocks, level_now, new)
        ordinary &= ~apart[blocks.day]
        level = follow(blocks, np.where(ordinary, level_now, np.nan), shifts)
        rest = level_now - level.at(places, first)
        ordinary = ~apart[blocks.day]
        ordinary &= rest > -max(least_dip * unit, _ORDINARY * _mad(rest[ordinary & (rest > 0)]))
        if period:
            kept = np.where(ordinary, rest + pattern[phases], np.nan)
            pattern = _centred(blocks.by_phase(kept, period, 0.5), pattern)
    level_now = flat - pattern[phases]
    level = follow(blocks, np.where(ordinary, level_now, np.nan), shifts)
    moved = turned
    if period == clock.WEEK and blocks.width < clock.DAY:
        rest = level_now - level.at(places, first)
        moved = moving_hours(blocks, np.where(ordinary, rest, np.nan))
        rest, moved = rest - moved, moved + turned
        ordinary = ~apart[blocks.day]
        ordinary &= rest > -max(least_dip * unit, _ORDINARY * _mad(rest[ordinary & (rest > 0)]))
    return _Fit(level, slow, pattern, moved, ordinary)


def _through(days: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.interp(places, np.arange(days.size), days)


def _logs(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logarithms; what is 0 is a hundredth of the upper level, or the least there was."""
    positive = values[values > 0]
    if positive.size == 0:
        return np.zeros(values.size)
    return np.log(np.maximum(values, min(positive.min(), 0.01 * np.quantile(positive, _UPPER))))


def _season_of(times: pd.DatetimeIndex, step: pd.Timedelta) -> tuple[int, str]:
    """Return the period of the season in seconds, 0 for none, and what it is called."""
    span = times[-1] - times[0] + step
    daily = step >= _ONE_DAY
    if span >= HOUR_OF_WEEK_FROM and step <= _ONE_DAY:
        return clock.WEEK, "day of week" if daily else "hour of week"
    return (0, "none") if daily else (clock.DAY, "hour of day")


def _first_pattern(
    blocks: Blocks, seen: NDArray[np.float64], period: int, unit: float
) -> NDArray[np.float64]:
    """Return hours of the day as a tenth of the days reach them, plus days of the week."""
    if not period:
        return np.zeros(1)
    noons = np.arange(blocks.day[-1] + 1, dtype=np.float64)
    places = blocks.place(blocks.clock)
    # The running level of a whole week has no season in it.
    weekly = running_medians(seen, places, noons, 3.5)
    known = ~np.isnan(weekly)
    slow = np.interp(places, noons[known], weekly[known])
    rest = seen - slow
    daily = min(period, clock.DAY) if blocks.width < clock.DAY else 0
    hours = np.zeros(1)
    if daily:
        none = np.zeros(-(-daily // blocks.width))
        hours = _centred(blocks.by_phase(rest, daily, _UPPER), none)
        rest = rest - hours[blocks.phases(daily)]
    if period == daily:
        return hours
    starts = np.arange(-(-period // blocks.width)) * blocks.width
    of_day = hours[starts % daily // blocks.width] if daily else np.zeros(starts.size)
    by_weekday = blocks.by_weekday(blocks.by_day(rest))
    pattern = _centred(of_day + by_weekday[starts // clock.DAY], of_day)
    if clock.DAY % blocks.width:
        return pattern
    return pattern + _weekday_hours(blocks, seen - slow - pattern[blocks.phases(period)], unit)


def _weekday_hours(blocks: Blocks, rest: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
    """Return what hours lack week after week on some days of the week: mornings of a weekend.

    A curfew is of every day, and what is of one day, as of Fridays, may be a shutdown as well.
    """
    lacking = blocks.by_phase(rest, clock.WEEK, _UPPER).reshape(clock.WEEK // clock.DAY, -1)
    low, half = (lacking < -share * _LEAST_DIPS[0] * unit for share in (1.0, 0.5))
    some = low & (half.sum(axis=0) > _FEW_WEEKDAYS) & ~low.all(axis=0)
    usual = blocks.by_phase(rest, clock.WEEK, 0.5).reshape(some.shape)
    return np.where(some, usual, 0.0).ravel()


def _centred(pattern: NDArray[np.float64], instead: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill phases never seen, and take out what belongs to the level.

    They are as another pattern has them, moved like the phases seen beside them.
    """
    known = np.flatnonzero(~np.isnan(pattern))
    filled = pattern.copy()
    if known.size < pattern.size:
        moved = pattern[known] - instead[known] if known.size else np.zeros(1)
        at = known if known.size else np.zeros(1)
        filled = instead + np.interp(np.arange(pattern.size), at, moved, period=pattern.size)
    return filled - float(np.median(filled))


def _spread_of_steps(days: NDArray[np.float64]) -> float:
    """Return the standard deviation of a day's level, from steps between neighbouring days."""
    return _mad(np.diff(days[~np.isnan(days)])) / float(np.sqrt(2))


def _mad(values: NDArray[np.float64]) -> float:
    return 1.4826 * float(np.median(np.abs(values))) if values.size else 0.0
