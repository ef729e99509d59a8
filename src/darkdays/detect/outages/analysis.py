"""A signal relative to its normal level, in segments, at a confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.datasources import DATASOURCES
from darkdays.detect.baseline.baseline import HOUR_OF_DAY_FROM
from darkdays.detect.baseline.quantiles import by_group
from darkdays.detect.outages.segments import Segments

NORMAL_WITHIN: Final = 0.1
"""Segments at most this share below the upper tenth's level count as normal."""
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
