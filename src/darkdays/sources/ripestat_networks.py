"""RIPEstat: the neighbours of a network in the routing tables, and how many networks there are.

Contracts: https://stat.ripe.net/docs/02.data-api/asn-neighbours-history.html and
https://stat.ripe.net/docs/02.data-api/country-asns.html. Both have a point every 8 hours (00:00,
08:00, 16:00 UTC, when RIPE dumps its routing tables). A timeline of a neighbour names its first
and last point, both included. The point at the end of what was asked, or of what there is, is not
complete: every neighbour stops before it, so it is never read as a fall to zero. History reaches
back about seven years from the day of asking (``earliest_time``); what is older is missing.

``country-asns`` says how many networks of a country are registered and routed, but nothing about
their sizes: the share of the largest one cannot be computed from it. That is why
``ripestat.largest-share`` is refused here and :func:`read_country_networks` gives the two numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.signals import DATASOURCES, from_samples
from darkdays.sources.json_reply import AGAIN, items, mapping, moment, unread, whole
from darkdays.sources.query import Query
from darkdays.sources.ripestat import (
    ATTRS,
    SERVICE,
    answered,
    ask,
    bins,
    countries,
    covered,
    data,
    no_samples,
)

__all__ = [
    "NETWORK_COLUMNS",
    "SERVICE",
    "country_network_requests",
    "read",
    "read_country_networks",
    "requests",
]

NETWORK_COLUMNS: Final = ("country", "time", "registered", "routed")

_STEP: Final = pd.Timedelta(hours=8)
_MOST_ROWS: Final = 20_000
# Where the service cuts the list of its own accord.
_CUTS: Final = frozenset({1800, _MOST_ROWS})
_MOST_DAYS: Final = 100


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request a network (``asn/44244``) among the entities, for the whole window.

    Parameters
    ----------
    query
        ``ripestat.neighbours`` of networks; other entities have no neighbours.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the datasource is not ``ripestat.neighbours``, or no entity is a network.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read how many networks are neighbours of a network (a number every 8 hours).

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a network without one was not read.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.signals.from_samples` makes it: 0 where no neighbour was seen, NaN
        outside of what the service has or was asked for, the last point included.

    Raises
    ------
    SourceError
        If a reply is no such answer, or its list of neighbours was cut off.
    InputError
        If the datasource is not ``ripestat.neighbours``, or no entity is a network.
    """
    asked = _asked(query)
    datasource = DATASOURCES[query.datasource]
    grid = bins(query, datasource.step)
    samples = [
        pd.DataFrame({"entity": entity, "time": grid, "value": _neighbours(reply, grid)})
        for entity, reply in answered(asked, replies).items()
    ]
    table = pd.concat([no_samples(), *samples], ignore_index=True)
    node = from_samples(
        table, datasource, ATTRS, start=query.start, end=query.end, entities=list(asked)
    )
    return unread(node, [entity for entity in asked if asked[entity].key not in replies])


def country_network_requests(query: Query) -> list[Request]:
    """Return one request a country and day (00:00 UTC) for its number of networks.

    Raises
    ------
    InputError
        If the window is longer than 100 days: the data call answers for one time only.
    """
    return list(_asked_counts(query).values())


def read_country_networks(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
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
        :data:`NETWORK_COLUMNS`: country code, time (UTC, the one the service answered for),
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
        for (code, _), request in _asked_counts(query).items()
        if request.key in replies
    ]
    table = pd.DataFrame(rows, columns=list(NETWORK_COLUMNS))
    table["time"] = pd.to_datetime(table["time"], utc=True)
    # Days the service has no data for are answered with the nearest it has.
    return table.drop_duplicates().sort_values(["country", "time"], ignore_index=True)


def _asked(query: Query) -> dict[str, Request]:
    if query.datasource == "ripestat.largest-share":
        raise InputError(
            "ripestat.largest-share cannot be fetched: RIPEstat counts the networks of a country "
            "but gives no sizes; take it out of the case, or give the series as a local file."
        )
    if query.datasource != "ripestat.neighbours":
        raise InputError(f"{query.datasource} is not a datasource of RIPEstat's networks.")
    numbers = [e.removeprefix("asn/") for e in query.entities if e.startswith("asn/")]
    numbers = sorted({n for n in numbers if re.fullmatch("[0-9]{1,10}", n)}, key=int)
    if not numbers:
        raise InputError("ripestat.neighbours: name at least one network, such as asn/49666.")
    # One point more at the end, because the last one of an answer is not complete.
    end = query.end.tz_convert("UTC").ceil(_STEP) + _STEP
    return {
        f"asn/{n}": ask(
            "asn-neighbours-history",
            f"neighbours of AS{n}",
            resource=f"AS{n}",
            starttime=f"{query.start.tz_convert('UTC').floor(_STEP):%Y-%m-%dT%H:%M}",
            endtime=f"{end:%Y-%m-%dT%H:%M}",
            max_rows=str(_MOST_ROWS),
        )
        for n in numbers
    }


def _neighbours(reply: Reply, grid: pd.DatetimeIndex) -> np.ndarray[Any, Any]:
    content = data(reply)
    listed = items(reply, content.get("neighbours"), "neighbours")
    if len(listed) in _CUTS:
        raise reply.error(
            f"the list was cut off after {len(listed)} neighbours", "ask for a smaller network"
        )
    lines: dict[int, np.ndarray[Any, Any]] = {}
    for row in listed:
        entry = mapping(reply, row, "a neighbour")
        asn = whole(reply, entry.get("neighbour"), "neighbour")
        seen = lines.setdefault(asn, np.zeros(len(grid), dtype=bool))
        for line in items(reply, entry.get("timelines"), "timelines"):
            seen[covered(reply, line, grid)] = True
    counts = np.sum(list(lines.values()), axis=0) if lines else np.zeros(len(grid))
    limits = {
        key: moment(reply, content.get(key), key)
        for key in ("query_starttime", "query_endtime", "earliest_time", "latest_time")
    }
    known = (grid >= max(limits["query_starttime"], limits["earliest_time"]).floor(_STEP)) & (
        grid < min(limits["query_endtime"], limits["latest_time"])
    )
    return np.where(known, counts, np.nan)


def _asked_counts(query: Query) -> dict[tuple[str, pd.Timestamp], Request]:
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
    for row in items(reply, content.get("countries"), "countries"):
        entry = mapping(reply, row, "a country")
        if str(entry.get("resource", "")).upper() == code:
            stats = mapping(reply, entry.get("stats"), "stats")
            found = [whole(reply, stats.get(key), key) for key in ("registered", "routed")]
            return time, found[0], found[1]
    raise reply.error(f"{code} is not among the countries", AGAIN)
