"""Twice the negative log-likelihood of innovations, Gaussian or heavy-tailed."""

from __future__ import annotations

from math import lgamma

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel

GAUSSIAN = 0.0
"""Stands for infinitely many degrees of freedom."""
_ENOUGH = 20_000


@kernel(error_model="numpy")
def scale_of(left: NDArray[np.float64], freedom: float, floor: float) -> float:
    """Return the squared scale of Student t innovations by maximum likelihood.

    Parameters
    ----------
    left
        Innovations, shape ``(n,)``.
    freedom
        Degrees of freedom; :data:`GAUSSIAN` for none of the tail.
    floor
        Least squared scale, such as that of rounding.

    Notes
    -----
    Expectation-maximisation (Lange, Little & Taylor 1989, JASA 84, 881-896).
    """
    squared = 0.0
    for one in left:
        squared += one * one
    squared = max(squared / left.size, floor)
    if freedom <= GAUSSIAN:
        return squared
    squared *= 0.3
    for _ in range(40):
        total = 0.0
        for one in left:
            square = one * one
            total += square * (freedom + 1.0) / (freedom + square / squared)
        better = max(total / left.size, floor)
        done = abs(better / squared - 1.0) < 1e-4
        squared = better
        if done:
            break
    return squared


@kernel(error_model="numpy")
def cost_of(left: NDArray[np.float64], freedom: float, floor: float) -> float:
    """Return twice the negative log-likelihood of innovations at their best scale."""
    # The scale of a very long record is told by a part of its samples.
    thinned = left[:: left.size // _ENOUGH + 1] if freedom > GAUSSIAN else left
    squared = scale_of(thinned, freedom, floor)
    total = 0.0
    if freedom <= GAUSSIAN:
        for one in left:
            total += one * one / squared
        return float(left.size * np.log(2.0 * np.pi * squared) + total)
    for one in left:
        total += np.log1p(one * one / (freedom * squared))
    constant = (
        lgamma((freedom + 1.0) / 2.0)
        - lgamma(freedom / 2.0)
        - 0.5 * np.log(freedom * np.pi * squared)
    )
    return float((freedom + 1.0) * total - 2.0 * left.size * constant)
