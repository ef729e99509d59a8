"""IODA's own alerts and outage events, to compare with ours: as a table, and as dated events.

Contract: https://api.ioda.inetintel.cc.gatech.edu/v2/, ``GET /outages/alerts`` and ``GET
/outages/events``. Alerts are changes of level only. An event's score is the drop in percent times
its minutes, summed; one that goes on ends at the end of what was asked, so that it is longer when
asked again. No rows at all is the ordinary answer of a quiet time. Pages count from 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.files.writing import sha256
from darkdays.sources.event_rows import event_table, remarks
from darkdays.sources.ioda.ioda_entities import (
    AGAIN,
    Entity,
    answer_of,
    entities,
    listings,
    shown,
    text_of,
    whole_of,
)
from darkdays.sources.ioda.ioda_entities import SERVICE as _SERVICE
from darkdays.sources.pages import followed, once_a_page
from darkdays.sources.query import Query
from darkdays.sources.services import columns_of

SERVICE: Final = _SERVICE
COLUMNS: Final = {name: columns_of(name) for name in ("ioda-alerts", "ioda-events")}
"""Columns of the tables :func:`table` returns."""

_PATHS: Final = {"ioda-alerts": "/outages/alerts", "ioda-events": "/outages/events"}
_TYPES: Final = ("country", "region", "asn")
_PAGE: Final = 500
_MOST_PAGES: Final = 100
# Seconds until the year 2038, the last the service takes.
_LATEST: Final = 2**31 - 1


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the requests for alerts or events: an entity at a time, a full page leads on.

    Parameters
    ----------
    query
        Its datasource is ``ioda-alerts`` or ``ioda-events``; with no entities: the country and
        every region of it, which option ``entities``, if ``all``, means too. Option ``methods``:
        as on IODA's dashboard those of the model ``sarima`` are left out, unless it says ``all``.
    replies
        Pages that came back.

    Raises
    ------
    SourceError
        If a page repeats or there is no end of them, or a region's name does not fit one.
    InputError
        If the datasource or an option is not known.
    """
    _columns(query)
    query = _widened(query)
    asked = listings(query, replies, _TYPES)
    if any(one.key not in replies for one in asked):
        return asked
    for entity in entities(query, replies, _TYPES):
        asked += _pages(query, entity, replies)
    return asked


