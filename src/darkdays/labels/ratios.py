"""Rate ratios of outages beginning on days with and without protest, crude and stratified."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.correlate.crossover.stratified import StratifiedCounts


@dataclass(frozen=True)
class Ratio:
    """A rate ratio with its interval; not a number where the data do not give one."""

    value: float
    low: float
    high: float


def crude(table: StratifiedCounts, level: float) -> Ratio:
    """Return the rate ratio over all strata at once, with the interval of Katz et al. (1978)."""
    protest, quiet = table.exposed_days.sum(), table.other_days.sum()
    a, b = table.exposed_onsets.sum(), table.other_onsets.sum()
    if min(a, b, protest, quiet) == 0:
        return Ratio(math.nan, math.nan, math.nan)
    variance = 1 / a - 1 / protest + 1 / b - 1 / quiet
    return _log_normal(a / protest / (b / quiet), variance, level)


def mantel_haenszel(table: StratifiedCounts, level: float) -> Ratio:
    """Return the pooled rate ratio within strata.

    Mantel and Haenszel's weights, with the variance of Greenland and Robins (1985), Estimation
    of a common effect parameter from sparse follow-up data, Biometrics 41, 55-68. A stratum
    without days of both kinds, or without an outage, adds nothing.
    """
    above, below, spread = _parts(table)
    numerator, denominator = above.sum(), below.sum()
    if min(numerator, denominator) == 0:
        return Ratio(math.nan, math.nan, math.nan)
    variance = spread.sum() / (numerator * denominator)
    return _log_normal(numerator / denominator, variance, level)


def bootstrapped(
    table: StratifiedCounts,
    strata_per_country: int,
    level: float,
    rng: np.random.Generator,
    draws: int,
) -> tuple[Ratio, Ratio]:
    """Return crude and stratified ratios with percentile intervals from resampled countries.

    Parameters
    ----------
    table
        Strata of one country beside each other, as many for every country.
    strata_per_country
        How many.
    level
        Confidence.
    rng
        Where the draws come from.
    draws
        How many times countries are drawn with replacement.
    """

    def by_country(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(values.reshape(-1, strata_per_country).sum(axis=1))

    sums = [
        by_country(one) for one in (table.exposed_onsets, table.exposed_days, table.other_onsets)
    ]
    sums += [by_country(one) for one in (table.other_days, *_parts(table)[:2])]
    number = len(sums[0])
    weights = rng.multinomial(number, np.full(number, 1 / number), size=draws).astype(np.float64)
    a, protest, b, quiet, above, below = (weights @ one for one in sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        crudes, pooled = (a / protest) / (b / quiet), above / below
    return (
        _percentiles(crude(table, level).value, crudes, level),
        _percentiles(mantel_haenszel(table, level).value, pooled, level),
    )


def _parts(table: StratifiedCounts) -> tuple[NDArray[np.float64], ...]:
    days, exposed, other = table.days, table.exposed_days, table.other_days
    above = table.exposed_onsets * other / days
    below = table.other_onsets * exposed / days
    product = exposed * other * table.onsets - table.exposed_onsets * table.other_onsets * days
    return above, below, product / days**2


def _log_normal(value: float, variance: float, level: float) -> Ratio:
    width = special.ndtri((1 + level) / 2) * math.sqrt(variance)
    return Ratio(float(value), float(value * math.exp(-width)), float(value * math.exp(width)))


def _percentiles(value: float, drawn: NDArray[np.float64], level: float) -> Ratio:
    finite = drawn[~np.isnan(drawn)]
    if finite.size == 0:
        return Ratio(value, math.nan, math.nan)
    # A draw without an outage on quiet days has no finite ratio: it is larger than any.
    ends = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2], method="higher")
    return Ratio(value, float(ends[0]), float(ends[1]))
