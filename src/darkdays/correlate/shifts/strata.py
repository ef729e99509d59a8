"""Strata of time: which days are compared with which.

Time-stratified: the calendar is cut once, for all events, and a day is compared with the other
days of its piece. Referents chosen around each event instead would overlap and bias the ratio
(Lumley & Levy 2000, Environmetrics 11, 689; Janes, Sheppard & Lumley 2005, Epidemiology 16, 717).
Where events keep to a day of the week, only whole weeks may be shifted.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError

WIDTHS: Final = ("weekday-in-month", "month", "quarter", "year", "record")
_WEEK: Final = 7


def time_strata(days: pd.DatetimeIndex, width: str | int = "weekday-in-month") -> NDArray[np.intp]:
    """Return the stratum of each day, numbered from 0 in order of time.

    Parameters
    ----------
    days
        Consecutive local days.
    width
        ``weekday-in-month`` (the Fridays of a month), ``month``, ``quarter``, ``year``,
        ``record`` (one stratum), or a number of days counted from the first; the last stratum
        may be shorter.

    Raises
    ------
    InputError
        If the width is not known.
    """
    months = np.asarray(days.year * 12 + days.month - 1, dtype=np.intp)
    if isinstance(width, int) and not isinstance(width, bool) and width >= 1:
        blocks = np.arange(len(days), dtype=np.intp) // width
    elif width in WIDTHS:
        blocks = {
            "weekday-in-month": months * 7 + np.asarray(days.day_of_week, dtype=np.intp),
            "month": months,
            "quarter": months // 3,
            "year": months // 12,
            "record": np.zeros(len(days), dtype=np.intp),
        }[width]
    else:
        raise InputError(
            f"stratum width {width!r} is not known; use {', '.join(WIDTHS)} or a number of days."
        )
    return np.unique(blocks, return_inverse=True)[1].astype(np.intp)


def strata_of_places(strata: NDArray[np.integer], places: int) -> NDArray[np.intp]:
    """Return strata of place and time: every place has its own, shape ``(places, days)``."""
    apart = int(strata.max(initial=-1)) + 1
    return (np.arange(places)[:, None] * apart + strata[None, :]).astype(np.intp)


def rows_of_strata(strata: NDArray[np.integer]) -> list[NDArray[np.intp]]:
    """Return the days of each stratum, in order."""
    order = np.argsort(strata, kind="stable")
    _, firsts = np.unique(strata[order], return_index=True)
    return np.split(order, firsts[1:])


def weekday_p(events: NDArray[np.bool_] | NDArray[np.integer]) -> float:
    """Return how likely so many events fall on one weekday by chance.

    Chance moves every week round by itself, all places together: what all of them saw on one day
    is one witness and not thirty, and what places saw on days of their own is as many.

    Parameters
    ----------
    events
        Number or flag of events of each of some consecutive days, shape ``(places, days)``:
        beginnings, because the days of one protest follow each other.

    Returns
    -------
    float
        Corrected for the choice of the weekday (Bonferroni); 1 without events.
    """
    each = events.sum(axis=0, dtype=np.int64)
    weeks = np.pad(each, (0, -each.size % _WEEK)).reshape(-1, _WEEK)
    most = int(weeks.sum(axis=0).max())
    chances = np.ones(1)
    for week in weeks[weeks.any(axis=1)]:
        chances = np.convolve(chances, np.bincount(week) / _WEEK)
    return float(min(1.0, _WEEK * chances[most:].sum())) if most else 1.0


def bound_to_weekdays(
    *series: NDArray[np.bool_] | NDArray[np.integer], alpha: float = 0.05
) -> bool:
    """Say whether any of several series of events keeps to a weekday.

    If both protests and outages do, shifts by single days reject a true null in one record of
    six. Which of them do is not always to be seen in a dozen events, so one is enough: shifts by
    whole weeks hold their level either way and cost power only.
    """
    return any(weekday_p(one) <= alpha for one in series)
