"""Anyone's own CSV of measurements, with a map of its columns in the case.

See :mod:`darkdays.sources.own.user_rows` for how columns are mapped. The datasource is one the kit
knows, or one of a person's own (``own.traffic``), which says its unit and step.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request, Service, SourceError
from darkdays.contracts.datasources import DATASOURCES, Datasource
from darkdays.contracts.signals import NO_OFFSET
from darkdays.sources.event_rows import answered, cleaned, zone_of
from darkdays.sources.own import user_rows
from darkdays.sources.own.user_rows import mapped, moment_of
from darkdays.sources.query import Query
from darkdays.sources.samples import rows, signals

SERVICE: Final[Service] = user_rows.SERVICE

_COLUMNS: Final = ("time", "value", "entity")
_MISSING: Final = frozenset({"", "na", "nan", "null", "none", "."})
_DAY: Final = pd.Timedelta(days=1)


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the one request a file has to stand in for.

    Option ``file`` is its name, ``signal.csv`` if not given.

    Raises
    ------
    SourceError
        If no file is named, or by more than its name.
    """
    return [user_rows.request_of(query, "signal.csv")]


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read the file into a signal.

    Options ``time``, ``value`` and ``entity`` name columns, or hold for all rows after ``=``
    (``entity: =country/IR``). Times are local to option ``time_zone``, UTC if not given, unless
    they state an offset; they are the starts of bins. Options ``step`` (``10min``), ``unit`` and
    ``title`` replace those of the datasource. Empty values are missing, and the numbers of option
    ``missing_values``; bins without a row too: none is taken for 0.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it; bins begin where the file's do,
        also if that is at half past.

    Raises
    ------
    SourceError
        If the file is not there, lacks a column, a cell cannot be read, two rows are of one bin,
        or the step is none; the sentence names the row.
    """
    (reply,) = answered(query, requests(query, replies), replies)
    datasource = _datasource(query)
    # Signals are in UTC unless their owner says otherwise; the place's zone is not presumed.
    zone = ZoneInfo(zone_of(query).name)
    codes = frozenset(map(float, query.options.get("missing_values", "").split()))
    samples = rows(
        (
            row["entity"],
            moment_of(reply, number, row["time"], zone),
            _number(reply, number, row["value"], codes),
        )
        for number, row in mapped(query, reply, _COLUMNS, _COLUMNS)
        if not query.entities or row["entity"] in query.entities
    )
    offset = _offset(samples["time"], datasource.step)
    _refuse_two_in_a_bin(reply, samples, datasource.step, offset)
    node = signals(query, SERVICE, samples, query.entities, datasource=datasource, offset=offset)
    return node.assign_attrs(user_rows.terms_of(query))


def _datasource(query: Query) -> Datasource:
    stated = query.options
    known = DATASOURCES.get(query.datasource)
    title, unit, step = stated.get("title"), stated.get("unit"), stated.get("step")
    if known is None:
        name = query.datasource
        known = Datasource(name, name.removeprefix("own."), "", pd.Timedelta(hours=1))
    width = known.step
    if step:
        try:
            width = pd.Timedelta(step)
        except ValueError:
            width = pd.Timedelta(0)
        if not pd.Timedelta(0) < width <= _DAY or _DAY % width:
            raise SourceError(
                f"user-csv, {query.datasource}: the step {step!r} is no part of a day; "
                "write 5min, 1h or 1D."
            )
    return dataclasses.replace(
        known, step=width, title=title or known.title, unit=unit or known.unit
    )


def _offset(times: pd.Series, step: pd.Timedelta) -> pd.Timedelta:
    """Return how far all bins of a file begin after whole steps, if that is the same for all."""
    moments = pd.DatetimeIndex(times)
    found = (moments - moments.floor(step)).unique()
    return pd.Timedelta(found[0]) if len(found) == 1 else NO_OFFSET


def _refuse_two_in_a_bin(
    reply: Reply, samples: pd.DataFrame, step: pd.Timedelta, offset: pd.Timedelta
) -> None:
    bins = (samples["time"] - offset).dt.floor(step)
    twice = pd.DataFrame({"entity": samples["entity"], "bin": bins}).duplicated()
    if twice.any():
        first = samples[twice.to_numpy()].iloc[0]
        raise reply.error(
            f"two rows of {cleaned(first['entity'])} are of one bin of {step} at "
            f"{first['time']:%Y-%m-%dT%H:%MZ}",
            "state the option step if bins are shorter, or write times in UTC where clocks change",
        )


def _number(reply: Reply, number: int, text: str, codes: frozenset[float]) -> float:
    if text.lower() in _MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise reply.error(
            f"row {number} has the value {text!r}", "write a number, or nothing where it is missing"
        )
    if value in codes:
        return math.nan
    if value < 0:
        raise reply.error(
            f"row {number} has the value {text}, and counts and shares cannot be below 0",
            f"write missing_values: [{text}] in the signal if it means that nothing was measured",
        )
    return value
