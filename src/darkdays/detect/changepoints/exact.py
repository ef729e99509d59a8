"""Steps of a series without noise: where nothing moves in between, there is nothing to doubt."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_LEAST_RUN: Final = 6.0  # samples that a run has on average
_FEW: Final = 4  # so many steps are no noise, however alike they are
_PRICE: Final = 2.75  # of a step, in logs of the number of samples

Floats = NDArray[np.float64]


def exact_steps(values: Floats) -> NDArray[np.intp] | None:
    """Return the first sample of every new level of a series without noise, None if it has noise.

    Single samples that differ from both neighbours are glitches and belong to the level after
    them. Of the rest three descriptions are compared by their length in bits: levels that are
    kept exactly, values drawn anew for every sample, and steps drawn anew, which is a rounded
    walk. A series of two values cannot be a rounded walk.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
    """
    count = values.size
    calm = values.copy()
    alone = np.flatnonzero((values[1:-1] != values[:-2]) & (values[1:-1] != values[2:])) + 1
    if alone.size * _LEAST_RUN > count:
        return None
    # From the end, so that a passing value joins the level that comes.
    for place in alone[::-1]:
        calm[place] = calm[place + 1]
    steps = np.diff(calm)
    places = np.flatnonzero(steps) + 1
    moves = places.size
    if (moves + 1) * _LEAST_RUN > count or count < 2:
        return None
    kept = _PRICE * moves * np.log(count)
    two_valued = np.unique(calm).size <= 2
    if moves <= _FEW or two_valued or kept < min(_length(calm), _length(steps)):
        return places.astype(np.intp)
    return None


def _length(symbols: Floats) -> float:
    """Return twice the natural log-length of symbols drawn independently, with their table."""
    _, times = np.unique(symbols, return_counts=True)
    entropy = -float((times * np.log(times / symbols.size)).sum())
    return 2 * entropy + (times.size - 1) * float(np.log(symbols.size))
