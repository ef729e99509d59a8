"""Countries by days: where there was a protest, and where an outage began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.shifts.strata import strata_of_places, time_strata
from darkdays.files.writing import rows_of

WIDTHS = ("14 days", "28 days", "month", "91 days", "year")
"""Stretches of time a country is compared with itself in."""


@dataclass(frozen=True)
class CountryDays:
    """A grid of countries and days.

    Attributes
    ----------
    countries
        Every country that is watched, whether or not anything happened in it.
    days
        Every day of the window.
    """

    countries: tuple[str, ...]
    days: pd.DatetimeIndex

    def protests(self, table: pd.DataFrame, longest: int) -> NDArray[np.bool_]:
        """Return where there was a protest, shape ``(countries, days)``.

        Parameters
        ----------
        table
            Columns ``country``, ``start`` and ``end`` (local days, both included).
        longest
            Most days a protest counts for: a campaign of months is not a protest on each of
            them.
        """
        grid = self._empty()
        row_of = {country: row for row, country in enumerate(self.countries)}
        for one in rows_of(table):
            last = min(one.end, one.start + pd.Timedelta(days=longest - 1))
            row = row_of.get(one.country)
            if row is not None and last >= self.days[0] and one.start <= self.days[-1]:
                first, after = self.days.searchsorted([one.start, last + pd.Timedelta(days=1)])
                grid[row, first:after] = True
        return grid

    def onsets(self, countries: pd.Series, days: pd.Series) -> NDArray[np.bool_]:
        """Return where at least one outage began, shape ``(countries, days)``."""
        grid = self._empty()
        rows = pd.Index(self.countries).get_indexer(pd.Index(countries))
        columns = self.days.get_indexer(pd.DatetimeIndex(days))
        inside = (rows >= 0) & (columns >= 0)
        grid[rows[inside], columns[inside]] = True
        return grid

    def strata(self, width: str) -> NDArray[np.intp]:
        """Return the stratum of every cell: a country in a stretch of time.

        Parameters
        ----------
        width
            One of :data:`WIDTHS`; stretches of days are counted from the first day.
        """
        number, _, unit = width.partition(" ")
        stretches = time_strata(self.days, int(number) if unit else width)
        return strata_of_places(stretches, len(self.countries))

    def _empty(self) -> NDArray[np.bool_]:
        return np.zeros((len(self.countries), len(self.days)), dtype=bool)


def episodes(table: pd.DataFrame, quiet_days: int) -> pd.DataFrame:
    """Return the first outage of every episode.

    Outages of one country belong to one episode as long as each begins at most so many days
    after the beginning of the one before: a season of exams, or a nightly curfew, is one decision.

    Parameters
    ----------
    table
        Columns ``country`` and ``start``.
    quiet_days
        More days than this between two beginnings end an episode.
    """
    ordered = table.sort_values(["country", "start"])
    gap = ordered.groupby("country")["start"].diff()
    return ordered[gap.isna() | (gap > pd.Timedelta(days=quiet_days))]


def country_days(countries: Sequence[str], first: pd.Timestamp, last: pd.Timestamp) -> CountryDays:
    """Return the grid of some countries over some days, both ends included."""
    return CountryDays(tuple(sorted(countries)), pd.date_range(first, last, freq="D"))
