"""Mantel-Haenszel ratios: strata pooled without a model, sparse ones included."""

from __future__ import annotations

import numpy as np
from scipy import special

from darkdays.correlate.crossover.stratified import Ratio, StratifiedCounts


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
    above = inside.exposed_onsets * inside.other_days / inside.days
    below = inside.other_onsets * inside.exposed_days / inside.days
    variance = inside.onsets * inside.exposed_days * inside.other_days / inside.days**2
    if not above.sum() and not below.sum():
        return Ratio(None, reason=counts.missing())
    product = float(above.sum() * below.sum())
    spread = float(variance.sum()) / product if product else 0.0
    return _log_normal(float(above.sum()), float(below.sum()), spread, level)


def _log_normal(above: float, below: float, variance: float, level: float) -> Ratio:
    if not above and not below:
        return Ratio(None, reason="there is no onset.")
    if not below:
        return Ratio(None, reason="no onset is on an unexposed day.")
    if not above:
        return Ratio(0.0, reason="no onset is on an exposed day.")
    error = np.sqrt(variance)
    centre = np.log(above / below)
    half = special.ndtri((1 + level) / 2) * error
    return Ratio(
        value=float(above / below),
        low=float(np.exp(centre - half)),
        high=float(np.exp(centre + half)),
        p_value=float(2 * special.ndtr(-abs(centre) / error)),
    )
