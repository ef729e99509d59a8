"""A series cut into levels at a confidence: what outages are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.noise import Noise
from darkdays.detect.segment import optimal_partition
from darkdays.detect.uncertainty import change_p_value, location_interval


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
