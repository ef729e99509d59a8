"""A series as people hand it in: one-dimensional, finite or missing, at ascending times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from darkdays.errors import InputError


def checked(
    values: ArrayLike | xr.DataArray | pd.Series, times: ArrayLike | pd.DatetimeIndex | None
) -> tuple[NDArray[np.float64], pd.DatetimeIndex | None]:
    """Return a series as floats, and its times (UTC, naive) if there are any.

    Raises
    ------
    InputError
        If the series is empty, not one-dimensional, all missing or infinite, or if times do not
        ascend.
    """
    if isinstance(values, xr.DataArray) and times is None and values.ndim == 1:
        coordinate = values.coords.get(str(values.dims[0]))
        if coordinate is not None and np.issubdtype(coordinate.dtype, np.datetime64):
            times = pd.DatetimeIndex(coordinate.values)
    if (
        isinstance(values, pd.Series)
        and times is None
        and isinstance(values.index, pd.DatetimeIndex)
    ):
        times = values.index
    try:
        series = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "the series is no list of numbers; write a missing value as NaN, and everything else "
            "as a number."
        ) from None
    if series.ndim != 1:
        raise InputError(f"the series has {series.ndim} dimensions; give one of one dimension.")
    if series.size == 0:
        raise InputError("the series is empty; give at least one value.")
    if np.isinf(series).any():
        raise InputError(
            f"the series has {int(np.isinf(series).sum())} infinite values; "
            "write a missing value as an empty field or NaN."
        )
    if not np.isfinite(series).any():
        raise InputError("every value of the series is missing; there is nothing to look at.")
    return series, None if times is None else _checked_times(times, series.size)


def zone_of(
    values: ArrayLike | xr.DataArray | pd.Series, times: ArrayLike | pd.DatetimeIndex | None
) -> str:
    """Return the time zone that times state, UTC if they state none."""
    index = values.index if isinstance(values, pd.Series) and times is None else times
    zone = getattr(index, "tz", None)
    return "UTC" if zone is None else str(zone)


def _checked_times(times: ArrayLike | pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    stamps = pd.DatetimeIndex(np.asarray(times) if not isinstance(times, pd.Index) else times)
    if stamps.tz is not None:
        stamps = stamps.tz_convert(None)
    if stamps.size != count:
        raise InputError(f"{count} values but {stamps.size} times; give one time a value.")
    if stamps.hasnans:
        raise InputError("a time is missing; give every value its time.")
    # Asked first, for it costs no table of all times.
    ascending = stamps.is_monotonic_increasing
    if stamps.has_duplicates:
        twice = stamps[stamps.duplicated()][0]
        raise InputError(f"time {twice} occurs more than once; keep one row a time.")
    if not ascending:
        raise InputError("times do not ascend; sort the rows by time.")
    return stamps
