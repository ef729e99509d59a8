"""Stretches in which a signal is down, dated to the sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.baseline.clock import about_midnight
from darkdays.detect.noise.any_autocorrelation import LEFT_OUT, stages_p_value
from darkdays.detect.noise.noise import Noise
from darkdays.detect.noise.uncertainty import SMALLEST_P, change_p_value
from darkdays.detect.outages.analysis import NORMAL_WITHIN, Analysis

MIN_SAMPLES = 2
"""One sample is a dip of the instrument; an outage lasts two or more."""
_SURE: Final = 0.95
_LOW_DAY: Final = 0.3
_DEEPER: Final = 2.5  # times as much is gone
_A_DAY: Final = pd.Timedelta(hours=18)
_LOW_DAYS: Final = pd.Timedelta(days=4)
_TAIL: Final = 3
_SHORT: Final = 6
"""Stretches up to this many samples are held against how often single samples dip so low."""


@dataclass(frozen=True)
class Spell:
    """A stretch in which a signal is down.

    Attributes
    ----------
    first, last
        First segment of it, and the first after it.
    start, end
        The same in samples.
    low_day
        Whether it is a low day or hour beside a fall that is far deeper, and no part of that.
    """

    first: int
    last: int
    start: int
    end: int
    p: float
    low_day: bool = False


def spells(analysis: Analysis, min_depth: float) -> Iterator[Spell]:
    """Find the stretches that are down by more than ``min_depth`` and more than by chance."""
    edges = analysis.edges
    down = analysis.levels * analysis.baseline < analysis.floor_of_normal(min_depth)
    normal = np.repeat(~down, np.diff(edges))
    # As they were measured: what was drawn in to be cut would not count as a dip.
    values = np.sqrt(analysis.values) if analysis.counted else analysis.values
    for first, last, low_day in _by_depth(_runs(down, edges), analysis):
        start, end = int(edges[first]), int(edges[last])
        if end - start < MIN_SAMPLES:
            continue
        p_value = p_of_stretch(values, analysis.segments.noise, slice(start, end), normal)
        if analysis.short and p_value <= 1 - analysis.segments.level:
            p_value = max(p_value, _p_of_stages(analysis, values, first, last, down))
        if p_value <= 1 - analysis.segments.level:
            yield Spell(first, last, start, end, p_value, low_day)


def _p_of_stages(
    analysis: Analysis, values: NDArray[np.float64], first: int, last: int, down: NDArray[np.bool_]
) -> float:
    """Return the p-value of the segments of a run, whatever the autocorrelation of the noise.

    Segments beside it that only a larger least depth does not count are stages of it too.
    Elsewhere, what is less than half as deep is held to be as usual, such as lower nights beside
    a shutdown.
    """
    lost = 1 - analysis.levels
    deepest = lost[first:last].max()
    stages = np.where(down & (lost > deepest / 2), LEFT_OUT, 0)
    low = analysis.levels * analysis.baseline < analysis.floor_of_normal(NORMAL_WITHIN)
    beside = low & (lost <= deepest)
    while first > 0 and beside[first - 1]:
        first -= 1
    while last < lost.size and beside[last]:
        last += 1
    stages[first:last] = np.arange(1, last - first + 1)
    return stages_p_value(values, np.repeat(stages, np.diff(analysis.edges)))


def onset(analysis: Analysis, first: int, floor: float) -> dict[str, pd.Timestamp]:
    """Date the first sample below the floor, around the change that begins segment ``first``."""
    edges = analysis.edges
    position, earliest, latest = (
        int(edges[first]),
        int(edges[first - 1]) + 1,
        int(edges[first + 1]) - 1,
    )
    low, high = analysis.segments.interval(first - 1)
    if analysis.levels[first - 1] * analysis.baseline < floor:
        # What was low already falls further where it is half way down.
        floor = float(analysis.levels[first - 1 : first + 1].mean()) * analysis.baseline
    while position > earliest and analysis.values[position - 1] < floor:
        position -= 1
    while position < latest and analysis.values[position] >= floor:
        position += 1
    onset_low, onset_high = analysis.bounds(min(low, position), max(high, position))
    return {"onset": analysis.moment(position), "onset_low": onset_low, "onset_high": onset_high}


def _runs(down: NDArray[np.bool_], edges: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return ``(first, last)`` segment ranges that are down; one lone sample up ends nothing."""
    runs: list[tuple[int, int]] = []
    for number in np.flatnonzero(down):
        begins = int(number)
        if runs and edges[begins] - edges[runs[-1][1]] < MIN_SAMPLES:
            runs[-1] = (runs[-1][0], begins + 1)
        else:
            runs.append((begins, begins + 1))
    return runs


