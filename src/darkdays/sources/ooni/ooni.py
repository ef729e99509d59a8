"""OONI: how many measurements were made where, and how many of them were anomalous.

Contract: https://api.ooni.io/apidocs/, ``GET /api/v1/aggregation``. Counts by day (or hour) and
network, UTC. OONI has no regions. A group without measurements is absent from the reply: for a
count that is a measured zero, for a share it is missing. During a shutdown measurements vanish,
which makes the count a signal of its own. Measurements are uploaded late by probes that were cut
off, so that the same question has another answer weeks later.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.signals import MEASURED, NOT_READ
from darkdays.errors import InputError
from darkdays.sources.ooni.ooni_answers import SERVICE, groups_of
from darkdays.sources.ooni.ooni_stretches import MOST_ROWS, stretches
from darkdays.sources.query import Query
from darkdays.sources.samples import rows, signals

FILTERS: Final = {
    "test_name": "[a-z0-9_,]+",
    "domain": ".{3,}",
    "input": ".{3,}",
    "category_code": "[A-Z]+",
}
"""Options of a query that narrow what is counted, and what OONI takes for them."""

# OONI refuses an hourly answer for more than a week; the other limit keeps an answer light.
_LONGEST: Final = {"hour": pd.Timedelta("7D"), "day": pd.Timedelta("365D")}
_STEP: Final = {"hour": pd.Timedelta("1h"), "day": pd.Timedelta("1D")}
_COMMENT: Final = {
    "ooni.measurement-count": "measurements that failed count too",
    "ooni.anomaly-share": "anomalies and confirmed blocks among measurements that did not fail",
}


@dataclasses.dataclass(frozen=True)
class _Part:
    """One request: a country over a stretch of whole days ``[since, until)``."""

    country: str
    since: pd.Timestamp
    until: pd.Timestamp
    request: Request
    refused: bool

    @property
    def entity(self) -> str:
        return f"country/{self.country}"

    def holds(self, time: datetime) -> bool:
        return self.since <= time < self.until


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the requests for counts of a country by day and network, over the window.

    The same requests serve the count, the share, and any choice of networks.

    Parameters
    ----------
    query
        Options: ``time_grain`` (``day`` unless it says ``hour``; hours are asked a week at a time)
        and :data:`FILTERS`. Other countries among the entities are asked for as well.
    replies
        A stretch that was too much for OONI at once is followed by its halves.

    Raises
    ------
    InputError
        If the datasource or the time grain is not one of OONI.
    """
    return [part.request for part in _parts(query, replies)]


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read the count of measurements, or the share of anomalies among them.

    Parameters
    ----------
    query
        As it was asked. With no entities: the country and every network that measured; networks
        that are not known are ``asn/unknown``. Networks are counted in the query's own country.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it, with a step of a day or an
        hour. Bins whose request has no reply, or that were not over when it was fetched, were not
        read. Attribute ``stretches``, where OONI refused a longer one, says which were asked for.

    Raises
    ------
    SourceError
        If a reply is an error, or not grouped as asked, or a count is none.
    InputError
        If the datasource or the time grain is not one of OONI.
    """
    every = _parts(query, replies)
    parts = [part for part in every if not part.refused]
    step = _STEP[_grain(query)]
    datasource = dataclasses.replace(DATASOURCES[query.datasource], step=step)
    share = query.datasource == "ooni.anomaly-share"
    sums: dict[tuple[str, datetime], list[int]] = defaultdict(lambda: [0, 0])
    for part in parts:
        if part.request.key in replies:
            reply = replies[part.request.key]
            for group in groups_of(reply, part.country, step, all_told=not share):
                for entity in (part.entity, group.network):
                    if part.holds(group.time) and _is_wanted(entity, part, query):
                        sums[entity, group.time][0] += group.blocked
                        sums[entity, group.time][1] += group.told
    found = [
        (entity, time, _share(blocked, told) if share else float(told))
        for (entity, time), (blocked, told) in sorted(sums.items())
    ]
    node = signals(
        query,
        SERVICE,
        rows(found),
        _expected(query),
        datasource=datasource,
        comment=_COMMENT[query.datasource],
    )
    if len(parts) < len(every):
        node.attrs["stretches"] = _told(parts)
    return _with_coverage(
        node, parts, replies, absent_is_zero=DATASOURCES[query.datasource].absent_is_zero
    )


def filters_of(query: Query) -> dict[str, str]:
    """Return the stated ones of :data:`FILTERS`; raise :class:`InputError` if OONI takes none."""
    stated = {name: query.options[name] for name in FILTERS if query.options.get(name)}
    for name, text in stated.items():
        if not re.fullmatch(FILTERS[name], text):
            raise InputError(f"OONI, option {name}: {text!r} does not fit {FILTERS[name]}.")
    return stated


def _parts(query: Query, replies: Mapping[str, Reply]) -> list[_Part]:
    if query.datasource not in _COMMENT:
        raise InputError(f"OONI has no {query.datasource!r}; ask for one of {', '.join(_COMMENT)}.")
    grain = _grain(query)
    others = {name[-2:] for name in query.entities if _is_country(name)}
    span = query.start.tz_convert("UTC").floor("1D"), query.end.tz_convert("UTC").ceil("1D")
    networks = sum(name.startswith("asn/") for name in query.entities)
    rows = _STEP[grain] * (MOST_ROWS // max(networks, 1))
    longest, day = min(_LONGEST[grain], max(rows.floor("1D"), _STEP["day"])), _STEP["day"]
    return [
        _Part(country, one.since, one.until, one.requests[0], one.refused)
        for country in dict.fromkeys([query.country, *sorted(others)])
        for one in stretches(span, longest, day, partial(_asked, query, country), replies)
    ]


def _told(parts: list[_Part]) -> str:
    return "; ".join(f"{one.country} {one.since:%Y-%m-%d}/{one.until:%Y-%m-%d}" for one in parts)


def _asked(
    query: Query, country: str, since: pd.Timestamp, until: pd.Timestamp, divisible: bool
) -> list[Request]:
    # Dates only: OONI refuses times here. The end is not included.
    first, after = (moment.strftime("%Y-%m-%d") for moment in (since, until))
    stated = {
        "probe_cc": country,
        **filters_of(query),
        "since": first,
        "until": after,
        "time_grain": _grain(query),
        "axis_x": "measurement_start_day",
        "axis_y": "probe_asn",
    }
    about = f"measurements of {country} from {first} until {after}"
    return [Request(SERVICE.name, "/aggregation", tuple(stated.items()), about, divisible)]


def _grain(query: Query) -> str:
    grain = query.options.get("time_grain", "day")
    if grain not in _STEP:
        raise InputError(f"OONI is not read by {grain!r}; set time_grain to day or hour.")
    return grain


def _is_country(name: str) -> bool:
    # The world of another source, or any other name of no country, would be read as zeros.
    return re.fullmatch(r"country/[A-Z]{2}", name) is not None


def _is_wanted(entity: str, part: _Part, query: Query) -> bool:
    if entity != part.entity and part.country != query.country:
        return False
    return not query.entities or entity in query.entities


def _expected(query: Query) -> list[str]:
    """Return the entities to hold even if nothing was measured there."""
    if not query.entities:
        return [f"country/{query.country}"]
    return [name for name in query.entities if name.startswith("asn/") or _is_country(name)]


def _share(blocked: int, told: int) -> float:
    return blocked / told if told else math.nan


def _with_coverage(
    node: xr.Dataset,
    parts: list[_Part],
    replies: Mapping[str, Reply],
    *,
    absent_is_zero: bool,
) -> xr.Dataset:
    starts = pd.DatetimeIndex(node["time"].values).tz_localize("UTC")
    ends = starts + pd.Timedelta(node.attrs["step_seconds"], "s")
    entities = node["entity"].values.astype(str)
    answered = np.zeros(node["value"].shape, dtype=bool)
    for part in parts:
        if part.request.key in replies:
            inside = (starts >= part.since) & (starts < part.until)
            # A bin that was not over counts too few.
            inside &= ends <= _fetched(replies[part.request.key])
            its = entities == part.entity
            if part.country == parts[0].country:
                its |= np.char.startswith(entities, "asn/")
            answered |= its[:, np.newaxis] & inside[np.newaxis, :]
    value, coverage = node["value"].values, node["coverage"].values
    value[~answered], coverage[~answered] = np.nan, NOT_READ
    if absent_is_zero:
        absent = answered & np.isnan(value)
        value[absent], coverage[absent] = 0.0, MEASURED
    return node


def _fetched(reply: Reply) -> pd.Timestamp:
    moment = pd.to_datetime(reply.fetched or "NaT", errors="coerce", utc=True)
    # A person's own file does not say when it was fetched: every bin of it was over.
    return pd.Timestamp("2200-01-01", tz="UTC") if pd.isna(moment) else moment
