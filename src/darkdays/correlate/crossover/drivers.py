"""What a measured driver, such as heat or load shedding, makes of the chance of an onset.

A driver that moves from day to day and brings about both outages and protests is not removed by
comparing days of one month. Measured, it is: every shift of the calendar is given the probability
it has under the driver.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.crossover.conditional import fit_conditional
from darkdays.correlate.crossover.stratified import Ratio


@dataclass(frozen=True)
class DriverFit:
    """How the rate of onsets depends on drivers, within strata.

    Attributes
    ----------
    ratios
        Rate ratio per standard deviation of each driver.
    log_intensity
        Logarithm of the expected onsets of each day up to a constant, shape ``(n,)``: for
        :func:`darkdays.correlate.shifts.shifts.circular_shift_test`. None without a fit.
    reason
        Why there is no fit: then drivers are not accounted for, and a test is inconclusive.
    """

    ratios: tuple[Ratio, ...]
    log_intensity: NDArray[np.float64] | None = field(compare=False)
    reason: str = ""


def fit_driver(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    drivers: NDArray[np.float64],
    strata: NDArray[np.integer],
    *,
    level: float = 0.95,
) -> DriverFit:
    """Fit a conditional Poisson model of onsets on drivers alone.

    Protests are left out, as the hypothesis that they do not matter has it; where they do, part
    of their effect is put down to a driver they go along with, and the test loses power, not its
    level.

    Parameters
    ----------
    onsets
        Flag or number of onsets of each day, shape ``(n,)``.
    drivers
        One column each, on a scale on which the logarithm of the rate is about linear; add a
        column of squares where it is not. Shape ``(n,)`` or ``(n, drivers)``, no missing values.
    strata
        Shape ``(n,)``.
    level
        Confidence of the ratios' limits.

    Returns
    -------
    DriverFit

    Raises
    ------
    ValueError
        If a driver has a missing value or shapes differ.
    """
    columns = drivers.reshape(onsets.size, -1).astype(np.float64)
    if not np.isfinite(columns).all():
        raise ValueError("a driver has missing values; fill them or leave the days out")
    spread = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    found = fit_conditional("poisson", onsets, scaled, strata)
    ratios = tuple(found.ratio(column, level=level) for column in range(scaled.shape[1]))
    if found.reason:
        return DriverFit(ratios, None, found.reason)
    return DriverFit(ratios, scaled @ found.coefficients)
