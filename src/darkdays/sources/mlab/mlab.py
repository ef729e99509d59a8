"""M-Lab: speed tests a day, from the files of its statistics pipeline.

Contract: https://github.com/m-lab/stats-pipeline (``continent_country_region_histogram.sql``).
One file a place and year, a row a day (UTC) and bucket of speed, eight buckets a day; what holds
for the day is repeated in all eight. Speeds are Mbit/s, one random test an address and day.
The files are frozen: they run from 2020 to 2024-03-26; outside of that nothing is asked.

What to know before reading a fall into them: tests of 0 Mbit/s are left out; a day with downloads
only, or uploads only, has no row; more people test when things break, which is why the number of
tests stands beside the values (``samples``); the lowest bucket is labelled from 0 but counted from
0.562 Mbit/s, so that slower tests are in the number of the day and in no bucket. Those are the
lost share: ``1 - sum of the buckets / tests of the day``, a measure of throttling.

A region is an ISO 3166-2 code (``IR-06``), in older rows MaxMind's own, where the same code can
mean another province.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.contracts.signals import NOT_READ
from darkdays.errors import InputError
from darkdays.sources.countries import CONTINENTS
from darkdays.sources.json_reply import AGAIN
from darkdays.sources.mlab.mlab_days import BUCKETS, DIRECTIONS, Day, days_of
from darkdays.sources.query import Query
from darkdays.sources.samples import rows, signals
from darkdays.sources.services import service

SERVICE: Final = service("mlab")

FIRST_DAY: Final = pd.Timestamp("2020-01-01", tz="UTC")
LAST_DAY: Final = pd.Timestamp("2024-03-26", tz="UTC")


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request an entity and year of the window that there is a file for.

    Parameters
    ----------
    query
        Entities are ``country/IR``, ``asn/44244`` or ``region/IR-06`` (ISO 3166-2); none means
        its country. Option ``regions`` says which code another region has, as in
        ``region/4417=IR-06``, several separated by commas.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the datasource is not one of M-Lab, or an entity cannot be turned into a place.
    """
    return [request for _, request in asked(query)]


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read the median speed, or the share of tests lost, a day.

    Parameters
    ----------
    query
        As it was asked. Option ``direction`` is ``download`` (if not given) or ``upload``.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a year without one was not read. An
        answer that there is no such object means that the place had no tests.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it, for ``mlab.download`` in
        Mbit/s, for ``mlab.lost-share`` a share; and ``samples``, the tests of each day. The lost
        share is NaN on a day that has not all eight buckets.

    Raises
    ------
    SourceError
        If a reply is no such file, or the rows of a day disagree.
    InputError
        As :func:`requests`, and if the direction is none.
    """
    direction = query.options.get("direction", "download")
    if direction not in DIRECTIONS:
        raise InputError(f"{query.datasource}: direction {direction!r} is not download or upload.")
    every = asked(query)
    names = _entities(query)
    found, absent = [], []
    for (entity, year), request in every:
        if request.key not in replies:
            absent.append((entity, year))
            continue
        reply = replies[request.key]
        found += [
            (entity, day, *_value(query, reply, entries, direction))
            for day, entries in days_of(reply, year)
        ]
    table = rows(found, "samples")
    node = signals(query, SERVICE, table, names, beside={"samples": "tests"}, direction=direction)
    times = pd.DatetimeIndex(node["time"].values)
    for entity, year in absent:
        row = list(node["entity"].values).index(entity)
        node["coverage"].values[row, times.year == year] = NOT_READ
    outside = (times < FIRST_DAY.tz_localize(None)) | (times > LAST_DAY.tz_localize(None))
    node["coverage"].values[:, outside] = NOT_READ
    return node


def _entities(query: Query) -> list[str]:
    return sorted(set(query.entities)) or [f"country/{query.country}"]


def asked(query: Query) -> list[tuple[tuple[str, int], Request]]:
    """Return entity, year and request of every file of a query's window."""
    if query.datasource not in ("mlab.download", "mlab.lost-share"):
        raise InputError(f"{query.datasource} is not a datasource of M-Lab's statistics.")
    first = max(query.start.tz_convert("UTC"), FIRST_DAY).year
    last = min(query.end.tz_convert("UTC") - pd.Timedelta(1, "ns"), LAST_DAY).year
    found = []
    for entity in _entities(query):
        place = _place(query, entity)
        for year in range(first, last + 1):
            path = f"/v0/{place}/{year}/histogram_daily_stats.json"
            request = Request(SERVICE.name, path, (), f"speed tests of {entity} in {year}")
            found.append(((entity, year), request))
    return found


def _place(query: Query, entity: str) -> str:
    """Return the folder of a place."""
    kind, _, code = entity.partition("/")
    if kind == "asn" and re.fullmatch("[0-9]{1,10}", code):
        return f"asn/{code}"
    if kind == "region":
        code = iso_region(query, entity)
    country = code[:2]
    if kind not in ("country", "region") or (kind == "country" and code != country):
        raise InputError(f"{query.datasource}: {entity} is no country, network or region.")
    if country not in CONTINENTS:
        raise InputError(f"{query.datasource}: {country!r} is not a country code such as IR.")
    folder = f"{CONTINENTS[country]}/{country}"
    return folder if kind == "country" else f"{folder}/{code}"


def iso_region(query: Query, entity: str) -> str:
    """Return the ISO 3166-2 code of a region: its own, or the one option ``regions`` gives it.

    Raises
    ------
    InputError
        If it has none.
    """
    pairs = (pair.partition("=") for pair in query.options.get("regions", "").split(","))
    stated = {name.strip(): known.strip() for name, _, known in pairs}
    code = stated.get(entity, entity.removeprefix("region/"))
    if not re.fullmatch("[A-Z]{2}-[A-Z0-9]{1,3}", code):
        raise InputError(
            f"{query.datasource}: which place {entity} is for M-Lab is not known; give its "
            f"ISO 3166-2 code as option regions, such as {entity}=IR-06."
        )
    return code


def _value(
    query: Query, reply: Reply, rows: list[dict[str, Any]], direction: str
) -> tuple[float, float]:
    """Return value and tests of a day."""
    day, short = Day(reply, rows), DIRECTIONS[direction]
    tests = day.same(f"{short}_samples_day")
    if query.datasource == "mlab.download":
        return day.same(f"{direction}_MED"), tests
    buckets = day.each("bucket_min")
    if len(np.unique(buckets)) != len(buckets):
        raise reply.error("a day has the same bucket twice", AGAIN)
    counted = float(day.each(f"{short}_samples_bucket").sum())
    if counted > tests or tests < 0:
        raise reply.error("the buckets of a day hold more tests than the day", AGAIN)
    complete = len(buckets) == BUCKETS and tests > 0
    return (1 - counted / tests if complete else math.nan), tests
