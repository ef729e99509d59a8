"""Change-points of one series, each with an interval for its date and a p-value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from darkdays.detect.baseline.season import MIN_CYCLES, phase_medians_at
from darkdays.detect.changepoints import assumed, longrecord, models
from darkdays.detect.changepoints.models import Model
from darkdays.detect.changepoints.records import checked
from darkdays.detect.changepoints.significance import Judged, significant
from darkdays.detect.changepoints.windows import confirmed
from darkdays.detect.noise.noise import Noise
from darkdays.errors import InputError

MIN_SAMPLES: Final = 8
"""Fewer measured samples than this are too few to tell noise from change."""
SHORT: Final = 1000
"""Up to so many samples every description is tried; longer records are measured first."""
_PERIODS: Final = {"day": pd.Timedelta(days=1), "week": pd.Timedelta(weeks=1)}


@dataclass(frozen=True)
class ChangePoints:
    """Where a series changes.

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
    confirmed
        Whether a window tested beforehand holds each change too, whatever was found by looking;
        all windows of the series together err with probability ``1 - level``, shape ``(k,)``.
    levels
        Mean of each segment without its season, shape ``(k + 1,)``, in the unit of the series.
    noise
        Noise of the series around its segments.
    notes
        What was assumed, a sentence each, and what a reader should know.
    """

    index: NDArray[np.intp]
    times: Any
    intervals: Any
    p_values: NDArray[np.float64]
    confirmed: NDArray[np.bool_]
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
    rng: int | np.random.Generator = 0,
) -> ChangePoints:
    """Find where a series changes its level, or the line it keeps to.

    Parameters
    ----------
    values
        One-dimensional numbers; NaN is missing and is never filled in. Of a DataArray the
        coordinate of its only dimension gives the times, of a Series its index, if they are times.
    times
        Ascending times, one a value, without duplicates. Naive times are read as UTC.
    period
        Season to take out first: ``"day"``, ``"week"`` or a Timedelta, which need times; or
        ``"none"``. If not given, a season is looked for in the series itself.
    level
        Confidence of the intervals; a change is reported if its p-value is at most ``1 - level``.
    rng
        Seed or generator of the sieve that gives the p-values.

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
    Noise, trend, season and changes are chosen together
    (:mod:`darkdays.detect.changepoints.models`; from :data:`SHORT` samples on
    :mod:`darkdays.detect.changepoints.longrecord`), tested by an autoregressive sieve
    (:mod:`darkdays.detect.noise.sieve`) and dated by a posterior
    (:mod:`darkdays.detect.changepoints.significance`).
    """
    if not 0.5 <= level < 1:
        raise InputError(f"level {level} is not a confidence; give one from 0.5 up to below 1.")
    series, stamps = checked(values, times)
    seen = np.flatnonzero(np.isfinite(series))
    # A record may be large: what has no gap, and no season, is not copied.
    observed = series if seen.size == series.size else series[seen]
    notes = assumed.of_record(series, stamps)
    given = np.zeros(observed.size)
    if period is not None and period != "none":
        if stamps is None:
            raise InputError("a period needs times; give them, or use no period.")
        given, note = _given_season(observed, stamps[seen], period)
        notes.append(note)
    plain = observed - given if given.any() else observed
    if observed.size < MIN_SAMPLES or plain.min() == plain.max():
        few = observed.size < MIN_SAMPLES
        notes.append(
            f"Too short: only {observed.size} measured samples, too few to say."
            if few
            else "Noise: none; the series never moves."
        )
        judged = None
        noise = Noise(0.0, 0.0)
        edges = np.array([0, observed.size])
    else:
        model = _model_of(plain, seen, look_for_season=period is None)
        judged = significant(plain, model, level, np.random.default_rng(rng))
        edges = judged.model.edges
        noise = _noise_of(judged)
        notes += assumed.of_model(judged.model, observed.size, 2 * MIN_SAMPLES)
    index = seen[edges[1:-1]]
    spans = np.empty((0, 2), np.intp) if judged is None else judged.bounds
    # What is missing just before the first plausible sample may already have changed.
    bounds = np.column_stack([seen[np.maximum(spans[:, 0] - 1, 0)] + 1, seen[spans[:, 1]]])
    season = (
        given if judged is None or not judged.model.season.any() else given + judged.model.season
    )
    rest = observed - season if season.any() else observed
    sizes = np.diff(edges)
    return ChangePoints(
        index=index,
        times=index if stamps is None else stamps[index],
        intervals=bounds if stamps is None else _as_times(stamps, bounds),
        p_values=np.empty(0) if judged is None else judged.p_values,
        confirmed=np.empty(0, np.bool_)
        if judged is None
        else confirmed(plain, judged.model, 1 - level),
        levels=np.add.reduceat(rest, edges[:-1]) / sizes,
        noise=noise,
        notes=tuple(notes),
    )


def _model_of(
    plain: NDArray[np.float64], positions: NDArray[np.intp], *, look_for_season: bool
) -> Model:
    describe = models.shortest if plain.size <= SHORT else longrecord.describe
    floor = _finest_step(plain) / np.sqrt(12)
    return describe(plain, positions, floor=floor, season=look_for_season)


def _finest_step(values: NDArray[np.float64]) -> float:
    """Return the least difference between distinct values: numbers are no finer than that."""
    distinct = np.unique(values[:: -(-values.size // 5000)])
    return float(np.diff(distinct).min()) if distinct.size > 1 else 0.0


def _given_season(
    observed: NDArray[np.float64], stamps: pd.DatetimeIndex, period: str | pd.Timedelta
) -> tuple[NDArray[np.float64], str]:
    length = _PERIODS[period] if isinstance(period, str) and period in _PERIODS else period
    if not isinstance(length, pd.Timedelta) or length <= pd.Timedelta(0):
        raise InputError(f"period {period!r} is not one; give day, week, none or a Timedelta.")
    name = period if isinstance(period, str) else str(length)
    if stamps[-1] - stamps[0] < MIN_CYCLES * length:
        note = (
            f"Season: the record is shorter than {MIN_CYCLES} periods of a {name}; "
            "season not taken out."
        )
        return np.zeros(observed.size), note
    return phase_medians_at(
        observed, stamps, length
    ), f"Season: that of a {name} was taken out, as asked."


def _noise_of(judged: Judged) -> Noise:
    """Return the noise of the series; of a walk, of its steps."""
    phi = judged.model.phi
    innovation = float(np.sqrt(np.mean(judged.innovations**2)))
    return Noise(innovation / float(np.sqrt(1 - phi * phi)), phi)


def _as_times(stamps: pd.DatetimeIndex, bounds: NDArray[np.intp]) -> NDArray[np.datetime64]:
    return np.asarray(stamps.values[bounds], dtype="datetime64[ns]").reshape(-1, 2)


__all__ = ["MIN_SAMPLES", "ChangePoints", "change_points"]
