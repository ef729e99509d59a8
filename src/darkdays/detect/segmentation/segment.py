"""Exact segmentation into levels: a loss for every sample, a price for every segment."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkdays.detect.segmentation import fpop, fpop_biweight
from darkdays.errors import InputError

Loss = Literal["l2", "biweight"]
BOUND: Final = 4.0
"""Standard deviations beyond which a sample costs no more under the biweight loss.

A burst of ``m`` samples can then save at most ``m * BOUND ** 2``, and has to pay for its
beginning and its end: at the default price one of two samples is no segment from 210 samples on.
"""


def default_penalty(count: int) -> float:
    """Return the price of one more segment for a series in units of its noise, ``3 log n``."""
    return 3.0 * float(np.log(max(count, 2)))


def optimal_partition(
    values: ArrayLike, *, penalty: float | None = None, loss: Loss = "l2"
) -> NDArray[np.intp]:
    """Split a series into segments of constant level, exactly, in linear time in practice.

    Parameters
    ----------
    values
        Finite samples in units of their long-run standard deviation, shape ``(n,)``.
    penalty
        Price of one more segment in squared units; ``3 log n`` if not given.
    loss
        ``"l2"``: squared distance to the level of the segment; ``"biweight"``: the same, but at
        most :data:`BOUND` squared, which wild samples cannot move.

    Returns
    -------
    numpy.ndarray
        Indices of the first sample of each new segment, ascending, without 0.

    Raises
    ------
    InputError
        If the series is not one-dimensional or not finite, the penalty not above 0, or the loss
        not known.
    """
    if loss not in ("l2", "biweight"):
        raise InputError(f"unknown loss {loss!r}; use l2 or biweight.")
    series = np.ascontiguousarray(values, dtype=np.float64)
    if series.ndim != 1:
        raise InputError(f"the series has {series.ndim} dimensions; give one of one dimension.")
    if not np.isfinite(series).all():
        raise InputError("the series has missing or infinite values; take them out first.")
    price = default_penalty(series.size) if penalty is None else float(penalty)
    if not 0 < price < np.inf:
        raise InputError(f"penalty {penalty} is not a price; give a number above 0.")
    if series.size < 2:
        return np.empty(0, dtype=np.intp)
    # About zero, sums keep their digits.
    centred = series - series.mean()
    del values, series  # a long record is not to be held three times
    if loss == "l2":
        last = fpop.last_changes(centred, price)
    else:
        last = fpop_biweight.last_changes(centred, price, BOUND)
    return _traced_back(last)


def _traced_back(last: NDArray[np.int32]) -> NDArray[np.intp]:
    changes = []
    position = int(last[-1])
    while position > 0:
        changes.append(position)
        position = int(last[position])
    return np.array(changes[::-1], dtype=np.intp)
