"""Windows fixed beforehand, each of which may hold a change: "confirmed" against "candidate".

A change-point is a place that was chosen by looking. Here nothing is: every window of a sparse
set, in all sizes, is tested for a change in its middle, all of them together at one level by
Bonferroni (in the spirit of narrowest significance pursuit, Fryzlewicz 2024, JASA 119, and of
lean Bonferroni detection, Jang & Walther 2024). The samples are prewhitened and replaced by
normal scores, so that the tail of the noise does not matter.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.changepoints.description import Model
from darkdays.detect.changepoints.longrecord import ENOUGH, sampled
from darkdays.detect.compiled.kernel import kernel
from darkdays.detect.segmentation.costs import LEVEL

_SHORTEST: Final = 8
_GROWTH: Final = 1.5
_REACH: Final = 2.5  # robust standard deviations
_LAPS: Final = 4  # windows of one size overlap by all but a quarter


def confirmed(model: Model, error: float) -> NDArray[np.bool_]:
    """Say of each change of a model whether a rejected window holds it and no other.

    A window with two changes in it is rejected for either of them, and says nothing of the other.

    Parameters
    ----------
    model
        With its changes.
    error
        Probability that any window is rejected in a series without a change.

    Returns
    -------
    numpy.ndarray
        Shape ``(k,)``.
    """
    changes = model.changes
    if changes.size == 0:
        return np.empty(0, np.bool_)
    plain = model.plain
    shift = 0
    if model.noise == "walk":
        plain, shift = np.diff(plain), 1
    scores = _scores(plain[1:] - model.phi * plain[:-1])
    sizes = _sizes(scores.size)
    count = sum(1 + -(-(scores.size - size) // _stride(size)) for size in sizes)
    if count == 0:
        return np.zeros(changes.size, np.bool_)
    threshold = float(special.ndtri(1 - error / (2 * count)))
    # Scores begin one sample late.
    places = changes - 1 - shift
    held = np.repeat(np.arange(places.size + 1), np.diff([0, *(places + 1), scores.size + 1]))
    sloped = bool((model.kinds != LEVEL).any())
    depth = _rejected(scores, np.array(sizes), threshold, sloped, held)
    return np.asarray(depth[places] > 0)


def _sizes(count: int) -> list[int]:
    """Return the even sizes of windows, up to the whole series."""
    sizes, size = [], float(_SHORTEST)
    while count >= _SHORTEST:
        length = min(2 * round(size / 2), count - count % 2)
        sizes.append(length)
        if length >= count - 1:
            break
        size *= _GROWTH
    return sizes


def _stride(size: int) -> int:
    return max(size // _LAPS, 1)


def _scores(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal scores; of a very long record clipped ones, which sums tell no apart."""
    if steps.size <= ENOUGH:
        ranks = pd.Series(steps).rank().to_numpy()
        return np.asarray(special.ndtri((ranks - 0.375) / (steps.size + 0.25)))
    middle = np.median(sampled(steps))
    reach = _REACH * 1.4826 * np.median(np.abs(sampled(steps) - middle))
    clipped = np.clip(steps - middle, -reach, reach)
    spread = clipped.std()
    return np.asarray((clipped - clipped.mean()) / spread) if spread > 0 else clipped


@kernel(error_model="numpy")
def _rejected(
    scores: NDArray[np.float64],
    sizes: NDArray[np.int64],
    threshold: float,
    sloped: bool,
    held: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Count, for every sample, the rejected windows that hold it and one change of the model.

    ``held`` is how many changes lie before each sample.

    The statistic of a window is its standardised step in the middle, clear of any line if asked.
    """
    count = scores.size
    total = np.zeros(count + 1)
    tilted = np.zeros(count + 1 if sloped else 1)
    for index in range(count):
        total[index + 1] = total[index] + scores[index]
        if sloped:
            tilted[index + 1] = tilted[index] + scores[index] * index
    depth = np.zeros(count + 1, np.int32)
    for size in sizes:
        stride = max(size // _LAPS, 1)
        length = float(size)
        spread = length * (length * length - 1.0) / 12.0
        # The step and the line, both of unit length, have this in common.
        shared = 0.25 * length * length / np.sqrt(length * spread)
        start = 0
        while True:
            end = start + size
            both = total[end] - total[start]
            step = (both - 2.0 * (total[start + size // 2] - total[start])) / np.sqrt(length)
            if sloped:
                lean = tilted[end] - tilted[start] - 0.5 * (start + end - 1.0) * both
                step -= shared * lean / np.sqrt(spread)
                step /= np.sqrt(1.0 - shared * shared)
            if abs(step) > threshold and held[end] - held[start] == 1:
                depth[start] += 1
                depth[end] -= 1
            if end == count:
                break
            start = min(start + stride, count - size)
    for index in range(1, count + 1):
        depth[index] += depth[index - 1]
    return depth
