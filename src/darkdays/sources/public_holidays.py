"""Public holidays of a country, as its own calendar has them, from the package holidays."""

from __future__ import annotations

from functools import cache

import pandas as pd


def public_holidays(place: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the public holidays of a country between two days.

    Parameters
    ----------
    place
        ISO 3166-1 alpha-2.
    first, last
        Days, without a time zone.

    Returns
    -------
    pandas.DatetimeIndex
        Local dates (naive), sorted; feasts by the moon are as estimated where no date is
        published. None of a place that https://pypi.org/project/holidays/ does not know.
    """
    days = _calendar(place, first.year, last.year)
    return days[(days >= first) & (days <= last)]


@cache
def _calendar(place: str, first: int, last: int) -> pd.DatetimeIndex:
    from holidays import country_holidays  # a hundred countries, and few cases ask

    try:
        known = country_holidays(place, years=range(first, last + 1))
    except NotImplementedError:
        return pd.DatetimeIndex([])
    return pd.DatetimeIndex(sorted(known))
