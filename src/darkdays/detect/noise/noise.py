"""How noisy a signal is, as a long-run variance: the variance that averages see.

White-noise scales are what makes popular detectors fire on every autocorrelated signal. Here the
noise is an AR(1) process whose parameters come from lagged *differences*, which a change of level
touches at a handful of samples only (Chakar, Lebarbier, Lévy-Leduc & Robin 2017, "A robust
approach for estimating change-points in the mean of an AR(1) process", Bernoulli 23(2)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Beyond this many robust standard deviations a difference is a change of level, not noise.
_CLIP = 6.0
_ENOUGH_DISTINCT = 8
# Farther from both neighbours than this, a single sample is a spike.
_SPIKE = 2.0
# Autocorrelation this near 1 cannot be told from a drifting level in a short record.
MAX_AUTOCORRELATION = 0.95
# Second differences of a strongly correlated signal hardly differ from one lag to the next.
_MAX_OF_SECOND = 0.85


@dataclass(frozen=True)
class Noise:
    """AR(1) noise around a piecewise constant level.

    Attributes
    ----------
    scale
        Marginal standard deviation of one sample.
    autocorrelation
        Lag-1 autocorrelation, in ``[0, 0.95]``.
    """

    scale: float
    autocorrelation: float

    @property
    def long_run_scale(self) -> float:
        """Square root of the long-run variance, ``scale * sqrt((1 + phi) / (1 - phi))``."""
        phi = self.autocorrelation
        return float(self.scale * np.sqrt((1 + phi) / (1 - phi)))

    def effective_samples(self, count: int) -> float:
        """Return how many independent samples ``count`` correlated ones are worth."""
        phi = self.autocorrelation
        return count * (1 - phi) / (1 + phi)


def resolution(values: NDArray[np.float64]) -> float:
    """Return the smallest step a signal moves by: a count of blocks moves by one.

    Parameters
    ----------
    values
        Finite samples, shape ``(n,)``.

    Returns
    -------
    float
        In the unit of ``values``; 0 if it cannot be told from a handful of distinct values.
    """
    distinct = np.unique(values)
    if distinct.size >= _ENOUGH_DISTINCT:
        return float(np.diff(distinct).min())
    whole = bool((distinct == np.round(distinct)).all())
    return 1.0 if whole and distinct.size > 1 else 0.0


def estimate(values: NDArray[np.float64], *, floor: float = 0.0) -> Noise:
    """Estimate AR(1) noise from differences at lags 1 and 2.

    A signal that drifts, as one with a daily swing does, has first differences that do not
    cancel out. It is told by a ratio no autocorrelation explains, and second differences, which
    a straight drift does not touch, are used instead.

    Parameters
    ----------
    values
        Finite samples in order of time, shape ``(n,)``; levels may change in between.
    floor
        Smallest marginal standard deviation to return, such as that of rounding. A signal that
        does not move at all would otherwise make every later step infinitely significant.

    Returns
    -------
    Noise
    """
    near, far = (_clipped_variance(values[lag:] - values[:-lag]) for lag in (1, 2))
    # Var(x[t+1]-x[t]) = 2 v (1-phi) and Var(x[t+2]-x[t]) = 2 v (1-phi^2): their ratio is 1+phi.
    phi = float(np.clip(far / near - 1, 0.0, MAX_AUTOCORRELATION)) if near > 0 else 0.0
    # No AR(1) has a ratio above 2; a straight drift has one of 4.
    if far <= 2 * near:
        variance = near / (2 * (1 - phi))
    else:
        near, far = (
            _clipped_variance(values[2 * lag :] - 2 * values[lag:-lag] + values[: -2 * lag])
            for lag in (1, 2)
        )
        phi = _from_second_differences(far / near) if near > 0 else 0.0
        variance = near / (2 * (1 - phi) * (3 - phi))
    return Noise(scale=max(float(np.sqrt(variance)), floor), autocorrelation=phi)


def without_spikes(values: NDArray[np.float64], noise: Noise) -> NDArray[np.float64]:
    """Draw single samples in to what their neighbours allow: one sample is no level.

    A sample beyond both neighbours by more than a few standard deviations is moved to that
    distance. The first sample of a new level is not, because the one behind it is there too.

    Parameters
    ----------
    values
        Finite samples, shape ``(n,)``.
    noise
        Of the series.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``; the ends are left as they are.
    """
    if values.size < 3:
        return values
    reach = _SPIKE * noise.scale
    before, after = values[:-2], values[2:]
    inner = np.clip(
        values[1:-1], np.minimum(before, after) - reach, np.maximum(before, after) + reach
    )
    return np.concatenate([values[:1], inner, values[-1:]])


def _from_second_differences(ratio: float) -> float:
    """Solve ``(1+phi)(3-phi^2)/(3-phi) = ratio``, the same relation for second differences."""
    grid = np.linspace(0.0, _MAX_OF_SECOND, 86)
    relation = (1 + grid) * (3 - grid**2) / (3 - grid)
    return float(np.interp(ratio, relation, grid))


def _clipped_variance(differences: NDArray[np.float64]) -> float:
    """Return the variance of differences, without those that are changes of level."""
    if differences.size < _ENOUGH_DISTINCT:
        return 0.0
    # About zero, where differences of noise are centred; 0.6745 is the normal's upper quartile.
    robust = float(np.median(np.abs(differences))) / 0.6745
    if robust == 0.0:
        # More than half of the steps are exactly nothing: the rest are changes or rounding.
        return 0.0
    kept = differences[np.abs(differences) <= _CLIP * robust]
    # Heavy tails inside the clip still count, which a median alone would not see.
    return max(float(np.mean(kept**2)), robust**2)
