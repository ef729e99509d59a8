"""What the noise of a signal lets one say in theory: least outage found, most outage left out."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.low_runs import MIN_SAMPLES
from darkdays.detect.segmentation.segment import default_penalty

MEASURED_SHARE: Final = 0.5
"""Of a stretch less of which was measured nothing is said."""
_LEVEL_DAYS: Final = 21.0


class Loss(NamedTuple):
    """Shares of the normal level: the most that any stretch lost, and its upper limit."""

    seen: float
    limit: float


def found_from(
    analysis: Analysis, hours: float, *, min_depth: float, family: int = 1, power: float = 0.95
) -> float:
    """Return the least depth at which theory expects an outage to be found.

    An outage has to pass three gates, each with the wanted probability: its level has to lie
    below ``min_depth``; it has to pay for two borders of the segmentation; and its p-value,
    corrected over places in the record and over signals, has to reach the level. Noise is taken
    for Gaussian with the long-run variance; season and normal level for known.

    Parameters
    ----------
    analysis
        Of the signal.
    hours
        Length of the outage.
    min_depth, family
        As for :class:`darkdays.detect.missed.injection.Detector`.
    power
        Probability with which each gate is passed.

    Returns
    -------
    float
        Share of the normal level; NaN if no depth is enough, or the signal cannot be sized.
    """
    count = int(np.floor(pd.Timedelta(hours=hours) / analysis.step))
    if count < MIN_SAMPLES or not analysis.sizable:
        return np.nan
    total = analysis.values.size
    error = analysis.segments.noise.long_run_scale / np.sqrt(count)
    spare = float(special.ndtri(power))
    harmonic = float(np.log(family) + np.euler_gamma) if family > 1 else 1.0
    chance = (1 - analysis.segments.level) / (2 * total * family * max(harmonic, 1.0))
    gates = (
        _effect(analysis, 1 - analysis.floor_of_normal(min_depth) / analysis.baseline),
        float(np.sqrt(2 * default_penalty(total))) * error,
        -float(special.ndtri(chance)) * error,
    )
    depth = _depth(analysis, max(gates) + spare * error)
    return depth if depth <= 1 else np.nan


def most_lost(
    analysis: Analysis, start: pd.Timestamp, end: pd.Timestamp, hours: float
) -> Loss | None:
    """Return the most that was lost over any stretch of a length, whatever took it.

    Parameters
    ----------
    analysis
        Of the signal.
    start, end
        Between which the stretches lie, naive UTC.
    hours
        Length of a stretch.

    Returns
    -------
    Loss or None
        ``seen`` is a mean over the stretch, ``limit`` its one-sided upper limit at the level of
        the analysis: noise of the mean, and of the normal level it is held against. An outage of
        that length anywhere between ``start`` and ``end`` took no more, because the stretch it
        filled lost no more. None if no stretch was measured for half of its length.
    """
    length = pd.Timedelta(hours=hours)
    times, values = analysis.times, analysis.values
    low, high = (int(place) for place in times.searchsorted([start, end]))
    firsts = np.arange(low, high)
    lasts = np.asarray(times.searchsorted(times[low:high] + length), np.intp)
    counts = lasts - firsts
    whole = (times[low:high] + length <= end) & (counts >= MEASURED_SHARE * length / analysis.step)
    if not whole.any() or not analysis.sizable:
        return None
    sums = np.concatenate([[0.0], np.cumsum(values)])
    kept = np.asarray(whole, bool)
    means = (sums[lasts[kept]] - sums[firsts[kept]]) / counts[kept] / analysis.baseline
    limits = _upper(analysis, means, counts[kept])
    return Loss(float(np.clip(1 - means.min(), 0, 1)), float(np.clip(limits.max(), 0, 1)))


def _upper(
    analysis: Analysis, means: NDArray[np.float64], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    noise = analysis.segments.noise.long_run_scale
    wide = float(special.ndtri(analysis.segments.level))
    known = min(_LEVEL_DAYS * (pd.Timedelta(days=1) / analysis.step), analysis.values.size)
    spread = np.sqrt(1 / counts + 1 / np.maximum(known - counts, counts))
    error = wide * noise * spread
    if not analysis.counted:
        return np.asarray(1 - means + error / analysis.baseline, np.float64)
    roots = np.sqrt(np.maximum(means, 0.0)) - error / np.sqrt(analysis.baseline)
    return np.asarray(1 - np.maximum(roots, 0.0) ** 2, np.float64)


def _effect(analysis: Analysis, depth: float) -> float:
    """Return how far a loss moves a signal on the scale it was cut on."""
    if analysis.counted:
        return float(np.sqrt(analysis.baseline) * (1 - np.sqrt(max(1 - depth, 0.0))))
    return float(depth * analysis.baseline)


def _depth(analysis: Analysis, effect: float) -> float:
    """Return the loss that moves a signal so far; above 1 if none does."""
    if not analysis.counted:
        return effect / analysis.baseline
    left = 1 - effect / float(np.sqrt(analysis.baseline))
    return 1 - left**2 if left >= 0 else np.inf
