"""IODA's dashboard: the table a person saves there, as signals.

Contract: https://ioda.inetintel.cc.gatech.edu/, "Export CSV" of the plot of an entity. One row a
step (UTC), a column a datasource. The file named "normalized" holds each signal as a percentage of
its own maximum in the plot: shapes can be compared, levels cannot, and no share of networks can be
told from it. The service does not offer this file by an address: a person saves it and gives it as
a local file.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.signals import DATASOURCES, NOT_READ, Datasource, from_samples
from darkdays.sources.ioda_entities import SERVICE as _SERVICE
from darkdays.sources.query import Query
from darkdays.sources.tor import rows_of

SERVICE: Final = _SERVICE
UNIT: Final = "percent of own maximum"

_TIME: Final = "Time (UTC)"
# Google's column names its product; the others are alike in every file.
_COLUMNS: Final = {
    "ioda.bgp": "BGP (",
    "ioda.ping-slash24": "Active Probing (",
    "ioda.merit-nt": "Telescope (",
    "ioda.gtr": "Google (",
}
_SCALES: Final = ("normalized", "absolute")
_AGAIN: Final = "save it again from IODA's dashboard, and give it as the file of ioda"
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]*)?([eE][-+]?[0-9]{1,2})?")


def is_meant(query: Query) -> bool:
    """Tell whether a query asks for a saved table: its option ``export`` is ``dashboard``.

    Raises
    ------
    InputError
        If the option says anything else.
    """
    stated = query.options.get("export", "")
    if stated not in ("", "dashboard"):
        raise InputError(f"IODA has no export {stated!r}; set export to dashboard, or leave it.")
    return stated == "dashboard"


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the one request that a person's file stands in for; it serves all datasources.

    Parameters
    ----------
    query
        Its first entity is what the plot is of; with none it is the country.
    replies
        Not needed: everything is known from the start.
    """
    entity = _entity(query)
    return [
        Request(
            SERVICE.name,
            "/dashboard-export.csv",
            (("entity", entity),),
            about=f"table of {entity} saved from the dashboard",
        )
    ]


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read a datasource from a saved table.

    Parameters
    ----------
    query
        Option ``scale``: ``normalized`` unless it says ``absolute``, for a table of the numbers
        themselves.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.signals.from_samples` makes it, in :data:`UNIT` or, of an absolute table,
        the datasource's own; the step is the commonest of the table, for the dashboard draws all
        signals with one. An empty cell is missing at the source; times the table does not hold
        were not read.

    Raises
    ------
    SourceError
        If the reply is no such table, has no such column, times out of step, or percentages
        above 100.
    InputError
        If the datasource has no column in such tables, or the scale is not known.
    """
    scale = query.options.get("scale", "normalized")
    if scale not in _SCALES:
        raise InputError(f"{scale!r} is no scale; set scale to {' or '.join(_SCALES)}.")
    if query.datasource not in _COLUMNS:
        raise InputError(
            f"IODA's dashboard saves no {query.datasource!r}; ask for one of {', '.join(_COLUMNS)}."
        )
    (request,) = requests(query, replies)
    found = _samples(query, replies[request.key], scale) if request.key in replies else []
    known = DATASOURCES[query.datasource]
    step = _step(replies[request.key], [time for time, _ in found]) if found else known.step
    own = dataclasses.replace(known, step=step, unit=UNIT if scale == "normalized" else known.unit)
    return _node(query, own, found)


def _entity(query: Query) -> str:
    return query.entities[0] if query.entities else f"country/{query.country}"


def _node(query: Query, datasource: Datasource, found: list[tuple[datetime, float]]) -> xr.Dataset:
    table = pd.DataFrame(found, columns=["time", "value"])
    node = from_samples(
        table.assign(entity=_entity(query), time=pd.to_datetime(table["time"], utc=True)),
        datasource,
        {"licence": SERVICE.licence, "citation": SERVICE.citation},
        start=query.start,
        end=query.end,
        entities=[_entity(query)],
    )
    times = pd.DatetimeIndex(node["time"].values).tz_localize("UTC")
    held = times.isin(pd.DatetimeIndex(pd.to_datetime(table["time"], utc=True)))
    node["coverage"].values[:, ~held] = NOT_READ
    return node


def _samples(query: Query, reply: Reply, scale: str) -> list[tuple[datetime, float]]:
    column = ""
    found: dict[datetime, float] = {}
    for row in rows_of(reply, (_TIME,), _AGAIN):
        column = column or _column(query.datasource, list(row), reply)
        text = row[_TIME].strip()
        try:
            time = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            raise reply.error(f"{text[:40]!r} is not a time", _AGAIN) from None
        if time in found:
            raise reply.error(f"{text} occurs twice", _AGAIN)
        found[time] = _number(row[column].strip(), reply, scale)
    if not found:
        raise reply.error("the table has no rows", _AGAIN)
    return sorted(found.items())


def _column(datasource: str, names: list[str], reply: Reply) -> str:
    beginning = _COLUMNS[datasource]
    fitting = [name for name in names if name.startswith(beginning)]
    if len(fitting) != 1:
        raise reply.error(
            f"the table needs one column that begins with {beginning[:-2]!r}, not {len(fitting)}",
            "switch that signal on in the dashboard, and save the table again",
        )
    return fitting[0]


def _number(text: str, reply: Reply, scale: str) -> float:
    if not text:
        return math.nan
    if not _NUMBER.fullmatch(text) or not math.isfinite(number := float(text)):
        raise reply.error(f"{text[:40]!r} is not a number", _AGAIN)
    # The last digits of a maximum divided by itself.
    if scale == "normalized" and number > 100 + 1e-9:
        raise reply.error(
            f"{text[:20]} is more than 100 percent",
            "set scale to absolute if the table holds the numbers themselves",
        )
    return number


def _step(reply: Reply, times: list[datetime]) -> pd.Timedelta:
    if len(times) < 2:
        raise reply.error("a table of one row has no step", _AGAIN)
    seconds = np.array([time.timestamp() for time in times], dtype=np.int64)
    widths, counts = np.unique(np.diff(seconds), return_counts=True)
    step = int(widths[np.argmax(counts)])
    if 86_400 % step or (seconds % step).any():
        raise reply.error(f"its times are not whole steps of {step} s", _AGAIN)
    return pd.Timedelta(step, unit="s")
