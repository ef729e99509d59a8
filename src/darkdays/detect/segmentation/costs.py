"""What a stretch of samples costs as one segment: squares around a level or a line in AR(1) noise.

A segment is taken to begin in the stationary state of its noise. Its first sample then counts
with weight ``1 - phi ** 2``, every later one as its difference to ``phi`` times the sample before
(Prais & Winsten 1954), and segments cost independently of each other, so that the best cut into
segments can be found exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel

LEVEL, LINE = 0, 1
LEAST = (2, 5)
"""Fewest samples of a level and of a line."""


@kernel(error_model="numpy", inline="always")
def of_level(
    count: float, phi: float, first: float, rest: float, squares: float
) -> tuple[float, float]:
    """Return the cost of a level, and how well it is determined (sum of squared weights).

    Parameters
    ----------
    count
        Samples.
    phi
        Autocorrelation of the noise.
    first
        First sample.
    rest
        Sum of the differences to ``phi`` times the sample before.
    squares
        Sum of their squares, plus ``1 - phi ** 2`` times the first sample's square.
    """
    gain, weight = 1.0 - phi, 1.0 - phi * phi
    known = weight + (count - 1.0) * gain * gain
    moment = weight * first + gain * rest
    return squares - moment * moment / known, known


@kernel(error_model="numpy", inline="always")
def of_line(
    count: float, phi: float, first: float, rest: float, tilted: float, squares: float
) -> tuple[float, float]:
    """Return the cost of a line, and how well it is determined (determinant of its weights).

    As :func:`of_level`, and ``tilted`` is the sum of the differences times their distance from
    the first sample.
    """
    gain, weight = 1.0 - phi, 1.0 - phi * phi
    m = count - 1.0
    known = weight + m * gain * gain
    moment = weight * first + gain * rest
    steps = m * (m + 1.0) / 2.0
    squared = m * (m + 1.0) * (2.0 * m + 1.0) / 6.0
    mixed = gain * (gain * steps + phi * m)
    steep = gain * gain * squared + 2.0 * gain * phi * steps + phi * phi * m
    leaning = gain * tilted + phi * rest
    determinant = known * steep - mixed * mixed
    level = (steep * moment - mixed * leaning) / determinant
    slope = (known * leaning - mixed * moment) / determinant
    return squares - level * moment - slope * leaning, determinant


@kernel(error_model="numpy")
def of_all(
    values: NDArray[np.float64],
    phi: float,
    places: NDArray[np.int64],
    levels: NDArray[np.float64],
    lines: NDArray[np.float64],
) -> None:
    """Fill in the cost of every stretch between two places as a level, and as a line.

    Parameters
    ----------
    values
        Samples, shape ``(n,)``.
    phi
        Autocorrelation of the noise.
    places
        Where segments may begin and end, ascending, from 0 to ``n``, shape ``(m,)``.
    levels, lines
        Entry ``[end, first]`` of the numbers of two places is filled where there are samples
        enough between them, shape ``(m, m)``; ``lines`` may have no rows.
    """
    count = values.size
    weight = 1.0 - phi * phi
    # Running sums, about the middle of the record so that they keep their digits.
    middle = count // 2
    rest, tilted, squares = np.zeros(count), np.zeros(count), np.zeros(count)
    for index in range(1, count):
        step = values[index] - phi * values[index - 1]
        rest[index] = rest[index - 1] + step
        tilted[index] = tilted[index - 1] + (index - middle) * step
        squares[index] = squares[index - 1] + step * step
    for upper in range(1, places.size):
        end = places[upper] - 1
        for lower in range(upper):
            first = places[lower]
            length = float(end + 1 - first)
            if length < LEAST[LEVEL]:
                continue
            head = values[first]
            summed = rest[end] - rest[first]
            whole = squares[end] - squares[first] + weight * head * head
            levels[upper, lower], _ = of_level(length, phi, head, summed, whole)
            if lines.shape[0] and length >= LEAST[LINE]:
                leaning = tilted[end] - tilted[first] - (first - middle) * summed
                lines[upper, lower], _ = of_line(length, phi, head, summed, leaning, whole)


@kernel(error_model="numpy")
def fit_segments(
    values: NDArray[np.float64],
    phi: float,
    edges: NDArray[np.int64],
    kinds: NDArray[np.int64],
    segments: int,
    fitted: NDArray[np.float64],
    left: NDArray[np.float64],
) -> None:
    """Fit every segment by generalized least squares.

    Parameters
    ----------
    values
        Samples, shape ``(n,)``.
    phi
        Autocorrelation of the noise.
    edges, kinds
        The first ``segments + 1`` borders and ``segments`` kinds.
    fitted, left
        Filled with the level or line, and with the innovations, shape ``(n,)``.
    """
    gain, weight = 1.0 - phi, 1.0 - phi * phi
    for number in range(segments):
        first, end = edges[number], edges[number + 1]
        known, moment = weight, weight * values[first]
        mixed = steep = leaning = 0.0
        for index in range(first + 1, end):
            step = values[index] - phi * values[index - 1]
            tilt = gain * (index - first) + phi
            known += gain * gain
            moment += gain * step
            mixed += gain * tilt
            steep += tilt * tilt
            leaning += tilt * step
        level, slope = moment / known, 0.0
        if kinds[number] == LINE:
            determinant = known * steep - mixed * mixed
            level = (steep * moment - mixed * leaning) / determinant
            slope = (known * leaning - mixed * moment) / determinant
        for index in range(first, end):
            fitted[index] = level + slope * (index - first)
        left[first] = np.sqrt(weight) * (values[first] - fitted[first])
        for index in range(first + 1, end):
            left[index] = (values[index] - fitted[index]) - phi * (
                values[index - 1] - fitted[index - 1]
            )


@kernel(error_model="numpy")
def fill_splits(
    values: NDArray[np.float64],
    phi: float,
    kind_before: int,
    kind_after: int,
    costs: NDArray[np.float64],
    known: NDArray[np.float64],
) -> None:
    """Fill in the cost of a stretch cut in two at every place.

    Parameters
    ----------
    values
        Samples of the stretch, shape ``(n,)``.
    phi
        Autocorrelation of the noise.
    kind_before, kind_after
        Level or line.
    costs, known
        Entry ``k`` is of the cut before sample ``k``: the cost, infinite where a part would be
        too short, and the product of how well both parts are determined, shape ``(n,)``.
    """
    count = values.size
    weight = 1.0 - phi * phi
    costs[:] = np.inf
    known[:] = 1.0
    rest = tilted = 0.0
    squares = weight * values[0] * values[0]
    for end in range(2, count):
        away = float(end - 1)
        step = values[end - 1] - phi * values[end - 2]
        rest += step
        tilted += away * step
        squares += step * step
        if end < LEAST[kind_before]:
            continue
        if kind_before == LEVEL:
            costs[end], known[end] = of_level(away + 1.0, phi, values[0], rest, squares)
        else:
            costs[end], known[end] = of_line(away + 1.0, phi, values[0], rest, tilted, squares)
    rest = tilted = squares = 0.0
    for first in range(count - 2, 0, -1):
        step = values[first + 1] - phi * values[first]
        tilted += rest + step
        rest += step
        squares += step * step
        length = count - first
        if length < LEAST[kind_after]:
            costs[first] = np.inf
            continue
        whole = squares + weight * values[first] * values[first]
        if kind_after == LEVEL:
            cost, sure = of_level(float(length), phi, values[first], rest, whole)
        else:
            cost, sure = of_line(float(length), phi, values[first], rest, tilted, whole)
        costs[first] += cost
        known[first] *= sure
    costs[count - 1] = np.inf


def innovations(
    values: NDArray[np.float64], phi: float, edges: NDArray[np.int64], kinds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return what segments leave of every sample beyond what the sample before it leads to."""
    fitted, left = np.empty(values.size), np.empty(values.size)
    fit_segments(values, phi, edges, kinds, kinds.size, fitted, left)
    return left


def of_splits(
    values: NDArray[np.float64], phi: float, kind_before: int, kind_after: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the cost of a stretch cut in two at every place; see :func:`fill_splits`."""
    costs, known = np.empty(values.size), np.empty(values.size)
    fill_splits(values, phi, kind_before, kind_after, costs, known)
    return costs, known
