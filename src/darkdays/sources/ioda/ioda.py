"""IODA: routes, active probing, network telescope and Google traffic, by place and network.

Contract: https://api.ioda.inetintel.cc.gatech.edu/v2/, ``GET /signals/raw/{type}/{codes}``. Times
are whole Unix seconds: anything else is silently taken for now. More than 100 days are refused,
and a stretch of data that begins within a window can be lost, so that windows of at most 30 days
are asked, cut at midnight UTC. Null is missing, 0 is a zero. The step is what the reply says.
Levels jump where IODA changed its instruments or its map of addresses: never compare them across
years.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request, Service
from darkdays.contracts.datasources import DATASOURCES
from darkdays.errors import InputError
from darkdays.sources.ioda.ioda_entities import AGAIN, Entity, entities, listings
from darkdays.sources.ioda.ioda_entities import SERVICE as _SERVICE
from darkdays.sources.ioda.ioda_grid import (
    Grid,
    Part,
    Said,
    common_step,
    cut_off,
    moment_of,
    resampled,
)
from darkdays.sources.ioda.ioda_series import DAY, Series, series_of
from darkdays.sources.query import Query
from darkdays.sources.samples import rows, signals

SERVICE: Final[Service] = _SERVICE
PRODUCTS: Final = {"SEARCH": "WEB_SEARCH", "MAIL": "GMAIL"}
"""Names of Google's products that IODA takes and answers with others."""

_LONGEST: Final = 30 * DAY
_TYPES: Final = {
    "ioda.bgp": ("country", "region", "asn"),
    "ioda.ping-slash24": ("country", "region", "asn"),
    "ioda.ping-slash24-loss": ("country", "region", "asn"),
    "ioda.ping-slash24-latency": ("country", "region", "asn"),
    "ioda.merit-nt": ("country", "region", "asn"),
    "ioda.gtr": ("country",),
    "ioda.gtr-norm": ("country",),
    "ioda.mozilla": ("country", "region", "asn"),
    "ioda.upstream-delay-penult-asns": ("asn",),
    "ioda.upstream-delay-penult-e2e-latency": ("asn",),
}
# What of Google is meant if a case does not say.
_PRODUCT: Final = {"ioda.gtr": "WEB_SEARCH", "ioda.gtr-norm": "BLENDED"}
# Entities of a type asked for at once, to be few requests and none of them heavy.
_TOGETHER: Final = 10


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the requests for a datasource: first IODA's list of regions, if a name needs it.

    Parameters
    ----------
    query
        With no entities: the country and every region of it. Options: ``entity_types`` (``region``
        unless it says otherwise: ``asn``, ``region asn``) for what else then; ``product`` of
        ``ioda.gtr`` (``WEB_SEARCH``) and ``ioda.gtr-norm`` (``BLENDED``, the mean of all). A
        table saved from IODA's dashboard is read by
        :mod:`darkdays.sources.ioda.ioda_csv`.
    replies
        The list of regions turns names into requests.

    Raises
    ------
    SourceError
        If the list of regions cannot be read, or a name does not fit exactly one.
    InputError
        If the datasource or an option is not one of IODA.
    """
    listed = listings(query, replies, _types(query))
    return listed + [part.request for part in _parts(query, replies)]


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read a datasource over the window.

    Parameters
    ----------
    query
        As it was asked. Entities keep the names the query calls them by.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it, in the unit of the datasource.
        The step is the widest of the replies, never finer than the datasource's usual one; finer
        values are averaged over it, and attribute ``resampled`` says so. Bins whose request has no
        reply, or that were not over when it was fetched, were not read; any other bin without a
        value is missing at the source, and attribute ``cut_off`` says where a reply ends before, or
        begins after, what was asked. Attribute ``regions`` says what a name was taken for,
        ``fetched`` when the newest reply was.

    Raises
    ------
    SourceError
        If a reply is an error, does not hold what was asked, or steps do not fit one another.
    InputError
        If the datasource or an option is not one of IODA.
    """
    parts = [part for part in _parts(query, replies) if part.request.key in replies]
    known = entities(query, replies, _types(query))
    usual = int(DATASOURCES[query.datasource].step.total_seconds())
    step, widest = 0, usual
    # A wider step is rare, and known only once all was seen: then it is read once more.
    while step != widest:
        step = widest
        node = _blank(query, known, step)
        said = list(_filled(query, node, parts, replies))
        widest = common_step(usual, said)
    return node.assign_attrs(
        fetched=max((one.fetched for one in said), default=""),
        resampled=resampled(said, step),
        cut_off=cut_off(said),
    )


