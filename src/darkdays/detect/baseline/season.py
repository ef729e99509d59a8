"""Whether a cycle comes back in a series, and what its season looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.baseline.cycles import Cycle
from darkdays.detect.baseline.periods import LEVEL, WILD, one_way_layout, running_mean
from darkdays.detect.baseline.quantiles import by_group

_FLAT: Final = 3  # fewer times round than this are seen around one level
_BLOCKS: Final = 28  # of a cycle: six hours of a week
_MOST_PARTS: Final = 100
_UNEVEN: Final = 500
_APART: Final = 24  # of a cycle: two weeks of a year
_ROUNDS: Final = 5
_STANDS_OUT: Final = 3.0


def comes_back(record: NDArray[np.float64], cycle: Cycle) -> bool:
    """Say whether a cycle explains more of a record than autocorrelated noise would.

    Judged by means of stretches of which a cycle has :data:`_BLOCKS` at most: within an hour
    minutes tell nothing of days.

    Parameters
    ----------
    record
        Regular, NaN where missing, shape ``(n,)``.
    cycle
        In question.
    """
    finest = int(cycle.phase.max()) + 1
    phases = min(finest, _BLOCKS)
    coarse = cycle.phase.astype(np.int32) * phases // finest
    starts, means = _stretches(record, coarse)
    for level in (np.full(means.size, np.nanmedian(means)), _running_median(means, phases)):
        rest = means - level
        away = np.abs(rest - np.nanmedian(rest))
        # With what an outage leaves, or a short sharp peak, and without it.
        usual = np.where(away <= WILD * 1.4826 * np.nanmedian(away), rest, np.nan)
        for seen in (rest, usual):
            between, within, counted, phi = one_way_layout(
                seen, coarse[starts].astype(np.int64), phases
            )
            freedom = counted - phases
            if within > 0 and freedom > 0:
                inflation = (1 + phi) / (1 - phi)
                ratio = (between / (phases - 1)) / (within / freedom)
                lost = max((phases - 1) / inflation, 1.0), max(freedom / inflation, 1.0)
                if special.fdtrc(*lost, ratio) < LEVEL:
                    return True
        if means.size < _FLAT * phases:
            break  # so few times round, a running mean has seen everything once
    return False


def season_of(
    values: NDArray[np.float64],
    cycles: Sequence[Cycle],
    level: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the season of every sample: medians of each phase around a level, mean 0.

    Parameters
    ----------
    values
        Samples at regular times, NaN where missing, shape ``(n,)``.
    cycles
        Added up, each read off what the others leave.
    level
        What the season is around, shape ``(n,)``; a running mean over one cycle if not given,
        which has no season in it.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``.
    """
    total = np.zeros(values.size)
    patterns: list[NDArray[np.float64] | None] = [None for _ in cycles]
    # A second time round, each is read off what all the others leave.
    for number in [*range(len(cycles))] * min(len(cycles), 2):
        cycle, before = cycles[number], patterns[number]
        if before is not None:
            total -= before[cycle.phase]
        rest = values - total
        if level is None and cycle.waves:
            best = _waves_beside_steps(rest, cycle)
        else:
            best = _repeated(rest - (np.nanmedian(rest) if level is None else level), cycle)
        if level is None and not cycle.waves and values.size >= _FLAT * cycle.length:
            other = _repeated(rest - _running_median(rest, cycle.length), cycle)
            best = min(
                (best, other), key=lambda one: _left_from_day_to_day(rest - one[cycle.phase], cycle)
            )
        total += best[cycle.phase]
        patterns[number] = best
    return total


