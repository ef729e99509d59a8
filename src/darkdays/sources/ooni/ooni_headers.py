"""OONI: which headers web servers, or whoever answered for them, sent to probes.

Contract: https://api.ooni.io/apidocs/, ``GET /api/v1/raw_measurement``, and the data format
https://github.com/ooni/spec (``df-001-httpt``): ``test_keys.requests`` lists exchanges, the last
first, each with ``response.code`` and ``response.headers``. Block pages and portals are known by
such headers (a ``Server`` no web site has). The list of measurements is asked first, then each of
them alone. Only headers that tell a server are read, never cookies, bodies or addresses of probes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.sources.event_rows import cleaned
from darkdays.sources.json_reply import AGAIN, items, mapping, parse
from darkdays.sources.ooni import ooni_answers, ooni_measurements
from darkdays.sources.query import Query
from darkdays.sources.services import columns_of

SERVICE: Final = ooni_answers.SERVICE
COLUMNS: Final = columns_of("ooni-headers")
"""Columns of the table :func:`read` returns."""

HEADERS: Final = (
    *("server", "via", "x-powered-by", "x-cache", "x-cache-lookup", "x-squid-error"),
    *("location", "content-type", "www-authenticate", "proxy-authenticate"),
)
"""Headers that are read unless option ``headers`` names others, all in lower case."""

_PRIVATE: Final = frozenset({"cookie", "set-cookie", "authorization", "x-forwarded-for"})
_MOST: Final = 100
_LIMIT: Final = 1000


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the pages of the list of measurements and, once they are there, each measurement.

    Parameters
    ----------
    query
        As for :func:`darkdays.sources.ooni.ooni_measurements.requests`, of ``web_connectivity``
        unless ``test_name`` says otherwise. Option ``most`` is how many measurements are asked for,
        the earliest of the window, 100 if not given and never more than 1000: each is a request.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Raises
    ------
    SourceError
        As of the list.
    InputError
        If an option is not what it can be.
    """
    listed = ooni_measurements.requests(_listed(query), replies)
    if any(one.key not in replies for one in listed):
        return listed
    return listed + [request for request, _ in _single(query, replies)]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read measurements into a table, a row a header.

    Parameters
    ----------
    query
        As it was asked. Option ``headers`` names others than :data:`HEADERS`, with commas between.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`, in order of time: ``exchange`` counts from 0, the last one of a
        measurement; ``status`` of HTTP; ``header`` in lower case; ``value`` as sent, on one line.
        An exchange with none of the headers has one row with an empty ``header``. Attributes:
        ``licence``, ``citation``, ``measurements`` (how many were read), ``not_found`` (how many
        OONI lists and did not find), ``left_out`` (how many more the list has); and where any was
        not found ``incomplete``, which says so, and ``lost``, the keys of their requests: any
        failure of OONI's store looks like a loss, so that they are asked for again.

    Raises
    ------
    SourceError
        If a reply is no such measurement.
    InputError
        If an option is not what it can be.
    """
    wanted = _wanted(query)
    rows: list[tuple[Any, ...]] = []
    read_, lost = 0, []
    single = _single(query, replies)
    for request, about in single:
        if (reply := replies.get(request.key)) is None:
            continue
        exchanges = _exchanges(reply)
        if exchanges is None:
            lost.append(request.key)
            continue
        read_ += 1
        for number, (status, headers) in enumerate(exchanges):
            told = [(name, value) for name, value in headers if name in wanted] or [("", "")]
            rows += [(*about, number, status, name, value) for name, value in sorted(told)]
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    table["measurement_start_time"] = pd.to_datetime(table["measurement_start_time"], utc=True)
    numbers = dict.fromkeys(("probe_asn", "exchange", "status"), "Int64")
    table = table.astype({**numbers, "anomaly": "boolean"})
    listed = len(ooni_measurements.listed(_listed(query), replies))
    table.attrs = {
        **SERVICE.terms,
        "measurements": read_,
        "not_found": len(lost),
        "left_out": listed - len(single),
    }
    if lost:
        its = "body" if len(single) == 1 else "bodies"
        said = f"{len(lost)} of {len(single)} {its} not found at OONI"
        table.attrs |= {"incomplete": f"{said}; the next fetch asks again", "lost": tuple(lost)}
    return table


def _listed(query: Query) -> Query:
    """Return the query for the list."""
    return replace(query, options={"test_name": "web_connectivity", **query.options})


def _wanted(query: Query) -> frozenset[str]:
    stated = query.options.get("headers", ",".join(HEADERS)).lower().split(",")
    names = frozenset(name.strip() for name in stated)
    if names & _PRIVATE:
        raise InputError(
            f"ooni-headers: {', '.join(sorted(names & _PRIVATE))} can tell persons and is not read."
        )
    return names


def _single(query: Query, replies: Mapping[str, Reply]) -> list[tuple[Request, tuple[Any, ...]]]:
    """Return the request for each measurement, and what the list says of it."""
    text = query.options.get("most", str(_MOST))
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= _LIMIT):
        raise InputError(f"ooni-headers: most is {text!r}; give a number from 1 to {_LIMIT}.")
    found: list[tuple[Request, tuple[Any, ...]]] = []
    for uid, row in ooni_measurements.listed(_listed(query), replies):
        if uid and len(found) < int(text):
            start, country, network, _, tested, domain, anomaly, *_ = row
            about = f"measurement of {tested or 'a site'} at {start:%Y-%m-%dT%H:%M:%SZ}"
            request = Request(SERVICE.name, "/raw_measurement", (("measurement_uid", uid),), about)
            found.append((request, (start, country, network, tested, domain, anomaly)))
    return found


def _exchanges(reply: Reply) -> list[tuple[int | None, list[tuple[str, str]]]] | None:
    """Return status and headers of every exchange, None of a measurement that was not found."""
    if reply.is_absence:
        return None
    document = mapping(reply, parse(reply), "the measurement")
    if not document:
        return None
    keys = mapping(reply, document.get("test_keys") or {}, "test_keys")
    found: list[tuple[int | None, list[tuple[str, str]]]] = []
    for one in items(reply, keys.get("requests") or [], "requests"):
        exchange = mapping(reply, one, "an exchange")
        response = mapping(reply, exchange.get("response") or {}, "a response")
        code = response.get("code")
        is_code = isinstance(code, int) and not isinstance(code, bool) and 100 <= code < 1000
        found.append((code if is_code else None, list(_headers(reply, response))))
    return found


def _headers(reply: Reply, response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    # Newer probes keep repeated headers in a list, older ones have the last of each in an object.
    listed = response.get("headers_list")
    if listed is None:
        listed = list(mapping(reply, response.get("headers") or {}, "headers").items())
    for pair in items(reply, listed, "headers_list"):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise reply.error("a header is not a name and a value", AGAIN)
        name, value = (_text(part) for part in pair)
        yield name.strip().lower(), value


def _text(value: Any) -> str:
    """Return a text, also one that had to be written in base64; empty if it is neither."""
    if isinstance(value, dict) and value.get("format") == "base64":
        try:
            value = base64.b64decode(str(value.get("data", "")), validate=True).decode("latin-1")
        except (ValueError, binascii.Error):
            return ""
    return cleaned(value) if isinstance(value, str) else ""
