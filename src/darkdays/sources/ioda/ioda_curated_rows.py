"""IODA's curated list row by row, of every country: what a comparison of lists needs of it.

:mod:`darkdays.sources.ioda.ioda_curated` reads the outages of one country as dated events and gives
up an end that comes before its beginning. Here the times stay as they are written, because
published figures were computed from them as written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply
from darkdays.sources.event_rows import answered
from darkdays.sources.ioda import ioda_curated
from darkdays.sources.ioda.ioda_curated import AGAIN, is_seen, moment_of, outages_of, scope_of
from darkdays.sources.places import country_of
from darkdays.sources.query import Query

SERVICE: Final = ioda_curated.SERVICE
_SIGNALS: Final = {"bgp": "IODA BGP", "probing": "IODA AP", "telescope": "IODA IBR"}
_SCOPES: Final = {"country": "country", "region": "region", "as": "network"}

requests = ioda_curated.requests


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read every outage of the list.

    Returns
    -------
    pandas.DataFrame
        A row an outage: ``row`` counts from 1, ``country`` is ISO 3166-1 alpha-2 (``EU`` for the
        one row of the European Union), ``scope`` is ``country``, ``region`` or ``network``,
        ``place`` the region's name or the network's number, ``start`` and ``end`` UTC as
        written: an end may lie before its start, and is missing where there is none. ``bgp``,
        ``probing`` and ``telescope`` say which signals people saw it in. ``attrs``: ``unread``
        counts rows without a beginning or a known country.

    Raises
    ------
    SourceError
        If it was not fetched, is no such list or lists nothing.
    """
    (reply,) = answered(query, requests(query, replies), replies)
    found: list[dict[str, object]] = []
    unread = 0
    for number, cells in enumerate(outages_of(reply), start=1):
        begin, country = moment_of(cells["Begin time"]), country_of(cells["Country"])
        if begin is None or not country:
            unread += 1
            continue
        end = moment_of(cells["End time"])
        kind, place = scope_of(cells)
        found.append(
            {
                "row": number,
                "id": cells["ID"],
                "country": country,
                "scope": _SCOPES.get(kind, ""),
                "place": place,
                "start": pd.Timestamp(begin.time),
                "end": pd.NaT if end is None else pd.Timestamp(end.time),
                **{name: is_seen(cells, title) for name, title in _SIGNALS.items()},
                "cause": cells["Cause"],
            }
        )
    if not found:
        raise reply.error("it lists no outage", AGAIN)
    table = pd.DataFrame(found)
    table[["start", "end"]] = table[["start", "end"]].astype("datetime64[s, UTC]")
    table.attrs = {**SERVICE.terms, "unread": unread}
    return table
