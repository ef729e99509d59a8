"""Speed tests of a place day by day: buckets of speed, and the tests that are in no bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LOWEST_COUNTED: Final = 0.562
"""Slower tests (Mbit/s) are in M-Lab's number of the day and in no bucket, whatever the label of
its lowest bucket says."""
QUARTILES: Final = ("quartile1", "median", "quartile3")
NEEDED: Final = frozenset(
    {"entity", "day", "direction", "bucket_min", "bucket_max", "tests", "tests_day", "slowest"}
    | {"fastest", *QUARTILES}
)
"""Columns by which a table is known as one of speed tests."""


@dataclass(frozen=True)
class SpeedDays:
    """Days with tests, in order.

    Attributes
    ----------
    days
        Local days are not to be had: days of UTC, naive midnights.
    counts
        Shape ``(days, buckets + 2)``: below the lowest bucket, each bucket, above the highest.
        Tests that are in no bucket and can be on either side are counted below.
    tests
        Of each day.
    adrift
        How many of each day's tests are counted below and may as well be above.
    quartiles
        Shape ``(days, 3)``, Mbit/s.
    """

    days: pd.DatetimeIndex
    counts: NDArray[np.float64]
    tests: NDArray[np.float64]
    adrift: NDArray[np.float64]
    quartiles: NDArray[np.float64]

    @property
    def lost(self) -> NDArray[np.float64]:
        """The share of each day's tests that are in no bucket."""
        return (self.counts[:, 0] + self.counts[:, -1]) / self.tests

    def within(self, inside: NDArray[np.bool_]) -> SpeedDays:
        """Return some of the days."""
        return SpeedDays(
            self.days[inside],
            self.counts[inside],
            self.tests[inside],
            self.adrift[inside],
            self.quartiles[inside],
        )


def speed_days(table: pd.DataFrame, entity: str, direction: str) -> SpeedDays:
    """Return the days of one place and direction.

    Parameters
    ----------
    table
        Columns :data:`NEEDED`, a row a day and bucket, speeds in Mbit/s, ``day`` UTC.
    entity, direction
        Which rows.
    """
    mine = table[(table["entity"] == entity) & (table["direction"] == direction)]
    buckets = np.sort(mine["bucket_min"].unique())
    if not len(mine):
        return SpeedDays(
            pd.DatetimeIndex([]), np.empty((0, 2)), np.empty(0), np.empty(0), np.empty((0, 3))
        )
    grid = mine.pivot_table(index="day", columns="bucket_min", values="tests", aggfunc="sum")
    grid = grid.reindex(columns=buckets).fillna(0.0)
    of_day = mine.drop_duplicates("day").set_index("day").reindex(grid.index)
    inside = grid.to_numpy(np.float64)
    tests = of_day["tests_day"].to_numpy(np.float64)
    outside = tests - inside.sum(axis=1)
    slow = of_day["slowest"].to_numpy(np.float64) < LOWEST_COUNTED
    fast = of_day["fastest"].to_numpy(np.float64) > float(mine["bucket_max"].max())
    above = np.where(fast & ~slow, outside, 0.0)
    below = outside - above
    return SpeedDays(
        pd.DatetimeIndex(grid.index).tz_convert("UTC").tz_localize(None),
        np.column_stack([below, inside, above]),
        tests,
        np.where(fast & slow, below, 0.0),
        of_day[list(QUARTILES)].to_numpy(np.float64),
    )
