"""OONI: the list of single measurements, for claims about sites and networks.

Contract: https://api.ooni.io/apidocs/, ``GET /api/v1/measurements``, at most 180 days at once, in
pages that each name the next. Measurements of networks that are not known are not listed by OONI.
Which report and measurement a row came from, and inputs that are network addresses (which may be
of a person's bridge), are dropped on read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.sources.ooni.ooni import filters_of
from darkdays.sources.ooni.ooni_answers import AGAIN, FLAGS, SERVICE, answer_of, measurements_of
from darkdays.sources.ooni.ooni_stretches import Stretch, stretches
from darkdays.sources.pages import once_a_page
from darkdays.sources.query import Query
from darkdays.sources.services import columns_of

COLUMNS: Final = columns_of("ooni-measurements")
"""Columns of the table :func:`read` returns."""

PAGE_ROWS: Final = 10_000
MOST_PAGES: Final = 50
"""Pages of one stretch of time that are followed before the window counts as too wide."""

_LONGEST: Final = pd.Timedelta("179D")
_LEAST: Final = pd.Timedelta("1h")
_NARROW: Final = "ask for a shorter window, one test_name or one domain"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_COUNTRY: Final = re.compile("[A-Z]{2}")
_CONTINUATION: Final = re.compile(r"[\w.:+-]{1,200}", re.ASCII)


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the first page of every stretch of the window, and the pages known to follow.

    Parameters
    ----------
    query
        Networks among its entities narrow the list, unless the country is among them too. Options:
        :data:`darkdays.sources.ooni.ooni.FILTERS`, and ``anomaly``, ``confirmed``, ``failure``
        (``true`` or ``false``). ``link_host`` is the host that links of a mirror name, if it is not
        OONI's own.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Raises
    ------
    SourceError
        If a reply is an error, or its link to the next page leads elsewhere, to another question,
        back, or beyond :data:`MOST_PAGES`.
    InputError
        If an option is not what it can be.
    """
    return [request for one in _stretches(query, replies) for request in one.requests]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read the pages into one table.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    pandas.DataFrame
        A row a measurement of the window, in order of time: ``measurement_start_time`` (UTC),
        ``probe_cc``, ``probe_asn`` (number), ``test_name``, ``input`` as tested and ``domain`` (its
        host), ``anomaly``, ``confirmed``, ``failure``, ``blocking_type`` (``dns``, ``tcp_ip``,
        ``http-diff``, ``http-failure`` or whatever OONI says). What OONI left empty is missing.
        Attributes ``licence``, ``citation`` and ``complete``: whether every page is there.

    Raises
    ------
    SourceError
        As :func:`requests`, or if a measurement has no time or is not of its type.
    InputError
        If an option is not what it can be.
    """
    rows = [row for _, row in listed(query, replies)]
    complete = all(one.key in replies for one in requests(query, replies))
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    table["measurement_start_time"] = pd.to_datetime(table["measurement_start_time"], utc=True)
    table = table.astype({"probe_asn": "Int64", **dict.fromkeys(FLAGS, "boolean")})
    table.attrs = {
        **SERVICE.terms,
        "complete": complete,
    }
    return table


def listed(query: Query, replies: Mapping[str, Reply]) -> list[tuple[str, tuple[Any, ...]]]:
    """Return OONI's name of each measurement of the window, and its row, in order of time.

    The name is what a single measurement is asked for by; it is not for any table.

    Raises
    ------
    SourceError, InputError
        As :func:`read`.
    """
    rows: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for one in _stretches(query, replies):
        for request in () if one.refused else one.requests:
            if (reply := replies.get(request.key)) is not None:
                # OONI leaves the first moment out and takes the last one in; a window does not.
                rows |= {
                    key: row
                    for key, row in measurements_of(reply)
                    if one.since <= row[0] < one.until
                }
    return [(key[1], rows[key]) for key in sorted(rows)]


def _stretches(query: Query, replies: Mapping[str, Reply]) -> Iterator[Stretch]:
    def ask(since: pd.Timestamp, until: pd.Timestamp, divisible: bool) -> list[Request]:
        first = _request(query, since, until, divisible=divisible)
        return list(_pages(query, first, replies))

    span = query.start.tz_convert("UTC"), query.end.tz_convert("UTC")
    return stretches(span, _LONGEST, _LEAST, ask, replies)


def _request(query: Query, since: pd.Timestamp, until: pd.Timestamp, *, divisible: bool) -> Request:
    country = query.options.get("country", query.country)
    if _COUNTRY.fullmatch(country) is None:
        raise InputError(f"OONI, option country: {country!r} is no code of a country; write IQ.")
    stated = {"probe_cc": country}
    networks = [name.removeprefix("asn/") for name in query.entities if name.startswith("asn/")]
    numbers = sorted({int(name) for name in networks if name.isascii() and name.isdigit()})
    # The networks of the case are none of another country's.
    elsewhere = country != query.country
    if numbers and not elsewhere and f"country/{query.country}" not in query.entities:
        stated["probe_asn"] = ",".join(f"AS{number}" for number in numbers)
    stated |= filters_of(query)
    for name in FLAGS:
        if flag := query.options.get(name):
            if flag not in {"true", "false"}:
                raise InputError(f"OONI, option {name}: {flag!r} is neither true nor false.")
            stated[name] = flag
    # The first moment is left out: begin a second before it.
    first, last = since.floor("1s") - pd.Timedelta("1s"), until.ceil("1s")
    stated |= {
        "since": f"{first:%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{last:%Y-%m-%dT%H:%M:%SZ}",
        "order_by": "measurement_start_time",
        "order": "asc",
        "limit": str(PAGE_ROWS),
    }
    about = f"list of measurements of {query.country}, {since:%Y-%m-%d} to {until:%Y-%m-%d}"
    return Request(SERVICE.name, "/measurements", tuple(stated.items()), about, divisible)


def _pages(query: Query, first: Request, replies: Mapping[str, Reply]) -> Iterator[Request]:
    request: Request | None = first
    asked: set[str] = set()
    while request is not None:
        yield request
        asked.add(request.key)
        reply = replies.get(request.key)
        if reply is None or reply.is_absence:
            return
        request = _next(query, first, reply)
        if request is not None and request.key in asked:
            raise reply.error("the link to the next page leads back to one before", _NARROW)
        if request is not None and len(asked) >= MOST_PAGES:
            raise reply.error(f"there are more than {MOST_PAGES} pages of {PAGE_ROWS}", _NARROW)


def _next(query: Query, first: Request, reply: Reply) -> Request | None:
    """Return the request for the page after a reply, None if it is the last.

    Only how far to go on is taken from the link: everything else is asked as before.
    """
    link = _link(reply)
    if link is None:
        return None
    try:
        parts = urlsplit(link)
        stated = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100))
        host = parts.hostname
    except ValueError:
        raise reply.error("the link to the next page is no address", AGAIN) from None
    own = {None, urlsplit(SERVICE.base_url).hostname, query.options.get("link_host"), *_LOOPBACK}
    if host not in own or parts.scheme not in {"", "http", "https"}:
        raise reply.error(
            f"the link to the next page leads to {host!r}",
            "name the host of your mirror in option link_host if that is it",
        )
    # OONI's own path, wherever a mirror has put it.
    if parts.path != urlsplit(SERVICE.base_url).path + first.path:
        raise reply.error("the link to the next page leads to another path", AGAIN)
    asked = dict(first.query)
    moved = {name: stated.pop(name) for name in ("cont", "offset") if name in stated}
    if any(asked.get(name) != text for name, text in stated.items() if name != "limit"):
        raise reply.error("the link to the next page asks another question", AGAIN)
    # Newer servers hand out a continuation, older ones count rows.
    on = ("cont", moved["cont"]) if moved.get("cont") else ("offset", moved.get("offset", ""))
    if not _CONTINUATION.fullmatch(on[1]) or (on[0] == "offset" and not on[1].isdecimal()):
        raise reply.error("the link to the next page does not say how far to go on", AGAIN)
    about = f"{first.about}, continued"
    return replace(first, query=(*first.query, on), about=about)


@once_a_page
def _link(reply: Reply) -> str | None:
    metadata = answer_of(reply).get("metadata")
    if not isinstance(metadata, dict):
        raise reply.error("the list has no metadata", AGAIN)
    link = metadata.get("next_url")
    return None if link is None else str(link)
