"""Exact conditional inference: the distribution of exposed onsets, given all margins.

Within a stratum the number of its onsets and of its exposed days is held fixed. Onsets on exposed
days then follow Fisher's noncentral hypergeometric distribution (a day has an onset or not; the
parameter is an odds ratio) or a binomial one (any number of onsets a day; a rate ratio). Strata
are convolved, and the parameter enters as a tilt of the sum, so that one distribution gives the
estimate, the p-value and limits that exist where a fitted model diverges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from darkdays.correlate.crossover.stratified import Ratio, StratifiedCounts

Measure = Literal["odds", "rate"]
ONE_OUTCOME: Final = "the margins of every stratum leave one outcome only."
_WIDEST: Final = 40.0


@dataclass(frozen=True)
class ExposedOnsets:
    """The number of exposed onsets given the margins, when the ratio is 1.

    Attributes
    ----------
    observed
        The number there was.
    least
        The smallest number the margins allow.
    log_chances
        Logarithm of the probability of ``least``, ``least + 1``, ...: of many onsets the least
        probable numbers are beyond what a float holds, and a tilt brings them back.
    """

    observed: int
    least: int
    log_chances: NDArray[np.float64]

    @property
    def chances(self) -> NDArray[np.float64]:
        """The probabilities themselves."""
        return self.given(0.0)

    @property
    def most(self) -> int:
        """The largest number the margins allow."""
        return self.least + self.log_chances.size - 1

    def given(self, log_ratio: float) -> NDArray[np.float64]:
        """Return the probabilities were the ratio ``exp(log_ratio)``."""
        weights = self.log_chances + log_ratio * np.arange(self.log_chances.size)
        weights = np.exp(weights - weights.max())
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    def p_more(self, log_ratio: float = 0.0) -> float:
        """Return the probability of at least as many as there were."""
        return min(1.0, float(self.given(log_ratio)[self.observed - self.least :].sum()))

    def p_fewer(self, log_ratio: float = 0.0) -> float:
        """Return the probability of at most as many as there were."""
        return min(1.0, float(self.given(log_ratio)[: self.observed - self.least + 1].sum()))


def exposed_onsets(counts: StratifiedCounts, measure: Measure) -> ExposedOnsets:
    """Return the exact distribution of exposed onsets over all strata.

    Parameters
    ----------
    counts
        For ``odds``, no stratum may have more onsets than days.
    measure
        ``odds``: hypergeometric within strata. ``rate``: binomial.

    Raises
    ------
    ValueError
        If a stratum has more onsets than days and the measure is ``odds``.
    """
    inside = counts.only(counts.informative)
    least, logs = 0, np.zeros(1)
    for onsets, exposed, days in zip(inside.onsets, inside.exposed_days, inside.days, strict=True):
        if measure == "rate":
            low, high = 0, int(onsets)
            numbers, chance = np.arange(high + 1), exposed / days
            share = _log_choose(onsets, numbers) + special.xlogy(numbers, chance)
            share += special.xlog1py(onsets - numbers, -chance)
        else:
            if onsets > days:
                raise ValueError("a stratum has more onsets than days; use the measure rate")
            low, high = max(0, int(onsets + exposed - days)), int(min(onsets, exposed))
            numbers = np.arange(low, high + 1)
            share = _log_choose(exposed, numbers) - _log_choose(days, onsets)
            share += _log_choose(days - exposed, onsets - numbers)
        least += low
        both = np.full(logs.size + share.size - 1, -np.inf)
        for number, one in enumerate(share):
            reached = slice(number, number + logs.size)
            both[reached] = np.logaddexp(both[reached], logs + one)
        logs = both
    return ExposedOnsets(int(inside.exposed_onsets.sum()), least, logs)


def exact_ratio(counts: StratifiedCounts, measure: Measure, *, level: float = 0.95) -> Ratio:
    """Return the conditional maximum-likelihood ratio with exact limits.

    Parameters
    ----------
    counts
        Onsets and days by stratum.
    measure
        ``odds`` or ``rate``.
    level
        Confidence of the limits; each tail has half of the rest (Clopper-Pearson).

    Returns
    -------
    Ratio
        With all onsets on exposed days there is no upper limit, and none below 0 with none: the
        value is then None or 0 and the other limit stands. The p-value is twice the smaller tail.
    """
    missing = counts.missing()
    if missing:
        return Ratio(None, reason=missing)
    found = exposed_onsets(counts, measure)
    if found.least == found.most:
        return Ratio(None, reason=ONE_OUTCOME)
    tail = (1 - level) / 2
    p_value = min(1.0, 2 * min(found.p_more(), found.p_fewer()))
    low = high = None
    if found.observed > found.least:
        low = float(np.exp(_root(lambda ratio: found.p_more(ratio) - tail)))
    if found.observed < found.most:
        high = float(np.exp(_root(lambda ratio: found.p_fewer(ratio) - tail)))
    if high is None:
        reason = "every onset that could be on an exposed day is: the ratio has no upper limit."
        return Ratio(None, low, None, p_value, reason)
    if low is None:
        return Ratio(0.0, 0.0, high, p_value, "no onset is on an exposed day.")
    numbers = found.least + np.arange(found.log_chances.size)
    value = _root(lambda ratio: float(found.given(ratio) @ numbers) - found.observed)
    return Ratio(float(np.exp(value)), low, high, p_value)


def _log_choose(of: Any, some: Any) -> NDArray[np.float64]:
    """Return the logarithm of how many ways there are to choose some of so many."""
    found = -np.log1p(of) - special.betaln(of - some + 1, some + 1)
    return np.asarray(found, np.float64)


def _root(function: Callable[[float], float]) -> float:
    """Return where a function of the log-ratio crosses zero."""
    return float(optimize.brentq(function, -_WIDEST, _WIDEST, xtol=1e-12))
