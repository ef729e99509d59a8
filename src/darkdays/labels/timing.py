"""When labelled outages begin: minute of the hour, day of the week, and again after whole days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_WEEK = 7


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
