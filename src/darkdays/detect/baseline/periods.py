"""Which season a series has when nobody says so: periods that explain a good part of it.

A period is taken from the series itself only where phase means explain a good part of what a
running mean over that period leaves, and more than autocorrelated noise would: the F test of a
one-way layout, its degrees of freedom shrunk by the autocorrelation of the remainder.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.baseline.cycles import MIN_CYCLES
from darkdays.detect.compiled.kernel import kernel

LEVEL: Final = 1e-3
"""Of the tests whether something comes back."""
WILD: Final = 4.0
"""Robust standard deviations beyond which a sample is wild."""
_LEAST_SHARE: Final = 0.2  # of the variance around the running mean; less does no harm as noise
_AS_GOOD: Final = 0.9  # the shortest period that explains this share of the best one's is taken
_EVERY: Final = 2000  # longer series are not tried at every period, only at spectral peaks
_STRETCH: Final = 20_000  # and by so many samples of their middle
_PEAKS: Final = 6
_NEAR: Final = 12  # samples
_PADDING: Final = 8
_RARE: Final = 0.98


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
    convincing = (p_values < LEVEL / tried.size) & (share >= _LEAST_SHARE)
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
        between[number], within[number], counted[number], phi[number] = one_way_layout(
            rest, places % period, period
        )
    return between, within, counted, phi


@kernel(error_model="numpy")
def one_way_layout(
    rest: NDArray[np.float64], phase: NDArray[np.int64], phases: int
) -> tuple[float, float, float, float]:
    """Squares between phases and within, samples, and lag-1 autocorrelation of what is left."""
    known = rest[~np.isnan(rest)]
    if known.size <= phases:
        return 0.0, 0.0, 0.0, 0.0
    middle = np.median(known)
    away = np.abs(known - middle)
    # A season may be short and sharp; what is as far out as one in fifty is not wild.
    reach = max(WILD * 1.4826 * np.median(away), np.quantile(away, _RARE))
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
    reach = max(WILD * 1.4826 * np.nanmedian(away), np.nanquantile(away, _RARE))
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
