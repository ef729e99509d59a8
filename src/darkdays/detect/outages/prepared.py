"""One signal made ready for the question "is it down?": season, normal level, segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.datasources import DATASOURCES, Datasource
from darkdays.contracts.signals import Signal
from darkdays.detect.baseline.baseline import (
    HOUR_OF_DAY_FROM,
    HOUR_OF_WEEK_FROM,
    Scale,
    running_baseline,
)
from darkdays.detect.baseline.level import normal_level, time_weights
from darkdays.detect.noise.noise import Noise, estimate, resolution, without_spikes
from darkdays.detect.noise.smoothing import known_samples, smoothing_window
from darkdays.detect.noise.variogram import noise_of
from darkdays.detect.outages.analysis import NORMAL_WITHIN, Analysis
from darkdays.detect.outages.segments import Segments, cut
from darkdays.errors import InputError

MIN_SAMPLES: Final = 24
"""Fewer measured samples than this are too short a record to call anything normal."""
_RELATIVE_FLOOR: Final = 0.005
# With fewer, those between are kept, or nothing tells noise from an outage.
_ENOUGH_OWN: Final = 168


@dataclass(frozen=True)
class Prepared:
    """A signal without its season, with its noise and the borders it could be cut at."""

    signal: Signal
    times: pd.DatetimeIndex
    values: NDArray[np.float64]
    baseline: float
    unit_step: float
    noise: Noise
    counted: bool
    cut_values: NDArray[np.float64]
    changes: NDArray[np.intp]
    shifts: NDArray[np.intp]
    shift_ratios: NDArray[np.float64]
    drift: float
    time_zone: str
    notes: tuple[str, ...]
    window: int = 1

    def analyse(self, level: float) -> Analysis:
        """Return the signal with intervals of a confidence."""
        return Analysis(
            entity=self.signal.entity,
            datasource=self.signal.datasource,
            step=self.signal.step,
            times=self.times,
            values=self.values,
            baseline=self.baseline,
            unit_step=self.unit_step,
            segments=Segments(self.cut_values, self.changes, self.noise, level),
            counted=self.counted,
            shifts=self.shifts,
            shift_ratios=self.shift_ratios,
            drift=self.drift,
            time_zone=self.time_zone,
            window=self.window,
            notes=self.notes,
        )


def prepare(signal: Signal, time_zone: str = "UTC") -> Prepared | None:
    """Prepare a signal, or return None where it cannot be judged.

    That is where its record is too short, where it was never up, or where neither a fall nor a
    rise of it is an outage.

    Raises
    ------
    InputError
        If the signal holds infinite or negative values, or values above its ceiling.
    """
    kind = DATASOURCES.get(signal.datasource) or Datasource(signal.datasource, "", "", signal.step)
    _check(signal, kind)
    times, values = signal.observed()
    if kind.outage == "rise":
        values = kind.ceiling - values
    if kind.outage == "none" or values.size < MIN_SAMPLES or values.max() == 0:
        return None
    unit_step = resolution(values)
    window, said, own = _filled_in(signal, times, values, unit_step)
    if own is not None:
        times, values, signal = times[own], values[own], replace(signal, step=window * signal.step)
        window = 1
    span = times[-1] - times[0] + signal.step
    if span < HOUR_OF_DAY_FROM:
        found = _prepare_short(signal, times, values, unit_step, time_zone)
    else:
        found = _prepare_long(signal, kind, times, values, unit_step, time_zone)
    if not said:
        window, said = _smoothed(found)
    return replace(found, window=window, notes=(*found.notes, *said)) if found.baseline else None


def _prepare_short(
    signal: Signal,
    times: pd.DatetimeIndex,
    values: NDArray[np.float64],
    unit_step: float,
    time_zone: str,
) -> Prepared:
    """Take the upper tenth for normal: its days may all be dark."""
    roots = np.sqrt(values)
    noise = estimate(roots, floor=_floor(values, unit_step))
    roots = without_spikes(roots, noise)
    changes = cut(roots, noise)
    edges = np.concatenate([[0], changes, [values.size]])
    fitted = np.repeat([part.mean() for part in np.split(values, changes)], np.diff(edges))
    normal = normal_level(values, fitted, time_weights(times, signal.step), NORMAL_WITHIN)
    notes = ("record shorter than two weeks: normal level without a season",)
    none = np.empty(0)
    return Prepared(
        signal,
        times,
        values,
        normal,
        unit_step,
        noise,
        True,
        roots,
        changes,
        none.astype(np.intp),
        none,
        0.0,
        time_zone,
        notes,
    )


def _prepare_long(
    signal: Signal,
    kind: Datasource,
    times: pd.DatetimeIndex,
    values: NDArray[np.float64],
    unit_step: float,
    time_zone: str,
) -> Prepared:
    """Follow the level of a record long enough to have a season."""
    scale: Scale = "additive" if kind.additive else "multiplicative"
    found = running_baseline(values, times, signal.step, scale=scale, time_zone=time_zone)
    normal = float(np.median(found.expected))
    if kind.additive:
        values = np.maximum(values - found.expected + normal, 0.0)
        cut_values = values
        floor = max(unit_step / np.sqrt(12), _RELATIVE_FLOOR * normal)
    else:
        values = values / found.expected * normal
        cut_values = np.sqrt(values)
        floor = _floor(values, unit_step)
    noise = noise_of(cut_values, found.ordinary, floor=floor)
    changes = cut(cut_values, noise)
    notes = [f"season: {found.season} ({time_zone})"]
    if times[-1] - times[0] + signal.step < HOUR_OF_WEEK_FROM:
        notes.append("record shorter than four weeks: no hours of the week told apart")
    return Prepared(
        signal, times, values, normal, unit_step, noise, not kind.additive, cut_values, changes,
        found.shifts, found.shift_ratios, found.drift, time_zone, tuple(notes),
    )  # fmt: skip


def _even(
    signal: Signal, times: pd.DatetimeIndex, values: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the places of samples on an even grid, and the grid."""
    places = np.asarray((times - times[0]) // signal.step, dtype=np.intp)
    even = np.full(int(places[-1]) + 1, np.nan)
    even[places] = values
    return places, even


def _filled_in(
    signal: Signal, times: pd.DatetimeIndex, values: NDArray[np.float64], unit_step: float
) -> tuple[int, list[str], NDArray[np.bool_] | None]:
    """Return every how many samples one was measured, a note, and which those are if they do."""
    places, even = _even(signal, times, values)
    every, first = known_samples(even, unit_step)
    if every == 1:
        return 1, [], None
    note = (
        f"only one in {every} samples was measured, as the differences tell, and those between "
        "interpolated or held: when something began or ended is known from one to the next only"
    )
    own = places % every == first
    return every, [note], own if own.sum() >= _ENOUGH_OWN else None


def _smoothed(found: Prepared) -> tuple[int, list[str]]:
    """Return the window a signal was smoothed over, and a note that says so."""
    window = smoothing_window(_even(found.signal, found.times, found.values)[1])
    if window == 1:
        return 1, []
    note = (
        f"a running mean over {window} samples, as its differences tell: when something began or "
        "ended is known to such a window only"
    )
    return window, [note]


def _floor(values: NDArray[np.float64], unit_step: float) -> float:
    """Return the least noise on the square-root scale that reading a counter leaves."""
    upper = float(np.quantile(values, 0.9, method="inverted_cdf"))
    finest = max(unit_step / np.sqrt(12), _RELATIVE_FLOOR * upper)
    # A step of x around a level u is one of x / (2 sqrt(u)) on the square-root scale.
    return float(finest / (2 * np.sqrt(upper))) if upper > 0 else 0.0


def _check(signal: Signal, kind: Datasource) -> None:
    label = f"{signal.datasource} of {signal.entity}"
    if np.isinf(signal.values).any():
        raise InputError(f"{label} has infinite values; write a missing value as NaN.")
    if (signal.values < 0).any():
        first = signal.times[int(np.argmax(signal.values < 0))]
        raise InputError(
            f"{label} has negative values, the first at {first:%Y-%m-%dT%H:%MZ}; counts and shares "
            "cannot be below 0. If they mean that nothing was measured, state missing_values."
        )
    if (signal.values > kind.ceiling).any():
        raise InputError(f"{label} has values above {kind.ceiling:g}, which {kind.unit} cannot be.")
