"""When labelled outages begin, by minute, weekday and days after another; how long they last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError

_WEEK = 7
PERCENTS = (5, 10, 25, 50, 75, 90, 95, 99)


@dataclass(frozen=True)
class Recurrence:
    """How often the next outage of a country begins after a whole number of days.

    Attributes
    ----------
    gaps
        Pairs of successive beginnings in one country that are not at the same moment.
    after
        How many of these are exactly 1, 2, 3 and 4 days apart.
    once
        Countries with one outage only.
    """

    gaps: int
    after: tuple[int, int, int, int]
    once: int


def on_the_hour(local_starts: pd.Series) -> int:
    """Return how many begin in the first minute of an hour, by the clocks of the country."""
    return int((local_starts.dt.minute == 0).sum())


def weekdays(local_starts: pd.Series) -> tuple[int, ...]:
    """Return how many begin on each day of the week, Monday first."""
    counted = np.bincount(local_starts.dt.day_of_week.to_numpy(np.intp), minlength=_WEEK)
    return tuple(int(one) for one in counted)


def minutes(local_starts: pd.Series, width: int = 5) -> dict[int, int]:
    """Return how many begin in each stretch of the hour, by its first minute."""
    stretch = local_starts.dt.minute.to_numpy(np.intp) // width
    counted = np.bincount(stretch, minlength=60 // width)
    return {number * width: int(count) for number, count in enumerate(counted)}


def recurrence(table: pd.DataFrame) -> Recurrence:
    """Return how often outages of one country follow each other after whole days.

    Parameters
    ----------
    table
        Columns ``country`` and ``start``, any order.
    """
    ordered = table.sort_values(["country", "start"])
    gaps = ordered.groupby("country")["start"].diff().dropna()
    apart = gaps[gaps > pd.Timedelta(0)]
    days = apart.dt.total_seconds() / 86400
    one, two, three, four = (int((days == number).sum()) for number in (1, 2, 3, 4))
    sizes = ordered.groupby("country").size()
    return Recurrence(len(apart), (one, two, three, four), int((sizes == 1).sum()))


def published_percentile(values: NDArray[np.float64], percent: int) -> float:
    """Return the percentile as "Destination Unreachable" computed it.

    The published notebook takes element ``int(m * percent / 100)`` of the ``m = n + 1`` support
    points of an empirical distribution function, the first of which is minus infinity. That is
    the order statistic of rank ``int((n + 1) * percent / 100)``, without interpolation.

    Parameters
    ----------
    values
        Any order, shape ``(n,)``; missing ones are left out.
    percent
        Above 0 and below 100.

    Raises
    ------
    InputError
        If the percentage is out of range.
    """
    if not 0 < percent < 100:
        raise InputError(f"percentile {percent} is not between 0 and 100.")
    ordered = np.sort(values[~np.isnan(values)])
    rank = (ordered.size + 1) * percent // 100
    return float(ordered[rank - 1]) if rank else float("nan")
