"""Monash IP Observatory: hourly connectivity of counties, from one of its published files.

Contract: https://github.com/sodalabsio/shared_data, folder ``Monash-IP-Observatory``: one CSV a
country and week, a row a county (second-order division) and hour. ``time_e_str`` is **local**
time, and ``time_e`` the same written as if it were Unix time, so that it is not read. Values run
from 0 to 100 in some twenty coarse steps, and can rest on one of them for hours: they tell when
something fell, hardly by how much. There is no service: a person downloads the file and gives it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.contracts.signals import NO_OFFSET
from darkdays.errors import InputError
from darkdays.sources.event_rows import MONTHS
from darkdays.sources.json_reply import number
from darkdays.sources.places import plain, spellings
from darkdays.sources.query import Query
from darkdays.sources.samples import rows, signals
from darkdays.sources.services import service
from darkdays.sources.tor import rows_of

SERVICE: Final = service("monash")

_REMEDY: Final = "give the file of its own with --file monash=PATH"
_REQUIRED: Final = ("iso", "name_1", "name_2", "time_e_str", "connectivity")
_TIME: Final = re.compile(r"(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) (\d{2}):(\d{2}):(\d{2})", re.ASCII)
_LEVELS: Final = ("province", "county", "both")


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the one request a file has to stand in for."""
    return [Request(SERVICE.name, "/connectivity.csv", (), "hourly connectivity of counties")]


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read the file.

    Parameters
    ----------
    query
        Entities are provinces by name (``region/Khuzestan``) in any spelling the table of places
        knows; none means all of the file, as it calls them. Option ``level``: ``province``, the
        plain mean of its counties, unless it says ``county``, for each of these as
        ``region/Khuzestan.Ahvaz``, or ``both``. Option ``iso`` chooses one country of a
        file of several. Times are local to option ``time_zone``, or else to the place.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it, from 0 to 100; an hour that
        lacks one of a province's counties is missing, because their mean would jump. Bins begin at
        the local full hour.

    Raises
    ------
    SourceError
        If the file is no such table, is of several countries, or a row cannot be read.
    InputError
        If the level is not known, or there is no time zone.
    """
    if (level := query.options.get("level", "province")) not in _LEVELS:
        raise InputError(f"monash: {level!r} is no level; set level to {' or '.join(_LEVELS)}.")
    zone_name = query.options.get("time_zone") or query.time_zone
    try:
        zone = ZoneInfo(zone_name)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"monash: its times are local, and {zone_name!r} is no time zone; "
            "give the option time_zone, such as Asia/Tehran."
        ) from None
    (request,) = requests(query, replies)
    reply = replies.get(request.key)
    hours = _hours(query, reply, level) if reply is not None else {}
    table = _samples(hours, zone)
    named = set(_names(query).values()) if level != "county" else set()
    entities = {*hours, *named} or {f"country/{query.country}"}
    return signals(
        query,
        SERVICE,
        table,
        entities,
        unread=entities if reply is None else (),
        offset=_offset(table["time"]),
        level=level,
    )


_Hours = dict[str, dict[datetime, dict[str, float]]]


def _hours(query: Query, reply: Reply, level: str) -> _Hours:
    """Return values by entity, local time and county."""
    found: _Hours = defaultdict(lambda: defaultdict(dict))
    calls = _names(query)
    countries = set()
    for row in rows_of(reply, _REQUIRED, _REMEDY):
        if query.options.get("iso", row["iso"]) != row["iso"]:
            continue
        countries.add(row["iso"])
        province = " ".join(row["name_1"].split())
        label = calls.get(plain(province), "" if calls else f"region/{province}")
        if not label:
            continue
        county = re.sub(r"[^\w '-]", " ", " ".join(row["name_2"].split()))
        time = _local(reply, row["time_e_str"])
        part = f"{label}.{county}"
        names = {"province": [label], "county": [part], "both": [label, part]}[level]
        every = [found[name][time] for name in names]
        if any(county in counties for counties in every):
            raise reply.error(f"{county} has two values for {row['time_e_str']}", _REMEDY)
        value = number(reply, row["connectivity"].strip() or None, "connectivity")
        if not (np.isnan(value) or 0 <= value <= 100):
            raise reply.error(f"a connectivity is {value:g}, not from 0 to 100", _REMEDY)
        for counties in every:
            counties[county] = value + 0.0  # the file writes some zeros as -0
    if len(countries) > 1:
        raise reply.error(
            f"it is of {', '.join(sorted(countries)[:9])}", "choose one with the option iso"
        )
    return found


def _names(query: Query) -> dict[str, str]:
    """Return what the query calls a province, by every spelling of it."""
    listed = [name for name in query.entities if name.startswith("region/")]
    provinces = {name.removeprefix("region/").partition(".")[0] for name in listed}
    return {
        spelling: f"region/{name}"
        for name in sorted(provinces)
        for spelling in spellings(query.country, name)
    }


def _local(reply: Reply, text: str) -> datetime:
    found = _TIME.fullmatch(text.strip())
    if found is not None and found[2] in MONTHS:
        day, year, hour, minute, second = (int(found[n]) for n in (1, 3, 4, 5, 6))
        try:
            month = MONTHS.index(found[2]) + 1
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  (local)
        except ValueError:
            pass
    raise reply.error(f"{text[:40]!r} is not a time", _REMEDY)


def _samples(hours: _Hours, zone: ZoneInfo) -> pd.DataFrame:
    """Return the mean of all counties, NaN where one of them is missing."""
    found = []
    for entity, by_time in hours.items():
        counties = len({county for values in by_time.values() for county in values})
        for time, values in by_time.items():
            whole = len(values) == counties
            mean = sum(values.values()) / counties if whole else np.nan
            found.append((entity, time.replace(tzinfo=zone), mean))
    return rows(found)


def _offset(times: pd.Series) -> pd.Timedelta:
    moments = pd.DatetimeIndex(times)
    found = (moments - moments.floor("1h")).unique()
    # Where the clock changes by half an hour, bins are as they were before.
    return pd.Timedelta(found[0]) if len(found) else NO_OFFSET
