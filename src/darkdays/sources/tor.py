"""Tor Metrics: estimated daily users of the Tor network by country.

Contract: https://metrics.torproject.org/stats.html, section "Users". One CSV a country, one row a
day (UTC); a day without an estimate has no row. ``users`` is a whole number of clients that are
connected on average; ``lower`` and ``upper`` are the range that Tor's censorship detector expects
from the users of a week before (only for directly connecting users, and empty where there is
none). The range of the whole past can change when the detector is run again, so that a node says
when it was fetched.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.contracts.datasources import DATASOURCES
from darkdays.errors import InputError
from darkdays.sources.query import Query
from darkdays.sources.samples import answered, rows, signals
from darkdays.sources.services import service

SERVICE: Final = service("tor")

_PATHS: Final = {
    "tor.relay-users": "/userstats-relay-country.csv",
    "tor.bridge-users": "/userstats-bridge-country.csv",
}
_RANGE: Final = {"tor.relay-users": ("lower", "upper")}
_AGAIN: Final = "fetch it again later, or give the CSV of that page as a local file"
# Digits only: Python's own float() would take "nan", "inf" and "1_000" for numbers.
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?([eE]\+?[0-9]{1,2})?")
_EMPTY: Final = frozenset({"", "NA"})


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request a country: ``tor.relay-users`` or ``tor.bridge-users`` over the window.

    Parameters
    ----------
    query
        Countries are those among its entities (``country/IR``; ``country/all`` is the sum of the
        world), or its country if it names none: Tor knows no regions and no networks.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the datasource is not one of Tor.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read users a day.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a country without one was not read.

    Returns
    -------
    xarray.Dataset
        ``value`` and ``coverage`` as :func:`darkdays.contracts.signals.from_samples` makes them,
        for ``tor.relay-users`` also ``lower`` and ``upper``, the range expected by Tor's censorship
        detector (users, NaN where it gives none; a value below ``lower`` is its sign of possible
        censorship). Attribute ``fetched`` is when the newest of the replies was fetched (ISO 8601
        UTC), empty if that is not known.

    Raises
    ------
    SourceError
        If a reply is no such table: a web page with an error, a column missing, a date or number
        that is none, the same day twice, or other countries only.
    InputError
        If the datasource is not one of Tor.
    """
    asked = _asked(query)
    here = answered(asked, replies)
    bounds = _RANGE.get(query.datasource, ())
    found = [
        row
        for entity, reply in here.items()
        for row in _days(query, entity, reply, ("users", *bounds))
    ]
    return signals(
        query,
        SERVICE,
        rows(found, *bounds),
        asked,
        unread=asked.keys() - here.keys(),
        beside=dict.fromkeys(bounds, DATASOURCES[query.datasource].unit),
        fetched=max((reply.fetched for reply in here.values()), default=""),
    )


def rows_of(reply: Reply, required: Sequence[str], remedy: str) -> Iterator[dict[str, str]]:
    """Go through the rows of a CSV that came back, columns by name.

    Parameters
    ----------
    reply
        UTF-8 CSV; leading lines that begin with ``#``, and a byte-order mark, are skipped.
    required
        Columns it must have; others are handed on too.
    remedy
        What to do if it is no such table, for the error.

    Raises
    ------
    SourceError
        If it is not UTF-8, not CSV, a web page, lacks a column, or a row is cut off.
    """
    try:
        lines = reply.body.decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError:
        raise reply.error("the reply is not UTF-8 text", remedy) from None
    first = next((at for at, line in enumerate(lines) if line[0] not in "#\r\n"), len(lines))
    content = "".join(lines[first:])
    if content.lstrip().startswith("<"):
        raise reply.error("a web page came back instead of a table", remedy)
    reader = csv.DictReader(io.StringIO(content, newline=""))
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
        missing = [column for column in required if names.count(column) != 1]
        if missing:
            raise reply.error(f"the table needs one column {missing[0]!r}", remedy)
        reader.fieldnames = names
        for row in reader:
            if any(row[column] is None for column in required):
                raise reply.error(f"line {first + reader.line_num} is cut off", remedy)
            yield {name: text or "" for name, text in row.items() if name is not None}
    except csv.Error as error:
        raise reply.error(f"the table cannot be read ({error})", remedy) from None


def _asked(query: Query) -> dict[str, Request]:
    path = _PATHS.get(query.datasource)
    if path is None:
        raise InputError(
            f"Tor Metrics has no {query.datasource!r}; ask for one of {', '.join(_PATHS)}."
        )
    listed = sorted({name for name in query.entities if name.startswith("country/")})
    start = query.start.tz_convert("UTC").strftime("%Y-%m-%d")
    # Tor counts the end in, the window does not.
    last = (query.end.tz_convert("UTC") - pd.Timedelta(1, "ns")).strftime("%Y-%m-%d")
    title = DATASOURCES[query.datasource].title
    return {
        entity: Request(
            SERVICE.name,
            path,
            (("start", start), ("end", last), ("country", _code(entity))),
            about=f"{title} of {entity} from {start} to {last}",
        )
        for entity in listed or [f"country/{query.country}"]
    }


def _code(entity: str) -> str:
    return entity.removeprefix("country/").lower()


def _days(
    query: Query, entity: str, reply: Reply, columns: Sequence[str]
) -> Iterator[tuple[str | datetime | float, ...]]:
    # The sum of all countries comes back without a country.
    wanted = "" if _code(entity) == "all" else _code(entity)
    seen: set[datetime] = set()
    others = ""
    for row in rows_of(reply, ("date", "country", *columns), _AGAIN):
        country = row["country"].strip().lower()
        if country != wanted:
            others = others or country or "all countries together"
            continue
        try:
            day = datetime.strptime(row["date"].strip(), "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise reply.error(f"{row['date'][:40]!r} is not a date", _AGAIN) from None
        if day in seen:
            raise reply.error(f"{day:%Y-%m-%d} occurs twice", _AGAIN)
        seen.add(day)
        numbers = [_number(row[column].strip(), column, reply) for column in columns]
        # Times far outside could not be held, and are not wanted.
        if query.start.floor("1D") <= day < query.end:
            yield (entity, day, *numbers)
    if others and not seen:
        raise reply.error(f"the table is about {others[:40]!r} only", _AGAIN)


def _number(text: str, column: str, reply: Reply) -> float:
    if text in _EMPTY:
        return math.nan
    if not _NUMBER.fullmatch(text) or not math.isfinite(number := float(text)):
        raise reply.error(f"{text[:40]!r} in column {column!r} is not a number of users", _AGAIN)
    return number
