"""Whether events keep to a day of the week, so that only whole weeks may be shifted."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

_WEEK: Final = 7


def weekday_p(events: NDArray[np.bool_] | NDArray[np.integer], days: pd.DatetimeIndex) -> float:
    """Return how likely so many events fall on one weekday by chance.

    Parameters
    ----------
    events
        Number or flag of events of each day, shape ``(places, days)``: beginnings, because the
        days of one protest follow each other.
    days
        Consecutive local days.

    Returns
    -------
    float
        Binomial, one in seven, corrected for the choice of the weekday (Bonferroni); 1 without
        events.
    """
    counts = np.bincount(days.day_of_week, weights=events.sum(axis=0), minlength=_WEEK)
    most, total = int(counts.max()), int(counts.sum())
    return float(min(1.0, _WEEK * stats.binom.sf(most - 1, total, 1 / _WEEK))) if total else 1.0


def bound_to_weekdays(
    *series: NDArray[np.bool_] | NDArray[np.integer], days: pd.DatetimeIndex, alpha: float = 0.05
) -> bool:
    """Say whether any of several series of events keeps to a weekday.

    If both protests and outages do, shifts by single days reject a true null in one record of
    six. Which of them do is not always to be seen in a dozen events, so one is enough: shifts by
    whole weeks hold their level either way and cost power only.
    """
    return any(weekday_p(one, days) <= alpha for one in series)
