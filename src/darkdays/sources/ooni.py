"""OONI: how many measurements were made where, and how many of them were anomalous.

Contract: https://api.ooni.io/apidocs/, ``GET /api/v1/aggregation``. Counts by day (or hour) and
network, UTC. OONI has no regions. A group without measurements is absent from the reply: for a
count that is a measured zero, for a share it is missing. During a shutdown measurements vanish,
which makes the count a signal of its own. Measurements are uploaded late by probes that were cut
off, so that the same question has another answer weeks later.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request, Service
from darkdays.errors import InputError
from darkdays.signals import DATASOURCES, MEASURED, NOT_READ, from_samples
from darkdays.sources.query import Query

SERVICE: Final = Service(
    name="ooni",
    base_url="https://api.ooni.io/api/v1",
    licence="CC BY-NC-SA 4.0",
    redistributable=True,
    citation="Open Observatory of Network Interference (OONI), https://ooni.org/data/",
)
AGAIN: Final = "ask for less at once, or fetch it again later"
FILTERS: Final = ("test_name", "domain", "input", "category_code")
"""Options of a query that narrow what is counted, passed on as they are."""

# OONI refuses an hourly answer for more than a week; the other limit keeps an answer light.
_LONGEST: Final = {"hour": pd.Timedelta("7D"), "day": pd.Timedelta("365D")}
_STEP: Final = {"hour": pd.Timedelta("1h"), "day": pd.Timedelta("1D")}
# Network 0 is OONI's "not known"; embedded figures call it the same.
_UNKNOWN_NETWORK: Final = "asn/unknown"
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

    @property
    def entity(self) -> str:
        return f"country/{self.country}"


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the requests for counts of a country by day and network, over the window.

    The same requests serve the count, the share, and any choice of networks.

    Parameters
    ----------
    query
        Options: ``time_grain`` (``day`` unless it says ``hour``; hours are asked a week at a time)
        and :data:`FILTERS`. Other countries among the entities are asked for as well.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the datasource or the time grain is not one of OONI.
    """
    return [part.request for part in _parts(query)]


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
        As :func:`darkdays.signals.from_samples` makes it, with a step of a day or an hour.
        Bins whose request has no reply, or that were not over when it was fetched, were not read.

    Raises
    ------
    SourceError
        If a reply is an error, or not grouped as asked, or a count is none.
    InputError
        If the datasource or the time grain is not one of OONI.
    """
    parts = _parts(query)
    step = _STEP[_grain(query)]
    datasource = dataclasses.replace(DATASOURCES[query.datasource], step=step)
    share = query.datasource == "ooni.anomaly-share"
    sums: dict[tuple[str, datetime], list[int]] = defaultdict(lambda: [0, 0])
    for part in parts:
        if part.request.key in replies:
            for network, time, *counts in _groups(part, replies[part.request.key], share, step):
                for entity in (part.entity, network):
                    if _is_wanted(entity, part, query):
                        sums[entity, time][0] += counts[0]
                        sums[entity, time][1] += counts[1]
    rows = [
        (entity, time, _ratio(above, below) if share else float(below))
        for (entity, time), (above, below) in sorted(sums.items())
    ]
    samples = pd.DataFrame(rows, columns=["entity", "time", "value"])
    node = from_samples(
        samples.assign(time=pd.to_datetime(samples["time"], utc=True)),
        datasource,
        {
            "licence": SERVICE.licence,
            "citation": SERVICE.citation,
            "comment": _COMMENT[query.datasource],
        },
        start=query.start,
        end=query.end,
        entities=_expected(query),
    )
    return _with_coverage(node, query, parts, replies, absent_is_zero=not share)


def answer_of(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of a reply that is not one of OONI's errors.

    Raises
    ------
    SourceError
        If it is no JSON object, or an error: OONI gives a wrong question ``msg``, sometimes with
        HTTP 200, and its framework ``detail``, a sentence or a list; a used-up quota ``error``.
    """
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise reply.error("the reply is not JSON", AGAIN) from None
    if not isinstance(answer, dict):
        raise reply.error("the reply is not a JSON object", AGAIN)
    if not {"result", "results"} & answer.keys():
        told = next((answer[key] for key in ("msg", "detail", "error") if answer.get(key)), None)
        if isinstance(told, list) and isinstance(told[0], dict):
            told = told[0].get("msg")
        problem = f"OONI says {str(told)[:200]!r}" if told else "the reply holds no result"
        raise reply.error(problem, AGAIN)
    return answer


def _parts(query: Query) -> list[_Part]:
    if query.datasource not in _COMMENT:
        raise InputError(f"OONI has no {query.datasource!r}; ask for one of {', '.join(_COMMENT)}.")
    grain = _grain(query)
    others = {name[-2:] for name in query.entities if _is_country(name)}
    after = query.end.tz_convert("UTC").ceil("1D")
    found = []
    for country in dict.fromkeys([query.country, *sorted(others)]):
        since = query.start.tz_convert("UTC").floor("1D")
        while since < after:
            until = min(since + _LONGEST[grain], after)
            found.append(_Part(country, since, until, _request(query, country, since, until)))
            since = until
    return found