def _blank(query: Query, known: list[Entity], step: int) -> xr.Dataset:
    """Return the node that series are put into."""
    labels, usual = [one.label for one in known], DATASOURCES[query.datasource]
    names = (f"{one.label} is region/{one.code}, {one.name}" for one in known if one.name)
    return signals(
        query,
        SERVICE,
        rows([]),
        labels,
        unread=labels,
        datasource=dataclasses.replace(usual, step=pd.Timedelta(step, unit="s")),
        regions="; ".join(names),
    )


def _filled(
    query: Query, node: xr.Dataset, parts: list[Part], replies: Mapping[str, Reply]
) -> Iterator[Said]:
    """Put one reply after the other into a node, and go on with what each said of itself."""
    grid = Grid(node)
    for part in parts:
        reply = replies[part.request.key]
        grid.open(part, reply.fetched)
        found = []
        for one in _asked_of(part, reply, query):
            grid.fill(part, one)
            found.append(one.span)
        yield Said(part, reply.fetched, tuple(found))


def _types(query: Query) -> tuple[str, ...]:
    if query.datasource not in _TYPES:
        raise InputError(f"IODA has no {query.datasource!r}; ask for one of {', '.join(_TYPES)}.")
    return _TYPES[query.datasource]


def _subtype(query: Query) -> str:
    if query.datasource not in _PRODUCT:
        return ""
    product = query.options.get("product", _PRODUCT[query.datasource]).upper()
    if not product.replace("_", "").isalnum():
        raise InputError("IODA reads one product of Google at a time; set product to WEB_SEARCH.")
    return PRODUCTS.get(product, product)


def _parts(query: Query, replies: Mapping[str, Reply]) -> list[Part]:
    listed = listings(query, replies, _types(query))
    # What is asked together must not change while a list is still coming in.
    awaited = {dict(one.query)["entityType"] for one in listed if one.key not in replies}
    known = [one for one in entities(query, replies, _types(query)) if one.type not in awaited]
    first, after = (
        math.floor(moment.timestamp() / DAY) * DAY
        for moment in (query.start, query.end + pd.Timedelta(DAY, unit="s") - pd.Timedelta(1, "us"))
    )
    found = []
    for kind in _types(query):
        same = [one for one in known if one.type == kind]
        codes = sorted({one.code for one in same}, key=lambda code: (len(code), code))
        for at in range(0, len(codes), _TOGETHER):
            together = codes[at : at + _TOGETHER]
            mine = tuple(one for one in same if one.code in together)
            for since in range(first, after, _LONGEST):
                until = min(since + _LONGEST, after)
                request = _request(query, kind, together, since, until)
                found.append(Part(mine, since, until, request))
    return found


def _request(query: Query, kind: str, codes: list[str], since: int, until: int) -> Request:
    stated = [
        ("from", str(since)),
        ("until", str(until)),
        ("datasource", query.datasource.removeprefix("ioda.")),
    ]
    # The mean of all products is what comes where none is named.
    if (subtype := _subtype(query)) not in ("", "BLENDED"):
        stated.append(("sourceParams", subtype))
    title = DATASOURCES[query.datasource].title
    days = " until ".join(f"{moment_of(edge):%Y-%m-%d}" for edge in (since, until))
    about = f"{title} of {kind} {', '.join(codes)} from {days}"
    return Request(SERVICE.name, f"/signals/raw/{kind}/{','.join(codes)}", tuple(stated), about)


def _asked_of(part: Part, reply: Reply, query: Query) -> Iterator[Series]:
    """Go through the series of a reply that are of its own entities, each once."""
    wanted = {(one.type, one.code) for one in part.entities}
    found: set[tuple[str, str]] = set()
    others = ""
    for one in series_of(reply, query.datasource.removeprefix("ioda."), _subtype(query)):
        its = one.span.type, one.span.code
        if its not in wanted:
            others = "/".join(its)
            continue
        if its in found:
            raise reply.error(f"it holds two series of {'/'.join(its)}", AGAIN)
        found.add(its)
        yield one
    if others and not found:
        raise reply.error(f"it is about {others[:40]!r}, not what was asked", AGAIN)
