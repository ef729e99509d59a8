"""RIPEstat: how many networks a country has, registered and routed, as a table.

Contract: https://stat.ripe.net/docs/02.data-api/country-asns.html, a point every 8 hours (00:00,
08:00, 16:00 UTC). It says how many networks there are and, with more detail, which, but nothing
about their sizes: see :mod:`darkdays.sources.ripe.ripestat_concentration` for these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.sources.json_reply import AGAIN, mapping, moment, objects, whole
from darkdays.sources.query import Query
from darkdays.sources.ripe.ripestat import SERVICE, ask, countries, data
from darkdays.sources.samples import bins

__all__ = ["COLUMNS", "SERVICE", "read", "requests"]

COLUMNS: Final = ("country", "time", "registered", "routed")
"""Columns of the table :func:`read` returns."""

_MOST_DAYS: Final = 100


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request a country and day (00:00 UTC) for its number of networks.

    Raises
    ------
    InputError
        If the window is longer than 100 days: the data call answers for one time only.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read how many networks of a country are registered, and how many of them routed.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; days without one have no row.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`: country code, time (UTC, the one the service answered for),
        and the two numbers; earliest first.

    Raises
    ------
    SourceError
        If a reply is no such answer.
    InputError
        If the window is longer than 100 days.
    """
    rows = [
        (code, *_counts(replies[request.key], code))
        for (code, _), request in _asked(query).items()
        if request.key in replies
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["time"] = pd.to_datetime(table["time"], utc=True)
    # Days the service has no data for are answered with the nearest it has.
    table = table.drop_duplicates().sort_values(["country", "time"], ignore_index=True)
    table.attrs.update(SERVICE.terms)
    return table


def _asked(query: Query) -> dict[tuple[str, pd.Timestamp], Request]:
    days = bins(query, pd.Timedelta(days=1))
    if len(days) > _MOST_DAYS:
        raise InputError(
            f"the number of networks of a country is asked day by day; {len(days)} days are too "
            f"many, ask for at most {_MOST_DAYS}."
        )
    return {
        (code, day): ask(
            "country-asns",
            f"number of networks of {code} on {day:%Y-%m-%d}",
            resource=code,
            query_time=f"{day:%Y-%m-%dT%H:%M}",
            lod="0",
        )
        for code in countries(query)
        for day in days
    }


def _counts(reply: Reply, code: str) -> tuple[pd.Timestamp, int, int]:
    content = data(reply)
    time = moment(reply, content.get("query_time"), "query_time")
    for entry in objects(reply, content.get("countries"), "countries", "a country"):
        if str(entry.get("resource", "")).upper() == code:
            stats = mapping(reply, entry.get("stats"), "stats")
            found = [whole(reply, stats.get(key), key) for key in ("registered", "routed")]
            return time, found[0], found[1]
    raise reply.error(f"{code} is not among the countries", AGAIN)
