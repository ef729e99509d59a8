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
from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.signals import NOT_READ
from darkdays.errors import InputError
from darkdays.sources.query import Query
from darkdays.sources.samples import rows, signals
from darkdays.sources.services import service
from darkdays.sources.tor import rows_of

SERVICE: Final = service("ioda-csv")
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
_AGAIN: Final = "save it again from IODA's dashboard, and give it with --file ioda-csv=PATH"
_FILE: Final = re.compile(r"\w[\w .+()-]*")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]*)?([eE][-+]?[0-9]{1,2})?")


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the requests that a person's files stand in for; they serve all datasources.

    Parameters
    ----------
    query
        A plot, and its file, is of one entity. Option ``files`` says which is of which, as in
        ``country/IR=iran.csv, asn/44244=irancell.csv``. Without it there is one file, of option
        ``entity``, or else of the country.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the option is not written so.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read a datasource from saved tables.

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
        As :func:`darkdays.contracts.signals.from_samples` makes it, in :data:`UNIT` or, of absolute
        tables, the datasource's own; the step is the commonest of the table, for the dashboard
        draws all signals with one. An empty cell is missing at the source; times a table does not
        hold were not read.

    Raises
    ------
    SourceError
        If a reply is no such table, has no such column, times out of step, percentages above
        100, or another step than the table before.
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
    known = DATASOURCES[query.datasource]
    step: pd.Timedelta | None = None
    every: list[tuple[str, datetime, float]] = []
    asked = _asked(query)
    for entity, request in asked.items():
        if (reply := replies.get(request.key)) is None:
            continue
        found = _samples(query, reply, scale)
        its_step = _step(reply, [time for time, _ in found])
        if step not in (None, its_step):
            raise reply.error(f"its step is {its_step}, not {step} as before", _AGAIN)
        step = its_step
        every += [(entity, time, value) for time, value in found]
    own = dataclasses.replace(
        known, step=step or known.step, unit=UNIT if scale == "normalized" else known.unit
    )
    table = rows(every)
    node = signals(query, SERVICE, table, asked, datasource=own)
    times = pd.DatetimeIndex(node["time"].values).tz_localize("UTC")
    for row, entity in enumerate(node["entity"].values):
        held = times.isin(pd.DatetimeIndex(table["time"][table["entity"] == entity]))
        node["coverage"].values[row, ~held] = NOT_READ
    return node


def _asked(query: Query) -> dict[str, Request]:
    """Return the request for the table of each entity."""
    if not (stated := query.options.get("files", "")):
        entity = query.options.get("entity") or f"country/{query.country}"
        return {entity: Request(SERVICE.name, "/dashboard.csv", (), f"saved table of {entity}")}
    asked = {}
    for pair in stated.split(","):
        entity, _, file = (part.strip() for part in pair.partition("="))
        if not re.fullmatch(r"(country|region|asn)/.+", entity) or not _FILE.fullmatch(file):
            raise InputError(
                f"ioda-csv: {pair.strip()!r} in option files cannot be used; write "
                "country/IR=iran.csv, and name files without folders."
            )
        asked[entity] = Request(SERVICE.name, f"/{file}", (), f"saved table of {entity}")
    return asked


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
