"""Steps of a series without noise: where nothing moves in between, there is nothing to doubt."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST_RUN: Final = 6.0  # samples that a run has on average
_FEW: Final = 4  # so many steps are no noise, however alike they are
_IN_A_ROW: Final = 6
_ROUNDS: Final = 3
PRICE: Final = 2.75  # of a step, in logs of the number of samples

Floats = NDArray[np.float64]


def exact_steps(values: Floats) -> NDArray[np.intp] | None:
    """Return the first sample of every new level of a series without noise, None if it has noise.

    Single samples that differ from both neighbours are glitches and belong to the level they are
    nearer to. Of the rest three descriptions are compared by their length in bits: levels that are
    kept exactly, values drawn anew for every sample, and steps drawn anew, which is a rounded
    walk. A series of two values cannot be a rounded walk.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
    """
    count = values.size
    if count < 3:
        return np.empty(0, np.intp) if values.min() == values.max() else None
    moved = values[1:] != values[:-1]
    odd = moved[1:] & moved[:-1]
    if np.count_nonzero(odd) * LEAST_RUN > count:
        return None
    alone = np.flatnonzero(odd) + 1
    calm = values.copy()
    for place in alone:
        before, after = calm[place - 1], values[place + 1]
        nearer = abs(values[place] - before) <= abs(values[place] - after)
        calm[place] = before if nearer else after
    # What is seen once at an end is no level either.
    calm[[0, -1]] = calm[[1, -2]]
    glitches = np.abs(values - calm)[alone]
    size = float(glitches[values[alone - 1] == values[alone + 1]].max(initial=0.0))
    places = np.flatnonzero(np.diff(calm)) + 1
    # A few of them may follow each other.
    for _ in range(_ROUNDS if size else 0):
        for first, end in pairwise([0, *places.tolist(), count]):
            beside = np.array([calm[place] for place in (first - 1, end) if 0 <= place < count])
            if (
                beside.size
                and end - first <= _IN_A_ROW
                and np.abs(beside - calm[first]).min() <= size
            ):
                calm[first:end] = beside[np.argmin(np.abs(beside - calm[first]))]
        places = np.flatnonzero(np.diff(calm)) + 1
    steps = np.diff(calm)
    moves = places.size
    if (moves + 1) * LEAST_RUN > count:
        return None
    kept = PRICE * moves * np.log(count)
    two_valued = np.unique(calm).size <= 2
    if moves <= _FEW or two_valued or kept < min(length_of(calm), length_of(steps)):
        return places.astype(np.intp)
    return None


def length_of(symbols: Floats) -> float:
    """Return twice the natural log-length of symbols drawn independently, with their table."""
    _, times = np.unique(symbols, return_counts=True)
    entropy = -float((times * np.log(times / symbols.size)).sum())
    return 2 * entropy + (times.size - 1) * float(np.log(symbols.size))