def _waves_beside_steps(rest: NDArray[np.float64], cycle: Cycle) -> NDArray[np.float64]:
    """Return the waves of a cycle read off differences, which a step touches at few places only.

    Least squares, anew without what stands out, until the rest is of one kind.
    """
    starts, means = _stretches(rest, cycle.phase)
    turn = np.linspace(0, 2 * np.pi, int(cycle.phase.max()) + 1, endpoint=False)
    angles = np.outer(turn, np.arange(1, cycle.waves + 1))
    waves = np.hstack([np.cos(angles), np.sin(angles)])
    lag = max(round(cycle.length * starts.size / rest.size / _APART), 1)
    apart = means[lag:] - means[:-lag]
    along = waves[cycle.phase[starts]]
    along = along[lag:] - along[:-lag]
    kept = ~np.isnan(apart)
    sizes = np.zeros(waves.shape[1])
    for _ in range(_ROUNDS if kept.any() else 0):
        sizes = np.linalg.lstsq(along[kept], apart[kept])[0]
        away = np.abs(apart - along @ sizes)
        kept = away <= _STANDS_OUT * 1.4826 * float(np.nanmedian(away))
    return np.asarray(waves @ sizes)


def _left_from_day_to_day(rest: NDArray[np.float64], cycle: Cycle) -> float:
    """Return how far apart samples are a seventh of a cycle later, wild ones no farther than far.

    A pattern that is right leaves noise there, whatever level it was read off.
    """
    lag = max(cycle.length // 7, 1)
    apart = rest[lag:] - rest[:-lag]
    np.abs(apart, out=apart)
    # Without noise there is no measure of what is wild.
    reach = WILD * 1.4826 * float(np.nanmedian(apart)) or np.inf
    np.minimum(apart, reach, out=apart)
    apart *= apart
    return float(np.nanmean(apart))


def _stretches(
    record: NDArray[np.float64], phase: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return where a phase begins, each time round, and the mean of its samples, NaN for none."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(phase)) + 1])
    known = np.add.reduceat((~np.isnan(record)).astype(float), starts)
    with np.errstate(invalid="ignore"):
        return starts, np.add.reduceat(np.nan_to_num(record), starts) / known


def _repeated(rest: NDArray[np.float64], cycle: Cycle) -> NDArray[np.float64]:
    """Return the median of each phase, 0 for one never seen, about their mean, in its waves."""
    edges = np.concatenate([[0], np.bincount(cycle.phase).cumsum()]).astype(np.intp)
    pattern = by_group(rest[np.argsort(cycle.phase, kind="stable")], edges, 0.5)
    pattern[np.isnan(pattern)] = 0.0
    if cycle.waves:
        waves = np.fft.rfft(pattern)
        waves[cycle.waves + 1 :] = 0.0
        pattern = np.fft.irfft(waves, pattern.size)
    return np.asarray(pattern - pattern.mean())


def _running_median(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return the centred median over one cycle, of means of parts of it, NaN at the ends.

    A whole cycle is the same wherever it begins, so that no season is left in its median; and no
    outage of less than half of it is either. A cycle that cannot be cut into equal parts, but for
    a sample in so many, has a running mean only.
    """
    parts = min(range(min(_BLOCKS, length), _MOST_PARTS), key=lambda one: length % one)
    if length % parts > length // _UNEVEN:
        return running_mean(values, length)
    window, size = parts, length // parts
    held = values.size // size
    blocks = values[: held * size].reshape(held, size)
    known = (~np.isnan(blocks)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        means = np.nansum(blocks, axis=1) / known
    # What is missing is sorted to the end of its window.
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(means, window), axis=1)
    there = (~np.isnan(windows)).sum(axis=1)
    middle = np.stack([np.maximum(there - 1, 0) // 2, np.minimum(there // 2, window - 1)], axis=1)
    medians = np.take_along_axis(windows, middle, axis=1).mean(axis=1)
    centres = (np.arange(medians.size) + window / 2) * size - 0.5
    seen = ~np.isnan(medians)
    if not seen.any():
        return np.full(values.size, np.nan)
    places = np.arange(values.size)
    return np.asarray(np.interp(places, centres[seen], medians[seen], left=np.nan, right=np.nan))
