"""Whether a change is one: p-values from an autoregressive sieve.

The series without the change in question is simulated many times, with its own autocorrelation
and its own innovations drawn anew, and every time the best place for a change is searched for
just as in the series itself (Bühlmann 1997, "Sieve bootstrap for time series", Bernoulli 3,
123-148). The p-value is that of the *search*: never one at a place that was chosen by looking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.compiled.kernel import kernel
from darkdays.detect.noise.uncertainty import SMALLEST_P
from darkdays.detect.segmentation.costs import LEAST, LEVEL, fill_splits, of_level, of_line

REPLICATES: Final = 399
_TAIL: Final = 40  # the largest replicates, whose mean excess gives the tail beyond them
_SETTLE: Final = 200


@dataclass(frozen=True)
class Stretch:
    """Where a change was searched for.

    Attributes
    ----------
    count
        Samples of the two segments beside the change.
    shortest
        Samples of the shorter one: segments so short were searched for wherever the series has
        room for one.
    kinds
        Level or line before and after the change.
    """

    count: int
    shortest: int
    kinds: tuple[int, int]


@dataclass(frozen=True)
class Rest:
    """The series around a stretch.

    Attributes
    ----------
    grid
        Autocorrelations, each tried with and without the change.
    costs
        Squares left by the other segments at each of them, shape of ``grid``.
    segments
        How many the series has without the change.
    total
        Samples of the whole series.
    floor
        Least variance of its innovations.
    """

    grid: NDArray[np.float64]
    costs: NDArray[np.float64]
    segments: int
    total: int
    floor: float


def gain_of_change(
    values: NDArray[np.float64], rest: Rest, kinds: tuple[int, int]
) -> tuple[float, int, int]:
    """Return what the best change of a stretch gains in twice the log-likelihood.

    Parameters
    ----------
    values
        Samples of the stretch, shape ``(m,)``.
    rest
        The series around it.
    kinds
        Level or line before and after the change.

    Returns
    -------
    gain : float
    without, with_ : int
        Places in the grid of the best autocorrelation without and with the change.
    """
    gain, without, with_ = _gain(
        values, rest.grid, rest.costs, float(rest.segments), float(rest.total), rest.floor, *kinds
    )
    return float(gain), int(without), int(with_)


def p_value(
    gain: float,
    stretch: Stretch,
    rest: Rest,
    phi: float,
    innovations: NDArray[np.float64],
    rng: np.random.Generator,
) -> float:
    """Return the p-value of a gain, corrected for the search over the whole series.

    Parameters
    ----------
    gain
        As :func:`gain_of_change` gives it.
    stretch, rest
        Where the change was searched for, and the series around it.
    phi
        Autocorrelation of the noise without the change.
    innovations
        Of the series without the change, centred here.
    rng
        Draws the innovations.

    Returns
    -------
    float
        In ``[1e-15, 1]``. Beyond the replicates it is the larger of two tails fitted to them:
        Gumbel, the limit law of such maxima, and exponential with their mean excess.
    """
    shocks = innovations - innovations.mean()
    drawn = rng.integers(0, shocks.size, size=(REPLICATES, stretch.count + _SETTLE))
    around = rest.grid, rest.costs, float(rest.segments), float(rest.total), rest.floor
    gains = _replicates(shocks, drawn, phi, *around, *stretch.kinds)
    beyond = int((gains >= gain).sum())
    alone = (beyond + 1) / (REPLICATES + 1)
    if beyond < _TAIL:
        top = np.sort(gains)[-_TAIL - 1 :]
        excess = float(top[1:].mean() - top[0])
        scale = float(np.std(gains) * np.sqrt(6) / np.pi)
        place = float(np.mean(gains)) - np.euler_gamma * scale
        exponential = _TAIL / REPLICATES * np.exp(-(gain - top[0]) / max(excess, 1e-9))
        gumbel = -np.expm1(-np.exp((place - gain) / max(scale, 1e-9)))
        alone = min(alone, max(float(exponential), float(gumbel)))
    return _over_places(alone, rest.total, stretch.shortest)


def _over_places(alone: float, total: int, shortest: int) -> float:
    """Correct for all the places a segment as short as this could have been."""
    places = total / shortest
    return max(SMALLEST_P, float(-np.expm1(np.log1p(-min(alone, 1 - 1e-12)) * places)))


def large_sample_p_value(gain: float, stretch: Stretch, phi: float, total: int) -> float:
    """Return the p-value of a gain in a long record without simulating.

    The larger of two laws: of the supremum of a standardised Brownian bridge, which holds where
    noise is white (Csörgő & Horváth 1997, "Limit Theorems in Change-Point Analysis", 1.3.26), and
    a Bonferroni bound over all places, weighted by ``phi ** 2``, because under strong
    autocorrelation a change shows in a single innovation.

    Parameters
    ----------
    gain, stretch
        As for :func:`p_value`.
    phi
        Autocorrelation of the noise.
    total
        Samples of the whole series.
    """
    if gain <= 2.0:
        return 1.0
    root = np.sqrt(gain)
    span = np.log(stretch.count)
    bridge = np.sqrt(2 / np.pi) * root * np.exp(-gain / 2) * ((1 - 1 / gain) * span + 2 / gain)
    place = stretch.count * phi**2 * special.chdtrc(1, gain)
    alone = min(max(float(bridge), float(place)), 1 - 1e-12)
    return _over_places(alone, total, stretch.shortest)


@kernel(error_model="numpy")
def _replicates(
    shocks: NDArray[np.float64],
    drawn: NDArray[np.int64],
    phi: float,
    grid: NDArray[np.float64],
    others: NDArray[np.float64],
    segments: float,
    total: float,
    floor: float,
    kind_before: int,
    kind_after: int,
) -> NDArray[np.float64]:
    gains = np.empty(drawn.shape[0])
    count = drawn.shape[1] - _SETTLE
    values = np.empty(count)
    for number in range(drawn.shape[0]):
        state = 0.0
        for index in range(drawn.shape[1]):
            state = phi * state + shocks[drawn[number, index]]
            if index >= _SETTLE:
                values[index - _SETTLE] = state
        gains[number], _, _ = _gain(
            values, grid, others, segments, total, floor, kind_before, kind_after
        )
    return gains


@kernel(error_model="numpy")
def _gain(
    values: NDArray[np.float64],
    grid: NDArray[np.float64],
    others: NDArray[np.float64],
    segments: float,
    total: float,
    floor: float,
    kind_before: int,
    kind_after: int,
) -> tuple[float, int, int]:
    count = values.size
    costs, known = np.empty(count), np.empty(count)
    best_one = best_two = np.inf
    one = two = 0
    kind = max(kind_before, kind_after)
    for number in range(grid.size):
        phi = grid[number]
        begin = np.log(1.0 - phi * phi)
        weight = 1.0 - phi * phi
        rest = tilted = 0.0
        squares = weight * values[0] * values[0]
        for index in range(1, count):
            step = values[index] - phi * values[index - 1]
            rest += step
            tilted += index * step
            squares += step * step
        if kind == LEVEL or count < LEAST[kind]:
            cost, _ = of_level(float(count), phi, values[0], rest, squares)
        else:
            cost, _ = of_line(float(count), phi, values[0], rest, tilted, squares)
        whole = total * np.log(max((others[number] + cost) / total, floor)) - segments * begin
        if whole < best_one:
            best_one, one = whole, number
        fill_splits(values, phi, kind_before, kind_after, costs, known)
        split = total * np.log(max((others[number] + costs.min()) / total, floor))
        split -= (segments + 1.0) * begin
        if split < best_two:
            best_two, two = split, number
    return best_one - best_two, one, two
