"""Outages that Cloudflare Radar has annotated, page by page, as events.

Contract: https://developers.cloudflare.com/api/resources/radar/subresources/annotations/. Cause
``GOVERNMENT_DIRECTED`` is a shutdown label, ``BLOCKING`` a label of blocking, another stated cause
(power, cable, weather ...) a rival explanation, no cause or ``UNKNOWN`` a disruption.
Times are editorial, given to a quarter of an hour at best, and are therefore read as approximate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.contracts.events import COLUMNS
from darkdays.sources.json_reply import AGAIN, items, mapping, moment, objects, parse, whole
from darkdays.sources.pages import once_a_page
from darkdays.sources.query import Query
from darkdays.sources.ripe.ripestat import countries
from darkdays.sources.services import service

SERVICE: Final = service("cloudflare")

_PAGE: Final = 100
_MOST_PAGES: Final = 50
_KINDS: Final = {
    **dict.fromkeys(("", "UNKNOWN"), "disruption"),
    **dict.fromkeys(("GOVERNMENT_DIRECTED", "INTERNET_SHUTDOWN", "SHUTDOWN"), "shutdown-label"),
    **dict.fromkeys(("BLOCKING", "CENSORSHIP", "FILTERING", "THROTTLING"), "blocking"),
}


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the pages of annotated outages known to be needed; a full one is followed by another.

    Raises
    ------
    SourceError
        If a page is none, or they do not end.
    """
    return [request for code in countries(query) for request in _pages(query, code, replies)]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read annotated outages into events, earliest first, each once.

    Returns
    -------
    pandas.DataFrame
        :data:`darkdays.contracts.events.COLUMNS`, times in UTC; ``end`` is empty for an outage that
        goes on. ``conflict`` says where the label is wider than the networks listed.

    Raises
    ------
    SourceError
        If a page is none.
    """
    rows: dict[tuple[str, ...], None] = {}
    for code in countries(query):
        for request in _pages(query, code, replies):
            reply = replies.get(request.key)
            for one in _annotations(reply) if reply is not None else []:
                assert reply is not None
                rows.setdefault(_event(reply, one, code))
    table = pd.DataFrame(sorted(rows), columns=list(COLUMNS), dtype=str)
    table = table.sort_values(["start", "network"], kind="stable", ignore_index=True)
    table.attrs.update(SERVICE.terms)
    return table


def result(reply: Reply) -> dict[str, Any]:
    """Return ``result`` of Cloudflare's envelope; a refusal is an error."""
    envelope = mapping(reply, parse(reply), "the reply")
    if envelope.get("success") is not True:
        errors = envelope.get("errors")
        said = [
            str(one.get("message", ""))[:200]
            for one in (errors if isinstance(errors, list) else [])
            if isinstance(one, dict)
        ]
        raise reply.error(
            f"the service refused {'; '.join(said)}".strip(), "check the token and the window"
        )
    return mapping(reply, envelope.get("result"), "result")


def _pages(query: Query, code: str, replies: Mapping[str, Reply]) -> list[Request]:
    pages: list[Request] = []
    for number in range(_MOST_PAGES):
        pairs = (
            ("location", code),
            ("dateStart", f"{query.start.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}"),
            ("dateEnd", f"{query.end.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}"),
            ("limit", str(_PAGE)),
            ("offset", str(number * _PAGE)),
            ("format", "JSON"),
        )
        about = f"annotated outages of {code}, page {number + 1}"
        pages.append(Request(SERVICE.name, "/annotations/outages", pairs, about))
        reply = replies.get(pages[-1].key)
        if reply is None or not _is_full(reply):
            break
        if number + 1 == _MOST_PAGES:
            raise reply.error(f"the list goes on after {_MOST_PAGES} pages", AGAIN)
    return pages


@once_a_page
def _is_full(reply: Reply) -> bool:
    return len(_annotations(reply)) >= _PAGE


def _annotations(reply: Reply) -> list[dict[str, Any]]:
    listed = result(reply).get("annotations")
    return list(objects(reply, listed, "annotations", "an annotation"))


def _event(reply: Reply, one: dict[str, Any], code: str) -> tuple[str, ...]:
    detail = mapping(reply, one.get("outage") or {}, "outage")
    cause, extent = (str(detail.get(key) or "")[:100] for key in ("outageCause", "outageType"))
    kind = _KINDS.get(cause.upper().replace(" ", "_").replace("-", "_"), "rival")
    start = moment(reply, one.get("startDate"), "startDate")
    end = one.get("endDate")
    stop = moment(reply, end, "endDate") if end is not None else None
    if stop is not None and stop < start:
        raise reply.error("an outage ends before it starts", AGAIN)
    numbers = items(reply, one.get("asns") or [], "asns")
    networks = " ".join(f"asn/{n}" for n in sorted({whole(reply, n, "asns") for n in numbers}))
    text = str(one.get("description") or one.get("scope") or "").strip()
    label = ", ".join(word for word in (cause, extent) if word)
    link = str(one.get("linkedUrl") or "").strip()
    wider = extent == "NATIONWIDE" and networks
    return (
        kind,
        f"{start:%Y-%m-%dT%H:%M}",
        f"{stop:%Y-%m-%dT%H:%M}" if stop is not None else "",
        "UTC",
        "approximate",
        code,
        networks,
        f"{text} ({label})" if label else text,
        f"Cloudflare Radar, {link}" if link else "Cloudflare Radar",
        f"labelled nationwide, but {len(numbers)} networks are listed" if wider else "",
    )
