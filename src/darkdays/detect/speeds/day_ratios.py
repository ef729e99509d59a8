"""How a signal of some days compares with its other days, as a ratio with bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

_FEWEST: Final = 3
_LEAST_WEEKS: Final = 2
_MOST_CORRELATION: Final = 0.95


@dataclass(frozen=True)
class DayRatio:
    """Days in question over other days; ``days`` against ``others``."""

    ratio: float
    low: float
    high: float
    days: int
    others: int


def day_ratio(
    values: pd.Series, span: tuple[pd.Timestamp, pd.Timestamp], *, level: float
) -> DayRatio | None:
    """Compare the daily medians of a stretch of days with those of all others.

    Parameters
    ----------
    values
        Positive numbers by time (naive UTC); missing ones and zeros are left out.
    span
        First moment of the days in question and first after them (UTC).
    level
        Confidence of the interval.

    Returns
    -------
    DayRatio or None
        Ratio of geometric means, after the other days' weekdays where there are two weeks of them.
        The interval is Welch's (1947) on logarithms, widened by what neighbouring days share, as
        in a first-order autoregression. None with fewer than three days on either side.
    """
    positive = values[values > 0]
    days = pd.DatetimeIndex(positive.index).floor("D")
    daily = positive.groupby(days).median().map(np.log)
    start, end = (one.tz_convert("UTC").tz_localize(None) for one in span)
    inside = np.asarray((daily.index >= start.floor("D")) & (daily.index < end))
    mine, others = daily[inside], daily[~inside]
    if min(len(mine), len(others)) < _FEWEST:
        return None
    counts = others.groupby(_weekdays(others)).size()
    if len(counts) == 7 and counts.min() >= _LEAST_WEEKS:
        usual = others.groupby(_weekdays(others)).median()
        mine = mine - usual.loc[_weekdays(mine)].to_numpy()
        others = others - usual.loc[_weekdays(others)].to_numpy()
    widened = neighbours_alike(others.to_numpy(np.float64))
    one, other = mine.var(ddof=1) / len(mine), others.var(ddof=1) / len(others)
    error = float(np.sqrt(one + other))
    off = float(mine.mean() - others.mean())
    if error == 0:
        return DayRatio(*(float(np.exp(off)),) * 3, len(mine), len(others))
    reach = welch_reach(one, other, len(mine), len(others), level=level) * error * widened
    ratio, low, high = (float(np.exp(each)) for each in (off, off - reach, off + reach))
    return DayRatio(ratio, low, high, len(mine), len(others))


def welch_reach(
    one: float | NDArray[np.float64],
    other: float | NDArray[np.float64],
    days: int,
    others: int,
    *,
    level: float,
) -> Any:
    """Return how many standard errors an interval of Welch's reaches from a difference.

    With no more degrees of freedom than the shorter side has days: by his formula alone 95 % of
    three days are 92 to 93 %.

    Parameters
    ----------
    one, other
        Variances of the two means.
    days, others
        How many numbers each is of.
    level
        Confidence.
    """
    freedom = (one + other) ** 2 / (one**2 / (days - 1) + other**2 / (others - 1))
    return scipy.stats.t.ppf((1 + level) / 2, np.minimum(freedom, min(days, others)))


def neighbours_alike(daily: NDArray[np.float64]) -> float:
    """Return how many times wider an interval is for what neighbouring days share.

    By a first-order autoregression, its correlation corrected for how few days there are (Kendall
    1954, Biometrika 41, 403).
    """
    numbers = daily[np.isfinite(daily)]
    numbers = numbers - numbers.mean()
    spread = float(numbers @ numbers)
    if spread == 0:
        return 1.0
    found = float(numbers[:-1] @ numbers[1:]) / spread
    shared = np.clip(found + (1 + 3 * found) / numbers.size, 0.0, _MOST_CORRELATION)
    return float(np.sqrt((1 + shared) / (1 - shared)))


def _weekdays(days: pd.Series) -> pd.Index:
    return pd.DatetimeIndex(days.index).day_of_week
