"""How long labelled outages lasted, by the order statistics that were published."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkdays.errors import InputError

PERCENTS = (5, 10, 25, 50, 75, 90, 95, 99)


def published_percentile(values: NDArray[np.float64], percent: int) -> float:
    """Return the percentile as "Destination Unreachable" computed it.

    The published notebook takes element ``int(m * percent / 100)`` of the ``m = n + 1`` support
    points of an empirical distribution function, the first of which is minus infinity. That is
    the order statistic of rank ``int((n + 1) * percent / 100)``, without interpolation.

    Parameters
    ----------
    values
        Any order, shape ``(n,)``; missing ones are left out.
    percent
        Above 0 and below 100.

    Raises
    ------
    InputError
        If the percentage is out of range.
    """
    if not 0 < percent < 100:
        raise InputError(f"percentile {percent} is not between 0 and 100.")
    ordered = np.sort(values[~np.isnan(values)])
    rank = (ordered.size + 1) * percent // 100
    return float(ordered[rank - 1]) if rank else float("nan")
