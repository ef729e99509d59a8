"""Windows fixed beforehand, each of which may hold a change: "confirmed" against "candidate".

A change-point is a place that was chosen by looking. Here nothing is: every window of a sparse
set, in all sizes, is tested for a change in its middle, all of them together at one level by
Bonferroni (in the spirit of narrowest significance pursuit, Fryzlewicz 2024, JASA 119, and of
lean Bonferroni detection, Jang & Walther 2024). The samples are prewhitened and replaced by
normal scores, so that the tail of the noise does not matter.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from darkdays.detect.costs import LEVEL
from darkdays.detect.models import Model
from darkdays.detect.wild import ENOUGH, sampled

_SHORTEST: Final = 8
_GROWTH: Final = 1.5
_REACH: Final = 2.5  # robust standard deviations
_LAPS: Final = 4  # windows of one size overlap by all but a quarter


def confirmed(values: NDArray[np.float64], model: Model, error: float) -> NDArray[np.bool_]:
    """Say of each change of a model whether a rejected window holds it.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
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
    plain = values - model.season
    shift = 0
    if model.noise == "walk":
        plain, shift = np.diff(plain), 1
    steps = plain[1:] - model.phi * plain[:-1]
    scores = _scores(steps)
    starts, ends = _windows(scores.size)
    if starts.size == 0:
        return np.zeros(changes.size, np.bool_)
    statistic = _contrasts(scores, starts, ends, bool((model.kinds != LEVEL).any()))
    rejected = np.abs(statistic) > special.ndtri(1 - error / (2 * starts.size))
    # Scores begin one sample late. Windows that are rejected cover the series in stretches.
    depth = np.zeros(values.size + 1, np.int64)
    np.add.at(depth, starts[rejected] + 1 + shift, 1)
    np.add.at(depth, ends[rejected] + 1 + shift, -1)
    return np.asarray(np.cumsum(depth)[changes] > 0)


def _scores(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal scores; of a very long record clipped ones, which sums tell no apart."""
    if steps.size <= ENOUGH:
        ranks = stats.rankdata(steps)
        return np.asarray(special.ndtri((ranks - 0.375) / (steps.size + 0.25)))
    middle = np.median(sampled(steps))
    reach = _REACH * 1.4826 * np.median(np.abs(sampled(steps) - middle))
    clipped = np.clip(steps - middle, -reach, reach)
    spread = clipped.std()
    return np.asarray((clipped - clipped.mean()) / spread) if spread > 0 else clipped


def _windows(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    starts: list[NDArray[np.intp]] = []
    ends: list[NDArray[np.intp]] = []
    size = float(_SHORTEST)
    while True:
        length = min(2 * round(size / 2), count - count % 2)
        if length < _SHORTEST:
            break
        first = np.arange(0, count - length + 1, max(length // _LAPS, 1))
        if first[-1] != count - length:
            first = np.append(first, count - length)
        starts.append(first)
        ends.append(first + length)
        if length >= count - 1:
            break
        size *= _GROWTH
    if not starts:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    return np.concatenate(starts).astype(np.intp), np.concatenate(ends).astype(np.intp)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _contrasts(
    scores: NDArray[np.float64],
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
    sloped: bool,
) -> NDArray[np.float64]:
    """Return the standardised step in the middle of each window, clear of any line if asked."""
    total, tilted = np.zeros(scores.size + 1), np.zeros(scores.size + 1)
    for index in range(scores.size):
        total[index + 1] = total[index] + scores[index]
        tilted[index + 1] = tilted[index] + scores[index] * index
    found = np.empty(starts.size)
    for number in range(starts.size):
        start, end = starts[number], ends[number]
        middle, length = (start + end) // 2, float(end - start)
        both = total[end] - total[start]
        found[number] = (both - 2.0 * (total[middle] - total[start])) / np.sqrt(length)
        if sloped:
            spread = length * (length * length - 1.0) / 12.0
            lean = tilted[end] - tilted[start] - 0.5 * (start + end - 1.0) * both
            # The step and the line, both of unit length, have this in common.
            shared = 0.25 * length * length / np.sqrt(length * spread)
            found[number] -= shared * lean / np.sqrt(spread)
            found[number] /= np.sqrt(1.0 - shared * shared)
    return found
