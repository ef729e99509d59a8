"""Onsets and days of each stratum, exposed and not: what every estimate starts from."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from darkdays.errors import InputError


@dataclass(frozen=True)
class Ratio:
    """A ratio with its interval, or the reason why there is none.

    Attributes
    ----------
    value
        None where it cannot be estimated or has no bound.
    low, high
        Confidence limits; None for a limit that is not known.
    p_value
        Two-sided, that the ratio is 1; None without one.
    reason
        Why something is missing; empty if nothing is.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class StratifiedCounts:
    """Onsets and days by stratum, arrays of shape ``(strata,)``.

    Attributes
    ----------
    exposed_onsets, other_onsets
        Onsets on exposed and on other days.
    exposed_days, other_days
        The days themselves.
    """

    exposed_onsets: NDArray[np.int64]
    other_onsets: NDArray[np.int64]
    exposed_days: NDArray[np.int64]
    other_days: NDArray[np.int64]

    @property
    def onsets(self) -> NDArray[np.int64]:
        """Onsets of each stratum."""
        return self.exposed_onsets + self.other_onsets

    @property
    def days(self) -> NDArray[np.int64]:
        """Days of each stratum."""
        return self.exposed_days + self.other_days

    @property
    def informative(self) -> NDArray[np.bool_]:
        """Strata with an onset and both kinds of days: no others say anything of the ratio."""
        return (self.onsets > 0) & (self.exposed_days > 0) & (self.other_days > 0)

    def only(self, chosen: NDArray[np.bool_]) -> StratifiedCounts:
        """Return some of the strata."""
        return StratifiedCounts(
            self.exposed_onsets[chosen],
            self.other_onsets[chosen],
            self.exposed_days[chosen],
            self.other_days[chosen],
        )

    def missing(self) -> str:
        """Return why no ratio can be estimated, in a sentence; empty if one can."""
        if not self.onsets.sum():
            return "there is no onset."
        if not self.exposed_days.sum():
            return "no day is exposed."
        if not self.other_days.sum():
            return "every day is exposed."
        if not self.informative.any():
            return "no stratum has an onset and both exposed and other days."
        return ""


def count_by_stratum(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    exposed: NDArray[np.bool_],
    strata: NDArray[np.integer],
) -> StratifiedCounts:
    """Count onsets and days by stratum and exposure.

    Parameters
    ----------
    onsets
        Flag or number of onsets of each day of each place, any shape.
    exposed, strata
        Of the same shape; days that were not observed are left out of all three.

    Raises
    ------
    ValueError
        If shapes differ, there are no days, or a number of onsets is negative.
    """
    if not (onsets.shape == exposed.shape == strata.shape) or not onsets.size:
        raise ValueError("onsets, exposed and strata must be of one shape above 0")
    numbers = onsets.ravel().astype(np.int64)
    if (numbers < 0).any():
        raise ValueError("a number of onsets is negative")
    labels = np.unique(strata.ravel(), return_inverse=True)[1]
    flags = exposed.ravel().astype(bool)
    size = int(labels.max()) + 1

    def total(weights: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.rint(np.bincount(labels, weights=weights, minlength=size)).astype(np.int64)

    return StratifiedCounts(
        exposed_onsets=total(numbers * flags),
        other_onsets=total(numbers * ~flags),
        exposed_days=total(flags.astype(np.int64)),
        other_days=total((~flags).astype(np.int64)),
    )


def e_value(ratio: float) -> float:
    """Return the E-value of a rate ratio.

    The least rate ratio by which something not measured would have to raise both the exposure and
    the outcome, beyond what was adjusted for, to produce this ratio by itself (VanderWeele & Ding
    2017, Annals of Internal Medicine 167, 268). For ratios below 1 that of the inverse; for an
    odds ratio of a rare outcome the same.

    Raises
    ------
    InputError
        If the ratio is not above 0.
    """
    if not ratio > 0:
        raise InputError(f"a ratio of {ratio} has no E-value; give one above 0.")
    above = max(ratio, 1 / ratio)
    return above + sqrt(above * (above - 1))


def e_value_of_limit(ratio: Ratio) -> float | None:
    """Return the E-value of the confidence limit nearer to 1: 1 if the interval holds 1.

    None where the ratio has no such limit.
    """
    if ratio.low is not None and ratio.low > 1:
        return e_value(ratio.low)
    if ratio.high is not None and 0 < ratio.high < 1:
        return e_value(ratio.high)
    return None if ratio.low is None and ratio.high is None else 1.0
