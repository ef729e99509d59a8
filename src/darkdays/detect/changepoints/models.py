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
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.cycles import Cycle, of_samples
from darkdays.detect.baseline.periods import find_period
from darkdays.detect.baseline.season import comes_back, season_of
from darkdays.detect.baseline.weekends import is_mild, may_be
from darkdays.detect.changepoints.description import Floats, Model, described, fitted
from darkdays.detect.changepoints.scales import IDENTITY, Scale, worth_trying

SCALE_PRICE: Final = 1.0
SEASON_PRICE: Final = 1.0
"""Price of one phase of a season, in logs of the number of samples."""
WEEKEND_PRICE: Final = 1.0
_ABOUT: Final = 0.02  # of a year


def shortest(
    values: Floats,
    positions: NDArray[np.intp],
    *,
    unit: float = 0.0,
    cycles: Sequence[Cycle] = (),
    weekends: Sequence[Cycle] = (),
    years: Sequence[Cycle] = (),
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
    years
        Shapes of what a season of about so many samples follows, the freest last.
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
            _on_scale(scale, values, positions, unit, cycles, weekends, years, step, given, season)
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
    years: Sequence[Cycle],
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
    tried = [*([kept] if kept else []), *([*kept, year] for year in years)]
    if season and not kept and (period := find_period(record)):
        length = years[-1].length if years else 0
        if abs(period - length) > _ABOUT * length:
            tried.append([of_samples(period, record.size)])
    found, taken, extra = None if kept else described(work, floor), kept, 0.0
    for some in tried:
        # What the clock shows is free; what was looked for is not.
        spent = (
            SEASON_PRICE * np.log(values.size) * sum(one.parameters for one in some[len(kept) :])
        )
        seasonal = _around_season(record, positions, some, floor, None if spent else first)
        if found is None or seasonal.cost + spent < found.cost:
            found, taken, extra = replace(seasonal, cost=seasonal.cost + spent), some, spent
    assert found is not None
    for cycle in weekends:
        if found.noise == "level" and may_be(cycle, positions[found.changes], step):
            rival = _around_season(record, positions, [*taken, cycle], floor)
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
        found = described(_as_measured(record[positions] - season), floor)
        around = np.full(record.size, np.nan)
        around[positions] = fitted(found)
    assert found is not None
    return replace(found, season=season, cycles=tuple(cycle.name for cycle in cycles))


def _as_measured(plain: Floats) -> Floats:
    """Return numbers to ten digits: what arithmetic leaves beyond is no noise."""
    unit = float(np.abs(plain).max()) * 1e-10
    return np.round(plain / unit) * unit if unit > 0 else plain
