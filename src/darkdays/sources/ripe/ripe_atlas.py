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
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.archive.request import Reply, Request
from darkdays.contracts.datasources import DATASOURCES
from darkdays.errors import InputError
from darkdays.sources.json_reply import AGAIN, moment, objects, parse, whole
from darkdays.sources.query import Query
from darkdays.sources.ripe import ripe_atlas_probes
from darkdays.sources.ripe.ripe_atlas_probes import Probe, listed
from darkdays.sources.ripe.ripestat import countries
from darkdays.sources.samples import bins, signals, stretches

SERVICE: Final = ripe_atlas_probes.SERVICE

# Keeps the address of a request short enough for every proxy.
_PROBES_A_REQUEST: Final = 100


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
        pages, probes = listed(code, replies)
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
        As :func:`darkdays.contracts.signals.from_samples` makes it: NaN where no probe's state is
        known, and after the replies were fetched. Attribute ``undetermined`` is the number of
        probes left out.

    Raises
    ------
    SourceError
        If a reply is no such answer.
    InputError
        If the datasource is not ``ripe-atlas.connected``.
    """
    entities = {f"country/{code}": code for code in _countries(query)}
    grid = bins(query, DATASOURCES["ripe-atlas.connected"].step)
    samples, undetermined = {}, 0
    for entity, code in entities.items():
        _, probes = listed(code, replies)
        asked = _event_requests(query, code, probes or [])
        if probes is None or any(request.key not in replies for request in asked):
            continue
        answers = [replies[request.key] for request in asked]
        samples[entity], unknown = _count(query, probes, answers, grid)
        undetermined += unknown
    table = stretches((entity, grid, values) for entity, values in samples.items())
    lacking = entities.keys() - samples.keys()
    node = signals(query, SERVICE, table, entities, unread=lacking)
    return node.assign_attrs(undetermined=undetermined)


def _countries(query: Query) -> list[str]:
    if query.datasource != "ripe-atlas.connected":
        raise InputError(f"{query.datasource} is not a datasource of RIPE Atlas.")
    return countries(query)


def _event_requests(query: Query, code: str, probes: list[Probe]) -> list[Request]:
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
    for entry in objects(reply, parse(reply), "the reply", "an event"):
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
    query: Query, probes: list[Probe], answers: list[Reply], grid: pd.DatetimeIndex
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
