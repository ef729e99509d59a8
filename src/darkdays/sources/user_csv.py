"""Anyone's own CSV: dated events, or a signal, with a map of its columns in the case.

The file never leaves the machine: it stands in for the reply to a request nobody sends. Options
map what is needed to the file's columns, ``start: Date``; a value that begins with ``=`` holds
for every row, ``kind: =protest``. What is not mapped is taken from a column of the same name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request, Service, SourceError
from darkdays.events import COLUMNS, KINDS, PRECISIONS
from darkdays.signals import DATASOURCES, from_samples
from darkdays.sources.countries import code_of
from darkdays.sources.event_rows import (
    Zone,
    answered,
    cleaned,
    day_of,
    day_text,
    event_table,
    remarks,
    text_rows,
    zone_of,
)
from darkdays.sources.query import Query

SERVICE: Final = Service(
    name="user-csv",
    base_url="",
    licence="as its owner states",
    redistributable=False,
    citation="a file supplied by the author of the case",
)
_MISSING: Final = frozenset({"", "na", "nan", "null", "none", "."})
_YEARS: Final = range(1900, 2200)


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the one request a file has to stand in for.

    Option ``file`` is its name, ``events.csv`` if not given.

    Raises
    ------
    SourceError
        If no file is named, or by more than its name.
    """
    file = query.options.get("file", "events.csv")
    if not re.fullmatch(r"[\w][\w .+-]*", file):
        raise SourceError(
            f"user-csv: file {file!r} cannot be used; give the option file, a name without folders."
        )
    return [Request(SERVICE.name, f"/{file}", (), f"file {file}")]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame | xr.Dataset:
    """Read the file into events or, if the query is for a datasource of signals, into a signal.

    Events: options for each of :data:`darkdays.events.COLUMNS` and ``country`` (names or ISO
    codes; without it every row is of the query's country). ``start`` and ``kind`` are needed.
    Times are local to option ``time_zone`` (an IANA name, for all rows) unless they state an
    offset. ``precision`` is ``day`` for dates and ``hour`` for times unless stated.

    Signals: options ``time``, ``value`` and ``entity``. Empty values are missing.

    Returns
    -------
    pandas.DataFrame or xarray.Dataset
        Events with columns :data:`darkdays.events.COLUMNS`, or a node of signals.

    Raises
    ------
    SourceError
        If the file is not there, lacks a column, or a cell cannot be read; the sentence names
        the row.
    """
    (reply,) = answered(query, requests(query, replies), replies)
    zone = zone_of(query)
    attrs = {
        "licence": query.options.get("licence", SERVICE.licence),
        "citation": query.options.get("citation", SERVICE.citation),
    }
    if query.datasource in DATASOURCES:
        return _signal(query, reply, ZoneInfo(zone.name), attrs)
    wanted = ("country", *(name for name in COLUMNS if name != "time_zone"))
    rows = [
        _event(reply, number, row, zone)
        for number, row in _mapped(query, reply, wanted, ("start", "kind"))
        if not row["country"] or code_of(row["country"]) == query.country
    ]
    return event_table(query, rows, attrs)


def _mapped(
    query: Query, reply: Reply, wanted: tuple[str, ...], needed: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each row's number, the header being 1, and its values under our names."""
    rows = text_rows(reply)
    columns = list(rows[0]) if rows else []
    for name in wanted:
        stated = query.options.get(name, "")
        column = stated or name
        absent = rows and not stated.startswith("=") and column not in columns
        if absent and (stated or name in needed):
            raise reply.error(
                f"there is no column {column!r} for {name}, but {cleaned(', '.join(columns))}",
                f"state the option {name}, a column or = and a value",
            )
    for number, row in enumerate(rows, start=2):
        values = {}
        for name in wanted:
            stated = query.options.get(name, "")
            constant = stated.startswith("=")
            values[name] = cleaned(stated[1:] if constant else row.get(stated or name, ""))
        yield number, values


def _event(reply: Reply, number: int, row: dict[str, str], zone: Zone) -> dict[str, str]:
    start, whole_day = _local(reply, number, row["start"], zone.name)
    end = _local(reply, number, row["end"], zone.name)[0] if row["end"] else None
    precision = row["precision"] or ("day" if whole_day else "hour")
    for column, value, known in (
        ("kind", row["kind"], KINDS),
        ("precision", precision, PRECISIONS),
    ):
        if value not in known:
            raise reply.error(
                f"row {number} has the {column} {value!r}", f"use one of {', '.join(known)}"
            )
    if end is not None and end < start:
        raise reply.error(f"the event of row {number} ends before it starts", "correct the file")
    return {
        **row,
        "start": _text(start, precision, zone.name),
        "end": "" if end is None else _text(end, precision, zone.name),
        "time_zone": zone.name,
        "precision": precision,
        "source": row["source"] or reply.request.path.lstrip("/"),
        "conflict": remarks(row["conflict"], zone.remark),
    }


def _local(reply: Reply, number: int, text: str, zone: str) -> tuple[datetime, bool]:
    """Return a local time without its zone, and whether the text gives no more than a day."""
    day = day_of(text)
    if day is not None and not re.search(r"[T:]", text):
        return datetime(day.year, day.month, day.day), True  # noqa: DTZ001  (local by contract)
    moment = _moment(reply, number, text, ZoneInfo(zone))
    return moment.replace(tzinfo=None), False


def _moment(reply: Reply, number: int, text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise reply.error(
            f"row {number} has the time {text!r}", "write ISO 8601, as in 2019-11-16T14:30"
        )
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _text(moment: datetime, precision: str, zone: str) -> str:
    if precision == "day":
        return day_text(moment.date(), zone)
    here = moment.replace(tzinfo=ZoneInfo(zone))
    if here.utcoffset() == here.replace(fold=1).utcoffset():
        return moment.isoformat()
    # In the hour that clocks skip or repeat: the next that is there once.
    return (moment.replace(minute=0, second=0, microsecond=0) + _HOUR).isoformat()


_HOUR: Final = pd.Timedelta(hours=1).to_pytimedelta()


def _signal(query: Query, reply: Reply, zone: tzinfo, attrs: Mapping[str, str]) -> xr.Dataset:
    entities, times, values = [], [], []
    needed = ("time", "value", "entity")
    for number, row in _mapped(query, reply, needed, needed):
        if query.entities and row["entity"] not in query.entities:
            continue
        entities.append(row["entity"])
        times.append(_moment(reply, number, row["time"], zone))
        values.append(_number(reply, number, row["value"]))
    samples = pd.DataFrame(
        {
            "entity": pd.Series(entities, dtype=str),
            "time": pd.to_datetime(pd.Series(times, dtype=object), utc=True),
            "value": pd.Series(values, dtype=float),
        }
    )
    return from_samples(
        samples,
        DATASOURCES[query.datasource],
        attrs,
        start=query.start,
        end=query.end,
        entities=query.entities,
    )


def _number(reply: Reply, number: int, text: str) -> float:
    if text.lower() in _MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise reply.error(
            f"row {number} has the value {text!r}", "write a number, or nothing where it is missing"
        )
    return value
