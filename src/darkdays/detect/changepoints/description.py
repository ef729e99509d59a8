"""A series described as levels, lines or a curve in noise, as a walk, or as long memory.

Each description is priced in one currency, twice the negative log-likelihood plus a price for
every part, and the cheapest is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.changepoints.jumps import single_samples, stand_out
from darkdays.detect.changepoints.longrecord import candidates, near_levels, noise_of
from darkdays.detect.changepoints.scales import IDENTITY, Scale
from darkdays.detect.changepoints.search import cheapest
from darkdays.detect.noise.long_memory import long_memory_cost
from darkdays.detect.segmentation.costs import LEAST, LEVEL, LINE, fit_segments, of_splits
from darkdays.detect.segmentation.likelihood import GAUSSIAN

SHORT: Final = 1000
"""Up to so many samples every place for a change is tried; longer records are cut first."""
CHANGE_PRICE: Final = 2.75
"""Price of a change, in logs of the number of samples."""
LOCATION_PRICE: Final = 1.5
"""What of it is for the place, in logs of the number of effective samples."""
SLOPE_PRICE: Final = 1.5
"""Price of a slope of its own of one of several segments, in logs of the number of samples."""
TAIL_PRICE: Final = 1.0
WALK_PRICE: Final = 1.0
WALK_MARGIN: Final = 12.0, 2.0
"""Levels with changes must be cheaper than a walk by so much, and so much for each change."""
MEMORY_PRICE: Final = 1.0
JUMP_ERROR: Final = 0.02
"""Probability that a walk without a jump seems to have one."""
WANDERS: Final = 0.85
"""Autocorrelation from which the noise of a long record may be a walk."""
GRID: Final = np.array([0.0, 0.2, 0.4, 0.55, 0.67, 0.75, 0.81, 0.86, 0.9, 0.94, 0.97])
FREEDOMS: Final = np.array([GAUSSIAN, 2.0, 3.0, 5.0, 10.0])

_SITTING: Final = 0.05  # a smaller share of samples at the highest or lowest value is chance
_SHORT_MEMORY: Final = 0.05  # autocorrelation of a long record that has no long memory
_HEAVY: Final = 0.005  # share of wild innovations; normal ones have a tenth of that
_TAILED: Final = 3.0  # degrees of freedom that stand for heavy tails of whatever weight

Noise = Literal["level", "walk", "memory"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A series as segments, season and noise.

    Attributes
    ----------
    noise
        ``level``: noise around the segments; ``walk``: the steps from sample to sample are the
        noise, and segments are stretches of one drift; ``memory``: one level in noise with long
        memory.
    phi
        Autocorrelation of the noise.
    freedom
        Degrees of freedom of its innovations, 0 if they are Gaussian.
    edges
        Borders of the segments in the series, 0 and ``n`` included.
    kinds
        Of each segment: :data:`darkdays.detect.segmentation.costs.LEVEL` or ``LINE``.
    plain
        The series on its scale and without its season, without single samples far from all others
        and, if it is a walk, without jumps, shape ``(n,)``.
    cost
        Twice the negative log-likelihood of the series as given, with prices.
    floor
        Least standard deviation of the innovations, such as that of rounding.
    scale
        On which the noise is alike everywhere.
    season
        Of every sample on that scale, shape ``(n,)``, empty without one.
    cycles
        Names of what the season follows.
    weekend
        Name of the weekend among them that was seen too seldom to be told from a change.
    jumps, jump_p
        First sample after each jump of a walk, shape ``(j,)``, and its p-value.
    """

    noise: Noise
    phi: float
    freedom: float
    edges: NDArray[np.int64]
    kinds: NDArray[np.int64]
    plain: Floats
    cost: float
    floor: float
    scale: Scale = IDENTITY
    season: Floats = field(default_factory=lambda: np.empty(0))
    cycles: tuple[str, ...] = ()
    weekend: str = ""
    jumps: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    jump_p: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def changes(self) -> NDArray[np.intp]:
        """First sample of every segment but the first."""
        return self.edges[1:-1].astype(np.intp)

    def without(self, number: int) -> Model:
        """Return the model without one of its changes."""
        kinds = np.delete(self.kinds, number + 1)
        kinds[number] = max(self.kinds[number], self.kinds[number + 1])
        return replace(self, edges=np.delete(self.edges, number + 1), kinds=kinds)


def fitted(model: Model) -> Floats:
    """Return what the segments of a model say of every sample of its plain series."""
    fit, left = np.empty(model.plain.size), np.empty(model.plain.size)
    edges, kinds = model.edges, model.kinds
    if model.noise == "walk":
        kinds = np.where(np.diff(edges) >= LEAST[LINE], LINE, LEVEL)
    fit_segments(model.plain, 0.0, edges, np.minimum(kinds, LINE), kinds.size, fit, left)
    return fit


def price_of_change(values: Floats) -> float:
    """Return the price of a change.

    A record that sits at a bound shows its noise in the other samples only: with a share ``f``
    of the samples there, the price is dearer by ``1 / sqrt(1 - f)``.
    """
    sitting = max(np.mean(values == values.max()), np.mean(values == values.min()))
    if sitting < _SITTING:
        sitting = 0.0
    return float(CHANGE_PRICE * np.log(values.size) / np.sqrt(1 - min(sitting, 0.95)))


