"""Why a list of outages does not show a shutdown that another list names: a reason for each row.

The reasons follow from what either list can hold at all: checked outages are of a span of years,
of the countries that were watched, and of networks. A shutdown lasts whole days in its list, so
that of none can be told whether it was too short to be seen.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

SEEN: Final = "an outage of the country at the time"
NONE_FOUND: Final = "none found"
_DAY: Final = pd.Timedelta(days=1)


def gaps(shutdowns: pd.DataFrame, outages: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return what applies to each listed shutdown that no outage was put together with.

    Parameters
    ----------
    shutdowns
        Columns ``row``, ``country``, ``start``, ``end``, ``full_network``, ``network`` and
        ``scope``; a row a country.
    outages
        The whole list of outages: ``country`` and ``start`` (UTC).
    pairs
        Of :func:`darkdays.labels.matching.matches`.

    Returns
    -------
    pandas.DataFrame
        By the index of ``shutdowns``, a column of truths for each reason in the order in which
        they weigh, then ``reason``: the first that applies, :data:`SEEN` where the country had an
        outage, :data:`NONE_FOUND` where nothing explains that none is listed.
    """
    begun = outages["start"].dt.tz_localize(None)
    first, last = begun.min().normalize(), begun.max().normalize()
    lasting = shutdowns["end"].fillna(shutdowns["start"])
    found = pd.DataFrame(
        {
            "over before the list of outages begins": lasting < first - _DAY,
            "begun after the list of outages ends": shutdowns["start"] > last + _DAY,
            "a country of which no outage is listed": ~shutdowns["country"].isin(
                outages["country"]
            ),
            "only services, sites or speed": ~shutdowns["full_network"],
            "only mobile networks": shutdowns["network"].eq("Mobile"),
            "less than the country": shutdowns["scope"].isin(["regional", "local"]),
            "its last day lies before its first": shutdowns["end"] < shutdowns["start"],
        }
    )
    reason = found.idxmax(axis=1).where(found.any(axis=1), NONE_FOUND)
    return found.assign(reason=reason.mask(shutdowns["row"].isin(pairs["shutdown"]), SEEN))
