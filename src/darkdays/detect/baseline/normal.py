"""The normal level of a record too short to follow: that of its upper tenth.

A record nine tenths dark still has one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

UPPER_SHARE: Final = 0.1
"""The normal level is held by at least this share of the record."""


def normal_level(
    values: NDArray[np.float64],
    fitted: NDArray[np.float64],
    weights: NDArray[np.float64],
    within: float,
) -> float:
    """Return the level a signal has when nothing is wrong.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``, not negative.
    fitted
        Level of the segment each sample belongs to, shape ``(n,)``.
    weights
        How much time each sample speaks for, shape ``(n,)``.
    within
        Segments at most this share below the upper tenth's level count as normal.

    Returns
    -------
    float
        Median of the samples of all normal segments, in the unit of ``values``.
    """
    upper = _quantile(fitted, weights, 1 - UPPER_SHARE)
    normal = fitted >= (1 - within) * upper
    return _quantile(values[normal], weights[normal], 0.5)


def time_weights(times: pd.DatetimeIndex, step: pd.Timedelta) -> NDArray[np.float64]:
    """Return how many bins each sample speaks for: until the next, and for twelve at most.

    A record read every ten minutes during an event and hourly otherwise would else be mostly
    event.
    """
    spans: NDArray[np.float64] = np.diff(times.values) / step.to_timedelta64()
    weights: NDArray[np.float64] = np.clip(np.append(spans, 1.0), 1.0, 12.0)
    return weights


def _quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    return float(np.quantile(values, share, weights=weights, method="inverted_cdf"))
