"""One signal made ready for the question "is it down?": season, normal level, segments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.baseline import normal_level, seasonal_pattern, time_weights
from darkdays.detect.levels import Segmentation, candidates, significant
from darkdays.detect.noise import Noise, estimate, resolution, without_spikes
from darkdays.detect.uncertainty import change_p_value
from darkdays.errors import InputError
from darkdays.signals import Signal

MIN_SAMPLES: Final = 24
"""Fewer measured samples than this are too short a record to call anything normal."""
MIN_SEASON: Final = pd.Timedelta(weeks=2)
"""Shorter records get a level only: their days may all be dark."""
NORMAL_WITHIN: Final = 0.1
"""Segments at most this share below the upper tenth's level count as normal."""
_RELATIVE_FLOOR: Final = 0.005
# A counter that moves in steps of one cannot be read finer than a few of them.
_STEPS: Final = 3


@dataclass(frozen=True)
class Analysis:
    """A signal relative to its normal level, cut into segments.

    Attributes
    ----------
    times
        Of the measured samples, UTC, shape ``(n,)``.
    values
        The samples without their season, in the unit of the signal, shape ``(n,)``.
    baseline
        Normal level, in the unit of the signal.
    unit_step
        Smallest step of the signal, such as one block.
    segments
        Cut on the square-root scale, on which counts are about equally noisy at any level
        (Anscombe 1948, Biometrika 35).
    """

    entity: str
    datasource: str
    step: pd.Timedelta
    times: pd.DatetimeIndex
    values: NDArray[np.float64]
    baseline: float
    unit_step: float
    segments: Segmentation
    notes: tuple[str, ...]

    @property
    def sizable(self) -> bool:
        """Whether the signal counts enough to say *how much* is gone, not only when."""
        return self.baseline >= 20 * self.unit_step

    def floor_of_normal(self, min_depth: float) -> float:
        """Return the value below which the signal is down by more than ``min_depth``."""
        return self.baseline - max(min_depth * self.baseline, _STEPS * self.unit_step)

    @cached_property
    def levels(self) -> NDArray[np.float64]:
        """Median of each segment as a share of the normal level."""
        parts = np.split(self.values, self.segments.changes)
        return np.array([np.median(part) for part in parts]) / self.baseline

    def p_value(self, before: slice, after: slice) -> float:
        """Return the p-value of a difference between two stretches of samples."""
        roots = self.segments.values
        return change_p_value(roots[before], roots[after], self.segments.noise, roots.size)

    def moment(self, first: int) -> pd.Timestamp:
        """Return when the bin of sample ``first`` begins."""
        return self.times[first]

    def bounds(self, low: int, high: int) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the earliest and latest moment of a change first seen in samples low..high.

        It came after the sample before ``low`` was taken, and before the bin of ``high`` ended:
        bins nobody measured widen the interval.
        """
        return self.times[max(low - 1, 0)], self.times[high] + self.step


@dataclass(frozen=True)
class Prepared:
    """A signal without its season, with its noise and the borders it could be cut at."""

    signal: Signal
    times: pd.DatetimeIndex
    values: NDArray[np.float64]
    unit_step: float
    noise: Noise
    roots: NDArray[np.float64]
    candidates: NDArray[np.intp]
    notes: tuple[str, ...]

    def analyse(self, level: float) -> Analysis:
        """Cut the signal where a border is significant at ``1 - level``."""
        segments = significant(self.roots, self.candidates, self.noise, level)
        parts = np.split(self.values, segments.changes)
        fitted = np.repeat([part.mean() for part in parts], [part.size for part in parts])
        weights = time_weights(self.times, self.signal.step)
        return Analysis(
            entity=self.signal.entity,
            datasource=self.signal.datasource,
            step=self.signal.step,
            times=self.times,
            values=self.values,
            baseline=normal_level(self.values, fitted, weights, NORMAL_WITHIN),
            unit_step=self.unit_step,
            segments=segments,
            notes=self.notes,
        )


def prepare(signal: Signal) -> Prepared | None:
    """Prepare a signal, or return None where its record is too short or was never up.

    Raises
    ------
    InputError
        If the signal holds infinite or negative values.
    """
    label = f"{signal.datasource} of {signal.entity}"
    if np.isinf(signal.values).any():
        raise InputError(f"{label} has infinite values; write a missing value as NaN.")
    times, values = signal.observed()
    if values.size < MIN_SAMPLES:
        return None
    if values.min() < 0:
        raise InputError(f"{label} has negative values; counts and shares cannot be below 0.")
    if values.max() == 0:
        return None
    notes: tuple[str, ...] = ("record shorter than two weeks: normal level without a season",)
    unit_step = resolution(values)
    if times[-1] - times[0] >= MIN_SEASON:
        tiny = unit_step or values[values > 0].min()
        pattern, note = seasonal_pattern(np.log(np.maximum(values, tiny)), times, "day")
        values = values / np.exp(pattern)
        notes = (note,) if note else ()
    upper = float(np.quantile(values, 0.9, method="inverted_cdf"))
    finest = max(unit_step / np.sqrt(12), _RELATIVE_FLOOR * upper)
    # A step of x around a level u is one of x / (2 sqrt(u)) on the square-root scale.
    floor = finest / (2 * np.sqrt(upper)) if upper > 0 else 0.0
    roots = np.sqrt(values)
    noise = estimate(roots, floor=float(floor))
    roots = without_spikes(roots, noise)
    borders = candidates(roots, noise)
    return Prepared(signal, times, values, unit_step, noise, roots, borders, notes)
