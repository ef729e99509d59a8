"""Which season a series has when nobody says so, and what it looks like.

A period is taken from the series itself only where phase means explain a good part of what a
running mean over that period leaves, and more than autocorrelated noise would: the F test of a
one-way layout, its degrees of freedom shrunk by the autocorrelation of the remainder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.baseline.clock import DAY, HOUR, WEEK, YEAR
from darkdays.detect.baseline.quantiles import by_group
from darkdays.detect.compiled.kernel import kernel

MIN_CYCLES: Final = 4
"""A season needs this many periods, or single days would be taken for the rule."""
_LEAST_SHARE: Final = 0.2  # of the variance around the running mean; less does no harm as noise
_LEVEL: Final = 1e-3
_AS_GOOD: Final = 0.9  # the shortest period that explains this share of the best one's is taken
_EVERY: Final = 2000  # longer series are not tried at every period, only at spectral peaks
_STRETCH: Final = 20_000  # and by so many samples of their middle
_PEAKS: Final = 6
_NEAR: Final = 12  # samples
_PADDING: Final = 8
_WILD: Final = 4.0  # robust standard deviations
_RARE: Final = 0.98
_LEAST_DAYS: Final = 3
_LEAST_WEEKS: Final = 2
_FLAT: Final = 3  # fewer times round than this are seen around one level
_COARSEST: Final = 6 * HOUR
_TOLD_BY: Final = 12  # samples
_LONGEST_SLOT: Final = HOUR // 4
_BLOCKS: Final = 28  # of a cycle: six hours of a week
_MOST_PARTS: Final = 100
_WEEKS: Final = 52  # of a year: days tell no more of it than weeks do

Phases = NDArray[np.unsignedinteger[Any]]


def find_period(values: NDArray[np.float64]) -> int:
    """Return the period of a series in samples, 0 if it has none worth taking out.

    Parameters
    ----------
    values
        Samples at regular times, NaN where missing, shape ``(n,)``.

    Returns
    -------
    int
        At most a quarter of ``n``.
    """
    if values.size > _STRETCH:
        first = (values.size - _STRETCH) // 2
        values = values[first : first + _STRETCH]
    longest = values.size // MIN_CYCLES
    if longest < 2 or np.isfinite(values).sum() < 4 * MIN_CYCLES:
        return 0
    if values.size <= _EVERY:
        return _best_of(values, np.arange(2, longest + 1))
    near = _best_of(values, _peaks(values, longest))
    if near == 0:
        return 0
    # Periods so near to each other are one peak: each of them, to the sample.
    reach = min(near * near // (2 * values.size) + 1, _NEAR)
    return _best_of(values, np.arange(max(near - reach, 2), min(near + reach, longest) + 1))


def _best_of(values: NDArray[np.float64], tried: NDArray[np.int64]) -> int:
    """Return the shortest of the periods that explain nearly as much as the best, 0 for none."""
    if tried.size == 0:
        return 0
    between, within, counted, phi = _layouts(values, tried)
    inflation = (1 + phi) / (1 - phi)
    freedom = counted - tried
    good = (freedom > tried) & (within > 0) & (between > 0)
    tried, between, within = tried[good], between[good], within[good]
    counted, freedom, inflation = counted[good], freedom[good], inflation[good]
    if tried.size == 0:
        return 0
    ratio = (between / (tried - 1)) / (within / freedom)
    lost = np.maximum((tried - 1) / inflation, 1.0), freedom / inflation
    p_values = special.fdtrc(*lost, ratio)
    share = 1 - (within / freedom) / ((between + within) / (counted - 1))
    convincing = (p_values < _LEVEL / tried.size) & (share >= _LEAST_SHARE)
    if not convincing.any():
        return 0
    # Beside the right period its neighbours explain nearly as much: only hilltops count.
    padded = np.concatenate([[0.0], share, [0.0]])
    beside = np.concatenate([[-1], tried, [-1]])
    below = np.where(beside[:-2] == tried - 1, padded[:-2], 0.0)
    above = np.where(beside[2:] == tried + 1, padded[2:], 0.0)
    top = convincing & (share >= below) & (share >= above)
    enough = top & (share >= _AS_GOOD * share[top].max(initial=0.0))
    return int(tried[enough].min()) if enough.any() else 0


@dataclass(frozen=True)
class Cycle:
    """What comes back.

    Attributes
    ----------
    name
        As a sentence names it.
    length
        Samples of one time round.
    phase
        Of every sample, shape ``(n,)``.
    """

    name: str
    length: int
    phase: Phases


def narrow(phase: NDArray[np.int64]) -> Phases:
    """Return phases in the fewest bytes: a long record has one a sample, of every cycle."""
    return phase.astype(np.min_scalar_type(int(phase.max(initial=0))))


def of_samples(period: int, count: int) -> Cycle:
    """Return the cycle of so many samples in a record of ``count``."""
    return Cycle(f"{period} samples", period, narrow(np.arange(count) % period))


def of_year(local: NDArray[np.int64], step: int) -> Cycle | None:
    """Return the cycle of a year by the calendar, None where a record is shorter than four.

    No count of weeks is a year, and after ten of 52 weeks a season is two weeks off.

    Parameters
    ----------
    local, step
        As for :func:`of_clock`.
    """
    length = round(YEAR / step)
    if length < 2 or local[-1] - local[0] < MIN_CYCLES * YEAR:
        return None
    moments = (local + 4 * DAY).astype("datetime64[s]")
    since = (moments - moments.astype("datetime64[Y]")).astype(np.int64)
    phases = min(length, _WEEKS)
    # By its middle a month is told from the next one, however long it is.
    return Cycle("a year", length, narrow((since + step // 2) * phases // YEAR % phases))


def of_clock(local: NDArray[np.int64], step: int) -> list[Cycle]:
    """Return the cycles that people live by and that a record can show, the plainest first.

    Parameters
    ----------
    local
        What a clock shows at every sample of a regular grid, in seconds since a Monday at 00:00,
        shape ``(n,)``.
    step
        Seconds from sample to sample.
    """
    span = local.size * step
    cycles = []
    if span >= _LEAST_DAYS * DAY and step <= _COARSEST:
        # A phase of the day is told by a few samples at least, and no longer than it must be.
        wanted = -(-_TOLD_BY * DAY // span)
        slot = step * max(1, min(wanted, _LONGEST_SLOT // step))
        cycles.append(Cycle("a day", round(DAY / step), narrow(local % DAY // slot)))
    if span >= _LEAST_WEEKS * WEEK and step <= DAY:
        length = round(WEEK / step)
        cycles.append(Cycle("a week", length, narrow(local % WEEK // DAY)))
        if step <= _COARSEST:
            hour = max(step, HOUR)
            cycles.append(Cycle("every hour of a week", length, narrow(local % WEEK // hour)))
    return cycles


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
    starts = np.concatenate([[0], np.flatnonzero(np.diff(coarse)) + 1])
    known = np.add.reduceat((~np.isnan(record)).astype(float), starts)
    with np.errstate(invalid="ignore"):
        means = np.add.reduceat(np.nan_to_num(record), starts) / known
    for level in (np.full(means.size, np.nanmedian(means)), _running_median(means, phases)):
        rest = means - level
        away = np.abs(rest - np.nanmedian(rest))
        # With what an outage leaves, or a short sharp peak, and without it.
        usual = np.where(away <= _WILD * 1.4826 * np.nanmedian(away), rest, np.nan)
        for seen in (rest, usual):
            between, within, counted, phi = _layout(seen, coarse[starts].astype(np.int64), phases)
            freedom = counted - phases
            if within > 0 and freedom > 0:
                inflation = (1 + phi) / (1 - phi)
                ratio = (between / (phases - 1)) / (within / freedom)
                lost = max((phases - 1) / inflation, 1.0), max(freedom / inflation, 1.0)
                if special.fdtrc(*lost, ratio) < _LEVEL:
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
        tried = [_repeated(rest - (np.nanmedian(rest) if level is None else level), cycle.phase)]
        if level is None and values.size >= _FLAT * cycle.length:
            tried.append(_repeated(rest - _running_median(rest, cycle.length), cycle.phase))
        best = tried[0]
        if len(tried) > 1:
            best = min(tried, key=lambda one: _left_from_day_to_day(rest - one[cycle.phase], cycle))
        total += best[cycle.phase]
        patterns[number] = best
    return total


def _left_from_day_to_day(rest: NDArray[np.float64], cycle: Cycle) -> float:
    """Return how far apart samples are a seventh of a cycle later, wild ones no farther than far.

    A pattern that is right leaves noise there, whatever level it was read off.
    """
    lag = max(cycle.length // 7, 1)
    apart = rest[lag:] - rest[:-lag]
    np.abs(apart, out=apart)
    # Without noise there is no measure of what is wild.
    reach = _WILD * 1.4826 * float(np.nanmedian(apart)) or np.inf
    np.minimum(apart, reach, out=apart)
    apart *= apart
    return float(np.nanmean(apart))


def _repeated(rest: NDArray[np.float64], phase: Phases) -> NDArray[np.float64]:
    """Return the median of each phase, 0 for one never seen, about their mean."""
    edges = np.concatenate([[0], np.bincount(phase).cumsum()]).astype(np.intp)
    pattern = by_group(rest[np.argsort(phase, kind="stable")], edges, 0.5)
    pattern[np.isnan(pattern)] = 0.0
    return np.asarray(pattern - pattern.mean())


def _running_median(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return the centred median over one cycle, of means of parts of it, NaN at the ends.

    A whole cycle is the same wherever it begins, so that no season is left in its median; and no
    outage of less than half of it is either. A cycle that cannot be cut into equal parts has a
    running mean only.
    """
    whole = [parts for parts in range(min(_BLOCKS, length), _MOST_PARTS) if length % parts == 0]
    if not whole:
        return running_mean(values, length)
    window, size = whole[0], length // whole[0]
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


