"""Wild samples drawn in to what the rest of the noise would allow."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from darkdays.detect.noise.noise import estimate
from darkdays.detect.segmentation.costs import innovations
from darkdays.detect.segmentation.segment import optimal_partition

ENOUGH: Final = 50_000
"""So many samples tell the scale of noise to a part in several hundred."""
_FAR_FROM_LEVEL: Final = 4.0
_FAR_FROM_EXPECTED: Final = 3.5  # both in robust standard deviations
_NORMAL: Final = 1.4826  # standard deviations in a median absolute deviation


def sampled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return samples enough to take a median of, spread evenly over the record."""
    return values[:: -(-values.size // ENOUGH)]


def near_levels(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw samples far from the level of their stretch in, before anything else is known.

    The levels are those of an exact cut under a bounded loss, which wild samples cannot move.

    Parameters
    ----------
    values
        Finite samples, shape ``(n,)``.
    """
    noise = estimate(values)
    if noise.long_run_scale == 0:
        return values
    cuts = optimal_partition(values / noise.long_run_scale, loss="biweight")
    levels = [np.full(part.size, np.median(part)) for part in np.split(values, cuts)]
    rest = values - np.concatenate(levels)
    reach = _FAR_FROM_LEVEL * _NORMAL * float(np.median(np.abs(rest)))
    return values - (rest - np.clip(rest, -reach, reach)) if reach > 0 else values


def reach_of(left: NDArray[np.float64]) -> float:
    """Return how far from zero an innovation is not yet wild."""
    return _FAR_FROM_EXPECTED * _NORMAL * float(np.median(np.abs(sampled(left))))


def drawn_in(
    values: NDArray[np.float64],
    phi: float,
    edges: NDArray[np.int64],
    kinds: NDArray[np.int64],
    reach: float | None = None,
) -> NDArray[np.float64]:
    """Draw wild innovations in, and with each the echo it leaves in the samples after it.

    Parameters
    ----------
    values
        Finite samples, shape ``(n,)``.
    phi
        Autocorrelation of the noise.
    edges, kinds
        Segments the innovations are seen around; an echo ends with its segment.
    reach
        How far from zero an innovation is not yet wild; by their own median if not given.
    """
    left = innovations(values, phi, edges, kinds)
    far = reach_of(left) if reach is None else reach
    excess = left - np.clip(left, -far, far)
    if far == 0.0 or not excess.any():
        return values
    excess[edges[:-1]] /= np.sqrt(1 - phi * phi)
    if phi == 0.0:
        return values - excess
    calm = values.copy()
    for first, end in pairwise(edges):
        calm[first:end] -= lfilter([1.0], [1.0, -phi], excess[first:end])
    return calm
