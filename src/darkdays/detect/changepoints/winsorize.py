"""Wild samples drawn in to what the rest of the noise would allow."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.changepoints.longrecord import sampled
from darkdays.detect.compiled.kernel import kernel
from darkdays.detect.segmentation.costs import innovations

_FAR_FROM_EXPECTED: Final = 3.5  # robust standard deviations
_NORMAL: Final = 1.4826  # standard deviations in a median absolute deviation


def reach_of(left: NDArray[np.float64]) -> float:
    """Return how far from zero an innovation is not yet wild."""
    away = np.abs(sampled(left))
    # Where most samples sit on their level, by those that do not.
    middle = float(np.median(away)) or float(np.median(away[away > 0])) if away.any() else 0.0
    return _FAR_FROM_EXPECTED * _NORMAL * middle


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
    _take_out_echoes(calm, excess, phi, edges)
    return calm


@kernel(short=True)
def _take_out_echoes(
    calm: NDArray[np.float64], excess: NDArray[np.float64], phi: float, edges: NDArray[np.int64]
) -> None:
    for number in range(edges.size - 1):
        echo = 0.0
        for index in range(edges[number], edges[number + 1]):
            echo = excess[index] + phi * echo
            calm[index] -= echo
