"""RIPEstat: how many prefixes and networks of a country are in the routing tables.

Contract: https://stat.ripe.net/docs/02.data-api/country-resource-stats.html. Counts come from
RIPE's route collectors (RIS). Equal bins in a row are merged into one timeline whose two ends are
both starts of bins, so that a timeline from 00:00 to 18:00 covers 19 hours. Counts can be
fractional, ``-1`` means not available, and the newest one or two hours lag. Times without a zone
are UTC. RIPE NCC's terms allow use with attribution, not passing on the replies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.archive.request import Reply, Request
from darkdays.contracts.datasources import DATASOURCES
from darkdays.errors import InputError
from darkdays.sources.json_reply import AGAIN, items, mapping, moment, number, objects, parse
from darkdays.sources.query import Query
from darkdays.sources.samples import answered, bins, signals, stretches
from darkdays.sources.services import service

SERVICE: Final = service("ripestat")

_FIELDS: Final = {
    "ripestat.routed-prefixes": "v4_prefixes_ris",
    "ripestat.routed-asns": "asns_ris",
}
_RESOLUTION: Final = "1h"


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request a country for the whole window, in bins of an hour.

    Parameters
    ----------
    query
        Countries are those among its entities, or its country if it names none: the data call
        knows no networks and no regions.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the datasource is neither ``ripestat.routed-prefixes`` nor ``ripestat.routed-asns``.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read routed IPv4 prefixes or networks (numbers an hour, possibly fractional).

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a country without one was not read.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it: NaN where RIPEstat says ``-1``
        or nothing, 0 where nothing of the country was routed.

    Raises
    ------
    SourceError
        If a reply is no such answer, has another resolution than asked, or gives one hour two
        different counts.
    InputError
        If the datasource is not one of this file.
    """
    return counts(query, _asked(query), replies, lambda *one: _values(query, *one))


def counts(
    query: Query,
    asked: Mapping[str, Request],
    replies: Mapping[str, Reply],
    values: Callable[[Reply, pd.DatetimeIndex], NDArray[np.float64]],
) -> xr.Dataset:
    """Return what replies, one an entity, say of the bins of the window."""
    grid, here = bins(query, DATASOURCES[query.datasource].step), answered(asked, replies)
    samples = stretches((entity, grid, values(reply, grid)) for entity, reply in here.items())
    return signals(query, SERVICE, samples, asked, unread=asked.keys() - here.keys())


def countries(query: Query) -> list[str]:
    """Return the countries a query is about, ISO 3166-1 alpha-2, in order."""
    named = {e.removeprefix("country/") for e in query.entities if e.startswith("country/")}
    for code in named or {query.country}:
        if not re.fullmatch("[A-Z]{2}", code):
            raise InputError(f"{query.datasource}: {code!r} is not a country code such as IR.")
    return sorted(named) or [query.country]


def ask(call: str, about: str, **parameters: str) -> Request:
    """Return the request of a data call; every one names the project, as RIPE asks."""
    pairs = (*parameters.items(), ("sourceapp", "darkdays"))
    return Request(SERVICE.name, f"/{call}/data.json", pairs, about)


def data(reply: Reply) -> dict[str, Any]:
    """Return ``data`` of RIPEstat's envelope; anything but status ``ok`` is an error."""
    envelope = mapping(reply, parse(reply), "the reply")
    if envelope.get("status") != "ok":
        said = envelope.get("messages")
        text = "; ".join(str(part)[:200] for part in said) if isinstance(said, list) else ""
        raise reply.error(f"the status is not ok {text}".strip(), AGAIN)
    return mapping(reply, envelope.get("data"), "data")


def covered(reply: Reply, line: Any, grid: pd.DatetimeIndex) -> slice:
    """Return the bins of a grid that a timeline covers, both of its ends included."""
    ends = mapping(reply, line, "a timeline")
    first, last = (moment(reply, ends.get(key), key) for key in ("starttime", "endtime"))
    if last < first:
        raise reply.error("a timeline ends before it starts", AGAIN)
    # A bin that began before the first end and holds it is covered too.
    low = max(int(grid.searchsorted(first, side="right")) - 1, 0)
    if len(grid) > 1 and first >= grid[-1] + (grid[1] - grid[0]):
        low = len(grid)
    return slice(low, int(grid.searchsorted(last, side="right")))


def _asked(query: Query) -> dict[str, Request]:
    if query.datasource not in _FIELDS:
        raise InputError(
            f"{query.datasource} is not a datasource of RIPEstat's country counts; "
            f"use one of {', '.join(_FIELDS)}."
        )
    return {
        f"country/{code}": ask(
            "country-resource-stats",
            f"routed prefixes and networks of {code}",
            resource=code,
            starttime=f"{query.start.tz_convert('UTC'):%Y-%m-%dT%H:%M}",
            endtime=f"{query.end.tz_convert('UTC'):%Y-%m-%dT%H:%M}",
            resolution=_RESOLUTION,
        )
        for code in countries(query)
    }


def _values(query: Query, reply: Reply, grid: pd.DatetimeIndex) -> NDArray[np.float64]:
    content = data(reply)
    resolution = content.get("resolution", _RESOLUTION)
    if resolution != _RESOLUTION:
        # Ends of timelines are starts of bins: at another width they would cover other hours.
        raise reply.error(
            f"the bins are {str(resolution)[:20]} wide, not {_RESOLUTION}",
            f"ask with resolution={_RESOLUTION}, or for a shorter window",
        )
    field = _FIELDS[query.datasource]
    values = np.full(len(grid), np.nan)
    seen = np.zeros(len(grid), dtype=bool)
    for entry in objects(reply, content.get("stats"), "stats", "an entry of stats"):
        if field not in entry:
            raise reply.error(f"{field} is missing", AGAIN)
        count = number(reply, entry[field], field)
        if count < 0:
            count = np.nan
        for line in items(reply, entry.get("timeline"), "a timeline"):
            part = covered(reply, line, grid)
            if not np.array_equal(
                values[part][seen[part]], np.full(seen[part].sum(), count), equal_nan=True
            ):
                raise reply.error("one hour has two different counts", AGAIN)
            values[part], seen[part] = count, True
    return values
