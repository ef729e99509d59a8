"""Exact segmentation into levels: least squares plus a penalty for every change.

Optimal partitioning with PELT pruning (Killick, Fearnhead & Eckley 2012, JASA 107, 1590-1598).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def optimal_partition(
    values: NDArray[np.float64], *, penalty: float | None = None
) -> NDArray[np.intp]:
    """Split a series into segments of constant level, exactly.

    Parameters
    ----------
    values
        Finite samples in units of their long-run standard deviation, shape ``(n,)``.
    penalty
        Price of one more segment in squared units; ``3 log n`` if not given.

    Returns
    -------
    numpy.ndarray
        Indices of the first sample of each new segment, ascending, without 0.
    """
    count = values.size
    if count < 2:
        return np.empty(0, dtype=np.intp)
    price = 3 * np.log(count) if penalty is None else penalty
    # Centred on the median, cumulative sums keep their digits.
    centred = values - np.median(values)
    total = np.concatenate([[0.0], np.cumsum(centred)])
    square = np.concatenate([[0.0], np.cumsum(centred**2)])
    best = np.empty(count + 1)
    best[0] = -price
    last = np.zeros(count + 1, dtype=np.intp)
    alive = np.zeros(1, dtype=np.intp)
    for end in range(1, count + 1):
        summed = total[end] - total[alive]
        cost = best[alive] + (square[end] - square[alive] - summed**2 / (end - alive))
        winner = int(np.argmin(cost))
        best[end] = cost[winner] + price
        last[end] = alive[winner]
        alive = np.append(alive[cost <= best[end]], end)
    changes = []
    position = int(last[count])
    while position > 0:
        changes.append(position)
        position = int(last[position])
    return np.array(changes[::-1], dtype=np.intp)
