"""Noise, trend and changes chosen together: the shortest description of a series.

A change of level, a slope, heavy tails and noise that wanders by itself can each explain what
the others explain. Choosing them one after another takes one for the other; here every
combination is priced in one currency, twice the negative log-likelihood plus a price for every
part, and the cheapest is taken (minimum description length: Davis, Lee & Rodriguez-Yam 2006,
JASA 101, 223-239; with a price a change that counts its place, Zhang & Siegmund 2007,
Biometrics 63, 22-32). The prices were set by simulation, see ``docs/detection.md``, never by the
score on a data set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.season import find_period, phase_pattern
from darkdays.detect.changepoints.search import cheapest
from darkdays.detect.changepoints.winsorize import near_levels
from darkdays.detect.segmentation.costs import LEVEL, LINE, fit_segments
from darkdays.detect.segmentation.likelihood import GAUSSIAN

CHANGE_PRICE: Final = 2.75
"""Price of a change, in logs of the number of samples."""
LOCATION_PRICE: Final = 1.5
"""What of it is for the place, in logs of the number of effective samples."""
SLOPE_PRICE: Final = 1.5
"""Price of a slope of its own of one of several segments, in logs of the number of samples."""
TAIL_PRICE: Final = 1.0
WALK_PRICE: Final = 1.0
SEASON_PRICE: Final = 1.0
"""Price of one phase of a season, in logs of the number of samples."""
GRID: Final = np.array([0.0, 0.2, 0.4, 0.55, 0.67, 0.75, 0.81, 0.86, 0.9, 0.94, 0.97])
FREEDOMS: Final = np.array([GAUSSIAN, 2.0, 3.0, 5.0, 10.0])

_SITTING: Final = 0.05  # a smaller share of samples at the highest or lowest value is chance

Noise = Literal["level", "walk"]


@dataclass(frozen=True)
class Model:
    """A series as segments, season and noise.

    Attributes
    ----------
    noise
        ``level``: noise around the segments; ``walk``: the steps from sample to sample are the
        noise, and segments are stretches of one drift.
    phi
        Autocorrelation of the noise.
    freedom
        Degrees of freedom of its innovations, 0 if they are Gaussian.
    edges
        Borders of the segments in the series, 0 and ``n`` included.
    kinds
        Of each segment: :data:`darkdays.detect.segmentation.costs.LEVEL` or ``LINE``.
    season
        Season of every sample, shape ``(n,)``, 0 without one.
    period
        Of the season in samples, 0 without one.
    cost
        Twice the negative log-likelihood, with prices.
    floor
        Least standard deviation of the innovations, such as that of rounding.
    """

    noise: Noise
    phi: float
    freedom: float
    edges: NDArray[np.int64]
    kinds: NDArray[np.int64]
    season: NDArray[np.float64]
    period: int
    cost: float
    floor: float

    @property
    def changes(self) -> NDArray[np.intp]:
        """First sample of every segment but the first."""
        return self.edges[1:-1].astype(np.intp)

    def plain(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the series without its season."""
        return values - self.season if self.season.any() else values

    def without(self, number: int) -> Model:
        """Return the model without one of its changes."""
        kinds = np.delete(self.kinds, number + 1)
        kinds[number] = max(self.kinds[number], self.kinds[number + 1])
        return replace(self, edges=np.delete(self.edges, number + 1), kinds=kinds)


def shortest(
    values: NDArray[np.float64], positions: NDArray[np.intp], *, floor: float, season: bool
) -> Model:
    """Return the cheapest model of a short record.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``, at least 8, not all equal.
    positions
        Where they stand in the record with its gaps, shape ``(n,)``.
    floor
        Least standard deviation of the noise, such as that of rounding.
    season
        Whether to look for a season.

    Returns
    -------
    Model
        In the unit of ``values``.
    """
    found = _without_season(values, np.zeros(values.size), floor)
    period = 0
    if season:
        record = np.full(int(positions[-1]) + 1, np.nan)
        record[positions] = values
        period = find_period(record)
    if not period:
        return found
    pattern = phase_pattern(record, period)[positions]
    first = _without_season(values, pattern, floor)
    # Once the changes are known, the season is that of what they leave.
    around = np.full(record.size, np.nan)
    around[positions] = _fit(values - pattern, first)
    pattern = phase_pattern(record, period, around)[positions]
    other = _without_season(values, pattern, floor)
    price = SEASON_PRICE * (period - 1) * np.log(values.size)
    if other.cost + price >= found.cost:
        return found
    return replace(other, period=period, cost=other.cost + price)


def price_of_change(values: NDArray[np.float64]) -> float:
    """Return the price of a change.

    A record that sits at a bound shows its noise in the other samples only: with a share ``f``
    of the samples there, the price is dearer by ``1 / sqrt(1 - f)``.
    """
    sitting = max(np.mean(values == values.max()), np.mean(values == values.min()))
    if sitting < _SITTING:
        sitting = 0.0
    return float(CHANGE_PRICE * np.log(values.size) / np.sqrt(1 - min(sitting, 0.95)))


def _without_season(
    values: NDArray[np.float64], season: NDArray[np.float64], floor: float
) -> Model:
    change = price_of_change(values)
    plain = values - season
    log_count = np.log(values.size)
    unit = float(plain.std())
    scaled = (plain - np.median(plain)) / unit
    least = (floor / unit) ** 2
    calm = near_levels(scaled)
    prices = change, LOCATION_PRICE, SLOPE_PRICE * log_count, TAIL_PRICE * log_count
    level = cheapest(scaled, calm, np.arange(scaled.size + 1), True, GRID, FREEDOMS, *prices, least)
    steps = np.diff(scaled)
    walk = cheapest(steps, near_levels(steps), np.arange(steps.size + 1), False, GRID, FREEDOMS, *prices, least)
    # The walk has no word for the first sample; it costs what a standard normal would.
    first = np.log(2 * np.pi) + scaled[0] ** 2 + WALK_PRICE * log_count
    unit_cost = 2 * values.size * np.log(unit)
    if walk[0] + first < level[0]:
        cost, phi, freedom, edges, kinds = walk
        edges = np.concatenate([[0], edges[1:] + 1])
        return Model("walk", phi, freedom, edges, kinds, season, 0, cost + first + unit_cost, floor)
    cost, phi, freedom, edges, kinds = level
    return Model("level", phi, freedom, edges, kinds, season, 0, cost + unit_cost, floor)


def _fit(values: NDArray[np.float64], model: Model) -> NDArray[np.float64]:
    """Return what the segments of a model say of every sample."""
    fitted, left = np.empty(values.size), np.empty(values.size)
    kinds = model.kinds
    if model.noise == "walk":
        kinds = np.where(np.diff(model.edges) >= 3, LINE, LEVEL)
    fit_segments(values, 0.0, model.edges, kinds, kinds.size, fitted, left)
    return fitted
