"""Scale, season, noise, trend and changes chosen together: the shortest description of a series.

A change of level, a slope, heavy tails and noise that wanders by itself can each explain what
the others explain. Choosing them one after another takes one for the other; here every
combination is priced in one currency, twice the negative log-likelihood plus a price for every
part, and the cheapest is taken (minimum description length: Davis, Lee & Rodriguez-Yam 2006,
JASA 101, 223-239; with a price a change that counts its place, Zhang & Siegmund 2007,
Biometrics 63, 22-32). The prices were set by simulation, see ``docs/detection.md``, never by the
score on a data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.season import Cycle, comes_back, find_period, of_samples, season_of
from darkdays.detect.baseline.weekends import is_mild, may_be
from darkdays.detect.changepoints.jumps import stand_out
from darkdays.detect.changepoints.longrecord import candidates, near_levels, noise_of
from darkdays.detect.changepoints.scales import IDENTITY, Scale, worth_trying
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
SCALE_PRICE: Final = 1.0
SEASON_PRICE: Final = 1.0
"""Price of one phase of a season, in logs of the number of samples."""
WEEKEND_PRICE: Final = 1.0
JUMP_ERROR: Final = 0.02
"""Probability that a walk without a jump seems to have one."""
WANDERS: Final = 0.85
"""Autocorrelation from which the noise of a long record may be a walk."""
GRID: Final = np.array([0.0, 0.2, 0.4, 0.55, 0.67, 0.75, 0.81, 0.86, 0.9, 0.94, 0.97])
FREEDOMS: Final = np.array([GAUSSIAN, 2.0, 3.0, 5.0, 10.0])

_SITTING: Final = 0.05  # a smaller share of samples at the highest or lowest value is chance
_SHORT_MEMORY: Final = 0.05  # autocorrelation of a long record that has no long memory
_HEAVY: Final = 0.005  # share of wild innovations; normal ones have a tenth of that
_ABOUT: Final = 0.02  # of a year
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
        The series on its scale and without its season, without jumps if it is a walk, shape
        ``(n,)``.
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


def shortest(
    values: Floats,
    positions: NDArray[np.intp],
    *,
    unit: float = 0.0,
    cycles: Sequence[Cycle] = (),
    weekends: Sequence[Cycle] = (),
    year: Cycle | None = None,
    step: int = 1,
    given: bool = False,
    season: bool = True,
) -> Model:
    """Return the cheapest model of a record.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``, at least 8, not all equal.
    positions
        Where they stand in the record with its gaps, shape ``(n,)``.
    unit
        What values are rounded to.
    cycles
        Of the clock, over the record with its gaps: tried first, together.
    weekends
        Rivals of a change, as :func:`darkdays.detect.baseline.weekends.seen_once` gives them.
    year
        What a season of about so many samples follows.
    step
        Seconds from place to place.
    given
        The season is that of the cycles, whatever the series says.
    season
        Whether to look for any other season.

    Returns
    -------
    Model
        On the scale it names.
    """
    return min(
        (
            _on_scale(scale, values, positions, unit, cycles, weekends, year, step, given, season)
            for scale in worth_trying(values, unit)
        ),
        key=lambda model: model.cost,
    )


def _on_scale(
    scale: Scale,
    values: Floats,
    positions: NDArray[np.intp],
    unit: float,
    cycles: Sequence[Cycle],
    weekends: Sequence[Cycle],
    year: Cycle | None,
    step: int,
    given: bool,
    season: bool,
) -> Model:
    """Return the cheapest model of a record on one scale; see :func:`shortest`."""
    work = scale.of(values)
    floor, density, price = unit / np.sqrt(12), 0.0, 0.0
    if scale is not IDENTITY:
        slope = scale.slope(values)
        floor *= float(np.median(slope))
        density = -2 * float(np.log(slope).sum())
        price = SCALE_PRICE * np.log(values.size)
        del slope
    record = work
    if positions[-1] >= values.size:
        record = np.full(int(positions[-1]) + 1, np.nan)
        record[positions] = work
    kept, first = (list(cycles), None) if given else _that_come_back(record, cycles)
    extra = 0.0
    if not kept and season and (period := find_period(record)):
        yearly = year is not None and abs(period - year.length) <= _ABOUT * year.length
        kept = [year if year is not None and yearly else of_samples(period, record.size)]
        extra = SEASON_PRICE * int(kept[0].phase.max()) * np.log(values.size)
    found = None if kept and not extra else _described(work, floor)
    if kept:
        seasonal = _around_season(record, positions, kept, floor, first)
        seasonal = replace(seasonal, cost=seasonal.cost + extra)
        if found is None or seasonal.cost < found.cost:
            found = seasonal
    assert found is not None
    for cycle in weekends:
        if found.noise == "level" and may_be(cycle, positions[found.changes], step):
            rival = _around_season(record, positions, [*kept, cycle], floor)
            weekend = cycle.phase[positions] == 1
            effect = rival.season[weekend].mean() - rival.season[~weekend].mean()
            other = scale.back(np.median(work[~weekend], keepdims=True) + effect)
            cost = rival.cost + extra + WEEKEND_PRICE * np.log(values.size)
            if cost < found.cost and is_mild(values[~weekend], float(other[0])):
                found = replace(rival, cost=cost, weekend=cycle.name)
    return replace(found, scale=scale, cost=found.cost + density + price)


def _that_come_back(record: Floats, cycles: Sequence[Cycle]) -> tuple[list[Cycle], Floats | None]:
    """Return the cycles that a record keeps to, and its season by them, around running levels."""
    kept: list[Cycle] = []
    season = None
    for cycle in cycles:
        if comes_back(record if season is None else record - season, cycle):
            kept.append(cycle)
            season = season_of(record, kept)
    return kept, season


def _around_season(
    record: Floats,
    positions: NDArray[np.intp],
    cycles: Sequence[Cycle],
    floor: float,
    first: Floats | None = None,
) -> Model:
    """Describe a record around its season: once by running means, then by what is found.

    The first may be known.
    """
    around: Floats | None = None
    found: Model | None = None
    for _ in range(2):
        season = season_of(record, cycles, around) if around is not None or first is None else first
        season = season if season.size == positions.size else season[positions]
        found = around = None  # a long record is not to be held twice
        found = _described(_as_measured(record[positions] - season), floor)
        around = np.full(record.size, np.nan)
        around[positions] = fitted(found)
    assert found is not None
    return replace(found, season=season, cycles=tuple(cycle.name for cycle in cycles))


def _as_measured(plain: Floats) -> Floats:
    """Return numbers to ten digits: what arithmetic leaves beyond is no noise."""
    unit = float(np.abs(plain).max()) * 1e-10
    return np.round(plain / unit) * unit if unit > 0 else plain


def price_of_change(values: Floats) -> float:
    """Return the price of a change.

    A record that sits at a bound shows its noise in the other samples only: with a share ``f``
    of the samples there, the price is dearer by ``1 / sqrt(1 - f)``.
    """
    sitting = max(np.mean(values == values.max()), np.mean(values == values.min()))
    if sitting < _SITTING:
        sitting = 0.0
    return float(CHANGE_PRICE * np.log(values.size) / np.sqrt(1 - min(sitting, 0.95)))


def _described(plain: Floats, floor: float) -> Model:
    """Return the cheapest of levels, lines and a curve in noise, a walk, and long memory."""
    count = plain.size
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


def fitted(model: Model) -> Floats:
    """Return what the segments of a model say of every sample of its plain series."""
    fit, left = np.empty(model.plain.size), np.empty(model.plain.size)
    edges, kinds = model.edges, model.kinds
    if model.noise == "walk":
        kinds = np.where(np.diff(edges) >= LEAST[LINE], LINE, LEVEL)
    fit_segments(model.plain, 0.0, edges, np.minimum(kinds, LINE), kinds.size, fit, left)
    return fit
