"""The model of a record too long to try every description of: noise first, then changes."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.season import find_period, phase_pattern
from darkdays.detect.changepoints.models import CHANGE_PRICE, WALK_PRICE, Model
from darkdays.detect.changepoints.winsorize import ENOUGH, reach_of, sampled
from darkdays.detect.noise.noise import MAX_AUTOCORRELATION, Noise, estimate
from darkdays.detect.segmentation.costs import LEVEL, innovations
from darkdays.detect.segmentation.likelihood import GAUSSIAN
from darkdays.detect.segmentation.segment import optimal_partition

_BLOCKS: Final = 60  # a trend is measured between medians of so many blocks
_STRAIGHT: Final = 0.6  # and leaves less than this share of their variance
_TREND: Final = 4.0  # standard errors of a slope worth a second look
_TREND_ROUNDS: Final = 3
_WANDERS: Final = 0.85  # autocorrelation from which noise may as well be a walk
_STRETCHES: Final = 20
_HEAVY: Final = 0.005  # share of wild innovations; normal ones have a tenth of that
_TAILED: Final = 3.0  # degrees of freedom that stand for heavy tails of whatever weight
_FAR: Final = 200.0  # standard deviations beyond which a sample need not be told apart


def describe(
    values: NDArray[np.float64], positions: NDArray[np.intp], *, floor: float, season: bool
) -> Model:
    """Return a model of a long record.

    Three descriptions are compared by their length: levels in noise, the same around one slow
    trend, and a walk. Noise is measured by differences, and the record is cut exactly under a
    bounded loss, in units of its long-run standard deviation.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
    positions
        Where they stand in the record with its gaps, shape ``(n,)``.
    floor
        Least standard deviation of the noise.
    season
        Whether to look for a season.
    """
    pattern, period = np.zeros(values.size), 0
    if season:
        whole = values
        if positions[-1] + 1 != values.size:
            whole = np.full(int(positions[-1]) + 1, np.nan)
            whole[positions] = values
        period = find_period(whole)
        if period:
            pattern = phase_pattern(whole, period)[positions]
    plain = values - pattern if period else values
    noise = _noise(plain, floor)
    if noise.long_run_scale == 0:
        return _model("level", plain, np.empty(0, np.intp), pattern, period, floor)
    changes = cut(plain, noise)
    best = _model("level", plain, changes, pattern, period, floor)
    slope = 0.0
    if changes.size:
        # A trend cut into levels goes on within each of them, if less clearly.
        slope = _overall_slope(plain, noise) or _shared_slope(plain, changes, noise)
    time = np.arange(values.size, dtype=np.float64)
    for _ in range(_TREND_ROUNDS if slope else 0):
        flat = plain - slope * time
        around = _noise(flat, floor)
        there = cut(flat, around)
        trend = pattern + slope * time
        other = _model("level", flat, there, trend, period, floor, np.log(values.size))
        best = min(best, other, key=lambda model: model.cost)
        more = _shared_slope(flat, there, around)
        if not more:
            break
        slope += more
    if noise.autocorrelation >= _WANDERS and changes.size:
        steps = np.diff(plain)
        between = _noise(steps, floor)
        there = cut(steps, between)
        price = WALK_PRICE * np.log(values.size)
        other = _model("walk", steps, there, pattern, period, floor, price)
        best = min(best, other, key=lambda model: model.cost)
    return best


def cut(values: NDArray[np.float64], noise: Noise) -> NDArray[np.intp]:
    """Cut a record exactly under the bounded loss, in units of its long-run noise."""
    if noise.long_run_scale == 0:
        return np.empty(0, np.intp)
    scaled = (values - np.median(sampled(values))) / noise.long_run_scale
    # The cut costs time with every level a sample is alone on; far ones need not be told apart.
    if max(scaled.max(), -scaled.min()) > _FAR:
        beyond = np.maximum(np.abs(scaled) - _FAR, 0.0)
        scaled = np.sign(scaled) * np.minimum(np.abs(scaled), _FAR + np.log1p(beyond))
    return optimal_partition(scaled, loss="biweight")


def _noise(values: NDArray[np.float64], floor: float) -> Noise:
    """Measure the noise; of a very long record, in stretches spread evenly over it."""
    if values.size <= ENOUGH:
        return estimate(values, floor=floor)
    starts = np.linspace(0, values.size - ENOUGH // _STRETCHES, _STRETCHES).astype(np.intp)
    # A stretch begins where the last one ended up to a step, which counts as one change more.
    stretches = [values[first : first + ENOUGH // _STRETCHES] for first in starts]
    return estimate(np.concatenate(stretches), floor=floor)


def _model(
    kind: Literal["level", "walk"],
    values: NDArray[np.float64],
    changes: NDArray[np.intp],
    season: NDArray[np.float64],
    period: int,
    floor: float,
    price: float = 0.0,
) -> Model:
    """Describe ``values``, which are the steps for a walk, and price the description."""
    edges = np.concatenate([[0], changes, [values.size]]).astype(np.int64)
    kinds = np.full(edges.size - 1, LEVEL, np.int64)
    # Around segments that are known, the autocorrelation is told to a hair.
    rest = innovations(values, 0.0, edges, kinds)
    rest = np.clip(rest, -reach_of(rest), reach_of(rest))
    squared = float((rest * rest).sum())
    near = float((rest[1:] * rest[:-1]).sum())
    phi = min(max(near / squared, 0.0), MAX_AUTOCORRELATION) if squared > 0 else 0.0
    left = innovations(values, phi, edges, kinds)
    wild = float(np.mean(np.abs(left) > reach_of(left))) > _HEAVY
    # Wild innovations say nothing of the bulk.
    squares = left * left
    bound = max(12.0 * float(np.median(sampled(squares))), 1e-300)
    spread = max(float(np.minimum(squares, bound).mean()), floor**2, 1e-300)
    cost = values.size * np.log(spread) + CHANGE_PRICE * np.log(values.size) * changes.size + price
    if kind == "walk":
        edges = np.concatenate([[0], edges[1:] + 1])
    freedom = _TAILED if wild else GAUSSIAN
    return Model(kind, phi, freedom, edges, kinds, season, period, float(cost), floor)


def _overall_slope(values: NDArray[np.float64], noise: Noise) -> float:
    """Return the slope of a record that is mostly trend, 0 for any other.

    Theil 1950, Sen 1968: the median of all slopes between medians of blocks.
    """
    heights = np.array([np.median(block) for block in np.array_split(values, _BLOCKS)])
    centres = (np.arange(_BLOCKS) + 0.5) * values.size / _BLOCKS
    first, second = np.triu_indices(_BLOCKS, 1)
    slope = float(
        np.median((heights[second] - heights[first]) / (centres[second] - centres[first]))
    )
    error = noise.long_run_scale * np.sqrt(12.0) / values.size**1.5
    straight = (heights - slope * centres).var() < _STRAIGHT * heights.var()
    return slope if straight and abs(slope) > _TREND * error else 0.0


def _shared_slope(values: NDArray[np.float64], changes: NDArray[np.intp], noise: Noise) -> float:
    """Return the one slope that all segments share, by least squares, 0 if it is chance."""
    edges = np.concatenate([[0], changes, [values.size]]).astype(np.intp)
    sizes = np.diff(edges)
    centres = (edges[:-1] + edges[1:] - 1) / 2.0
    away = np.arange(values.size) - np.repeat(centres, sizes)
    spread = float((away * away).sum())
    slope = float((away * values).sum()) / spread
    return slope if abs(slope) * np.sqrt(spread) > _TREND * noise.long_run_scale else 0.0
