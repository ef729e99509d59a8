"""A signal cut into stretches of constant level, for the question when it was down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.quantiles import by_group
from darkdays.detect.noise.noise import Noise
from darkdays.detect.noise.uncertainty import location_interval
from darkdays.detect.segmentation.segment import BOUND, default_penalty, optimal_partition

LEAST_SAMPLES: Final = 2
"""The loss is bounded so that this many samples, however low, can be a segment; fewer cannot."""
REACH: Final = 2_000
"""Samples on either side of a border that say where it is."""
_MARGIN: Final = 1.05


@dataclass(frozen=True)
class Segments:
    """Measured samples cut into segments; positions count measured samples only.

    Attributes
    ----------
    values
        Samples on the scale they were cut on, shape ``(n,)``.
    changes
        First sample of each new segment, shape ``(k,)``.
    noise
        Around the levels.
    level
        Confidence of the intervals.
    """

    values: NDArray[np.float64]
    changes: NDArray[np.intp]
    noise: Noise
    level: float

    def edges(self) -> NDArray[np.intp]:
        """Return segment borders, from 0 to the number of samples."""
        return np.concatenate([[0], self.changes, [self.values.size]]).astype(np.intp)

    def interval(self, number: int) -> tuple[int, int]:
        """Return the first and last plausible position of change ``number``."""
        edges = self.edges()
        border = edges[number + 1]
        start, end = max(edges[number], border - REACH), min(edges[number + 2], border + REACH)
        low, _, high = location_interval(self.values[start:end], self.noise, self.level)
        return int(start) + low, int(start) + high


def cut(values: NDArray[np.float64], noise: Noise) -> NDArray[np.intp]:
    """Return the first sample of each new segment of the best segmentation.

    A sample costs its squared distance to the level of its segment in units of the long-run
    noise, but never more than lets :data:`LEAST_SAMPLES` of them pay for a segment's two borders.
    So many that lie so far below the level of their segment are one, however unlike they are: the
    first and the last of a short outage are down for a part of their time.
    """
    if noise.long_run_scale == 0:
        return np.empty(0, np.intp)
    price = default_penalty(values.size)
    bound = np.sqrt(2 * price * _MARGIN / LEAST_SAMPLES)
    # The bound is a constant of the loss: a finer unit makes it the one that is needed.
    unit = bound / BOUND
    scaled = values / (noise.long_run_scale * unit)
    changes = optimal_partition(scaled, penalty=price / unit**2, loss="biweight")
    edges = np.concatenate([[0], changes, [values.size]]).astype(np.intp)
    levels = np.repeat(by_group(scaled, edges, 0.5), np.diff(edges))
    down = np.concatenate([[False], levels - scaled > BOUND, [False]])
    begins, ends = np.flatnonzero(np.diff(down)).reshape(-1, 2).T
    long = ends - begins >= LEAST_SAMPLES
    found = np.unique(np.concatenate([changes, begins[long], ends[long]]))
    return found[(found > 0) & (found < values.size)].astype(np.intp)
