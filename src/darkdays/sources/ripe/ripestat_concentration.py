"""RIPEstat: how concentrated the routed IPv4 address space of a country is in few networks.

Contracts: https://stat.ripe.net/docs/02.data-api/country-asns.html, which with ``lod=1`` lists the
routed networks registered in a country as text (``{AsnSingle(44244), ...}``), and
https://stat.ripe.net/docs/02.data-api/announced-prefixes.html, which gives the prefixes of one
network with the times they were announced, a point every 8 hours. The size of a network is the
number of different IPv4 addresses in its prefixes at that time; prefixes inside others count once.

What the number is not: a network registered in the country may serve another one, and a prefix
announced by two networks counts for both; neither says how many people use it. Each network is one
request, so that a large country takes hundreds. **Which form the list of networks takes was read
in others' programs, not in a recorded reply.**
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.sources.json_reply import AGAIN, items, objects
from darkdays.sources.query import Query
from darkdays.sources.ripe.ripestat import SERVICE, ask, countries, covered, data
from darkdays.sources.ripe.ripestat_neighbours import STEP, known_bins, over_the_window
from darkdays.sources.samples import bins, signals, stretches

__all__ = ["SERVICE", "read", "requests"]

_OURS: Final = ("ripestat.largest-share", "ripestat.concentration")
_MOST: Final = 1500


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the lists of networks at both ends of the window, then each network's prefixes.

    Parameters
    ----------
    query
        Countries are those among its entities, or its country if it names none. Option ``most``:
        networks of a country beyond which nothing more is asked, 1500 if not given.
    replies
        The lists lead to the networks.

    Raises
    ------
    SourceError
        If a list is none, or longer than ``most``.
    InputError
        If the datasource is not one of this file, or ``most`` no number.
    """
    _check(query)
    asked = []
    for code in countries(query):
        lists = _lists(query, code)
        asked += lists
        if all(one.key in replies for one in lists):
            asked += _prefixes(query, code, replies).values()
    return asked


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read the share of the largest network, or the Herfindahl index of all (every 8 hours).

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a country with any of them missing was
        not read, because a part of its networks would look like concentration.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it: ``ripestat.largest-share`` from
        0 to 1, ``ripestat.concentration`` the sum of squared shares, 1 if one network has
        everything (Hirschman 1964, American Economic Review 54(5), 761). NaN where nothing was
        routed. Attribute ``largest`` names the network that is the largest most of the time,
        ``networks`` how many there are.

    Raises
    ------
    SourceError
        If a reply is no such answer.
    InputError
        As :func:`requests`.
    """
    _check(query)
    grid = bins(query, STEP)
    entities = {f"country/{code}": code for code in countries(query)}
    samples, largest, count = {}, [], 0
    for entity, code in entities.items():
        lists = _lists(query, code)
        asked = _prefixes(query, code, replies) if all(one.key in replies for one in lists) else {}
        if not asked or any(one.key not in replies for one in asked.values()):
            continue
        sizes = np.array([_sizes(replies[one.key], grid) for one in asked.values()])
        samples[entity], first = _concentration(sizes, query.datasource == _OURS[0])
        count += len(asked)
        if first is not None:
            largest.append(f"{entity}: asn/{list(asked)[first]}")
    return signals(
        query,
        SERVICE,
        stretches((entity, grid, values) for entity, values in samples.items()),
        entities,
        unread=entities.keys() - samples.keys(),
        largest="; ".join(largest),
    ).assign_attrs(networks=count)


def _check(query: Query) -> None:
    if query.datasource not in _OURS:
        raise InputError(f"{query.datasource} is not a datasource of RIPEstat's address space.")


def _lists(query: Query, code: str) -> list[Request]:
    grid = bins(query, STEP)
    # At both ends: a network that came or went in between counts too.
    return [
        ask(
            "country-asns",
            f"networks of {code} at {time:%Y-%m-%d %H:%M}",
            resource=code,
            query_time=f"{time:%Y-%m-%dT%H:%M}",
            lod="1",
        )
        for time in (grid[0], grid[-1])
    ]


def _prefixes(query: Query, code: str, replies: Mapping[str, Reply]) -> dict[int, Request]:
    """Return the request for the prefixes of each network of a country."""
    text = query.options.get("most", str(_MOST))
    if not re.fullmatch("[0-9]{1,6}", text):
        raise InputError(f"{query.datasource}: option most is {text!r}; give a number.")
    found: set[int] = set()
    for request in _lists(query, code):
        found |= _networks(replies[request.key], code)
    if len(found) > int(text):
        reply = replies[_lists(query, code)[0].key]
        raise reply.error(
            f"{code} has {len(found)} networks, each of them a request",
            f"raise the option most above {text} to ask for them all",
        )
    return {
        asn: ask(
            "announced-prefixes",
            f"prefixes of AS{asn}",
            resource=f"AS{asn}",
            **over_the_window(query),
        )
        for asn in sorted(found)
    }


def _networks(reply: Reply, code: str) -> set[int]:
    content = data(reply)
    for entry in objects(reply, content.get("countries"), "countries", "a country"):
        if str(entry.get("resource", code)).upper() != code:
            continue
        listed = entry.get("routed")
        if isinstance(listed, list):
            listed = " ".join(str(one) for one in listed if isinstance(one, int | str))
        if not isinstance(listed, str):
            raise reply.error("the routed networks are not listed", AGAIN)
        return {int(number) for number in re.findall(r"(?<![0-9])[0-9]{1,10}(?![0-9])", listed)}
    raise reply.error(f"{code} is not among the countries", AGAIN)


def _sizes(reply: Reply, grid: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Return how many IPv4 addresses a network announced at each time, NaN where not known."""
    content = data(reply)
    spans: list[tuple[int, int]] = []
    active: list[NDArray[np.bool_]] = []
    for entry in objects(reply, content.get("prefixes"), "prefixes", "a prefix"):
        try:
            network = ipaddress.ip_network(str(entry.get("prefix")), strict=False)
        except ValueError:
            raise reply.error(f"{str(entry.get('prefix'))[:40]!r} is no prefix", AGAIN) from None
        if network.version != 4:
            continue
        seen = np.zeros(len(grid), dtype=bool)
        for line in items(reply, entry.get("timelines"), "timelines"):
            seen[covered(reply, line, grid)] = True
        spans.append((int(network.network_address), int(network.broadcast_address) + 1))
        active.append(seen)
    known = known_bins(reply, content, grid)
    if not spans:
        return np.where(known, 0.0, np.nan)
    # The same prefixes most of the time: each different set of them is measured once.
    sets, which = np.unique(np.array(active), axis=1, return_inverse=True)
    measured = np.array([_addresses(spans, column) for column in sets.T], dtype=np.float64)
    return np.where(known, measured[np.ravel(which)], np.nan)


def _addresses(spans: list[tuple[int, int]], active: NDArray[Any]) -> int:
    """Return how many addresses the active spans hold together."""
    total, reached = 0, 0
    for first, after in sorted(span for span, on in zip(spans, active, strict=True) if on):
        total += max(after - max(first, reached), 0)
        reached = max(reached, after)
    return total


def _concentration(
    sizes: NDArray[np.float64], share_of_largest: bool
) -> tuple[NDArray[np.float64], int | None]:
    """Return share or index at each time, and which network is the largest most of the time."""
    # A time that one network's answer does not reach is not known for the country.
    total = sizes.sum(axis=0)
    routed = np.isfinite(total) & (total > 0)
    values = np.full(total.shape, np.nan)
    shares = sizes[:, routed] / total[routed]
    values[routed] = shares.max(axis=0) if share_of_largest else (shares**2).sum(axis=0)
    if not routed.any():
        return values, None
    return values, int(np.bincount(shares.argmax(axis=0)).argmax())
