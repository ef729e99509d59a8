"""Levels against a walk: its steps in another order may look as much like levels.

If a series is a walk, its steps could have come in any order, however heavy their tails. Levels
that noise returns to are cheap to describe in the order that was seen, and in no other: a
permutation test, exact for a walk of whatever steps as long as segments may slope in all orders
or in none; which of the two is taken from what was seen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.changepoints import description
from darkdays.detect.changepoints.description import GRID, Model
from darkdays.detect.changepoints.longrecord import near_levels, noise_of
from darkdays.detect.changepoints.search import cheapest
from darkdays.detect.segmentation.likelihood import GAUSSIAN

_ORDERS: Final = 59
_AS_CHEAP: Final = 2  # orders of these make it a walk, an error of one in thirty
_FIRST: Final = 9
_BEYOND_DOUBT: Final = 6.0  # standard deviations between the first orders and what was seen
_PLACES: Final = 60
_TAILS: Final = np.array([GAUSSIAN, 3.0])
_MEMORIES: Final = np.ascontiguousarray(GRID[::2])

Floats = NDArray[np.float64]


def may_be_walk(model: Model, rng: np.random.Generator) -> bool:
    """Say whether a walk of the steps of a series explains it as well as levels with changes.

    Parameters
    ----------
    model
        Levels with changes; what is reordered are the steps of its plain series.
    rng
        Draws the orders.
    """
    plain = model.plain
    if plain.size > description.SHORT:
        if noise_of(plain).autocorrelation < description.WANDERS:
            return False
        # Every so many samples of a walk are a walk.
        plain = plain[:: -(-plain.size // description.SHORT)]
    steps = np.diff(plain)
    # Where no segment slopes, lines would only describe what a walk in another order drifts.
    lines = bool(model.kinds.any())
    seen = _cost_of_levels(plain, model.floor, lines=lines)
    costs: list[float] = []
    for number in range(_ORDERS):
        walk = np.concatenate([plain[:1], rng.permutation(steps)]).cumsum()
        costs.append(_cost_of_levels(walk, model.floor, lines=lines))
        if sum(one <= seen for one in costs) >= _AS_CHEAP:
            return True
        if number + 1 == _FIRST and np.mean(costs) - seen > _BEYOND_DOUBT * np.std(costs):
            return False
    return False


def _cost_of_levels(plain: Floats, floor: float, *, lines: bool) -> float:
    """Return the cost of levels, or of lines too, that begin at a few places spread evenly."""
    count = plain.size
    log_count = float(np.log(count))
    unit = float(plain.std()) or 1.0
    scaled = (plain - np.median(plain)) / unit
    calm, _ = near_levels(scaled)
    places = np.unique(np.linspace(0, count, min(count, _PLACES) + 1).astype(np.int64))
    cost, *_ = cheapest(
        scaled,
        calm,
        places,
        lines,
        _MEMORIES,
        _TAILS,
        description.price_of_change(plain),
        description.LOCATION_PRICE,
        description.SLOPE_PRICE * log_count,
        description.TAIL_PRICE * log_count,
        (floor / unit) ** 2,
        False,
    )
    return float(cost + 2 * count * np.log(unit))
