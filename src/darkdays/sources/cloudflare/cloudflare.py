"""Cloudflare Radar: traffic of a place or network, and the outages Radar has annotated.

Contract: https://developers.cloudflare.com/api/resources/radar/. A token is needed (free,
permission "Account > Radar > Read"). Times are UTC, values are text. Every call is normalised on
its own (``MIN0_MAX``: 1 is the highest bin of that call), so that numbers of two calls cannot be
compared and one window of one entity is always one call: see :func:`splice`. The newest bin is
partial and is read as missing. Radar begins in September 2020.
Of TCP connections it tells at which stage a reset or a timeout ended them within ten packets, in
percent; read is the share of all that ended so, whatever the stage.

Outages that Radar has annotated are read by :mod:`darkdays.sources.cloudflare.cloudflare_outages`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.contracts.datasources import DATASOURCES
from darkdays.errors import InputError
from darkdays.sources.cloudflare import cloudflare_outages
from darkdays.sources.json_reply import AGAIN, items, mapping, moment, number
from darkdays.sources.query import Query
from darkdays.sources.samples import answered, bins, signals, stretches

SERVICE: Final = cloudflare_outages.SERVICE

_PATHS: Final = {
    "cloudflare.http": "/http/timeseries",
    "cloudflare.netflows": "/netflows/timeseries",
    "cloudflare.tcp-resets-timeouts": "/tcp_resets_timeouts/timeseries_groups",
}
_RESETS: Final = "cloudflare.tcp-resets-timeouts"
_UNDISTURBED: Final = "no_match"
_GRAINS: Final = {"1h": pd.Timedelta("1h"), "1d": pd.Timedelta("1D")}
_MEANT: Final = {"1h": "ONE_HOUR", "1d": "ONE_DAY"}
# From here on an hourly answer is long, and Radar gives days by itself.
_LONG: Final = pd.Timedelta(days=90)
_SERIES: Final = "main"
_LONGEST: Final = pd.Timedelta(days=364)


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return one request an entity for the whole window; by day where hours are refused.

    Parameters
    ----------
    query
        ``cloudflare.http``, ``cloudflare.netflows`` or ``cloudflare.tcp-resets-timeouts`` of
        ``country/IR``, ``asn/44244`` or ``region/<GeoNames id>`` (``region/127082`` is Khuzestan;
        resets are not asked by region). A window of more than 90 days is asked by day.
    replies
        Where an hourly question was refused, all entities are asked by day.

    Raises
    ------
    InputError
        If the datasource is not one of Radar, an entity cannot be asked for, or the window is
        longer than the 364 days one call can hold.
    """
    hourly, daily = _asked(query, "1h"), _asked(query, "1d")
    if _grain(query, replies) == "1h":
        return list(hourly.values())
    refused = [one for one in hourly.values() if one.key in replies]
    return [*refused, *daily.values()]


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read traffic an hour, or a day, as signals.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; an entity without one was not read.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes them, from 0 to 1, each entity on
        a scale of its own (resets and timeouts are percent of all connections), with the
        attributes ``calls`` (digest of the reply of each entity) and
        ``data_problems`` (what Radar says is wrong with its data in that time).

    Raises
    ------
    SourceError
        If a reply is no such answer, refused, of another width or normalisation than asked, or
        put together from several calls.
    InputError
        As :func:`requests`.
    """
    grain = _grain(query, replies)
    asked = _asked(query, grain)
    answers = answered(asked, replies)
    found = {entity: _series(reply, query.datasource, grain) for entity, reply in answers.items()}
    return signals(
        query,
        SERVICE,
        stretches((entity, times, values) for entity, (times, values, _) in found.items()),
        asked,
        unread=asked.keys() - answers.keys(),
        datasource=replace(DATASOURCES[query.datasource], step=_GRAINS[grain]),
        calls=" ".join(f"{entity}={reply.digest}" for entity, reply in answers.items()),
        data_problems="; ".join(sorted(set().union(*(said for *_, said in found.values())))),
    )


def _grain(query: Query, replies: Mapping[str, Reply]) -> str:
    if query.end - query.start > _LONG:
        return "1d"
    hourly = (replies.get(one.key) for one in _asked(query, "1h").values())
    return "1d" if any(one is not None and one.is_absence for one in hourly) else "1h"


def _asked(query: Query, grain: str) -> dict[str, Request]:
    if query.datasource not in _PATHS:
        raise InputError(f"{query.datasource} is not a datasource of Cloudflare Radar.")
    grid = bins(query, _GRAINS[grain])
    if grid.empty or query.end - query.start > _LONGEST:
        raise InputError(
            f"{query.datasource}: one call holds at most {_LONGEST.days} days, and two calls "
            "cannot be compared; choose a shorter window."
        )
    asked = {}
    for entity in sorted(set(query.entities)) or [f"country/{query.country}"]:
        pairs = (
            *_filter(query, entity),
            ("dateStart", f"{grid[0]:%Y-%m-%dT%H:%M:%SZ}"),
            # The end is included, so that the last bin of the window is asked for, not the next.
            ("dateEnd", f"{grid[-1]:%Y-%m-%dT%H:%M:%SZ}"),
            ("aggInterval", grain),
            *(() if query.datasource == _RESETS else (("normalization", "MIN0_MAX"),)),
            ("name", _SERIES),
            ("format", "JSON"),
        )
        if query.datasource == "cloudflare.netflows":
            pairs = (("product", "ALL"), *pairs)
        about = f"{DATASOURCES[query.datasource].title} of {entity}"
        path, divisible = _PATHS[query.datasource], grain == "1h"
        asked[entity] = Request(SERVICE.name, path, pairs, about, divisible)
    return asked


def _filter(query: Query, entity: str) -> tuple[tuple[str, str], ...]:
    kind, _, code = entity.partition("/")
    forms = {
        "country": ("location", "[A-Z]{2}"),
        "asn": ("asn", "[0-9]{1,10}"),
        "region": ("geoId", "[0-9]{1,10}"),
    }
    if query.datasource == _RESETS:
        del forms["region"]
    parameter, form = forms.get(kind, ("", "(?!)"))
    if not re.fullmatch(form, code):
        raise InputError(
            f"{query.datasource}: {entity} cannot be asked for; use country/IR, asn/44244 or "
            "region/ with a GeoNames id."
        )
    return ((parameter, code),)


def _series(
    reply: Reply, datasource: str, grain: str
) -> tuple[pd.DatetimeIndex, np.ndarray[Any, Any], set[str]]:
    """Return times, values and known data problems of a reply, JSON or CSV."""
    if reply.body.lstrip()[:1] == b"{":
        stamps, numbers, meta = _from_json(reply, datasource, grain)
    else:
        (stamps, numbers), meta = _from_csv(reply), {}
    if len(stamps) != len(numbers):
        raise reply.error("there are not as many values as timestamps", AGAIN)
    times = pd.DatetimeIndex([moment(reply, stamp, "a timestamp") for stamp in stamps], tz="UTC")
    if not (times.is_monotonic_increasing and times.is_unique):
        raise reply.error(
            "the times do not follow one another, as if two calls were put together",
            "each call is normalised on its own, so give the reply of one call",
        )
    values = np.array([number(reply, value, "a value") for value in numbers], dtype=np.float64)
    if meta.get("lastUpdated") is not None:
        values[times + _GRAINS[grain] > moment(reply, meta["lastUpdated"], "lastUpdated")] = np.nan
    info = meta.get("confidenceInfo")
    notes = info.get("annotations") if isinstance(info, dict) else None
    listed = [note for note in notes if isinstance(note, dict)] if isinstance(notes, list) else []
    if datasource == _RESETS:
        values = 100.0 - values
    return times, values, {str(note.get("description", note.get("eventType"))) for note in listed}


def _from_json(
    reply: Reply, datasource: str, grain: str
) -> tuple[list[Any], list[Any], dict[str, Any]]:
    result = cloudflare_outages.result(reply)
    meta = mapping(reply, result.get("meta"), "meta")
    scale = "PERCENTAGE" if datasource == _RESETS else "MIN0_MAX"
    for key, wanted in (("aggInterval", _MEANT[grain]), ("normalization", scale)):
        if meta.get(key) != wanted:
            raise reply.error(f"{key} is {str(meta.get(key))[:40]}, not {wanted}", "ask for that")
    ranges = meta.get("dateRange")
    series = {key: value for key, value in result.items() if key != "meta"}
    name = _SERIES if _SERIES in series or len(series) != 1 else next(iter(series))
    if name not in series:
        raise reply.error(
            f"which of {len(series)} series is meant is not known", f"name it {_SERIES}"
        )
    if len(series) == 1 and isinstance(ranges, list) and len(ranges) > 1:
        raise reply.error(
            "one series has several date ranges", "give the reply of one call for one window"
        )
    found = mapping(reply, series[name], f"series {name[:40]}")
    return (
        items(reply, found.get("timestamps"), "timestamps"),
        items(reply, found.get(_UNDISTURBED if datasource == _RESETS else "values"), "values"),
        meta,
    )


def _from_csv(reply: Reply) -> tuple[list[Any], list[Any]]:
    try:
        table = pd.read_csv(io.BytesIO(reply.body), dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise reply.error("the reply is neither JSON nor CSV", AGAIN) from None
    names = [str(column).removesuffix(" timestamps") for column in table.columns]
    names = [name for name in names if f"{name} timestamps" in table.columns]
    if len(names) != 1 or f"{names[0]} values" not in table.columns:
        raise reply.error("there is not one series of timestamps and values", AGAIN)
    values = [value or None for value in table[f"{names[0]} values"]]
    return list(table[f"{names[0]} timestamps"]), values
