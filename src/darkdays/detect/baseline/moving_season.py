"""A season that changes: evenings that grow, summers, Ramadan."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline import clock
from darkdays.detect.baseline.blocks import Blocks
from darkdays.detect.baseline.quantiles import by_group, running_medians

REACH: Final = 28.0
"""Days before and after that an hour of the day is compared with."""
WORTH: Final = 0.9
"""The season is let move if that leaves this share of the scatter or less: else it stands still,
and weak outages at the same hours cannot become part of it.
"""
LEAST_TURN: Final = 0.015
"""Mean share of a day's level by which hours are above its middle ones, and others below, for its
rhythm to have moved."""
NOISE: Final = 0.25
"""The same in units of the usual step of an hour from day to day: twice what noise alone gives."""
_WEEK: Final = 7.0
_EVERY: Final = 7.0  # days between the days it is read at


def moving_hours(blocks: Blocks, rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each hour of the day is off its season at the time.

    Parameters
    ----------
    blocks
        Of the signal, shorter than a day each.
    rest
        What season and level leave of each ordinary block, NaN for the others, shape ``(m,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(m,)``, all 0 where the season stands still.
    """
    places = blocks.place(blocks.clock)
    phases = blocks.phases(clock.DAY)
    hours = [np.flatnonzero(phases == phase) for phase in np.unique(phases)]
    seen = ~np.isnan(rest)
    scatter = float(np.median(np.abs(rest[seen])))
    for every, follow in ((2 * REACH, _medians), (_EVERY, _followed)):
        read_at = np.arange(places[0], places[-1] + every, every)
        moved = np.zeros(rest.size)
        for hour in hours:
            moved[hour] = follow(rest[hour], places[hour], read_at)
        # A coarse look is cheap, and enough to see that a season stands still.
        if float(np.median(np.abs((rest - moved)[seen]))) > WORTH * scatter:
            return np.zeros(rest.size)
    return moved


def turned_hours(blocks: Blocks, seen: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
    """Return by how much hours are off their day where, a week long, some gain what others lose.

    An outage only takes away: most hours of such days are as they should be, or most are down. A
    rhythm that moves by hours, as in a month of fasting, gives to some hours what it takes from
    others, and never more than its own range. Days that do are followed; dark nights are not.

    Parameters
    ----------
    blocks
        Of the signal, shorter than a day each.
    seen
        Level of each block, NaN where it says nothing, shape ``(m,)``.
    unit
        Of the level.

    Returns
    -------
    numpy.ndarray
        Shape ``(m,)``, 0 on days whose rhythm has not moved.
    """
    places, phases = blocks.place(blocks.clock), blocks.phases(clock.DAY)
    of_week = blocks.phases(clock.WEEK)
    # By median polish (Tukey 1977, Exploratory Data Analysis), before season and level are known:
    # hours that most days lose would be held for outages.
    pattern = np.zeros(of_week.max() + 1)
    for _ in range(3):
        levels = blocks.by_day(seen - pattern[of_week])[blocks.day]
        pattern = blocks.by_phase(seen - levels, clock.WEEK, 0.5)
    rest = seen - blocks.by_day(seen - pattern[of_week])[blocks.day] - pattern[of_week]
    weekly, steps = np.zeros(rest.size), np.full(rest.size, np.nan)
    for phase in np.unique(phases):
        hour = np.flatnonzero(phases == phase)
        # As many days before as after, also near an end, or the turn of a rhythm there is missed;
        # of the first two days and the last two both.
        first, last = places[hour[[0, -1]]]
        to_end = np.minimum(np.arange(hour.size), np.arange(hour.size)[::-1])
        known = np.concatenate([[0], np.cumsum(~np.isnan(rest[hour]))])
        for days, reach in ((hour.size, 3.5), (2, 2.5), (1, 0.5)):
            near = hour[to_end <= days]
            middles = np.clip(places[near], first + reach, max(last - reach, first + reach))
            middles = middles if days == 1 else places[near]
            weekly[near] = running_medians(rest[hour], places[hour], middles, reach + 0.1)
            # The one day that is left beside an outage may be its first.
            begin = np.searchsorted(places[hour], middles - reach - 0.1)
            after = np.searchsorted(places[hour], middles + reach + 0.1, "right")
            weekly[near[known[after] - known[begin] < reach]] = np.nan
        steps[hour[1:]] = np.abs(np.diff(rest[hour]))
    least = max(LEAST_TURN * unit, NOISE * float(np.nanmedian(steps)))
    edges = np.searchsorted(blocks.day, np.arange(blocks.day[-1] + 2))
    lengths = np.diff(edges)
    both = np.where(lengths > 0, np.inf, 0.0)
    for share in (3 / 8, 5 / 8):
        off = weekly - np.repeat(by_group(weekly, edges, share), lengths)
        sums = (np.bincount(blocks.day, np.fmax(sign * off, 0.0)) for sign in (1, -1))
        gains, losses = (one / np.maximum(lengths, 1) for one in sums)
        both = np.minimum(both, np.minimum(gains, losses))
    # Half of it is enough beside a day that has.
    turned = both >= least
    turned[1:-1] |= (both[1:-1] >= least / 2) & (turned[:-2] | turned[2:])
    middle = by_group(weekly, edges, 0.5)
    if lengths.size > _WEEK:
        # The first and the last day are often in part.
        middle[[0, -1]] = middle[[1, -2]]
        turned[[0, -1]] |= turned[[1, -2]]
    off = weekly - np.repeat(middle, lengths)
    swing = float(np.nanmax(pattern) - np.nanmin(pattern))
    turned &= np.bincount(blocks.day, np.abs(np.nan_to_num(off)) > swing) == 0
    return np.where(turned[blocks.day], np.nan_to_num(off), 0.0)


def _medians(
    values: NDArray[np.float64], places: NDArray[np.float64], read_at: NDArray[np.float64]
) -> NDArray[np.float64]:
    medians = running_medians(values, places, read_at, REACH)
    known = ~np.isnan(medians)
    if not known.any():
        return np.zeros(values.size)
    return np.asarray(np.interp(places, read_at[known], medians[known]), np.float64)


def _followed(
    values: NDArray[np.float64], places: NDArray[np.float64], read_at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a running median that does not lag at the ends, because its drift goes first."""
    weekly = np.full(values.size, np.nan)
    later = np.minimum(np.searchsorted(places, places + _WEEK - 0.5), values.size - 1)
    apart = places[later] - places
    whole = np.abs(apart - _WEEK) < 0.5
    weekly[whole] = (values[later] - values)[whole] / apart[whole]
    slopes = running_medians(weekly, places, read_at - _WEEK / 2, REACH)
    slopes = np.nan_to_num(slopes)
    steps = (slopes[1:] + slopes[:-1]) / 2 * np.diff(read_at)
    drift = np.interp(places, read_at, np.concatenate([[0.0], np.cumsum(steps)]))
    return np.asarray(drift + _medians(values - drift, places, read_at), np.float64)
