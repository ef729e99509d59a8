"""Conditional logit and Poisson models by statsmodels, with an answer where they have none.

Strata enter by conditioning, not as parameters. statsmodels leaves out, with a warning, every
stratum whose outcomes are all equal; for the Poisson model that loses strata that speak for a
ratio of 1, so such a stratum gets one more row that no onset can be in.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.correlate.crossover.stratified import Ratio

Model = Literal["logit", "poisson"]
# exp(-200) of an expected onset: none.
_NEVER: Final = -200.0
# statsmodels' recursion over the days of a stratum must stay below Python's limit.
_WIDEST_STRATUM: Final = 600
_LARGEST_EFFECT: Final = 15.0
_NO_MAXIMUM: Final = (
    "the likelihood has no maximum: some combination of the columns separates days with an onset "
    "from days without."
)


@dataclass(frozen=True)
class ConditionalFit:
    """Coefficients of a conditional model, or the reason why there are none.

    Attributes
    ----------
    coefficients, errors
        Logarithms of ratios per unit of each column and their standard errors, shape
        ``(columns,)``; empty without a fit.
    reason
        Why there is no fit; empty if there is one.
    """

    coefficients: NDArray[np.float64]
    errors: NDArray[np.float64]
    reason: str = ""

    def ratio(self, column: int = 0, *, level: float = 0.95) -> Ratio:
        """Return the ratio per unit of a column, with Wald limits."""
        if self.reason:
            return Ratio(None, reason=self.reason)
        value, error = float(self.coefficients[column]), float(self.errors[column])
        half = float(special.ndtri((1 + level) / 2)) * error
        return Ratio(
            value=float(np.exp(value)),
            low=float(np.exp(value - half)),
            high=float(np.exp(value + half)),
            p_value=float(2 * special.ndtr(-abs(value) / error)),
        )


def fit_conditional(
    model: Model,
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    columns: NDArray[np.float64],
    strata: NDArray[np.integer],
    *,
    log_days: NDArray[np.float64] | None = None,
) -> ConditionalFit:
    """Fit a conditional logit or Poisson model by Newton's method.

    Parameters
    ----------
    model
        ``logit`` for days with and without an onset, ``poisson`` for numbers of onsets (Armstrong,
        Gasparrini & Tobias 2014, BMC Medical Research Methodology 14, 122).
    onsets
        Shape ``(n,)``.
    columns
        Exposure and covariates, shape ``(n, columns)``.
    strata
        Shape ``(n,)``.
    log_days
        For the Poisson model: logarithm of the days a row stands for, shape ``(n,)``.

    Returns
    -------
    ConditionalFit
        With a reason instead of coefficients where there is nothing to fit, the likelihood has no
        maximum (separation), columns are collinear, or a stratum is too wide.
    """
    outcome = onsets.astype(np.float64)
    if model == "logit" and outcome.size and outcome.max() > 1:
        raise ValueError("the logit model takes a flag a day, not a number of onsets")
    rows, missing = _informative(model, outcome, columns, strata)
    if missing:
        return ConditionalFit(np.empty(0), np.empty(0), missing)
    outcome, columns, strata = outcome[rows], columns[rows], strata[rows]
    # A quarter of what the stack takes to import, which most studies never need.
    from statsmodels.discrete.conditional_models import ConditionalLogit

    if model == "logit":
        fitted = ConditionalLogit(outcome, columns, groups=strata)
    else:
        offset = np.zeros(outcome.size) if log_days is None else log_days[rows]
        fitted = _poisson(outcome, columns, strata, offset)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = fitted.fit(method="newton", disp=False)
            coefficients, errors = np.asarray(found.params), np.asarray(found.bse)
        except (Warning, np.linalg.LinAlgError, OverflowError, ValueError):
            return ConditionalFit(np.empty(0), np.empty(0), _NO_MAXIMUM)
    scale = np.maximum(_centred(columns, strata).std(axis=0), np.finfo(float).tiny)
    if not np.isfinite(errors).all() or (abs(coefficients) * scale > _LARGEST_EFFECT).any():
        return ConditionalFit(np.empty(0), np.empty(0), _NO_MAXIMUM)
    return ConditionalFit(coefficients, errors)


def _informative(
    model: Model,
    outcome: NDArray[np.float64],
    columns: NDArray[np.float64],
    strata: NDArray[np.integer],
) -> tuple[NDArray[np.bool_], str]:
    """Return the rows of strata that say something, and why none does."""
    labels = np.unique(strata, return_inverse=True)[1] if strata.size else strata
    days = np.bincount(labels)
    onsets = np.bincount(labels, weights=outcome)
    varies = np.zeros(days.size, dtype=bool)
    for column in columns.T:
        low, high = np.full(days.size, np.inf), np.full(days.size, -np.inf)
        np.minimum.at(low, labels, column)
        np.maximum.at(high, labels, column)
        varies |= high > low
    useful = varies & (onsets > 0)
    if model == "logit":
        useful &= onsets < days
    if not useful.any():
        return useful[labels], "no stratum has onsets and days to compare them with."
    if model == "logit" and days[useful].max() > _WIDEST_STRATUM:
        return useful[labels], (
            f"a stratum has {days[useful].max()} days, more than {_WIDEST_STRATUM}: too many for "
            "the conditional logit; use narrower strata or the Poisson model."
        )
    kept = useful[labels]
    inside = _centred(columns[kept], strata[kept])
    if np.linalg.matrix_rank(inside) < columns.shape[1]:
        return kept, "inside strata the exposure and the covariates are collinear."
    return kept, ""


def _poisson(
    outcome: NDArray[np.float64],
    columns: NDArray[np.float64],
    strata: NDArray[np.integer],
    offset: NDArray[np.float64],
) -> Any:
    from statsmodels.discrete.conditional_models import ConditionalPoisson

    labels = np.unique(strata, return_inverse=True)[1]
    means = np.bincount(labels, weights=outcome) / np.bincount(labels)
    differs = np.bincount(labels, weights=(outcome - means[labels]) ** 2)
    equal = np.flatnonzero(differs < 1e-9)
    return ConditionalPoisson(
        np.concatenate([outcome, np.zeros(equal.size)]),
        np.concatenate([columns, np.zeros((equal.size, columns.shape[1]))]),
        groups=np.concatenate([labels, equal]),
        offset=np.concatenate([offset, np.full(equal.size, _NEVER)]),
    )


def _centred(columns: NDArray[np.float64], strata: NDArray[np.integer]) -> NDArray[np.float64]:
    labels = np.unique(strata, return_inverse=True)[1]
    sizes = np.bincount(labels)
    means = np.stack([np.bincount(labels, weights=one) / sizes for one in columns.T], axis=1)
    return np.asarray(columns - means[labels])


@dataclass(frozen=True)
class DriverFit:
    """How the rate of onsets depends on drivers, within strata.

    Attributes
    ----------
    ratios
        Rate ratio per standard deviation of each driver.
    log_intensity
        Logarithm of the expected onsets of each day up to a constant, shape ``(n,)``: for
        :func:`darkdays.correlate.shifts.shifts.circular_shift_test`. None without a fit.
    reason
        Why there is no fit: then drivers are not accounted for, and a test is inconclusive.
    """

    ratios: tuple[Ratio, ...]
    log_intensity: NDArray[np.float64] | None = field(compare=False)
    reason: str = ""


def fit_driver(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    drivers: NDArray[np.float64],
    strata: NDArray[np.integer],
    *,
    level: float = 0.95,
) -> DriverFit:
    """Fit a conditional Poisson model of onsets on drivers alone.

    Protests are left out, as the hypothesis that they do not matter has it; where they do, part
    of their effect is put down to a driver they go along with, and the test loses power, not its
    level.

    Parameters
    ----------
    onsets
        Flag or number of onsets of each day, shape ``(n,)``.
    drivers
        One column each, on a scale on which the logarithm of the rate is about linear; add a
        column of squares where it is not. Shape ``(n,)`` or ``(n, drivers)``, no missing values.
    strata
        Shape ``(n,)``.
    level
        Confidence of the ratios' limits.

    Returns
    -------
    DriverFit

    Raises
    ------
    ValueError
        If a driver has a missing value or shapes differ.
    """
    columns = drivers.reshape(onsets.size, -1).astype(np.float64)
    if not np.isfinite(columns).all():
        raise ValueError("a driver has missing values; fill them or leave the days out")
    spread = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    found = fit_conditional("poisson", onsets, scaled, strata)
    ratios = tuple(found.ratio(column, level=level) for column in range(scaled.shape[1]))
    if found.reason:
        return DriverFit(ratios, None, found.reason)
    return DriverFit(ratios, scaled @ found.coefficients)