@kernel(error_model="numpy")
def running_mean(values: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return the centred mean over one period (both ends half where it is even), NaN at the ends.

    Missing samples are left out; where a whole window is missing the mean is too.
    """
    count = values.size
    half = period // 2
    even = period % 2 == 0
    sums, seen = np.zeros(count + 1), np.zeros(count + 1)
    for index in range(count):
        known = not np.isnan(values[index])
        sums[index + 1] = sums[index] + (values[index] if known else 0.0)
        seen[index + 1] = seen[index] + (1.0 if known else 0.0)
    means = np.full(count, np.nan)
    for index in range(half, count - half):
        low, high = index - half, index + half + 1
        total, weight = sums[high] - sums[low], seen[high] - seen[low]
        if even:
            for end in (low, high - 1):
                if not np.isnan(values[end]):
                    total -= 0.5 * values[end]
                    weight -= 0.5
        if weight > 0:
            means[index] = total / weight
    return means


@kernel(error_model="numpy")
def _layouts(
    values: NDArray[np.float64], periods: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each period: squares between phases and within, samples, and lag-1 autocorrelation."""
    between, within = np.zeros(periods.size), np.zeros(periods.size)
    counted, phi = np.zeros(periods.size), np.zeros(periods.size)
    places = np.arange(values.size)
    for number in range(periods.size):
        period = periods[number]
        rest = values - running_mean(values, period)
        between[number], within[number], counted[number], phi[number] = _layout(
            rest, places % period, period
        )
    return between, within, counted, phi


@kernel(error_model="numpy")
def _layout(
    rest: NDArray[np.float64], phase: NDArray[np.int64], phases: int
) -> tuple[float, float, float, float]:
    """Squares between phases and within, samples, and lag-1 autocorrelation of what is left."""
    known = rest[~np.isnan(rest)]
    if known.size <= phases:
        return 0.0, 0.0, 0.0, 0.0
    middle = np.median(known)
    away = np.abs(known - middle)
    # A season may be short and sharp; what is as far out as one in fifty is not wild.
    reach = max(_WILD * 1.4826 * np.median(away), np.quantile(away, _RARE))
    if reach == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    rest = np.minimum(np.maximum(rest, middle - reach), middle + reach)
    sums, seen = np.zeros(phases), np.zeros(phases)
    for index in range(rest.size):
        if not np.isnan(rest[index]):
            sums[phase[index]] += rest[index]
            seen[phase[index]] += 1.0
    mean = sums.sum() / seen.sum()
    between = within = near = 0.0
    before = np.nan
    for index in range(rest.size):
        here = phase[index]
        left = rest[index] - sums[here] / seen[here] if seen[here] > 0 else np.nan
        if not np.isnan(left):
            within += left * left
            if not np.isnan(before):
                near += left * before
        before = left
    for here in range(phases):
        if seen[here] > 0:
            between += seen[here] * (sums[here] / seen[here] - mean) ** 2
    phi = min(max(near / within, 0.0), 0.95) if within > 0 else 0.0
    return between, within, seen.sum(), phi


def _peaks(values: NDArray[np.float64], longest: int) -> NDArray[np.int64]:
    """Return the periods at the highest peaks of the periodogram, and their neighbours."""
    middle = np.nanmedian(values)
    away = np.abs(values - middle)
    reach = max(_WILD * 1.4826 * np.nanmedian(away), np.nanquantile(away, _RARE))
    filled = np.where(np.isnan(values), middle, np.clip(values, middle - reach, middle + reach))
    # Padded with zeros, a period that does not divide the record is still met to the sample.
    power = np.abs(np.fft.rfft(filled - filled.mean(), n=_PADDING * values.size)) ** 2
    inner = power[1:-1]
    hills = np.flatnonzero((inner > power[:-2]) & (inner >= power[2:])) + 1
    hills = hills[hills * longest >= _PADDING * values.size]
    highest = hills[np.argsort(-power[hills], kind="stable")[:_PEAKS]]
    around = _PADDING * values.size / highest
    # A season with sharp edges has its strength in overtones: the fundamental is a multiple.
    tried = around[:, None] * np.array([1, 2, 3, 7])
    return np.unique(np.rint(tried[(tried >= 2) & (tried <= longest)]).astype(np.int64))