def described(plain: Floats, floor: float) -> Model:
    """Return the cheapest of levels, lines and a curve in noise, a walk, and long memory.

    Parameters
    ----------
    plain
        The series on its scale and without its season, shape ``(n,)``.
    floor
        Least standard deviation of the noise.
    """
    count = plain.size
    single = single_samples(plain, JUMP_ERROR) if count <= SHORT else np.empty(0, np.intp)
    if single.size:
        # They cost every description the same; a walk would jump there and back.
        plain = plain.copy()
        plain[single] = (plain[single - 1] + plain[single + 1]) / 2
        model = described(plain, floor)
        return replace(model, cost=model.cost + price_of_change(plain) * single.size)
    log_count = float(np.log(count))
    unit = float(plain.std()) or 1.0
    scaled = (plain - np.median(plain)) / unit
    least = (floor / unit) ** 2
    change = price_of_change(plain)
    of_unit = 2 * count * float(np.log(unit))
    cost, phi, freedom, edges, kinds = _cheapest(scaled, True, change, least)
    best = Model("level", phi, freedom, edges, kinds, plain, cost + of_unit, floor)
    wanders = edges.size > 2 and noise_of(scaled).autocorrelation >= WANDERS
    if count <= SHORT or wanders:
        walk = as_walk(plain, floor)
        # What levels say of a walk looks like much at every cut of it; they must say more.
        clear = WALK_MARGIN[0] + WALK_MARGIN[1] * best.changes.size if best.changes.size else 0.0
        if walk.cost < best.cost + clear:
            best = walk
    if best.changes.size and (count <= SHORT or best.phi > _SHORT_MEMORY):
        cost, order = long_memory_cost(scaled)
        cost += of_unit + MEMORY_PRICE * log_count
        if cost < best.cost:
            whole = np.array([0, count]), np.array([LEVEL])
            best = Model("memory", order / (1 - order), GAUSSIAN, *whole, plain, cost, floor)
    return best


def as_walk(plain: Floats, floor: float) -> Model:
    """Return the cheapest walk, with its jumps and changes of drift, of a series as :class:`Model`.

    Parameters
    ----------
    plain
        The series on its scale and without its season, shape ``(n,)``.
    floor
        Least standard deviation of the steps.
    """
    count = plain.size
    unit = float(plain.std()) or 1.0
    scaled = (plain - np.median(plain)) / unit
    change = price_of_change(plain)
    steps = np.diff(scaled)
    where, p_values = stand_out(steps, JUMP_ERROR)
    # Down and at once up again is a wild sample and no jump.
    steps[where] = np.median(steps)
    cost, phi, freedom, edges, kinds = _cheapest(steps, False, change, (floor / unit) ** 2)
    # The walk has no word for the first sample; it costs what a standard normal would.
    cost += np.log(2 * np.pi) + scaled[0] ** 2 + WALK_PRICE * np.log(count) + change * where.size
    cost += 2 * count * np.log(unit)
    smooth = unit * np.concatenate([scaled[:1], steps]).cumsum() + np.median(plain)
    edges = np.concatenate([[0], edges[1:] + 1])
    walk = Model("walk", phi, freedom, edges, kinds, smooth, float(cost), floor)
    return replace(walk, jumps=where + 1, jump_p=p_values)


def _cheapest(
    values: Floats, lines: bool, change: float, least: float
) -> tuple[float, float, float, NDArray[np.int64], NDArray[np.int64]]:
    calm, cuts = near_levels(values)
    log_count = np.log(values.size)
    prices = change, LOCATION_PRICE, SLOPE_PRICE * log_count, TAIL_PRICE * log_count
    if values.size <= SHORT:
        places = np.arange(values.size + 1)
        return cheapest(values, calm, places, lines, GRID, FREEDOMS, *prices, least, False)
    places, phi = candidates(calm, cuts)
    grid = np.array([phi])
    found = cheapest(values, calm, places, lines, grid, FREEDOMS, *prices, least, True)
    cost, phi, _, edges, kinds = found
    wild = float(np.mean(values != calm)) > _HEAVY
    edges = _to_the_sample(calm, phi, edges, kinds, cuts)
    return cost, phi, _TAILED if wild else GAUSSIAN, edges, kinds


def _to_the_sample(
    calm: Floats,
    phi: float,
    edges: NDArray[np.int64],
    kinds: NDArray[np.int64],
    cuts: NDArray[np.intp],
) -> NDArray[np.int64]:
    """Move borders that stand at a place of the coarse spread to where they belong."""
    edges = edges.copy()
    for number in np.flatnonzero(~np.isin(edges[1:-1], cuts)) + 1:
        first, end = edges[number - 1], edges[number + 1]
        costs, _ = of_splits(calm[first:end], phi, *kinds[number - 1 : number + 1].tolist())
        edges[number] = first + int(np.argmin(costs))
    return edges
