"""Noise of a long record without its season, from how far apart samples differ.

A robust variogram (Cressie & Hawkins 1980, Mathematical Geology 12, 115-125) at lags that double,
fitted by independent noise plus an AR(1) process. A single lag cannot tell the two apart: white
noise on top of a slow one makes the slow one look short, and its long-run variance small.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.noise.noise import Noise

LAGS: Final = (1, 2, 4, 8, 16, 32)
_CORRELATIONS: Final = np.concatenate([np.linspace(0.0, 0.95, 39), [0.97]])
# Beyond this many robust standard deviations a difference is a change, not noise.
_CLIP: Final = 6.0
_ENOUGH: Final = 64
_PLENTY: Final = 20_000


def noise_of(values: NDArray[np.float64], usual: NDArray[np.bool_], *, floor: float) -> Noise:
    """Fit independent noise plus an AR(1) process to a series of constant level.

    Parameters
    ----------
    values
        Finite samples, shape ``(n,)``.
    usual
        Which of them to look at, shape ``(n,)``.
    floor
        Smallest standard deviation to return, such as that of rounding.

    Returns
    -------
    Noise
        With the lag-1 autocorrelation of an AR(1) process of the same scale and the same
        long-run variance.
    """
    pairs = [
        _clipped_mean_square((values[lag:] - values[:-lag])[usual[lag:] & usual[:-lag]])
        for lag in LAGS
        if lag < values.size
    ]
    halves = np.array([half / 2 for half in pairs if not np.isnan(half)])
    if halves.size < 2 or halves.max() <= 0:
        return Noise(floor, 0.0)
    lags = np.array([lag for lag, half in zip(LAGS, pairs, strict=False) if not np.isnan(half)])
    alone, moving, phi = _fit(halves, lags)
    variance = alone + moving
    long_run = alone + moving * (1 + phi) / (1 - phi)
    ratio = long_run / variance
    return Noise(max(float(np.sqrt(variance)), floor), float((ratio - 1) / (ratio + 1)))


def _fit(halves: NDArray[np.float64], lags: NDArray[np.int_]) -> tuple[float, float, float]:
    """Fit ``alone + moving * (1 - phi ** lag)``, both not negative, by relative least squares."""
    weights = 1 / np.maximum(halves, 1e-12 * halves.max())
    shape = (1 - _CORRELATIONS[:, None] ** lags) * weights
    target = halves * weights
    ff, ss, fs = weights @ weights, (shape**2).sum(axis=1), shape @ weights
    ft, st = weights @ target, shape @ target
    with np.errstate(divide="ignore", invalid="ignore"):
        determinant = ff * ss - fs**2
        both = np.stack([(ss * ft - fs * st) / determinant, (ff * st - fs * ft) / determinant])
    # Where one of them would be negative, the best is the other alone.
    tried = np.stack(
        [
            np.where(determinant > 1e-9 * ff * ss, both, -1.0),
            np.stack([np.zeros_like(ss), st / ss]),
            np.stack([np.full_like(ss, ft / ff), np.zeros_like(ss)]),
        ]
    )
    alone, moving = tried[:, 0], tried[:, 1]
    misfit = ((target - alone[..., None] * weights - moving[..., None] * shape) ** 2).sum(axis=-1)
    misfit[(alone < 0) | (moving < 0)] = np.inf
    kind, number = np.unravel_index(np.argmin(misfit), misfit.shape)
    return float(alone[kind, number]), float(moving[kind, number]), float(_CORRELATIONS[number])


def _clipped_mean_square(differences: NDArray[np.float64]) -> float:
    """Return the mean square of differences, without those that are changes; NaN if too few."""
    if differences.size < _ENOUGH:
        return float("nan")
    differences = differences[:: -(-differences.size // _PLENTY)]
    robust = float(np.median(np.abs(differences))) / 0.6745
    if robust == 0.0:
        return 0.0
    kept = differences[np.abs(differences) <= _CLIP * robust]
    return max(float(np.mean(kept**2)), robust**2)
