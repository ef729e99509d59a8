"""Mantel-Haenszel ratios: strata pooled without a model, sparse ones included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from darkdays.correlate.crossover.stratified import Ratio, StratifiedCounts


@dataclass(frozen=True)
class CochranMantelHaenszel:
    """Chi-square of one degree of freedom that no stratum has an association.

    Without a continuity correction. None where no stratum can tell.
    """

    chi_square: float | None
    p_value: float | None
    reason: str = ""


def crude_ratio(counts: StratifiedCounts, *, level: float = 0.95) -> Ratio:
    """Return the rate ratio of all days together, strata ignored, with its Wald limits."""
    onsets, others = int(counts.exposed_onsets.sum()), int(counts.other_onsets.sum())
    exposed, rest = int(counts.exposed_days.sum()), int(counts.other_days.sum())
    if not exposed or not rest:
        return Ratio(None, reason=counts.missing())
    return _log_normal(
        onsets / exposed, others / rest, 1 / max(onsets, 1) + 1 / max(others, 1), level
    )


def rate_ratio(counts: StratifiedCounts, *, level: float = 0.95) -> Ratio:
    """Return the Mantel-Haenszel rate ratio.

    The variance is Greenland & Robins's (1985, Biometrics 41, 55) for rates, consistent for few
    large strata and for many sparse ones.

    Parameters
    ----------
    counts
        Onsets and days by stratum.
    level
        Confidence of the limits.
    """
    inside = counts.only(counts.informative)
    above, below = _pooled(inside)
    variance = inside.onsets * inside.exposed_days * inside.other_days / inside.days**2
    if not above.sum() and not below.sum():
        return Ratio(None, reason=counts.missing())
    product = float(above.sum() * below.sum())
    spread = float(variance.sum()) / product if product else 0.0
    return _log_normal(float(above.sum()), float(below.sum()), spread, level)


def odds_ratio(counts: StratifiedCounts, *, level: float = 0.95) -> Ratio:
    """Return the Mantel-Haenszel odds ratio of days, with Robins, Breslow & Greenland's limits.

    Parameters
    ----------
    counts
        No stratum may have more onsets than days of either kind.
    level
        Confidence of the limits.
    """
    if not counts.informative.any():
        return Ratio(None, reason=counts.missing())
    table = StratifiedTable(_tables(counts))
    inside = counts.only(counts.informative)
    with_exposure = inside.exposed_onsets * (inside.other_days - inside.other_onsets) / inside.days
    without = inside.other_onsets * (inside.exposed_days - inside.exposed_onsets) / inside.days
    if not with_exposure.sum() or not without.sum():
        return _log_normal(float(with_exposure.sum()), float(without.sum()), 0.0, level)
    low, high = table.oddsratio_pooled_confint(alpha=1 - level)
    value = float(table.oddsratio_pooled)
    p_value = 2 * stats.norm.sf(abs(np.log(value)) / float(table.logodds_pooled_se))
    return Ratio(value, float(low), float(high), float(p_value))


def association_test(counts: StratifiedCounts) -> CochranMantelHaenszel:
    """Return the Cochran-Mantel-Haenszel test of days with and without an onset."""
    inside = counts.only(counts.informative & (counts.onsets < counts.days))
    if not inside.days.size:
        return CochranMantelHaenszel(None, None, counts.missing() or "every day has an onset.")
    found = StratifiedTable(_tables(inside)).test_null_odds(correction=False)
    return CochranMantelHaenszel(float(found.statistic), float(found.pvalue))


def _pooled(inside: StratifiedCounts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each stratum's part of the numerator and denominator of the rate ratio."""
    return (
        inside.exposed_onsets * inside.other_days / inside.days,
        inside.other_onsets * inside.exposed_days / inside.days,
    )


def _tables(counts: StratifiedCounts) -> list[NDArray[np.float64]]:
    inside = counts.only(counts.informative)
    rows = np.array(
        [
            [inside.exposed_onsets, inside.exposed_days - inside.exposed_onsets],
            [inside.other_onsets, inside.other_days - inside.other_onsets],
        ],
        dtype=np.float64,
    )
    if (rows < 0).any():
        raise ValueError("a stratum has more onsets than days; mark days with an onset instead")
    return list(np.moveaxis(rows, 2, 0))


def _log_normal(above: float, below: float, variance: float, level: float) -> Ratio:
    if not above and not below:
        return Ratio(None, reason="there is no onset.")
    if not below:
        return Ratio(None, reason="no onset is on an unexposed day.")
    if not above:
        return Ratio(0.0, reason="no onset is on an exposed day.")
    error = np.sqrt(variance)
    centre = np.log(above / below)
    half = stats.norm.ppf((1 + level) / 2) * error
    return Ratio(
        value=float(above / below),
        low=float(np.exp(centre - half)),
        high=float(np.exp(centre + half)),
        p_value=float(2 * stats.norm.sf(abs(centre) / error)),
    )
