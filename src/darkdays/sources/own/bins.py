"""The bins of a person's own series: their step, and where they begin."""

from __future__ import annotations

import dataclasses
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply, SourceError
from darkdays.contracts.datasources import DATASOURCES, Datasource
from darkdays.sources.event_rows import cleaned
from darkdays.sources.query import Query

_DAY: Final = pd.Timedelta(days=1)


def datasource_of(query: Query, samples: pd.DataFrame) -> Datasource:
    """Return the datasource that is asked for, or a person's own, with what the case says of it.

    Raises
    ------
    SourceError
        If the step that the case states is none.
    """
    stated = query.options
    known = DATASOURCES.get(query.datasource)
    title, unit, step = stated.get("title"), stated.get("unit"), stated.get("step")
    if known is None:
        name = query.datasource
        step = step or _commonest(samples)
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


def _commonest(samples: pd.DataFrame) -> str:
    """Return the commonest step of the rows of an entity, in seconds; an hour of one row."""
    seconds = samples.sort_values("time").groupby("entity")["time"].diff().dt.total_seconds()
    seconds = seconds[seconds > 0]
    return f"{seconds.mode().iloc[0]:g}s" if len(seconds) else "1h"


def on_clock(samples: pd.DataFrame, step: pd.Timedelta) -> tuple[pd.DataFrame, pd.Timedelta]:
    """Return samples whose bins are even, and how far these begin after whole steps.

    Days of a clock that changes are days: each is the bin that begins at the commonest offset.
    Longer bins than the hour by which clocks change are the nearest.
    """
    moments = pd.DatetimeIndex(samples["time"])
    if not len(moments):
        return samples, pd.Timedelta(0)
    days = samples["day"].notna().to_numpy()
    if step == _DAY and days.all():
        shift = (
            (moments.tz_localize(None) - pd.DatetimeIndex(samples["day"]))
            .to_series()
            .mode()
            .iloc[0]
        )
        moments = (pd.DatetimeIndex(samples["day"]) + shift).tz_localize("UTC")
    offset = pd.Timedelta((moments - moments.floor(step)).to_series().mode().iloc[0])
    if step > pd.Timedelta(hours=2):
        moments = (moments - offset).round(step) + offset
    elif len((moments - moments.floor(step)).unique()) > 1:
        offset = pd.Timedelta(0)
    return samples.assign(time=moments.as_unit("ns")), offset


def refuse_two_in_a_bin(
    reply: Reply, samples: pd.DataFrame, step: pd.Timedelta, offset: pd.Timedelta
) -> None:
    """Refuse two rows of one entity that are of one bin.

    Raises
    ------
    SourceError
        If there are any.
    """
    bins = (samples["time"] - offset).dt.floor(step)
    twice = pd.DataFrame({"entity": samples["entity"], "bin": bins}).duplicated()
    if twice.any():
        first = samples[twice.to_numpy()].iloc[0]
        raise reply.error(
            f"two rows of {cleaned(first['entity'])} are of one bin of {step} at "
            f"{first['time']:%Y-%m-%dT%H:%MZ}",
            "state the option step if bins are shorter, or write times in UTC where clocks change",
        )