def _request(query: Query, country: str, since: pd.Timestamp, until: pd.Timestamp) -> Request:
    # Dates only: OONI refuses times here. The end is not included.
    first, after = (moment.strftime("%Y-%m-%d") for moment in (since, until))
    stated = {
        "probe_cc": country,
        **{name: query.options[name] for name in FILTERS if query.options.get(name)},
        "since": first,
        "until": after,
        "time_grain": _grain(query),
        "axis_x": "measurement_start_day",
        "axis_y": "probe_asn",
    }
    about = f"measurements of {country} from {first} until {after}"
    return Request(SERVICE.name, "/aggregation", tuple(stated.items()), about=about)


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


def _groups(
    part: _Part, reply: Reply, share: bool, step: pd.Timedelta
) -> Iterator[tuple[str, datetime, int, int]]:
    """Go through network, bin, and two counts (of a share, or nothing and all) of each group."""
    result = answer_of(reply).get("result")
    # Without any axis OONI answers with one group that is no list.
    groups = [result] if isinstance(result, dict) else result
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise reply.error("the result is not a list of groups", AGAIN)
    over = _over(reply)
    seen = set()
    for group in groups:
        country = group.get("probe_cc") or part.country
        if country != part.country:
            raise reply.error(f"it is about {str(country)[:20]!r}, not {part.country}", AGAIN)
        text = group.get("measurement_start_day")
        time = _bin(text, reply, step)
        # Empty fields are left out of a reply: a network left out is one that is not known.
        number = 0 if group.get("probe_asn") is None else _count(group, "probe_asn", reply)
        if (same := (text, group.get("probe_asn"))) in seen:
            raise reply.error(f"network {number} occurs twice at {text}", AGAIN)
        seen.add(same)
        if share:
            above = _count(group, "anomaly_count", reply) + _count(group, "confirmed_count", reply)
            below = above + _count(group, "ok_count", reply)
        else:
            above, below = 0, _count(group, "measurement_count", reply)
        if part.since <= time < part.until and time + step <= over:
            yield (f"asn/{number}" if number else _UNKNOWN_NETWORK), time, above, below


def _bin(text: object, reply: Reply, step: pd.Timedelta) -> datetime:
    if not isinstance(text, str):
        raise reply.error("the counts are not grouped by measurement_start_day", AGAIN)
    hourly = "T" in text
    try:
        time = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ" if hourly else "%Y-%m-%d")
    except ValueError:
        raise reply.error(f"{text[:40]!r} is not a day or an hour", AGAIN) from None
    if step < _STEP["day"] and not hourly:
        raise reply.error("counts of days came back where hours were asked for", AGAIN)
    return time.replace(
        tzinfo=UTC, minute=0, second=0, hour=time.hour if step < _STEP["day"] else 0
    )


def _count(group: Mapping[str, Any], field: str, reply: Reply) -> int:
    number = group.get(field)
    # A truth value is a whole number to Python; nothing is counted beyond 2**53 exactly.
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**53:
        raise reply.error(f"{field} of a group is {str(number)[:40]!r}, not a count", AGAIN)
    return number


def _ratio(above: int, below: int) -> float:
    return above / below if below else math.nan


def _over(reply: Reply) -> datetime:
    """Return when a reply was fetched: a bin that ended later was not over, so not read."""
    try:
        moment = datetime.fromisoformat(reply.fetched)
    except ValueError:
        # A person's own file does not say.
        return datetime.max.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _with_coverage(
    node: xr.Dataset,
    query: Query,
    parts: list[_Part],
    replies: Mapping[str, Reply],
    *,
    absent_is_zero: bool,
) -> xr.Dataset:
    times = pd.DatetimeIndex(node["time"].values).tz_localize("UTC")
    entities = node["entity"].values.astype(str)
    is_network = np.char.startswith(entities, "asn/")
    answered = np.zeros(node["value"].shape, dtype=bool)
    for part in parts:
        if part.request.key in replies:
            over = _over(replies[part.request.key])
            inside = (
                (times >= part.since)
                & (times < part.until)
                & (times + _STEP[_grain(query)] <= over)
            )
            its = (entities == part.entity) | (is_network & (part.country == query.country))
            answered |= its[:, np.newaxis] & inside[np.newaxis, :]
    value, coverage = node["value"].values, node["coverage"].values
    coverage[~answered] = NOT_READ
    if absent_is_zero:
        absent = answered & np.isnan(value)
        value[absent], coverage[absent] = 0.0, MEASURED
    return node
