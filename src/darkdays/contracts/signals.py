"""The contract every signal keeps, whatever service it came from.

Signals of a case are one :class:`xarray.DataTree`: a node a datasource, dimensions
``(entity, time)``, times in UTC (``datetime64[ns]``, start of the bin), float values in which
NaN is missing and 0 is a measured zero. A flag variable ``coverage`` (CF conventions, section
3.5) tells *why* a value is missing, because "the instrument was blind" and "nobody read that
bin" are different facts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.contracts.datasources import Datasource
from darkdays.errors import InputError
from darkdays.files.writing import replacing

MEASURED: Final = 0
MISSING_AT_SOURCE: Final = 1
NOT_READ: Final = 2
NO_OFFSET: Final = pd.Timedelta(0)
MOST_BINS: Final = 10_000_000
"""Bins a signal may have: those of five minutes in 95 years."""


@dataclass(frozen=True)
class Signal:
    """One datasource of one entity over time, missing bins as NaN."""

    entity: str
    datasource: str
    step: pd.Timedelta
    times: pd.DatetimeIndex
    values: NDArray[np.float64]

    def observed(self) -> tuple[pd.DatetimeIndex, NDArray[np.float64]]:
        """Return times and values of the bins that were measured."""
        seen = np.isfinite(self.values)
        # A record may be large: what has no gap is not copied.
        return (self.times, self.values) if seen.all() else (self.times[seen], self.values[seen])


def dataset(runs: pd.DataFrame, datasource: Datasource, attrs: Mapping[str, str]) -> xr.Dataset:
    """Lay runs of equal values out on a regular grid.

    Parameters
    ----------
    runs
        Columns ``entity``, ``first``, ``last`` (UTC, both included) and ``value`` (NaN where
        the source itself has none). A bin that no row covers was not read.
    datasource
        Gives unit and step.
    attrs
        Further attributes of the node, such as ``licence`` and ``citation``.

    Returns
    -------
    xarray.Dataset
        ``value`` (float64) and ``coverage`` (int8 flag), dims ``(entity, time)``.

    Raises
    ------
    InputError
        If a run ends before it begins, two runs of an entity overlap, or a time is off the grid.
    """
    step = datasource.step
    entities = sorted(runs["entity"].unique())
    times = pd.date_range(runs["first"].min(), runs["last"].max(), freq=step)
    value = np.full((len(entities), len(times)), np.nan)
    coverage = np.full(value.shape, NOT_READ, dtype=np.int8)
    row_of = {entity: row for row, entity in enumerate(entities)}
    starts = (runs["first"] - times[0]) / step
    ends = (runs["last"] - times[0]) / step
    for entity, first, last, start, end, number in zip(
        runs["entity"], runs["first"], runs["last"], starts, ends, runs["value"], strict=True
    ):
        if start % 1 or end % 1:
            raise InputError(
                f"{datasource.name}, {entity}: the run from {first} to {last} is off the "
                f"{step} grid; give the start of each bin."
            )
        if end < start:
            raise InputError(f"{datasource.name}, {entity}: a run ends before it begins ({first}).")
        bins = (row_of[entity], slice(int(start), int(end) + 1))
        if (coverage[bins] != NOT_READ).any():
            raise InputError(f"{datasource.name}, {entity}: two runs cover {first} to {last}.")
        value[bins] = number
        coverage[bins] = MISSING_AT_SOURCE if np.isnan(number) else MEASURED
    return _node(value, coverage, entities, times, datasource, attrs)


def from_samples(
    samples: pd.DataFrame,
    datasource: Datasource,
    attrs: Mapping[str, str],
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    entities: Sequence[str] = (),
    offset: pd.Timedelta = NO_OFFSET,
) -> xr.Dataset:
    """Lay samples out on a regular grid over a window.

    Parameters
    ----------
    samples
        Columns ``entity``, ``time`` (UTC, start of the bin) and ``value`` (NaN is missing). A
        bin of the window without a row is missing at the source. Rows outside the window are
        dropped; of two rows for one bin the last is kept.
    datasource
        Gives unit and step; times are floored to the step.
    attrs
        Further attributes of the node.
    start, end
        Window ``[start, end)``, aware.
    entities
        Entities to hold even if no sample is about them.
    offset
        How far bins begin after whole steps: an hour of Tehran begins at half past, UTC.

    Returns
    -------
    xarray.Dataset
        As :func:`dataset` makes it, entities in order of their names.
    """
    step = datasource.step
    times = _grid(start, end, step, offset)
    names = sorted({*entities, *samples["entity"].astype(str).unique()})
    rows = pd.Index(names).get_indexer(samples["entity"].astype(str))
    moments = pd.DatetimeIndex(samples["time"]).tz_convert("UTC") - offset
    columns = times.get_indexer(moments.floor(step) + offset)
    inside = columns >= 0
    value = np.full((len(names), len(times)), np.nan)
    numbers = samples["value"].to_numpy(np.float64)
    value[rows[inside], columns[inside]] = numbers[inside]
    coverage = np.full(value.shape, MISSING_AT_SOURCE, dtype=np.int8)
    coverage[np.isfinite(value)] = MEASURED
    return _node(value, coverage, names, times, datasource, attrs)


def _grid(
    start: pd.Timestamp, end: pd.Timestamp, step: pd.Timedelta, offset: pd.Timedelta
) -> pd.DatetimeIndex:
    """Return the bins of a window, the first of them the one that holds its start."""
    first, after = (moment.tz_convert("UTC") for moment in (start, end))
    if (after - first) / step > MOST_BINS:
        raise InputError(
            f"a window of {(after - first).days} days has more than {MOST_BINS:,} bins of "
            f"{step.total_seconds():g} s; shorten the window, or give longer bins."
        )
    return pd.date_range((first - offset).floor(step) + offset, after, freq=step, inclusive="left")


def _node(
    value: NDArray[np.float64],
    coverage: NDArray[np.int8],
    entities: Sequence[str],
    times: pd.DatetimeIndex,
    datasource: Datasource,
    attrs: Mapping[str, str],
) -> xr.Dataset:
    return xr.Dataset(
        {
            "value": (("entity", "time"), value, {"units": datasource.unit}),
            "coverage": (
                ("entity", "time"),
                coverage,
                {
                    "flag_values": np.array([MEASURED, MISSING_AT_SOURCE, NOT_READ], np.int8),
                    "flag_meanings": "measured missing_at_source not_read",
                },
            ),
        },
        coords={"entity": np.array(entities, dtype=object), "time": times.tz_localize(None)},
        attrs={
            "datasource": datasource.name,
            "title": datasource.title,
            "unit": datasource.unit,
            "step_seconds": int(datasource.step.total_seconds()),
            **attrs,
        },
    )


def crop(node: xr.Dataset, start: pd.Timestamp, end: pd.Timestamp) -> xr.Dataset:
    """Keep the bins that begin in ``[start, end)`` (UTC)."""
    times = node["time"].to_index()
    # A slice, not a mask: it takes no copy of what may be most of the memory there is.
    first, after = times.searchsorted(_naive(start)), times.searchsorted(_naive(end))
    return node.isel(time=slice(int(first), int(after)))


def _naive(moment: pd.Timestamp) -> pd.Timestamp:
    return moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment


def step_of(node: xr.Dataset) -> pd.Timedelta:
    """Return the bin width of a node, stated or, failing that, the commonest spacing."""
    stated = node.attrs.get("step_seconds")
    if stated is not None:
        return pd.Timedelta(int(stated), unit="s")
    gaps = pd.Series(np.diff(node["time"].values))
    if gaps.empty:
        raise InputError("a datasource of one sample has no step; set the attribute step_seconds.")
    return pd.Timedelta(gaps.mode().iloc[0])


def each(tree: xr.DataTree) -> Iterator[Signal]:
    """Go through every signal, datasources and entities in the order of their names."""
    for name in sorted(tree.children):
        node = tree[name].to_dataset()
        times = pd.DatetimeIndex(node["time"].values)
        step = step_of(node)
        for entity in sorted(str(label) for label in node["entity"].values):
            values = node["value"].sel(entity=entity).values.astype(np.float64)
            yield Signal(entity, name, step, times, values)


def record_of(
    tree: xr.DataTree, datasource: str, entity: str, span: tuple[pd.Timestamp, pd.Timestamp]
) -> pd.Series:
    """Return a signal over its times (UTC) within ``[start, end)``; empty if it is not there."""
    if datasource in tree.children:
        node = crop(tree[datasource].to_dataset(), *span)
        if entity in node["entity"].values.astype(str):
            values = node["value"].sel(entity=entity).values.astype(np.float64)
            return pd.Series(values, pd.DatetimeIndex(node["time"].values, tz="UTC"))
    return pd.Series(dtype=np.float64)


def digest(tree: xr.DataTree) -> str:
    """Hash the decoded values, not the file: HDF5 versions change bytes, never values."""
    sha = hashlib.sha256()
    for signal in each(tree):
        sha.update(f"{signal.datasource}\n{signal.entity}\n{signal.step}\n".encode())
        sha.update(signal.times.as_unit("ns").asi8.astype("<i8").tobytes())
        sha.update(signal.values.astype("<f8").tobytes())
    return sha.hexdigest()


def save(tree: xr.DataTree, path: Path) -> None:
    """Write the tree as netCDF through h5netcdf, whole or not at all."""
    with replacing(path) as partial:
        tree.to_netcdf(partial, engine="h5netcdf")
