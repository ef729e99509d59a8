"""The compiled search for the cheapest description of a short record.

For every autocorrelation on a grid the record is cut exactly into levels and lines at several
prices; every cut met on the way is then priced in full, under Gaussian and under heavy-tailed
innovations, and the cheapest description wins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel
from darkdays.detect.segmentation.costs import LEVEL, LINE, fit_segments, of_all
from darkdays.detect.segmentation.curves import (
    cheapest_curve,
    cheapest_long_curve,
    cheapest_tail,
    squares_cost,
    trend_price,
)
from darkdays.detect.segmentation.likelihood import GAUSSIAN

# Cuts to be priced are looked for at these multiples of the price of a change.
_PRICES = (0.6, 0.9, 1.1, 1.6)
_ROUNDS = 4
_REMEMBERED = 64


@kernel(error_model="numpy")
def cheapest(  # noqa: C901  # one search, its parts are functions already
    values: NDArray[np.float64],
    calm: NDArray[np.float64],
    places: NDArray[np.int64],
    lines: bool,
    grid: NDArray[np.float64],
    freedoms: NDArray[np.float64],
    change: float,
    location: float,
    slope: float,
    tail: float,
    floor: float,
    summed: bool,
) -> tuple[float, float, float, NDArray[np.int64], NDArray[np.int64]]:
    """Find the cheapest description of a record.

    Parameters
    ----------
    values
        Samples of about unit size, shape ``(n,)``.
    calm
        The same with wild samples drawn in: where to cut is looked for in these, what a cut is
        worth in the others.
    places
        Where segments may begin and end, ascending, 0 and ``n`` included, shape ``(m,)``.
    lines
        Whether segments may slope.
    grid
        Autocorrelations to try.
    freedoms
        Degrees of freedom of the innovations to try, :data:`GAUSSIAN` among them.
    change, tail
        Prices of a change and of heavy tails, in units of twice the log-likelihood.
    location
        Share of the price of a change that is for its place, in logs of effective samples.
    slope
        Price of a slope of its own of each of several segments.
    floor
        Least variance of the innovations.
    summed
        Price cuts by squares of ``calm`` alone, which are known without a look at every sample.

    Returns
    -------
    cost, phi, freedom : float
        Of the winner.
    edges, kinds : numpy.ndarray
        Its borders, 0 and ``n`` included, and the kind of each segment.
    """
    count = values.size
    held = places.size
    levels = np.full((held, held), np.inf)
    slopes = np.full((held if lines else 0, held), np.inf)
    last, kind = np.zeros(held, np.int64), np.zeros(held, np.int64)
    edges, kinds = np.zeros(held + 1, np.int64), np.zeros(held, np.int64)
    left, fitted = np.empty(count), np.empty(count)
    met = np.zeros(_REMEMBERED)
    best, best_phi, best_freedom = np.inf, 0.0, GAUSSIAN
    best_edges, best_kinds = np.zeros(2, np.int64), np.zeros(1, np.int64)
    for phi in grid:
        of_all(calm, phi, places, levels, slopes)
        begin = np.log(1.0 - phi * phi)
        trend = trend_price(count, phi, change, location)
        variance = max(_starting_variance(calm, phi), floor)
        known = 0
        for _ in range(_ROUNDS):
            next_variance = variance
            for number in range(-2, len(_PRICES)):
                if number < 0:
                    # The record in one piece, level and line.
                    if number == -2 and not lines:
                        continue
                    segments = 1
                    edges[0], edges[1] = 0, count
                    kinds[0] = LINE if number == -2 else LEVEL
                    squares = (slopes if number == -2 else levels)[-1, 0]
                else:
                    at = _PRICES[number] * change
                    _partition(levels, slopes, variance, at, slope, begin, last, kind)
                    segments, squares = _trace_back(
                        last, kind, places, levels, slopes, edges, kinds
                    )
                if 6 * (segments - 1) > count:
                    continue
                if number == 2:
                    next_variance = max(squares / count, floor)
                if _is_known(met, known, _fingerprint(edges, kinds, segments)):
                    continue
                known = min(known + 1, _REMEMBERED - 1)
                price = change * (segments - 1) - segments * begin
                price += (trend if segments == 1 else slope) * kinds[:segments].sum()
                if summed:
                    cost, freedom = squares_cost(squares, count, floor), GAUSSIAN
                else:
                    fit_segments(values, phi, edges, kinds, segments, fitted, left)
                    cost, freedom = cheapest_tail(left, freedoms, tail, floor)
                if cost + price < best:
                    best, best_phi, best_freedom = cost + price, phi, freedom
                    best_edges = edges[: segments + 1].copy()
                    best_kinds = kinds[:segments].copy()
            if abs(next_variance / variance - 1.0) < 0.05:
                break
            variance = next_variance
        if lines and (not summed or held > 2):
            if summed:
                bent, degree, freedom = cheapest_long_curve(calm, phi, trend, floor)
            else:
                bent, degree, freedom = cheapest_curve(values, phi, freedoms, trend, tail, floor)
            if bent - begin < best:
                best, best_phi, best_freedom = bent - begin, phi, freedom
                best_edges = np.array([0, count])
                best_kinds = np.array([degree])
    return best, best_phi, best_freedom, best_edges, best_kinds


@kernel(error_model="numpy")
def _starting_variance(values: NDArray[np.float64], phi: float) -> float:
    """Return a variance of the innovations that changes of level hardly touch."""
    steps = values[1:] - phi * values[:-1]
    turns = np.diff(steps) ** 2
    middle = np.median(turns)
    if middle == 0.0 and turns.any():
        # Most samples do not move: what moves, and how often.
        moved = turns[turns > 0.0]
        middle = np.median(moved) * moved.size / turns.size
    # The median of a squared standard normal is 0.4549; a difference has twice the variance.
    return max(middle / (2.0 * 0.4549), 1e-12)


@kernel(error_model="numpy")
def _partition(
    levels: NDArray[np.float64],
    slopes: NDArray[np.float64],
    variance: float,
    price: float,
    slope: float,
    begin: float,
    last: NDArray[np.int64],
    kind: NDArray[np.int64],
) -> None:
    """Cut exactly (Jackson et al. 2005, IEEE Signal Processing Letters 12, 105-108)."""
    best = np.full(last.size, np.inf)
    best[0] = -price
    precision = 1.0 / variance
    for end in range(1, last.size):
        lowest, where, which = np.inf, 0, LEVEL
        for first in range(end):
            cost = best[first] + levels[end, first] * precision
            if cost < lowest:
                lowest, where, which = cost, first, LEVEL
        if slopes.shape[0]:
            for first in range(end):
                cost = best[first] + slopes[end, first] * precision + slope
                if cost < lowest:
                    lowest, where, which = cost, first, LINE
        best[end] = lowest + price - begin
        last[end], kind[end] = where, which


@kernel()
def _trace_back(
    last: NDArray[np.int64],
    kind: NDArray[np.int64],
    places: NDArray[np.int64],
    levels: NDArray[np.float64],
    slopes: NDArray[np.float64],
    edges: NDArray[np.int64],
    kinds: NDArray[np.int64],
) -> tuple[int, float]:
    """Fill in borders and kinds; return how many segments there are, and the squares they leave."""
    segments, end = 0, last.size - 1
    while end > 0:
        segments += 1
        end = last[end]
    end, squares = last.size - 1, 0.0
    edges[segments] = places[end]
    for number in range(segments - 1, -1, -1):
        kinds[number] = kind[end]
        squares += (slopes if kind[end] == LINE else levels)[end, last[end]]
        end = last[end]
        edges[number] = places[end]
    return segments, squares


@kernel()
def _is_known(met: NDArray[np.float64], known: int, fingerprint: float) -> bool:
    """Say whether a cut was priced already, and remember it if not."""
    for number in range(known):
        if met[number] == fingerprint:
            return True
    met[known] = fingerprint
    return False


@kernel()
def _fingerprint(edges: NDArray[np.int64], kinds: NDArray[np.int64], segments: int) -> float:
    total = 1e6 * segments
    for number in range(segments):
        total += np.sqrt(edges[number] + 1.37) * (number + 1.0) * (1.0 + 0.618 * kinds[number])
    return total
