"""Change-points of one series, each with an interval for its date and a p-value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from darkdays.detect.baseline.calendar import Calendar
from darkdays.detect.baseline.weekends import seen_once, without_weekends
from darkdays.detect.changepoints import assumed, verdicts
from darkdays.detect.changepoints.description import SHORT, Floats, as_walk
from darkdays.detect.changepoints.found import with_noise, without_noise
from darkdays.detect.changepoints.models import shortest
from darkdays.detect.changepoints.records import checked, zone_of
from darkdays.detect.changepoints.reordered import may_be_walk
from darkdays.detect.changepoints.significance import significant
from darkdays.detect.changepoints.verdicts import Verdict
from darkdays.detect.noise.noise import Noise
from darkdays.detect.segmentation.exact import exact_steps
from darkdays.detect.segmentation.rhythm import exact_rhythm
from darkdays.errors import InputError

MIN_SAMPLES: Final = 8
"""Fewer measured samples than this are too few to tell noise from change."""
_ENOUGH_DISTINCT: Final = 3


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
        Mean of each segment without its season, shape ``(k + 1,)``, in the unit of the series; of
        a first or last segment that slopes, where it meets its change.
    noise
        Noise of the series around its segments.
    before, after
        Level on both sides of each change, without season, shape ``(k,)``.
    verdict
        ``changes``; ``no change``; or ``cannot tell``, where something else explains the series as
        well.
    reason
        Why nobody can tell, a sentence; empty otherwise.
    smallest_detectable
        Where there is no change: the smallest that would have been found nineteen times in twenty,
        anywhere but in the first and the last tenth, in the unit of the series; else NaN.
    flat
        The measured samples without their season, in the unit of the series.
    largest_excursion
        Where nobody can tell: the value farthest from the middle of the series, and when.
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
    before: Floats
    after: Floats
    verdict: Verdict
    flat: Floats
    reason: str = ""
    smallest_detectable: float = float("nan")
    largest_excursion: tuple[float, Any] | None = None
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return int(self.index.size)


def change_points(
    values: ArrayLike | xr.DataArray | pd.Series,
    *,
    times: ArrayLike | pd.DatetimeIndex | None = None,
    period: str | pd.Timedelta | None = None,
    time_zone: str | None = None,
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
        ``"none"``. If not given, the day and the week are tried first, where there are times, then
        any other season of the series.
    time_zone
        Whose clock day and week keep; that of the times, or UTC, if not given.
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
    (:mod:`darkdays.detect.changepoints.models`), tested by an autoregressive sieve
    (:mod:`darkdays.detect.noise.sieve`) and dated by a posterior
    (:mod:`darkdays.detect.changepoints.significance`). A series without noise is cut where it
    moves (:mod:`darkdays.detect.segmentation.exact`), or where what it repeats changes
    (:mod:`darkdays.detect.segmentation.rhythm`).
    """
    if not 0.5 <= level < 1:
        raise InputError(f"level {level} is not a confidence; give one from 0.5 up to below 1.")
    series, stamps = checked(values, times)
    seen = np.flatnonzero(np.isfinite(series))
    # A record may be large: what has no gap is not copied.
    observed = series if seen.size == series.size else series[seen]
    notes = assumed.of_record(series, stamps)
    # Of what comes behind the last measured sample a season has nothing to explain.
    length = int(seen[-1]) + 1 if seen.size else 0
    clock = None if stamps is None else stamps[:length]
    calendar = Calendar.of(length, clock, time_zone or zone_of(values, times))
    cycles = calendar.cycles() if period is None else []
    if period not in (None, "none"):
        cycles, note = calendar.given(period)
        notes.append(note)
    reason, least, flat = "", float("nan"), observed
    steps = exact_steps(observed)
    positions = calendar.positions if seen.size == series.size else calendar.positions[seen]
    lengths = {cycle.length for cycle in cycles}
    weekends = seen_once(calendar.local, calendar.step) if period is None else []
    step, years = calendar.step, calendar.years() if period is None else []
    hidden = calendar.may_hide_a_year()
    del calendar  # holds the clock of every sample
    if observed.size < MIN_SAMPLES:
        reason = f"only {observed.size} measured samples, too few to say."
        found = without_noise(observed, np.empty(0, np.intp))
    elif steps is not None:
        moves = "only moves where it changes" if steps.size else "never moves"
        if not steps.size and np.ptp(observed) > 0:
            moves = f"stays at {np.median(observed):.4g} but for single samples, which are no level"
        notes.append(f"Noise: none; the series {moves}.")
        found, least = without_noise(observed, steps), 0.0
    elif period != "none" and (rhythm := exact_rhythm(observed, positions, lengths)) is not None:
        notes.append(
            f"Noise: none; the series repeats itself exactly every {rhythm.period} samples."
        )
        flat, kept, name = without_weekends(rhythm.flat, rhythm.places, positions, weekends)
        found, least = without_noise(flat, rhythm.places[kept]), 0.0
        found = found._replace(bounds=rhythm.bounds[kept])
        if name and not found.places.size:
            reason = verdicts.WEEKEND.format(name)
    else:
        model = shortest(
            observed,
            positions,
            unit=_unit(observed),
            cycles=cycles,
            weekends=weekends,
            years=years,
            step=step,
            given=period is not None,
            season=period is None,
        )
        generator = np.random.default_rng(rng)
        judged = significant(model, level, generator)
        model = judged.model
        if model.noise == "level" and model.changes.size and may_be_walk(model, generator):
            walk = as_walk(model.plain, model.floor)
            parts = {one: getattr(model, one) for one in ("scale", "season", "cycles", "weekend")}
            judged = significant(replace(walk, **parts), level, generator)
        notes += assumed.of_model(judged.model, may_hide_a_year=hidden)
        found, flat = with_noise(observed, judged, level)
        if not found.places.size:
            reason = verdicts.why_nobody_can_tell(
                judged.model, observed.size, may_hide_a_year=hidden
            )
            least = verdicts.smallest_detectable(judged.model, judged.noise())
    changed = found.places.size > 0
    excursion = None
    if reason:
        notes.append(f"Nobody can tell: {reason}")
        place = verdicts.largest_excursion(flat)
        when = seen[place] if stamps is None else stamps[seen[place]]
        excursion = float(observed[place]), when
    index, spans = seen[found.places], found.bounds
    # What is missing just before the first plausible sample may already have changed.
    bounds = np.column_stack([seen[np.maximum(spans[:, 0] - 1, 0)] + 1, seen[spans[:, 1]]])
    return ChangePoints(
        index=index,
        times=index if stamps is None else stamps[index],
        intervals=bounds if stamps is None else _as_times(stamps, bounds),
        p_values=found.p_values,
        confirmed=found.confirmed,
        levels=found.levels,
        noise=found.noise,
        before=found.before,
        after=found.after,
        verdict="changes" if changed else "cannot tell" if reason else "no change",
        flat=flat,
        reason=reason,
        smallest_detectable=float("nan") if changed or reason else least,
        largest_excursion=excursion,
        notes=tuple(notes),
    )


def _unit(values: Floats) -> float:
    """Return what values are rounded to, 0 if too few of them differ to tell."""
    distinct = np.unique(values[:: -(-values.size // 5000)])
    return float(np.diff(distinct).min()) if distinct.size > _ENOUGH_DISTINCT else 0.0


def _as_times(stamps: pd.DatetimeIndex, bounds: NDArray[np.intp]) -> NDArray[np.datetime64]:
    return np.asarray(stamps.values[bounds], dtype="datetime64[ns]").reshape(-1, 2)


__all__ = ["MIN_SAMPLES", "SHORT", "ChangePoints", "change_points"]
