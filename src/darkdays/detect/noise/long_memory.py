"""Noise with long memory: fractionally integrated, by Whittle's likelihood.

Its means wander for as long as it is looked at, which levels in short-memory noise imitate
(Granger & Hyung 2004, J. Empirical Finance 11, 399-421).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

ORDERS: Final = np.linspace(0.05, 0.45, 9)


def long_memory_cost(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return twice the negative log-likelihood of a level in long-memory noise, and the order.

    Whittle 1953, Arkiv foer Matematik 2, 423-434, for the spectrum
    ``|2 sin(w / 2)| ** (-2 d)``.

    Parameters
    ----------
    values
        Samples, shape ``(n,)``.

    Returns
    -------
    cost, order : float
        Of the best order ``d``.
    """
    count = values.size
    power = np.abs(np.fft.rfft(values)[1:]) ** 2 / count
    shape = np.log(2 * np.sin(np.pi * np.arange(1, power.size + 1) / count))
    weight = np.full(power.size, 2.0)
    if count % 2 == 0:
        weight[-1] = 1.0
    best = (np.inf, 0.0)
    for order in ORDERS:
        logs = -2 * order * shape
        variance = float((weight * power * np.exp(-logs)).sum()) / count
        cost = count * (np.log(2 * np.pi * variance) + 1) + float((weight * logs).sum())
        best = min(best, (cost, float(order)))
    return best
