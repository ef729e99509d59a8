"""From what replies hold to signals: bins, samples by entity, and what nobody read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.archive.request import Reply, Request, Service
from darkdays.contracts.datasources import DATASOURCES, Datasource
from darkdays.contracts.signals import NO_OFFSET, NOT_READ, from_samples
from darkdays.sources.query import Query


def bins(query: Query, step: pd.Timedelta) -> pd.DatetimeIndex:
    """Return the starts of the bins of a window, UTC."""
    first, after = (edge.tz_convert("UTC") for edge in (query.start, query.end))
    return pd.date_range(first.floor(step), after, freq=step, inclusive="left", unit="ns")


def answered(asked: Mapping[str, Request], replies: Mapping[str, Reply]) -> dict[str, Reply]:
    """Return the replies to requests by what each was asked for, of those that have one."""
    return {
        entity: replies[request.key] for entity, request in asked.items() if request.key in replies
    }


def rows(found: Iterable[tuple[Any, ...]], *more: str) -> pd.DataFrame:
    """Return samples as a table: ``entity``, ``time``, ``value``, and columns that go with it."""
    table = pd.DataFrame(found, columns=["entity", "time", "value", *more])
    return table.assign(time=pd.to_datetime(table["time"], utc=True))


def stretches(found: Iterable[tuple[str, pd.DatetimeIndex, NDArray[np.float64]]]) -> pd.DataFrame:
    """Return many samples of an entity at once as such a table: their times and their values."""
    none = rows([]).astype({"value": np.float64})
    tables = [pd.DataFrame({"entity": e, "time": t, "value": v}) for e, t, v in found]
    return pd.concat([none, *tables], ignore_index=True)


def signals(
    query: Query,
    service: Service,
    samples: pd.DataFrame,
    entities: Collection[str],
    *,
    unread: Iterable[str] = (),
    beside: Mapping[str, str] | None = None,
    datasource: Datasource | None = None,
    offset: pd.Timedelta = NO_OFFSET,
    **attrs: str,
) -> xr.Dataset:
    """Return samples of the window that was asked for as signals.

    Parameters
    ----------
    query
        What was asked.
    service
        Who answered; its licence and citation become attributes.
    samples
        Columns ``entity``, ``time`` (UTC) and ``value``.
    entities
        What to have a row for, also without a sample.
    unread
        Those nobody has a reply for: they were not read, which is not missing at the source.
    beside
        Further columns, each a variable of its own, with their units.
    datasource
        What is measured, if not as the query's name says.
    offset
        By how much bins begin after whole steps.
    attrs
        Further attributes.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it.
    """
    layers = {
        name: from_samples(
            samples[["entity", "time"]].assign(value=samples[name]),
            datasource or DATASOURCES[query.datasource],
            {**service.terms, **attrs},
            start=query.start,
            end=query.end,
            entities=list(entities),
            offset=offset,
        )
        for name in ("value", *(beside or ()))
    }
    node = layers["value"]
    for name, unit in (beside or {}).items():
        node[name] = layers[name]["value"].assign_attrs(units=unit)
    blind = np.isin(node["entity"].values.astype(str), list(unread))
    node["coverage"].values[blind] = NOT_READ
    return node
