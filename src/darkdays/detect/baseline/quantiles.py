"""Compiled medians and quantiles of many small groups of samples, NaN being missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel

_LARGE = 64  # samples from which selecting is faster than sorting


@kernel(short=True)
def by_group(
    values: NDArray[np.float64], edges: NDArray[np.intp], share: float
) -> NDArray[np.float64]:
    """Return a quantile of each group of neighbouring samples.

    Parameters
    ----------
    values
        Shape ``(n,)``.
    edges
        First sample of each group, and ``n``; shape ``(groups + 1,)``.
    share
        Smallest share of the samples that is at most the quantile; a median (0.5) of an even
        number is the mean of the two in the middle.

    Returns
    -------
    numpy.ndarray
        Shape ``(groups,)``, NaN for a group without samples.
    """
    out = np.full(edges.size - 1, np.nan)
    room = np.empty(values.size)
    for group in range(out.size):
        held = _gather(values, edges[group], edges[group + 1], room)
        if held:
            out[group] = _quantile(room[:held], share)
    return out


@kernel()
def running_medians(
    values: NDArray[np.float64],
    places: NDArray[np.float64],
    centres: NDArray[np.float64],
    reach: float,
) -> NDArray[np.float64]:
    """Return the median of the samples within ``reach`` of each centre.

    Parameters
    ----------
    values
        Shape ``(n,)``.
    places
        Where each sample lies, ascending, shape ``(n,)``.
    centres
        Ascending, shape ``(m,)``.
    reach
        In the unit of ``places``; both ends are included.

    Returns
    -------
    numpy.ndarray
        Shape ``(m,)``, NaN where there are no samples.
    """
    out = np.full(centres.size, np.nan)
    room = np.empty(values.size)
    first = last = 0
    for number in range(centres.size):
        while first < places.size and places[first] < centres[number] - reach:
            first += 1
        last = max(last, first)
        while last < places.size and places[last] <= centres[number] + reach:
            last += 1
        held = _gather(values, first, last, room)
        if held:
            out[number] = _quantile(room[:held], 0.5)
    return out


@kernel()
def _gather(values: NDArray[np.float64], first: int, after: int, room: NDArray[np.float64]) -> int:
    held = 0
    for place in range(first, after):
        if not np.isnan(values[place]):
            room[held] = values[place]
            held += 1
    return held


@kernel()
def _quantile(part: NDArray[np.float64], share: float) -> float:
    if share == 0.5 and part.size > _LARGE:
        return float(np.median(part))
    part.sort()
    if share == 0.5:
        return float(0.5 * (part[(part.size - 1) // 2] + part[part.size // 2]))
    return float(part[max(int(np.ceil(share * part.size - 1e-9)) - 1, 0)])
