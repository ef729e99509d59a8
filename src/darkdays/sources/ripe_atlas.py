"""RIPE Atlas: how many probes of a country are connected to the platform.

Contract: https://atlas.ripe.net/docs/apis/rest-api-manual/ (probes; results of the built-in
measurement 7000, which logs connects and disconnects). Times are Unix seconds, UTC. Results are
not strictly in order and connects occur twice. Between two events a probe stays as the earlier
one left it; before its first event it was the opposite of what that event made it. A probe
without an event counts as connected or not if its present status has lasted since before the
window; otherwise its state cannot be told, it is left out, and the attribute ``undetermined``
says how many those are: the level is then too low by up to that number, its changes are not.

Country of a probe is the one it is in today. Numbers, addresses and places of probes are used for
counting only (places are not even asked for) and no result holds them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.archive.request import Reply, Request, Service
from darkdays.errors import InputError
from darkdays.signals import DATASOURCES, from_samples
from darkdays.sources.json_reply import AGAIN, items, mapping, moment, parse, unread, whole
from darkdays.sources.query import Query
from darkdays.sources.ripestat import bins, countries, no_samples

SERVICE: Final = Service(
    name="ripe-atlas",
    base_url="https://atlas.ripe.net/api/v2",
    licence="RIPE Atlas terms: use with attribution, no redistribution",
    redistributable=False,
    citation="RIPE NCC, RIPE Atlas, https://atlas.ripe.net/",
)

_PAGE: Final = 500
_MOST_PAGES: Final = 40
# Keeps the address of a request short enough for every proxy.
_PROBES_A_REQUEST: Final = 100
_NEVER, _CONNECTED = 0, 1
_UNTIL_NOW: Final = 2**53


@dataclass(frozen=True)
class _Probe:
    number: int
    connected: bool
    since: int


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the pages of the probe list of each country, then their connects and disconnects.

    Parameters
    ----------
    query
        Countries are those among its entities, or its country if it names none.
    replies
        The next page of a list, and the events of its probes, follow from the pages before.

    Raises
    ------
    SourceError
        If a page is no list of probes, or its link to the next one is none.
    InputError
        If the datasource is not ``ripe-atlas.connected``.
    """
    asked = []
    for code in _countries(query):
        pages, probes = _listed(code, replies)
        asked += pages
        if probes is not None:
            asked += _event_requests(query, code, probes)
    return asked


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read how many probes were connected at the start of each 5 minutes.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a country with any of them missing was
        not read, because a part of its probes would look like a fall.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.signals.from_samples` makes it: NaN where no probe's state is known,
        and after the replies were fetched. Attribute ``undetermined`` is the number of probes
        left out.

    Raises
    ------
    SourceError
        If a reply is no such answer.
    InputError
        If the datasource is not ``ripe-atlas.connected``.
    """
    datasource = DATASOURCES["ripe-atlas.connected"]
    grid = bins(query, datasource.step)
    samples, missing, undetermined = [no_samples()], [], 0
    codes = _countries(query)
    for code in codes:
        entity = f"country/{code}"
        _, probes = _listed(code, replies)
        asked = _event_requests(query, code, probes or [])
        if probes is None or any(request.key not in replies for request in asked):
            missing.append(entity)
            continue
        answers = [replies[request.key] for request in asked]
        values, unknown = _count(query, probes, answers, grid)
        undetermined += unknown
        samples.append(pd.DataFrame({"entity": entity, "time": grid, "value": values}))
    node = from_samples(
        pd.concat(samples, ignore_index=True),
        datasource,
        {"licence": SERVICE.licence, "citation": SERVICE.citation},
        start=query.start,
        end=query.end,
        entities=[f"country/{code}" for code in codes],
    )
    return unread(node, missing).assign_attrs(undetermined=undetermined)


def _countries(query: Query) -> list[str]:
    if query.datasource != "ripe-atlas.connected":
        raise InputError(f"{query.datasource} is not a datasource of RIPE Atlas.")
    return countries(query)


def _page(code: str, number: int) -> Request:
    pairs = (
        ("country_code", code),
        ("page_size", str(_PAGE)),
        ("page", str(number)),
        ("fields", "id,status,status_since,first_connected"),
    )
    return Request(SERVICE.name, "/probes/", pairs, f"probes of {code}, page {number}")


def _listed(code: str, replies: Mapping[str, Reply]) -> tuple[list[Request], list[_Probe] | None]:
    """Return the pages known to be needed, and the probes once all pages are there."""
    pages: list[Request] = []
    probes: dict[int, _Probe] = {}
    for number in range(1, _MOST_PAGES + 1):
        pages.append(_page(code, number))
        reply = replies.get(pages[-1].key)
        if reply is None:
            return pages, None
        content = mapping(reply, parse(reply), "the reply")
        for row in items(reply, content.get("results"), "results"):
            probe = _probe(reply, row)
            if probe is not None:
                probes[probe.number] = probe
        if content.get("next") is None:
            return pages, [probes[key] for key in sorted(probes)]
        _check_next(reply, content["next"], code, number + 1)
        if number == _MOST_PAGES:
            raise reply.error(f"the list goes on after {_MOST_PAGES} pages", AGAIN)
    return pages, None


def _check_next(reply: Reply, link: Any, code: str, number: int) -> None:
    # The link is not followed but compared: a mirror may name another host, never another list.
    try:
        parts = urlsplit(str(link))
        asked = parse_qs(parts.query)
        place = (parts.path[-8:], asked.get("country_code"), asked.get("page"))
    except ValueError:
        place = ("", None, None)
    if place != ("/probes/", [code], [str(number)]):
        raise reply.error("the link to the next page leads elsewhere", AGAIN)


def _probe(reply: Reply, row: Any) -> _Probe | None:
    entry = mapping(reply, row, "a probe")
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
    return _Probe(whole(reply, entry.get("id"), "id of a probe"), state == _CONNECTED, began)


def _event_requests(query: Query, code: str, probes: list[_Probe]) -> list[Request]:
    start, stop = (str(int(edge.timestamp())) for edge in (query.start, query.end))
    # A probe whose present status is older than the window cannot have an event in it.
    numbers = [probe.number for probe in probes if probe.since >= query.start.timestamp()]
    asked = []
    for first in range(0, len(numbers), _PROBES_A_REQUEST):
        chosen = ",".join(str(number) for number in numbers[first : first + _PROBES_A_REQUEST])
        pairs = (("start", start), ("stop", stop), ("probe_ids", chosen), ("format", "json"))
        about = f"connects and disconnects in {code}, part {first // _PROBES_A_REQUEST + 1}"
        asked.append(Request(SERVICE.name, "/measurements/7000/results/", pairs, about))
    return asked


def _events(reply: Reply) -> list[tuple[int, int, bool]]:
    """Return probe, time (Unix seconds) and whether it connected; other events are ignored."""
    found = []
    for row in items(reply, parse(reply), "the reply"):
        entry = mapping(reply, row, "an event")
        kind = entry.get("event")
        if kind in ("connect", "disconnect"):
            number = whole(reply, entry.get("prb_id"), "prb_id")
            found.append(
                (number, whole(reply, entry.get("timestamp"), "timestamp"), kind[0] == "c")
            )
        elif kind is None:
            raise reply.error("event is missing", AGAIN)
    return found


def _count(
    query: Query, probes: list[_Probe], answers: list[Reply], grid: pd.DatetimeIndex
) -> tuple[NDArray[np.float64], int]:
    start, stop = query.start.timestamp(), query.end.timestamp()
    histories: dict[int, list[tuple[int, bool]]] = {probe.number: [] for probe in probes}
    for reply in answers:
        for number, time, connected in _events(reply):
            if number in histories and start <= time < stop:
                histories[number].append((time, connected))
    moments = grid.asi8 // 10**9
    total, known = np.zeros(len(grid)), 0
    for probe in probes:
        # In one second the disconnect comes first: a probe changes controllers.
        history = sorted(set(histories[probe.number]))
        if history:
            before = not history[0][1]
        elif probe.since < start:
            before = probe.connected
        else:
            continue
        known += 1
        states = np.array([before, *(connected for _, connected in history)])
        total += states[np.searchsorted([time for time, _ in history], moments, side="right")]
    if not known:
        total[:] = np.nan
    for reply in answers:
        if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", reply.fetched):
            total[grid > moment(reply, reply.fetched, "the time of fetching")] = np.nan
    return total, len(probes) - known
