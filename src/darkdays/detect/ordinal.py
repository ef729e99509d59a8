"""Two samples in ordered categories: which tends to be higher, with tests and intervals.

Cliff's delta is the chance that a value of the first sample is higher than one of the second, less
the chance that it is lower (Cliff 1993, Psychological Bulletin 114, 494); values of one category
are ties. It is 2 AUC - 1, which gives it the interval of DeLong, DeLong & Clarke-Pearson (1988,
Biometrics 44, 837).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """How a first sample stands to a second.

    Attributes
    ----------
    delta, low, high
        Cliff's delta with DeLong's interval; NaN where a sample is empty.
    mann_whitney_p
        Two-sided, with ties (Mann & Whitney 1947); NaN where all values are one category.
    brunner_munzel_p
        Two-sided, for samples of unequal spread (Brunner & Munzel 2000); 0 where the samples do
        not overlap, NaN where it cannot be had.
    """

    delta: float
    low: float
    high: float
    mann_whitney_p: float
    brunner_munzel_p: float


def cliffs_delta(first: Floats, second: Floats) -> float:
    """Return Cliff's delta of two samples by their counts in ordered categories, NaN if empty."""
    total = float(first.sum() * second.sum())
    if total <= 0:
        return float("nan")
    below = np.concatenate([[0.0], second.cumsum()[:-1]])
    above = second.sum() - second.cumsum()
    return float(np.dot(first, below - above) / total)


def delong(first: Floats, second: Floats, level: float) -> tuple[float, float]:
    """Return DeLong's interval of Cliff's delta, within -1 and 1; NaN below two values each.

    Of independent values; values of one day are not, and the interval is then too short.
    """
    m, n = float(first.sum()), float(second.sum())
    if m < 2 or n < 2:
        return float("nan"), float("nan")
    delta = cliffs_delta(first, second)
    # Placements: what share of the other sample each value is above, less below.
    of_first = (np.concatenate([[0.0], second.cumsum()[:-1]]) - second.sum() + second.cumsum()) / n
    of_second = (first.sum() - first.cumsum() - np.concatenate([[0.0], first.cumsum()[:-1]])) / m
    variance = (
        np.dot(first, (of_first - delta) ** 2) / (m - 1) / m
        + np.dot(second, (of_second - delta) ** 2) / (n - 1) / n
    )
    half = float(stats.norm.ppf((1 + level) / 2) * np.sqrt(variance))
    return max(-1.0, delta - half), min(1.0, delta + half)


def compare(first: Floats, second: Floats, level: float) -> Compared:
    """Hold two samples against each other, by their whole-number counts in ordered categories."""
    delta = cliffs_delta(first, second)
    low, high = delong(first, second, level)
    codes = np.arange(len(first), dtype=np.float64)
    one, other = (np.repeat(codes, counts.astype(np.int64)) for counts in (first, second))
    whitney = munzel = float("nan")
    if one.size and other.size and np.unique(np.concatenate([one, other])).size > 1:
        whitney = float(stats.mannwhitneyu(one, other, method="asymptotic").pvalue)
        if abs(delta) == 1:
            munzel = 0.0
        elif one.size > 1 and other.size > 1:
            munzel = float(stats.brunnermunzel(one, other).pvalue)
    return Compared(delta, low, high, whitney, munzel)
