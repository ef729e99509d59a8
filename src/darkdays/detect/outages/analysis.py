"""One signal made ready for the question "is it down?": season, normal level, segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
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
from darkdays.detect.baseline.quantiles import by_group
from darkdays.detect.noise.noise import Noise, estimate, resolution, without_spikes
from darkdays.detect.noise.smoothing import known_samples, smoothing_window
from darkdays.detect.noise.variogram import noise_of
from darkdays.detect.outages.segments import Segments, cut
from darkdays.errors import InputError

MIN_SAMPLES: Final = 24
"""Fewer measured samples than this are too short a record to call anything normal."""
NORMAL_WITHIN: Final = 0.1
"""Segments at most this share below the upper tenth's level count as normal."""
_RELATIVE_FLOOR: Final = 0.005
# With fewer, those between are kept, or nothing tells noise from an outage.
_ENOUGH_OWN: Final = 168
# A counter that moves in steps of one cannot be read finer than a few of them.
_STEPS: Final = 3
_COARSE: Final = 5  # steps of an index; half a step is what its levels may be off


@dataclass(frozen=True, eq=False)
class Analysis:
    """A signal relative to its normal level, cut into segments.

    Attributes
    ----------
    times
        Of the measured samples, UTC, shape ``(n,)``.
    values
        The samples without their season and the drift of their level, in the unit of the signal,
        shape ``(n,)``. Where an outage is a rise, what is left below the ceiling.
    baseline
        Normal level, in the unit of the signal.
    unit_step
        Smallest step of the signal, such as one block.
    counted
        Whether the signal was cut on the square-root scale, on which counts are about equally
        noisy at any level (Anscombe 1948, Biometrika 35), and not as it is.
    shifts
        First samples of levels that were never left again: of the network or of the instrument,
        but no outage; shape ``(k,)``.
    shift_ratios
        Those levels as a share of the level before.
    drift
        Share of itself that the normal level moves in a day, for the most part.
    time_zone
        Whose clock its season keeps.
    window
        Samples it was smoothed over before it was published, 1 for none.
    """

    entity: str
    datasource: str
    step: pd.Timedelta
    times: pd.DatetimeIndex
    values: NDArray[np.float64]
    baseline: float
    unit_step: float
    segments: Segments
    counted: bool
    shifts: NDArray[np.intp]
    shift_ratios: NDArray[np.float64]
    drift: float
    time_zone: str
    window: int
    notes: tuple[str, ...]

    @property
    def sizable(self) -> bool:
        """Whether the signal counts enough to say *how much* is gone, not only when."""
        return self.baseline >= (20 if self._counts else _COARSE) * self.unit_step

    @property
    def short(self) -> bool:
        """Whether the record is too short for a season, and to tell how slow its noise is."""
        return self.times[-1] - self.times[0] + self.step < HOUR_OF_DAY_FROM

    @property
    def finest(self) -> float:
        """Smallest step of the signal as a share of its normal level: no share is known finer."""
        return self.unit_step / self.baseline

    def floor_of_normal(self, min_depth: float) -> float:
        """Return the value below which the signal is down by more than ``min_depth``.

        A datasource too coarse for that has a least depth of its own.
        """
        known = DATASOURCES.get(self.datasource)
        share = max(min_depth, known.least_depth if known else 0.0)
        steps = _STEPS if self._counts else 1
        return self.baseline - max(share * self.baseline, steps * self.unit_step)

    @property
    def _counts(self) -> bool:
        """Whether its step is one unit; an index in tens is rounded, and no count of ten."""
        return self.unit_step == 1

    @cached_property
    def edges(self) -> NDArray[np.intp]:
        """Segment borders, from 0 to the number of samples."""
        return self.segments.edges()

    @cached_property
    def levels(self) -> NDArray[np.float64]:
        """Median of each segment as a share of the normal level."""
        return by_group(self.values, self.edges, 0.5) / self.baseline

    def moved(self, share: float, error: float) -> float:
        """Return a share of the normal level moved by an error on the scale it was cut on."""
        if self.counted:
            return float(max(np.sqrt(share) + error / np.sqrt(self.baseline), 0.0) ** 2)
        return float(share + error / self.baseline)

    def moment(self, first: int) -> pd.Timestamp:
        """Return when the bin of sample ``first`` begins."""
        return self.times[first]

    def bounds(self, low: int, high: int) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the earliest and latest moment of a change first seen in samples low..high.

        It came after the sample before ``low`` was taken, and before the bin of ``high`` ended:
        bins nobody measured widen the interval, and so does the window of a smoothed signal, of
        which nobody knows whether it lies before, around or after its moment.
        """
        last = min(high + self.window - 1, self.times.size - 1)
        return self.times[max(low - self.window, 0)], self.times[last] + self.step


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
