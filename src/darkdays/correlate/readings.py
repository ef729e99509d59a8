"""Tests of onsets that are known to an interval: a range of rates and of p-values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.exposure import Exposure
from darkdays.correlate.onsets import DayReadings
from darkdays.correlate.shifts.shifts import ShiftTest, circular_shift_test
from darkdays.correlate.shifts.strata import time_strata


@dataclass(frozen=True)
class ShiftRange:
    """The shift test under three readings of onsets and events in doubt.

    Attributes
    ----------
    stated
        Onsets at their stated moments, every possibly exposed day exposed.
    fewest
        Only what certainly coincides.
    most
        All that possibly does.
    onsets
        Number of onsets.
    """

    stated: ShiftTest
    fewest: ShiftTest
    most: ShiftTest
    onsets: int

    @property
    def p_range(self) -> tuple[float, float]:
        """Smallest and largest p-value of the readings."""
        found = [one.p_value for one in (self.stated, self.fewest, self.most)]
        return min(found), max(found)

    @property
    def rate_range(self) -> tuple[float, float] | None:
        """Share of onsets on exposed days, at least and at most; None without onsets."""
        if not self.onsets:
            return None
        return self.fewest.coincidences / self.onsets, self.most.coincidences / self.onsets


def shift_range(
    places: Sequence[tuple[DayReadings, Exposure]], *, width: str | int = "month"
) -> ShiftRange:
    """Run the circular-shift test over places under each reading.

    Parameters
    ----------
    places
        Onsets and exposure of each place; records may differ in their days.
    width
        Of the strata of time, see :func:`darkdays.correlate.shifts.strata.time_strata`; every place
        has its own.

    Returns
    -------
    ShiftRange

    Raises
    ------
    ValueError
        If there are no places or no days.
    """
    strata: list[NDArray[np.intp]] = []
    for readings, _ in places:
        after = int(strata[-1].max(initial=-1)) + 1 if strata else 0
        strata.append(time_strata(readings.days, width) + after)
    labels = np.concatenate([*strata, np.empty(0, dtype=np.intp)])

    def test(onsets: list[NDArray[np.int64]], exposed: list[NDArray[np.bool_]]) -> ShiftTest:
        none = np.empty(0, dtype=np.int64)
        return circular_shift_test(
            np.concatenate([*onsets, none]), np.concatenate([*exposed, none > 0]), labels
        )

    possible = [exposure.possible for _, exposure in places]
    return ShiftRange(
        stated=test([readings.stated for readings, _ in places], possible),
        fewest=test(
            [readings.fewest for readings, _ in places], [one.certain for _, one in places]
        ),
        most=test([readings.most for readings, _ in places], possible),
        onsets=sum(int(readings.stated.sum()) for readings, _ in places),
    )
