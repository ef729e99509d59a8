"""False discovery rates of many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def false_discovery_rates(p_values: ArrayLike, *, any_dependence: bool) -> NDArray[np.float64]:
    """Return the smallest false discovery rate at which each hypothesis would be rejected.

    The numbers of :func:`scipy.stats.false_discovery_control`, with which a process would load
    for longer than a study of one country takes to judge.

    Parameters
    ----------
    p_values
        Shape ``(k,)``, within [0, 1].
    any_dependence
        Benjamini & Yekutieli 2001 (Annals of Statistics 29, 1165-1188), else Benjamini & Hochberg
        1995 (Journal of the Royal Statistical Society B 57, 289-300), for tests that are
        independent or positively dependent.
    """
    p_values = np.asarray(p_values, np.float64)
    ranks = np.arange(1, p_values.size + 1)
    order = np.argsort(p_values)
    factors = p_values.size / ranks
    if any_dependence:
        factors *= (1 / ranks).sum()
    rates = np.ones(p_values.size)
    rates[order] = np.minimum.accumulate((p_values[order] * factors).clip(max=1)[::-1])[::-1]
    return rates