def _by_depth(runs: list[tuple[int, int]], analysis: Analysis) -> Iterator[tuple[int, int, bool]]:
    """Cut runs between what is low on other days as well and a fall that is far deeper.

    A cut on a holiday is not as old as the holiday. Low days are those from or until midnight, and
    those whose hours were as low a day or a week away.
    """
    for first, last in runs:
        lost = 1 - analysis.levels[first:last]
        low_day = lost < min(_LOW_DAY, float(lost.max()) / _DEEPER)
        borders = first + 1 + np.flatnonzero(np.diff(low_day))
        ends = [first, *(int(border) for border in borders), last]
        whole = (int(analysis.edges[first]), int(analysis.edges[last]))
        kept, apart = [first], set()
        for number, border in enumerate(ends[1:-1], 1):
            before = bool(low_day[border - 1 - first])
            beside = (ends[number - 1], border) if before else (border, ends[number + 1])
            begin, end = (int(edge) for edge in analysis.edges[list(beside)])
            if end - begin >= MIN_SAMPLES and (
                _from_midnight(analysis, begin, end, before)
                or _low_elsewhere(analysis, begin, end, whole)
            ):
                kept.append(border)
                apart.add(beside)
        yield from ((*part, part in apart) for part in pairwise([*kept, last]))


def _from_midnight(analysis: Analysis, begin: int, end: int, before: bool) -> bool:
    """Return whether a stretch of days begins at midnight, or ends then where a fall was before."""
    if begin == 0 or end == analysis.values.size:
        return False
    midnight = analysis.times[begin] if before else analysis.times[end - 1] + analysis.step
    return _A_DAY <= (end - begin) * analysis.step <= _LOW_DAYS and about_midnight(
        midnight, midnight, analysis.time_zone
    )


def _low_elsewhere(analysis: Analysis, begin: int, end: int, whole: tuple[int, int]) -> bool:
    """Return whether the hours of a stretch were half as low a day or a week away from its run."""
    span = analysis.times[[begin, end - 1]]
    lost = 1 - float(np.median(analysis.values[begin:end])) / analysis.baseline
    for days in (-7, -1, 1, 7):
        low, high = analysis.times.searchsorted(span + pd.Timedelta(days=days))
        other = analysis.values[low : high + 1]
        apart = high < whole[0] or low >= whole[1]
        if apart and 2 * other.size > end - begin:
            here = 1 - float(np.median(other)) / analysis.baseline
            if lost / 2 <= here <= _LOW_DAY:
                return True
    return False


def p_of_stretch(
    values: NDArray[np.float64], noise: Noise, inside: slice, normal: NDArray[np.bool_]
) -> float:
    """Return the p-value of a stretch being down, corrected for the search over all positions.

    The larger of two. One is that of its mean against the normal samples, on the long-run noise
    (:func:`darkdays.detect.noise.uncertainty.change_p_value`). The other, for short stretches, does
    not believe in a normal tail: where single samples dip now and then, two dips will one day stand
    side by side, and the share ``q`` of normal samples as low as the highest of ``m`` makes that
    happen with probability at most ``n q ** m``, times ``2 ** (m - 1)`` because stretches of other
    lengths were looked at too. ``q`` is an upper confidence bound (Clopper & Pearson 1934,
    Biometrika 26); beyond the lowest normal sample it falls as tails of three degrees of freedom.

    Parameters
    ----------
    values
        Samples on the scale the signal was cut on, shape ``(n,)``.
    noise
        Of the signal.
    inside
        The stretch.
    normal
        Which samples belong to no stretch that is down, shape ``(n,)``.
    """
    low, usual = values[inside], values[normal]
    if usual.size == 0:
        return 1.0
    p_value = change_p_value(usual, low, noise, values.size)
    if low.size <= _SHORT:
        count = int((usual <= low.max()).sum())
        as_low = float(special.betaincinv(count + 1, max(usual.size - count, 1), _SURE))
        if count == 0:
            middle = float(np.median(usual))
            as_low *= ((middle - usual.min()) / (middle - low.max())) ** _TAIL
        p_value = max(p_value, values.size * (2 * as_low) ** low.size / 2)
    return min(1.0, max(SMALLEST_P, p_value))
