"""Intervals that hold although what happens in a place is not independent: places are drawn whole.

Cluster bootstrap, Davison & Hinkley 1997, *Bootstrap Methods and their Application*, section 3.8;
bounds are percentiles.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 2000
LEAST_CLUSTERS: Final = 5
"""With fewer there is no interval."""


def ratios(
    counts: NDArray[np.float64], exposure: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the rate in each phase over the rate at all times, with bounds of 95 %.

    Parameters
    ----------
    counts, exposure
        What happened and how long it was watched, shape ``(clusters, phases)``.
    seed
        Of the draws.

    Returns
    -------
    tuple of numpy.ndarray
        Ratio, lower and upper bound, shape ``(phases,)``; NaN where there is nothing to divide by
        or too little to draw from.
    """

    def ratio(count: NDArray[np.float64], years: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(divide="ignore", invalid="ignore"):
            overall = count.sum(axis=-1, keepdims=True) / years.sum(axis=-1, keepdims=True)
            found = np.asarray(count / years / overall)
        return np.where(np.isfinite(found), found, np.nan)

    weights = _weights(len(counts), seed)
    middle = ratio(counts.sum(axis=0), exposure.sum(axis=0))
    if weights is None:
        return middle, np.full(middle.size, np.nan), np.full(middle.size, np.nan)
    drawn = ratio(weights @ counts, weights @ exposure)
    low, high = _bounds(drawn)
    return middle, low, high


def share(yes: NDArray[np.float64], of: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """Return bounds of 95 % of a share, from counts of shape ``(clusters,)``."""
    weights = _weights(len(of), seed)
    if weights is None or not of.any():
        return np.nan, np.nan
    with np.errstate(invalid="ignore"):
        drawn = (weights @ yes) / (weights @ of)
    low, high = _bounds(drawn[:, None])
    return float(low[0]), float(high[0])


def _bounds(drawn: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return bounds of 95 %; a draw without anything to divide says nothing."""
    low, high = np.full(drawn.shape[1], np.nan), np.full(drawn.shape[1], np.nan)
    for column in range(drawn.shape[1]):
        some = drawn[np.isfinite(drawn[:, column]), column]
        if some.size:
            low[column], high[column] = np.quantile(some, [0.025, 0.975])
    return low, high


def _weights(clusters: int, seed: int) -> NDArray[np.float64] | None:
    """Return how often each cluster is drawn in each draw, None if there is nothing to resample."""
    if clusters < LEAST_CLUSTERS:
        return None
    rng = np.random.default_rng(seed)
    even = np.full(clusters, 1 / clusters)
    return np.asarray(rng.multinomial(clusters, even, DRAWS), np.float64)
