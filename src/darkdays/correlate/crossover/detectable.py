"""What a record could have shown: bounds on a rate, and the least ratio a test would notice.

A test that finds nothing says little unless it could have found something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

_LARGEST: Final = 12.0


@dataclass(frozen=True)
class Detectable:
    """The least rate ratio a one-sided test would find.

    Attributes
    ----------
    ratio
        None where no ratio would be found with that power.
    power
        Of the test at that ratio, as asked for.
    reason
        Why there is none; empty if there is one.
    """

    ratio: float | None
    power: float
    reason: str = ""


def minimum_detectable_ratio(
    chances: NDArray[np.float64], *, alpha: float = 0.05, power: float = 0.8
) -> Detectable:
    """Return the least rate ratio that a test would find with a given power.

    Were the rate on exposed days ``r`` times that on others, ``k`` coincidences would be ``r**k``
    times as probable as they are by chance, up to a constant, whether chance is a circular shift
    or a hypergeometric draw: the distribution under the alternative is that under chance, tilted.

    Parameters
    ----------
    chances
        Probability of 0, 1, 2, ... coincidences by chance, as in
        :attr:`darkdays.correlate.crossover.exact.ExposedOnsets.chances`, or a row each with
        columns in the order of their ties, as in
        :attr:`darkdays.correlate.shifts.shifts.ShiftTest.chances`: the test is then the one that
        breaks them.
    alpha
        Level of the one-sided test.
    power
        Wanted power.

    Returns
    -------
    Detectable
    """
    numbers = np.repeat(np.arange(len(chances)), chances.size // len(chances))
    chances = chances.ravel()
    tails = np.cumsum(chances[::-1])[::-1]
    # Of what chance cannot draw a test rejects nothing.
    possible = chances > 0
    rejecting = np.flatnonzero((tails <= alpha) & possible)
    if not rejecting.size:
        return Detectable(
            None,
            power,
            f"even the most coincidences possible have probability {tails[possible][-1]:.2g} by "
            "chance.",
        )
    critical = int(rejecting[0])
    with np.errstate(divide="ignore"):
        logs = np.log(chances)

    def shortfall(log_ratio: float) -> float:
        weights = np.exp(logs + log_ratio * numbers - (logs + log_ratio * numbers).max())
        return float(weights[critical:].sum() / weights.sum()) - power

    if shortfall(_LARGEST) < 0:
        return Detectable(None, power, "no ratio would be found with that power.")
    found = optimize.brentq(shortfall, 0.0, _LARGEST, xtol=1e-10)
    return Detectable(float(np.exp(found)), power)
