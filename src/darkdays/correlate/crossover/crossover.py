"""The primary analysis: a time-stratified case-crossover of onsets and protests.

A place is compared with itself in the same stretch of time: what makes a country or a month prone
to both outages and protests cannot differ between the days compared. Every estimate is made from
the same strata, and each says for itself when the data cannot answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.crossover.conditional import fit_conditional
from darkdays.correlate.crossover.exact import ONE_OUTCOME, Measure, exact_ratio, exposed_onsets
from darkdays.correlate.crossover.mantel_haenszel import crude_ratio, rate_ratio
from darkdays.correlate.crossover.stratified import Ratio, StratifiedCounts, count_by_stratum


@dataclass(frozen=True)
class CaseCrossover:
    """Every estimate of one case-crossover.

    Attributes
    ----------
    onsets, exposed_onsets
        Number of onsets, and of those on exposed days.
    days, exposed_days
        Days of all places.
    crude
        Rate ratio of all days together, strata ignored.
    mantel_haenszel
        Rate ratio, pooled over strata.
    poisson, logit
        Ratios of the conditional models, adjusted for covariates where given.
    exact
        Conditional rate ratio with exact limits.
    reason
        Why no ratio can be estimated at all; empty if one can.
    """

    onsets: int
    exposed_onsets: int
    days: int
    exposed_days: int
    crude: Ratio
    mantel_haenszel: Ratio
    poisson: Ratio
    logit: Ratio
    exact: Ratio
    reason: str

    @property
    def best(self) -> Ratio:
        """The Mantel-Haenszel rate ratio, or the exact one where that has no limits."""
        return self.mantel_haenszel if self.mantel_haenszel.high is not None else self.exact


def case_crossover(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    exposed: NDArray[np.bool_],
    strata: NDArray[np.integer],
    *,
    covariates: NDArray[np.float64] | None = None,
    level: float = 0.95,
) -> CaseCrossover:
    """Compare the rate of onsets on exposed and other days of the same strata.

    Parameters
    ----------
    onsets
        Onsets of episodes each day, a flag or a number, shape ``(n,)`` or ``(places, days)``.
    exposed
        Whether a protest was on that day or the days before, same shape.
    strata
        Stratum of place and time, same shape; see :mod:`darkdays.correlate.shifts.strata`.
    covariates
        Measured confounders, such as temperature, for the conditional models, with one more
        dimension: ``(n, columns)`` or ``(places, days, columns)``.
    level
        Confidence of the limits.

    Returns
    -------
    CaseCrossover

    Raises
    ------
    ValueError
        If shapes differ or there are no days.
    """
    happened = onsets.astype(np.int64) > 0
    counts = count_by_stratum(onsets, exposed, strata)
    day_counts = count_by_stratum(happened, exposed, strata)
    columns = _columns(exposed, covariates)
    flat, labels = onsets.ravel().astype(np.int64), strata.ravel()
    return CaseCrossover(
        onsets=int(counts.onsets.sum()),
        exposed_onsets=int(counts.exposed_onsets.sum()),
        days=int(counts.days.sum()),
        exposed_days=int(counts.exposed_days.sum()),
        crude=crude_ratio(counts, level=level),
        mantel_haenszel=rate_ratio(counts, level=level),
        poisson=_poisson(flat, columns, labels, counts, level),
        logit=_logit(happened.ravel(), columns, labels, day_counts, level),
        exact=exact_ratio(counts, "rate", level=level),
        reason=counts.missing(),
    )


def _columns(
    exposed: NDArray[np.bool_], covariates: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return the exposure and the covariates as columns, a row a day."""
    first = exposed.ravel().astype(np.float64)[:, None]
    if covariates is None:
        return first
    if covariates.shape[: exposed.ndim] != exposed.shape:
        raise ValueError("covariates must have a row for each day of onsets")
    return np.column_stack([first, covariates.reshape(first.size, -1).astype(np.float64)])


def _poisson(
    onsets: NDArray[np.integer],
    columns: NDArray[np.float64],
    strata: NDArray[np.integer],
    counts: StratifiedCounts,
    level: float,
) -> Ratio:
    unknown = _unknown(counts, "rate")
    if unknown:
        return Ratio(None, reason=unknown)
    if columns.shape[1] > 1:
        return fit_conditional("poisson", onsets, columns, strata).ratio(level=level)
    # Without covariates the likelihood knows days by stratum and exposure only.
    inside = counts.only(counts.informative)
    each = np.arange(inside.days.size)
    return fit_conditional(
        "poisson",
        np.concatenate([inside.exposed_onsets, inside.other_onsets]),
        np.repeat([1.0, 0.0], each.size)[:, None],
        np.concatenate([each, each]),
        log_days=np.log(np.concatenate([inside.exposed_days, inside.other_days])),
    ).ratio(level=level)


def _logit(
    happened: NDArray[np.bool_],
    columns: NDArray[np.float64],
    strata: NDArray[np.integer],
    counts: StratifiedCounts,
    level: float,
) -> Ratio:
    unknown = _unknown(counts, "odds")
    if unknown:
        return Ratio(None, reason=unknown)
    return fit_conditional("logit", happened, columns, strata).ratio(level=level)


def _unknown(counts: StratifiedCounts, measure: Measure) -> str:
    """Return why the exposure's ratio has no finite estimate, empty if it has one."""
    if counts.missing():
        return counts.missing()
    found = exposed_onsets(counts, measure)
    if found.least == found.most:
        return ONE_OUTCOME
    if found.observed == found.most:
        return "every onset that could be on an exposed day is on one."
    if found.observed == found.least:
        return "every onset that could be on an unexposed day is on one."
    return ""
