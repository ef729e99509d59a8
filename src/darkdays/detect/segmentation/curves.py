"""What a record costs in one piece: as a line, as a slow curve, and under the tail that suits it.

One slow curve is the rival of changes; a polynomial stands for it, of each degree from 2 on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel
from darkdays.detect.segmentation.likelihood import GAUSSIAN, cost_of

_DEGREES = 5
_STRETCHES = 500


@kernel(error_model="numpy")
def trend_price(count: int, phi: float, change: float, location: float) -> float:
    """Return the price of one slope for the whole record, the plainest rival of a change.

    A change has a place and a size, a trend a size only. Autocorrelated samples tell places
    apart like ``count * (1 - phi) / (1 + phi)`` independent ones.
    """
    effective = max(count * (1.0 - phi) / (1.0 + phi), 2.0)
    return float(max(change - location * np.log(effective), 0.5 * np.log(count)))


@kernel(error_model="numpy")
def cheapest_curve(
    values: NDArray[np.float64],
    phi: float,
    freedoms: NDArray[np.float64],
    trend: float,
    tail: float,
    floor: float,
) -> tuple[float, int, float]:
    """Price the record as one slow curve, a polynomial of each degree from 2 on."""
    count = values.size
    weight = np.sqrt(1.0 - phi * phi)
    left = np.empty(count)
    left[0] = weight * values[0]
    left[1:] = values[1:] - phi * values[:-1]
    time = np.linspace(-1.0, 1.0, count)
    power = np.ones(count)
    basis = np.zeros((_DEGREES + 1, count))
    best, best_degree, best_freedom = np.inf, 0, GAUSSIAN
    for degree in range(_DEGREES + 1):
        column = basis[degree]
        column[0] = weight * power[0]
        column[1:] = power[1:] - phi * power[:-1]
        # Twice, so that rounding leaves the columns orthogonal.
        for _ in range(2):
            for lower in range(degree):
                column -= (basis[lower] * column).sum() * basis[lower]
        column /= np.sqrt((column * column).sum())
        left -= (column * left).sum() * column
        power *= time
        if degree < 2:
            continue
        cost, freedom = cheapest_tail(left, freedoms, tail, floor)
        cost += trend + (degree - 1) * np.log(count)
        if cost < best:
            best, best_degree, best_freedom = cost, degree, freedom
    return best, best_degree, best_freedom


@kernel(error_model="numpy")
def squares_cost(squares: float, count: int, floor: float) -> float:
    """Return twice the negative log-likelihood of so many innovations by their squares alone."""
    return float(count * (np.log(2.0 * np.pi * max(squares / count, floor)) + 1.0))


@kernel(error_model="numpy")
def cheapest_long_curve(
    values: NDArray[np.float64], phi: float, trend: float, floor: float
) -> tuple[float, int, float]:
    """Price a long record as one slow curve, which the sums of its stretches tell as well."""
    count = values.size
    sums, sizes = np.zeros(_STRETCHES), np.zeros(_STRETCHES)
    squares = (1.0 - phi * phi) * values[0] * values[0]
    for index in range(1, count):
        step = values[index] - phi * values[index - 1]
        squares += step * step
        place = index * _STRETCHES // count
        sums[place] += step
        sizes[place] += 1.0
    along = np.linspace(-1.0, 1.0, _STRETCHES)
    power = np.ones(_STRETCHES)
    basis = np.zeros((_DEGREES + 1, _STRETCHES))
    best, best_degree = np.inf, 0
    for degree in range(_DEGREES + 1):
        column = basis[degree]
        column[:] = power
        for _ in range(2):
            for lower in range(degree):
                column -= (basis[lower] * column * sizes).sum() * basis[lower]
        column /= np.sqrt((column * column * sizes).sum())
        squares -= (column * sums).sum() ** 2
        power *= along
        cost = squares_cost(squares, count, floor) + trend + (degree - 1) * np.log(count)
        if degree >= 2 and cost < best:
            best, best_degree = cost, degree
    return best, best_degree, GAUSSIAN


@kernel(error_model="numpy")
def cheapest_tail(
    left: NDArray[np.float64], freedoms: NDArray[np.float64], tail: float, floor: float
) -> tuple[float, float]:
    """Return the cost of innovations under the cheapest degrees of freedom, and which they are."""
    best, best_freedom = np.inf, GAUSSIAN
    for freedom in freedoms:
        cost = cost_of(left, freedom, floor) + (tail if freedom > GAUSSIAN else 0.0)
        if cost < best:
            best, best_freedom = cost, freedom
    return best, best_freedom
