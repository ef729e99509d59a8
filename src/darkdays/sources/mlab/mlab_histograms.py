"""M-Lab: the speed tests of each day in buckets of speed, for claims about slowdowns.

The same files, requests and traps as :mod:`darkdays.sources.mlab.mlab`, read whole: a row a place,
day, direction and bucket. What is asked and what a reply has to be is said there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.sources.json_reply import AGAIN
from darkdays.sources.mlab import mlab
from darkdays.sources.mlab.mlab_days import BUCKETS, DIRECTIONS, Day, days_of
from darkdays.sources.query import Query
from darkdays.sources.services import columns_of

SERVICE: Final = mlab.SERVICE
COLUMNS: Final = columns_of("mlab-histograms")
"""Columns of the table :func:`read` returns; speeds in Mbit/s."""

_FIELDS: Final = {
    "slowest": "MIN",
    "quartile1": "Q25",
    "median": "MED",
    "quartile3": "Q75",
    "fastest": "MAX",
}


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request an entity and year, as :func:`darkdays.sources.mlab.mlab.requests` does.

    Parameters
    ----------
    query
        As there; option ``entities`` names some of the case's entities, with commas between.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If an entity cannot be turned into a place, or is none of the case's.
    """
    return [request for _, request in mlab.asked(_narrowed(query))]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read every bucket of every day of the window, in both directions.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, in order of entity, day, direction and bucket; ``day`` is UTC.
        ``tests_day`` and the quartiles are the day's, the same in all of its buckets. Days that
        have not all buckets, or without a test, are left out. Attributes ``licence``, ``citation``.

    Raises
    ------
    SourceError
        If a reply is no such file, or the rows of a day disagree.
    InputError
        As :func:`requests`.
    """
    rows: list[tuple[Any, ...]] = []
    for (entity, year), request in mlab.asked(_narrowed(query)):
        if (reply := replies.get(request.key)) is None:
            continue
        for day, entries in days_of(reply, year):
            if query.start <= day < query.end and len(entries) == BUCKETS:
                for direction, short in DIRECTIONS.items():
                    rows += [
                        (entity, day, direction, *one)
                        for one in _buckets(reply, entries, direction, short)
                    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["day"] = pd.to_datetime(table["day"], utc=True)
    order = ["entity", "day", "direction", "bucket_min"]
    table = table.sort_values(order, kind="stable").reset_index(drop=True)
    table.attrs = SERVICE.terms
    return table


def _buckets(
    reply: Reply, entries: list[dict[str, Any]], direction: str, short: str
) -> list[tuple[float, ...]]:
    day = Day(reply, entries)
    low, high = day.each("bucket_min"), day.each("bucket_max")
    counts, tests = day.each(f"{short}_samples_bucket"), day.same(f"{short}_samples_day")
    if len(np.unique(low)) != len(low):
        raise reply.error("a day has the same bucket twice", AGAIN)
    if not (counts >= 0).all() or counts.sum() > tests:
        raise reply.error("the buckets of a day hold more tests than the day", AGAIN)
    if tests <= 0:
        return []
    speeds = [day.same(f"{direction}_{name}") for name in _FIELDS.values()]
    return [(*bucket, tests, *speeds) for bucket in zip(low, high, counts, strict=True)]


def _narrowed(query: Query) -> Query:
    stated = [name.strip() for name in query.options.get("entities", "").split(",") if name.strip()]
    if unknown := sorted(set(stated) - set(query.entities)):
        raise InputError(
            f"mlab-histograms: {unknown[0]!r} in option entities is none of the case's entities."
        )
    return replace(query, datasource="mlab.download", entities=tuple(stated) or query.entities)
