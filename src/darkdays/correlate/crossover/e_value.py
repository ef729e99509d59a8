"""E-values: how strong an unmeasured confounder would have to be to explain a ratio away."""

from __future__ import annotations

from math import sqrt

from darkdays.correlate.crossover.stratified import Ratio
from darkdays.errors import InputError


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
