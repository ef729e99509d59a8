"""The STOP list row by row, of every country: what a comparison of lists needs of it.

:mod:`darkdays.sources.stop.stop` reads the shutdowns of one country as dated events, each once.
Whoever compares lists needs the rows themselves: who repeats, what scope a row states, and the
prose.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply
from darkdays.sources.countries import code_of
from darkdays.sources.event_rows import answered, day_of
from darkdays.sources.query import Query
from darkdays.sources.services import columns_of
from darkdays.sources.stop import stop
from darkdays.sources.stop.stop_sheets import LIST_OF_ALL, cells_of, years_lacking

SERVICE: Final = stop.SERVICE
COLUMNS: Final = columns_of("stop")
"""Columns of the table :func:`read` returns."""
# What a scope is called: a sentence since 2021, a level in the sheets of 2019 and 2020.
_SCOPES: Final = (
    ("local", ("only affected one", "level 1", "local")),
    ("regional", ("same state", "level 2", "regional")),
    ("national", ("more than one state", "level 3", "national", "multi-regional")),
)

requests = stop.requests


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read exported sheets, every row of every country, repeats included.

    Returns
    -------
    pandas.DataFrame
        A row for each country of each row of the list. ``row`` counts the rows of the list from
        1; ``country`` is ISO 3166-1 alpha-2; ``start`` and ``end`` are days as the list gives
        them, without a time zone, ``end`` missing where it gives none; ``scope`` is ``local``,
        ``regional``, ``national`` or empty; ``full_network`` is whether a shutdown cut the whole
        network and not only services or speed; ``year`` is the year it was counted in, ``event``
        prose. ``attrs``: ``unread`` counts rows without a country or a first day.

    Raises
    ------
    SourceError
        If a sheet was not fetched, is no table, lacks a column or says of no row what was cut.
    """
    found: list[tuple[object, ...]] = []
    number, unread = 0, 0
    sheets = answered(query, requests(query, replies), replies)
    rows_of = [list(cells_of(reply)) for reply in sheets]
    lacking, every = years_lacking(query, chain.from_iterable(rows_of))
    if every:
        raise sheets[0].error(lacking, LIST_OF_ALL)
    for reply, rows in zip(sheets, rows_of, strict=True):
        extents = set()
        for cells in rows:
            number += 1
            extents.add(cells["extent"].casefold())
            start = day_of(cells["start"])
            codes = [code_of(name) for name in cells["country"].split(";")]
            known = [code for code in codes if code is not None]
            if start is None or not known:
                unread += 1
                continue
            found += [_row(number, code, cells, pd.Timestamp(start)) for code in known]
        if not any("full" in extent for extent in extents):
            raise reply.error(
                "no row says that the full network was cut",
                "export the sheet that combines all years",
            )
    table = pd.DataFrame(found, columns=list(COLUMNS))
    table[["start", "end"]] = table[["start", "end"]].astype("datetime64[s]")
    table.attrs = {**SERVICE.terms, "unread": unread}
    if lacking:
        table.attrs["incomplete"] = f"{lacking}; {LIST_OF_ALL}"
    return table


def _row(
    number: int, country: str, cells: Mapping[str, str], start: pd.Timestamp
) -> tuple[object, ...]:
    end = day_of(cells["end"])
    kind, extent = cells["type"].casefold(), cells["extent"].casefold()
    return (
        number,
        country,
        start,
        pd.NaT if end is None else pd.Timestamp(end),
        _scope(cells["scope"].casefold()),
        cells["area"],
        "shutdown" in kind and "full" in extent,
        cells["network"],
        cells["cause"],
        cells["year"],
        cells["event"],
    )


def _scope(text: str) -> str:
    return next((name for name, words in _SCOPES if any(word in text for word in words)), "")
