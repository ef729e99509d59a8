"""Anyone's own CSV of dated events, with a map of its columns in the case.

See :mod:`darkdays.sources.own.user_rows` for how columns are mapped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from darkdays.archive.request import Reply, Request, Service
from darkdays.contracts.events import COLUMNS, KINDS, PRECISIONS
from darkdays.sources import event_rows
from darkdays.sources.countries import code_of
from darkdays.sources.event_rows import Zone
from darkdays.sources.own import user_rows
from darkdays.sources.own.user_rows import mapped, moment_of
from darkdays.sources.query import Query

SERVICE: Final[Service] = user_rows.SERVICE


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the one request a file has to stand in for.

    Option ``file`` is its name, ``events.csv`` if not given.

    Raises
    ------
    SourceError
        If no file is named, or by more than its name.
    """
    return [user_rows.request_of(query, "events.csv")]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read the file into events.

    Options for each of :data:`darkdays.contracts.events.COLUMNS` and ``country`` (names or ISO
    codes; without it every row is of the query's country). ``start`` and ``kind`` are needed. Times
    are local to option ``time_zone`` (an IANA name, for all rows) unless they state an offset.
    ``precision`` is ``day`` for dates and ``hour`` for times unless stated.

    Returns
    -------
    pandas.DataFrame
        Events with columns :data:`darkdays.contracts.events.COLUMNS`.

    Raises
    ------
    SourceError
        If the file is not there, lacks a column, or a cell cannot be read; the sentence names
        the row.
    """
    (reply,) = event_rows.answered(query, requests(query, replies), replies)
    zone = event_rows.zone_of(query)
    wanted = ("country", *(name for name in COLUMNS if name != "time_zone"))
    rows = [
        _event(reply, number, row, zone)
        for number, row in mapped(query, reply, wanted, ("start", "kind"))
        if not row["country"] or code_of(row["country"]) == query.country
    ]
    return event_rows.event_table(query, rows, user_rows.terms_of(query))


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
        "conflict": event_rows.remarks(row["conflict"], zone.remark),
    }


def _local(reply: Reply, number: int, text: str, zone: str) -> tuple[datetime, bool]:
    """Return a local time without its zone, and whether the text gives no more than a day."""
    day = event_rows.day_of(text)
    if day is not None and not re.search(r"[T:]", text):
        return datetime(day.year, day.month, day.day), True  # noqa: DTZ001  (local by contract)
    moment = moment_of(reply, number, text, ZoneInfo(zone))
    return moment.replace(tzinfo=None), False


def _text(moment: datetime, precision: str, zone: str) -> str:
    if precision == "day":
        return event_rows.day_text(moment.date(), zone)
    here = moment.replace(tzinfo=ZoneInfo(zone))
    if here.utcoffset() == here.replace(fold=1).utcoffset():
        return moment.isoformat()
    # In the hour that clocks skip or repeat: the next that is there once.
    return (moment.replace(minute=0, second=0, microsecond=0) + _HOUR).isoformat()


_HOUR: Final = pd.Timedelta(hours=1).to_pytimedelta()
