"""RIPE Atlas: the probes of a country, page by page, as far as counting them needs.

Contract: https://atlas.ripe.net/docs/apis/rest-api-manual/probes/. See
:mod:`darkdays.sources.ripe.ripe_atlas` for what they are counted for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from darkdays.archive.request import Reply, Request
from darkdays.sources.json_reply import AGAIN, mapping, moment, objects, parse, whole
from darkdays.sources.pages import once_a_page
from darkdays.sources.services import service

SERVICE: Final = service("ripe-atlas")

_PAGE: Final = 500
_MOST_PAGES: Final = 40
_NEVER, _CONNECTED = 0, 1
_UNTIL_NOW: Final = 2**53


@dataclass(frozen=True)
class Probe:
    """A probe that was ever connected: whether it is now, and since when (Unix seconds)."""

    number: int
    connected: bool
    since: int


def _page(code: str, number: int) -> Request:
    pairs = (
        ("country_code", code),
        ("page_size", str(_PAGE)),
        ("page", str(number)),
        ("fields", "id,status,status_since,first_connected"),
    )
    return Request(SERVICE.name, "/probes/", pairs, f"probes of {code}, page {number}")


def listed(code: str, replies: Mapping[str, Reply]) -> tuple[list[Request], list[Probe] | None]:
    """Return the pages known to be needed, and the probes once all pages are there.

    Raises
    ------
    SourceError
        If a page is no list of probes, its link to the next one is none, or they do not end.
    """
    pages: list[Request] = []
    for number in range(1, _MOST_PAGES + 1):
        pages.append(_page(code, number))
        reply = replies.get(pages[-1].key)
        if reply is None:
            return pages, None
        link = _link(reply)
        if link is None:
            every = (probe for one in pages for probe in _read(replies[one.key])[0])
            probes = {probe.number: probe for probe in every}
            return pages, [probes[key] for key in sorted(probes)]
        _check_next(reply, link, code, number + 1)
        if number == _MOST_PAGES:
            raise reply.error(f"the list goes on after {_MOST_PAGES} pages", AGAIN)
    return pages, None


@once_a_page
def _link(reply: Reply) -> str | None:
    return _read(reply)[1]


def _read(reply: Reply) -> tuple[list[Probe], str | None]:
    """Return the probes on a page, and its link to the next one."""
    content = mapping(reply, parse(reply), "the reply")
    rows = objects(reply, content.get("results"), "results", "a probe")
    probes = [probe for row in rows if (probe := _probe(reply, row)) is not None]
    link = content.get("next")
    return probes, None if link is None else str(link)


def _check_next(reply: Reply, link: str, code: str, number: int) -> None:
    # The link is not followed but compared: a mirror may name another host, never another list.
    try:
        parts = urlsplit(link)
        asked = parse_qs(parts.query)
        place = (parts.path[-8:], asked.get("country_code"), asked.get("page"))
    except ValueError:
        place = ("", None, None)
    if place != ("/probes/", [code], [str(number)]):
        raise reply.error("the link to the next page leads elsewhere", AGAIN)


def _probe(reply: Reply, entry: Mapping[str, Any]) -> Probe | None:
    status = mapping(reply, entry.get("status"), "status of a probe")
    state = whole(reply, status.get("id"), "status of a probe")
    if state == _NEVER:
        return None
    since = entry.get("status_since")
    if since is not None:
        began = whole(reply, since, "status_since")
    elif status.get("since") is not None:
        began = int(moment(reply, status["since"], "status.since").timestamp())
    else:
        began = _UNTIL_NOW
    return Probe(whole(reply, entry.get("id"), "id of a probe"), state == _CONNECTED, began)
