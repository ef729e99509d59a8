"""What a signal would be without the outage: its season and its normal level.

Neither may be taught by the outage itself. A season is a median over many periods; a normal
level is the level of the upper tenth of the record, so that a record nine tenths dark still has
one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_PERIODS: Final = {"day": pd.Timedelta(days=1), "week": pd.Timedelta(weeks=1)}
MIN_CYCLES: Final = 4
"""A season needs this many periods, or single days would be taken for the rule."""
UPPER_SHARE: Final = 0.1
"""The normal level is held by at least this share of the record."""


def seasonal_pattern(
    values: NDArray[np.float64], times: pd.DatetimeIndex, period: str | pd.Timedelta
) -> tuple[NDArray[np.float64], str]:
    """Return the additive season of each sample, and a note if there is none to be had.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
    times
        Their times (UTC), ascending.
    period
        ``"day"``, ``"week"`` or a Timedelta.

    Returns
    -------
    pattern : numpy.ndarray
        Shape ``(n,)``, in the unit of ``values``, median 0; all 0 with a note where the record
        holds fewer than :data:`MIN_CYCLES` periods.
    note : str
        Empty if the season was taken out.
    """
    length = _PERIODS[period] if isinstance(period, str) else period
    name = period if isinstance(period, str) else str(length)
    if values.size == 0 or times[-1] - times[0] < MIN_CYCLES * length:
        return np.zeros_like(values), (
            f"the record is shorter than {MIN_CYCLES} periods of a {name}: season not taken out"
        )
    series = pd.Series(values, index=times)
    # The running level of one whole period has no season in it.
    level = series.rolling(length, center=True, min_periods=1).median()
    bins = min(168, max(int(length / _spacing(times)), 1))
    cycle = length // pd.Timedelta(1, unit="ns")
    phase = (times.as_unit("ns").asi8 % cycle) * bins // cycle
    pattern = (series - level).groupby(phase).transform("median").to_numpy(np.float64)
    return pattern - np.median(pattern), ""


def _spacing(times: pd.DatetimeIndex) -> pd.Timedelta:
    return pd.Timedelta(np.median(np.diff(times.values)))


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
