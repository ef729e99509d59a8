"""Three answers: it changed, it did not by more than this, or nobody can tell, and why."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.changepoints.description import Model, price_of_change
from darkdays.detect.noise.noise import Noise

Verdict = Literal["changes", "no change", "cannot tell"]
FEW: Final = 16
"""So many independent samples and fewer are too few to say much."""
WEEKEND: Final = "{} differ, and less than two weeks cannot tell a weekend from a change."
_SURE: Final = 1.645  # standard deviations that nineteen in twenty stay above
_EDGE: Final = 0.1


def why_nobody_can_tell(model: Model, count: int, *, may_hide_a_year: bool = False) -> str:
    """Return what explains a series without a change as well as a change would, or nothing."""
    phi = model.phi
    effective = count * (1 - phi) / (1 + phi)
    if model.weekend:
        return WEEKEND.format(model.weekend)
    if may_hide_a_year and "a year" in model.cycles:
        return "the season of a year, seen less than twice, explains it as well."
    if model.noise == "walk":
        return "the series wanders by itself, and no step stands out from the others."
    if model.noise == "memory":
        return "noise with a long memory wanders as far by itself."
    if model.kinds[0] > 1:
        return "one slow curve explains it as well."
    if effective < FEW:
        return (
            f"{count} samples so alike (autocorrelation {phi:.2g}) are worth {effective:.0f} "
            "independent ones, which is too few."
        )
    return ""


def smallest_detectable(model: Model, noise: Noise) -> float:
    """Return the least change of level that would have been found, in the unit of the series.

    At the least favourable place that is not in the first or the last tenth: as large as its
    price demands, plus what luck may take away once in twenty times.

    Parameters
    ----------
    model
        Without a change, of constant noise.
    noise
        On the scale of the model.
    """
    count = model.plain.size
    share = _EDGE * (1 - _EDGE)
    if model.kinds[0] > 0:
        # A slope explains a part of every step.
        share *= 1 - 3 * share
    error = noise.long_run_scale / np.sqrt(count * share)
    least = float((np.sqrt(price_of_change(model.plain)) + _SURE) * error)
    middle = np.array([np.median(model.plain), np.median(model.plain) + least])
    low, high = model.scale.back(middle)
    return float(high - low)


def largest_excursion(flat: NDArray[np.float64]) -> int:
    """Return which sample is farthest from the middle of a series without its season."""
    return int(np.argmax(np.abs(flat - np.median(flat))))
