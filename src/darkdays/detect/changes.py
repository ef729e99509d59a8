"""Change-points of one series, each with an interval for its date and a p-value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from darkdays.detect.baseline import seasonal_pattern
from darkdays.detect.noise import Noise, estimate, resolution, without_spikes
from darkdays.detect.segment import optimal_partition
from darkdays.detect.uncertainty import change_p_value, location_interval
from darkdays.errors import InputError

MIN_SAMPLES: Final = 8
"""Fewer measured samples than this are too few to tell noise from change."""


@dataclass(frozen=True)
class ChangePoints:
    """Where a series changes level.

    Attributes
    ----------
    index
        Position of the first sample of each new segment in the series as given, shape ``(k,)``.
    times
        The same as times; positions where no times were given.
    intervals
        First and last plausible position (or time) of that sample, shape ``(k, 2)``, both included.
    p_values
        Of each change, corrected for the search over positions, shape ``(k,)``.
    levels
        Level of each segment, shape ``(k + 1,)``, in the unit of the series.
    noise
        Estimated noise of the series.
    notes
        What a reader should know, such as a record too short for its season.
    """

    index: NDArray[np.intp]
    times: Any
    intervals: Any
    p_values: NDArray[np.float64]
    levels: NDArray[np.float64]
    noise: Noise
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return int(self.index.size)


def change_points(
    values: ArrayLike | xr.DataArray | pd.Series,
    *,
    times: ArrayLike | pd.DatetimeIndex | None = None,
    period: str | pd.Timedelta | None = None,
    level: float = 0.95,
) -> ChangePoints:
    """Find where a series changes level.

    Parameters
    ----------
    values
        One-dimensional numbers; NaN is missing and is never filled in. Of a DataArray the
        coordinate of its only dimension gives the times, of a Series its index, if they are times.
    times
        Ascending times, one a value, without duplicates. Naive times are read as UTC.
    period
        Season to take out first: ``"day"``, ``"week"`` or a Timedelta; needs times.
    level
        Confidence of the intervals; a change is reported if its p-value is at most ``1 - level``.

    Returns
    -------
    ChangePoints

    Raises
    ------
    InputError
        If the series is empty, not one-dimensional, all missing or infinite, or if times do not
        ascend.

    Notes
    -----
    Noise as a long-run variance (:mod:`darkdays.detect.noise`), exact segmentation
    (:mod:`darkdays.detect.segment`), posterior intervals (:mod:`darkdays.detect.uncertainty`).
    """
    series, stamps = _checked(values, times, level)
    seen = np.flatnonzero(np.isfinite(series))
    observed = series[seen]
    notes: list[str] = []
    if period is not None:
        if stamps is None:
            raise InputError("a period needs times; give them, or use no period.")
        pattern, note = seasonal_pattern(observed, stamps[seen], period)
        observed = observed - pattern
        notes += [note] if note else []
    if observed.size < MIN_SAMPLES:
        notes.append(f"only {observed.size} measured samples: too few to say")
        found = Segmentation(observed, np.empty(0, np.intp), Noise(0.0, 0.0), level)
    else:
        floor = resolution(series[seen]) / np.sqrt(12)
        noise = estimate(observed, floor=floor)
        observed = without_spikes(observed, noise)
        found = significant(observed, candidates(observed, noise), noise, level)
    spans = [found.interval(number) for number in range(found.changes.size)]
    index = seen[found.changes]
    # What is missing just before the first plausible sample may already have changed.
    bounds = np.array([[seen[low - 1] + 1, seen[high]] for low, high in spans], dtype=np.intp)
    bounds = bounds.reshape(-1, 2)
    return ChangePoints(
        index=index,
        times=index if stamps is None else stamps[index],
        intervals=bounds if stamps is None else _as_times(stamps, bounds),
        p_values=np.array([found.p_value(number) for number in range(found.changes.size)]),
        levels=np.array([part.mean() for part in found.parts()]),
        noise=found.noise,
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class Segmentation:
    """Measured samples cut into segments; positions count measured samples only."""

    values: NDArray[np.float64]
    changes: NDArray[np.intp]
    noise: Noise
    level: float

    def edges(self) -> NDArray[np.intp]:
        """Return segment borders, from 0 to the number of samples."""
        return np.concatenate([[0], self.changes, [self.values.size]]).astype(np.intp)

    def parts(self) -> list[NDArray[np.float64]]:
        """Return the samples of each segment."""
        return np.split(self.values, self.changes)

    def p_value(self, number: int) -> float:
        """Return the p-value of change ``number``."""
        before, after = self.parts()[number : number + 2]
        return change_p_value(before, after, self.noise, self.values.size)

    def interval(self, number: int) -> tuple[int, int]:
        """Return the first and last plausible position of change ``number``."""
        edges = self.edges()
        start, end = edges[number], edges[number + 2]
        low, _, high = location_interval(self.values[start:end], self.noise, self.level)
        return int(start) + low, int(start) + high


def candidates(observed: NDArray[np.float64], noise: Noise) -> NDArray[np.intp]:
    """Return the borders of the best segmentation, whatever their significance."""
    if noise.long_run_scale == 0:
        return np.empty(0, np.intp)
    return optimal_partition(observed / noise.long_run_scale)


def significant(
    observed: NDArray[np.float64], changes: NDArray[np.intp], noise: Noise, level: float
) -> Segmentation:
    """Take out the weakest border until every one left is significant at ``1 - level``."""
    found = Segmentation(observed, changes, noise, level)
    while found.changes.size:
        p_values = np.array([found.p_value(number) for number in range(found.changes.size)])
        weakest = int(np.argmax(p_values))
        if p_values[weakest] <= 1 - level:
            break
        found = Segmentation(observed, np.delete(found.changes, weakest), noise, level)
    return found


def _checked(
    values: ArrayLike | xr.DataArray | pd.Series,
    times: ArrayLike | pd.DatetimeIndex | None,
    level: float,
) -> tuple[NDArray[np.float64], pd.DatetimeIndex | None]:
    if not 0.5 <= level < 1:
        raise InputError(f"level {level} is not a confidence; give one from 0.5 up to below 1.")
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
    series = np.asarray(values, dtype=np.float64)
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


def _checked_times(times: ArrayLike | pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    stamps = pd.DatetimeIndex(np.asarray(times) if not isinstance(times, pd.Index) else times)
    if stamps.tz is not None:
        stamps = stamps.tz_convert("UTC").tz_localize(None)
    if stamps.size != count:
        raise InputError(f"{count} values but {stamps.size} times; give one time a value.")
    if stamps.hasnans:
        raise InputError("a time is missing; give every value its time.")
    if stamps.has_duplicates:
        twice = stamps[stamps.duplicated()][0]
        raise InputError(f"time {twice} occurs more than once; keep one row a time.")
    if not stamps.is_monotonic_increasing:
        raise InputError("times do not ascend; sort the rows by time.")
    return stamps


def _as_times(stamps: pd.DatetimeIndex, bounds: NDArray[np.intp]) -> NDArray[np.datetime64]:
    return np.asarray(stamps.values[bounds], dtype="datetime64[ns]").reshape(-1, 2)
