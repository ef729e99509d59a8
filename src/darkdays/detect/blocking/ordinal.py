"""Two samples in ordered categories: which tends to be higher, with tests and intervals.

Cliff's delta is the chance that a value of the first sample is higher than one of the second, less
the chance that it is lower (Cliff 1993, Psychological Bulletin 114, 494); values of one category
are ties. It is 2 AUC - 1, and the variance statsmodels has for the AUC is that of DeLong, DeLong &
Clarke-Pearson (1988, Biometrics 44, 837) and of Brunner & Munzel (2000, Biometrical Journal 42,
17).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """How a first sample stands to a second; values are taken as independent.

    Attributes
    ----------
    delta, low, high
        Cliff's delta with DeLong's interval within -1 and 1; the interval is NaN where it cannot
        be had, as for samples that do not overlap.
    mann_whitney_p
        Two-sided, with ties; NaN where all values are one category.
    brunner_munzel_p
        Two-sided, for samples of unequal spread; 0 where they do not overlap, NaN where it cannot
        be had.
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


def compare(first: Floats, second: Floats, level: float) -> Compared:
    """Hold two samples against each other.

    Parameters
    ----------
    first, second
        Whole-number counts in the same ordered categories.
    level
        Confidence of the interval.
    """
    # It takes its time to load, and most cases have no speeds.
    from statsmodels.stats.nonparametric import rank_compare_2indep

    codes = np.arange(len(first), dtype=np.float64)
    one, other = (np.repeat(codes, counts.astype(np.int64)) for counts in (first, second))
    delta = cliffs_delta(first, second)
    low = high = whitney = munzel = float("nan")
    varied = one.size and other.size and np.unique(np.concatenate([one, other])).size > 1
    if varied:
        whitney = float(scipy.stats.mannwhitneyu(one, other, method="asymptotic").pvalue)
    if varied and abs(delta) == 1:
        munzel = 0.0
    elif varied and one.size > 1 and other.size > 1:
        found = rank_compare_2indep(one, other, use_t=False)
        low, high = (
            min(max(2 * float(bound) - 1, -1.0), 1.0) for bound in found.conf_int(alpha=1 - level)
        )
        munzel = float(scipy.stats.brunnermunzel(one, other).pvalue)
    return Compared(delta, low, high, whitney, munzel)
