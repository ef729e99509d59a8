"""Which season a series has when nobody says so, and what it looks like.

A period is taken from the series itself only where phase means explain a good part of what a
running mean over that period leaves, and more than autocorrelated noise would: the F test of a
one-way layout, its degrees of freedom shrunk by the autocorrelation of the remainder.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

MIN_CYCLES: Final = 4
"""A season needs this many periods, or single days would be taken for the rule."""
_LEAST_SHARE: Final = 0.2  # of the variance around the running mean; less does no harm as noise
_LEVEL: Final = 1e-3
_AS_GOOD: Final = 0.9  # the shortest period that explains this share of the best one's is taken
_EVERY: Final = 2000  # longer series are not tried at every period, only at spectral peaks
_STRETCH: Final = 20_000  # and by so many samples of their middle
_PEAKS: Final = 6
_PADDING: Final = 8
_WILD: Final = 4.0  # robust standard deviations
_RARE: Final = 0.98
_GROWTH_PRICE: Final = 3.0  # logs of the number of samples
_MOST_GROWTH: Final = 0.9  # a season does not turn upside down


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
    tried = np.arange(2, longest + 1) if values.size <= _EVERY else _peaks(values, longest)
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
    p_values = stats.f.sf(ratio, np.maximum((tried - 1) / inflation, 1.0), freedom / inflation)
    share = 1 - (within / freedom) / ((between + within) / (counted - 1))
    convincing = (p_values < _LEVEL / tried.size) & (share >= _LEAST_SHARE)
    if not convincing.any():
        return 0
    enough = convincing & (share >= _AS_GOOD * share[convincing].max())
    return int(tried[enough].min())


def phase_pattern(
    values: NDArray[np.float64], period: int, level: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the season of every sample: medians of each phase around a level, mean 0.

    Parameters
    ----------
    values
        Samples at regular times, NaN where missing, shape ``(n,)``.
    period
        In samples.
    level
        What the season is around, shape ``(n,)``; a running mean over one period if not given,
        which has no season in it.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``.
    """
    around = running_mean(values, period) if level is None else level
    rest = values - around
    pattern = _repeated(rest, period)
    growth = _growth(rest, pattern)
    if growth:
        # The height of the season grows or shrinks steadily: read at its mean height.
        height = 1 + growth * np.linspace(-1, 1, values.size)
        pattern = _repeated(rest / height, period) * height
    return pattern


def _repeated(rest: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    pattern = _phase_medians(rest, period)
    return np.resize(pattern - pattern.mean(), rest.size)


def _growth(rest: NDArray[np.float64], pattern: NDArray[np.float64]) -> float:
    """Return half the change of a season's height over the record, as a share of the mean.

    Least squares of the rest on the pattern and the pattern times time; 0 unless that saves more
    than a parameter costs.
    """
    known = ~np.isnan(rest)
    time = np.linspace(-1, 1, rest.size)[known]
    design = np.column_stack([pattern[known], pattern[known] * time])
    if not design.any():
        return 0.0
    fitted, *_ = np.linalg.lstsq(design, rest[known])
    before = float(((rest[known] - pattern[known]) ** 2).sum())
    after = float(((rest[known] - design @ fitted) ** 2).sum())
    worth = known.sum() * np.log(before / max(after, 1e-12 * before)) if before > 0 else 0.0
    if worth < _GROWTH_PRICE * np.log(known.sum()) or fitted[0] <= 0:
        return 0.0
    return float(np.clip(fitted[1] / fitted[0], -_MOST_GROWTH, _MOST_GROWTH))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _phase_medians(rest: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    medians = np.zeros(period)
    for phase in range(period):
        mine = rest[phase::period]
        known = mine[~np.isnan(mine)]
        if known.size:
            medians[phase] = np.median(known)
    return medians


@numba.njit(cache=True, nogil=True, error_model="numpy")
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


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _layouts(
    values: NDArray[np.float64], periods: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each period: squares between phases and within, samples, and lag-1 autocorrelation."""
    between, within = np.zeros(periods.size), np.zeros(periods.size)
    counted, phi = np.zeros(periods.size), np.zeros(periods.size)
    for number in range(periods.size):
        period = periods[number]
        rest = values - running_mean(values, period)
        known = rest[~np.isnan(rest)]
        if known.size <= period:
            continue
        middle = np.median(known)
        away = np.abs(known - middle)
        # A season may be short and sharp; what is as far out as one in fifty is not wild.
        reach = max(_WILD * 1.4826 * np.median(away), np.quantile(away, _RARE))
        if reach == 0.0:
            continue
        rest = np.minimum(np.maximum(rest, middle - reach), middle + reach)
        sums, seen = np.zeros(period), np.zeros(period)
        for index in range(rest.size):
            if not np.isnan(rest[index]):
                sums[index % period] += rest[index]
                seen[index % period] += 1.0
        mean = sums.sum() / seen.sum()
        near, before = 0.0, np.nan
        for index in range(rest.size):
            phase = index % period
            left = rest[index] - sums[phase] / seen[phase] if seen[phase] > 0 else np.nan
            if not np.isnan(left):
                within[number] += left * left
                if not np.isnan(before):
                    near += left * before
            before = left
        for phase in range(period):
            if seen[phase] > 0:
                between[number] += seen[phase] * (sums[phase] / seen[phase] - mean) ** 2
        counted[number] = seen.sum()
        if within[number] > 0:
            phi[number] = min(max(near / within[number], 0.0), 0.95)
    return between, within, counted, phi


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
    around = np.rint(_PADDING * values.size / highest).astype(np.int64)
    # A season with sharp edges has its strength in overtones: the fundamental is a multiple.
    tried = around[:, None] * np.array([1, 2, 3, 7])
    return np.unique(tried[(tried >= 2) & (tried <= longest)])


def phase_medians_at(
    values: NDArray[np.float64], times: pd.DatetimeIndex, length: pd.Timedelta
) -> NDArray[np.float64]:
    """Return the season of samples at any ascending times, median 0.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
    times
        UTC, ascending, shape ``(n,)``.
    length
        Of the season.

    Returns
    -------
    numpy.ndarray
        Medians of each phase around the running median of one whole period, shape ``(n,)``.
    """
    series = pd.Series(values, index=times)
    level = series.rolling(length, center=True, min_periods=1).median()
    spacing = pd.Timedelta(np.median(np.diff(times.values)))
    bins = min(168, max(int(length / spacing), 1))
    cycle = length // pd.Timedelta(1, unit="ns")
    phase = (times.as_unit("ns").asi8 % cycle) * bins // cycle
    pattern = (series - level).groupby(phase).transform("median").to_numpy(np.float64)
    return np.asarray(pattern - np.median(pattern), dtype=np.float64)
