"""Mass Mobilization row by row, of every country: protests by their first and last day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply
from darkdays.sources.countries import code_of
from darkdays.sources.event_rows import answered
from darkdays.sources.mass_mobilization import mass_mobilization
from darkdays.sources.mass_mobilization.mass_mobilization import day_stated, rows_of
from darkdays.sources.query import Query

SERVICE: Final = mass_mobilization.SERVICE
COLUMNS: Final = ("country", "start", "end")
"""Columns of the table :func:`read` returns."""

requests = mass_mobilization.requests


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read the first and last day of every protest of the file.

    Returns
    -------
    pandas.DataFrame
        A row a protest: ``country`` is ISO 3166-1 alpha-2, ``start`` and ``end`` are local days,
        ``end`` the first day where the file gives none or an earlier one. ``attrs``: ``watched``
        lists the countries the file speaks of at all, with or without a protest, ``last`` is the
        last first day (ISO 8601), ``unread`` counts rows without a country or a first day; states
        that no longer are have no code and are among them.

    Raises
    ------
    SourceError
        If nothing was fetched, it is no such file or lists nothing.
    """
    reply = answered(query, requests(query, replies), replies)[-1]
    found: list[tuple[str, pd.Timestamp, pd.Timestamp]] = []
    watched: set[str] = set()
    unread = 0
    for row in rows_of(reply):
        country = code_of(row["country"])
        if country is not None:
            watched.add(country)
        if row.get("protest", "1").strip() in ("0", "0.0"):
            continue
        start, end = day_stated(row, "start"), day_stated(row, "end")
        if country is None or start is None:
            unread += 1
            continue
        last = start if end is None or end < start else end
        found.append((country, pd.Timestamp(start), pd.Timestamp(last)))
    if not found:
        raise reply.error("it lists no protest", "supply the file of events of Mass Mobilization")
    table = pd.DataFrame(found, columns=list(COLUMNS))
    table[["start", "end"]] = table[["start", "end"]].astype("datetime64[s]")
    table.attrs = {
        **SERVICE.terms,
        "watched": sorted(watched),
        "last": f"{table['start'].max():%Y-%m-%d}",
        "unread": unread,
    }
    return table