def table(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read alerts or events into a table, in the order of entity, datasource and time.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    pandas.DataFrame
        Alerts: ``entity`` (as the query calls it), ``datasource`` (``ioda.bgp``), ``time`` (UTC),
        ``level`` (``critical``, ``warning``, ``normal``; unknown ones are kept), ``condition``
        (``< 0.99``), ``value`` and ``history_value`` (what was seen and expected, in the
        datasource's unit, Google's divided by a million), ``method``. Events: ``entity``,
        ``datasource``, ``start`` and ``end`` (UTC), ``score`` (percent times minutes), ``method``.
        Attributes ``licence`` and ``citation``.

    Raises
    ------
    SourceError
        If a reply is an error, or a row lacks a time, a place or a datasource.
    InputError
        If the datasource or an option is not known.
    """
    columns = _columns(query)
    query = _widened(query)
    rows: set[tuple[Any, ...]] = set()
    if all(one.key in replies for one in listings(query, replies, _TYPES)):
        for entity in entities(query, replies, _TYPES):
            for request in _pages(query, entity, replies):
                if (reply := replies.get(request.key)) is not None:
                    rows |= {
                        _row(query.datasource, entity, item, reply)
                        for item in answer_of(reply)
                        if not (isinstance(item, dict) and item.get("overlaps_window") is False)
                    }
    # Text of everything, for a missing number cannot be put in order.
    ordered = sorted(rows, key=lambda row: tuple(map(str, row)))
    found = pd.DataFrame(ordered, columns=list(columns))
    for column in ("time", "start", "end"):
        if column in columns:
            found[column] = pd.to_datetime(found[column], unit="s", utc=True)
    for column in ("value", "history_value", "score"):
        if column in columns:
            found[column] = found[column].astype(float)
    found.attrs = SERVICE.terms
    return found


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read alerts or events as dated events, one each.

    Parameters
    ----------
    query, replies
        As for :func:`table`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`darkdays.contracts.events.COLUMNS`, UTC. An event is a ``disruption``; an
        alert is one too, or a ``restoration`` if its level is ``normal``.

    Raises
    ------
    SourceError, InputError
        As :func:`table`.
    """
    found = table(query, replies)
    as_event = _event if query.datasource == "ioda-events" else _alert
    rows = [
        {**_place(query, row), **as_event(query, row)} for row in found.to_dict(orient="records")
    ]
    return event_table(query, rows, SERVICE.terms)


def _place(query: Query, row: Mapping[Any, Any]) -> dict[str, str]:
    entity = str(row["entity"])
    is_network = entity.startswith("asn/")
    return {
        "time_zone": "UTC",
        "precision": "10-minutes",
        "place": query.country if is_network else entity.removeprefix("country/"),
        "network": entity if is_network else "",
        "source": "IODA, https://ioda.inetintel.cc.gatech.edu/",
    }


def _event(query: Query, row: Mapping[Any, Any]) -> dict[str, str]:
    return {
        "kind": "disruption",
        "start": f"{row['start']:%Y-%m-%dT%H:%M}",
        "end": f"{row['end']:%Y-%m-%dT%H:%M}",
        "statement": remarks(
            f"IODA event in {row['datasource']}",
            _told("score {} percent x minutes", row["score"]),
            f"method {row['method']}" if row["method"] else "",
        ),
        "conflict": "not over at the end of what was asked" * bool(row["end"] >= query.end),
    }


def _alert(query: Query, row: Mapping[Any, Any]) -> dict[str, str]:  # noqa: ARG001
    return {
        "kind": "restoration" if row["level"] == "normal" else "disruption",
        "start": f"{row['time']:%Y-%m-%dT%H:%M}",
        "statement": remarks(
            f"IODA alert in {row['datasource']}: {row['level']} ({row['condition']})",
            _told("{} seen", row["value"]),
            _told("{} usual", row["history_value"]),
            f"method {row['method']}" if row["method"] else "",
        ),
    }


def _told(form: str, value: float) -> str:
    return "" if math.isnan(value) else form.format(f"{value:.6g}")


def _widened(query: Query) -> Query:
    if (stated := query.options.get("entities", "listed")) not in ("listed", "all"):
        raise InputError(f"{query.datasource}: {stated!r} are no entities; set entities to all.")
    return replace(query, entities=()) if stated == "all" else query


def _columns(query: Query) -> tuple[str, ...]:
    if query.datasource not in COLUMNS:
        raise InputError(f"IODA has no {query.datasource!r}; ask for one of {', '.join(COLUMNS)}.")
    if query.options.get("methods", "") not in ("", "all"):
        raise InputError("of IODA's alerts all methods can be read; set methods to all.")
    return COLUMNS[query.datasource]


def _pages(query: Query, entity: Entity, replies: Mapping[str, Reply]) -> list[Request]:
    return followed(
        lambda number: _request(query, entity, number),
        replies,
        lambda reply: _rows_of_full(reply, query.datasource, entity),
        (f"there is no end after {_MOST_PAGES} pages", "ask for a shorter window"),
        most=_MOST_PAGES,
    )


@once_a_page
def _rows_of_full(reply: Reply, datasource: str, entity: Entity) -> str | None:
    """Return a digest of the rows on a page, None if it is not full and therefore the last."""
    items = answer_of(reply)
    if len(items) < _PAGE:
        return None
    rows = {repr(_row(datasource, entity, item, reply)) for item in items}
    return sha256("\n".join(sorted(rows)).encode())


def _request(query: Query, entity: Entity, page: int) -> Request:
    since, until = (math.floor(moment.timestamp()) for moment in (query.start, query.end))
    stated = {
        "from": str(since),
        "until": str(min(until, _LATEST)),
        "entityType": entity.type,
        "entityCode": entity.code,
        "limit": str(_PAGE),
        "page": str(page),
    }
    if query.options.get("methods") != "all":
        stated["ignoreMethods"] = "*.sarima"
    if query.datasource == "ioda-events":
        # Otherwise events of weeks before and after the window come along.
        stated["extendWindow"] = "0"
    what = query.datasource.removeprefix("ioda-")
    about = f"{what} of {entity.label} from {query.start:%Y-%m-%d} until {query.end:%Y-%m-%d}"
    return Request(
        SERVICE.name,
        _PATHS[query.datasource],
        tuple(stated.items()),
        about=about + (f", page {page}" if page else ""),
    )


def _row(datasource: str, entity: Entity, item: object, reply: Reply) -> tuple[Any, ...]:
    if not isinstance(item, dict):
        raise reply.error("a row is not an object", AGAIN)
    name = item.get("datasource")
    if not isinstance(name, str) or not name:
        raise reply.error("a row has no datasource", AGAIN)
    its = item.get("location")
    if isinstance(about := item.get("entity"), dict):
        its = f"{text_of(about.get('type'))}/{text_of(about.get('code'))}"
    if its != f"{entity.type}/{entity.code}":
        raise reply.error(f"a row is about {shown(its)!r}, not {entity.label}", AGAIN)
    common = entity.label, f"ioda.{name}"
    method = text_of(item.get("method"))
    if datasource == "ioda-events":
        start = _seconds(item, "start", reply)
        end = start + _seconds(item, "duration", reply)
        return *common, start, end, _number(item, "score", reply), method
    return (
        *common,
        _seconds(item, "time", reply),
        text_of(item.get("level")),
        text_of(item.get("condition")),
        _number(item, "value", reply),
        _number(item, "historyValue", reply),
        method,
    )


def _seconds(item: Mapping[str, Any], field: str, reply: Reply) -> int:
    number = whole_of(item.get(field))
    if number is None or not 0 <= number <= _LATEST:
        raise reply.error(f"{field} of a row is {shown(item.get(field))!r}, not a time", AGAIN)
    return number


def _number(item: Mapping[str, Any], field: str, reply: Reply) -> float | None:
    number = item.get(field)
    if number is None:
        return None
    if not isinstance(number, int | float) or isinstance(number, bool) or abs(number) > 1e300:
        raise reply.error(f"{field} of a row is {shown(number)!r}, not a number", AGAIN)
    return float(number)
