"""What one specification of a rate ratio comes to: its ratio, and its test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdays.association.drivers import NO_DRIVER
from darkdays.correlate.crossover.crossover import case_crossover
from darkdays.correlate.crossover.dates import FEWEST_DATES, separate_dates
from darkdays.correlate.crossover.exact import exact_ratio
from darkdays.correlate.crossover.mantel_haenszel import rate_ratio
from darkdays.correlate.crossover.primary import primary_test, primary_without_one
from darkdays.correlate.crossover.stratified import Ratio, count_by_stratum
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.shifts import ShiftTest
from darkdays.correlate.shifts.strata import strata_of_places, time_strata

TOO_FEW: Final = "too few onsets"
NOT_MEASURED: Final = "not measured"
CANNOT_TELL: Final = "no p-value as small could come out"


@dataclass(frozen=True)
class Answer:
    """What one specification comes to; without a test where the data cannot decide.

    ``without`` holds the p-values, of more and of fewer, when any one date is left out.
    """

    ratio: Ratio
    test: ShiftTest | None = None
    without: tuple[float, float] | None = None

    def row(self) -> dict[str, Any]:
        """Return it as a row of a specification curve."""
        return {
            "value": self.ratio.value,
            "low": self.ratio.low,
            "high": self.ratio.high,
            "p": None if self.test is None else self.test.p_value,
            "p_without": None if self.without is None else self.without[0],
            "p_fewer": None if self.without is None else self.without[1],
            "reason": self.ratio.reason,
        }


UNMEASURED: Final = Answer(Ratio(None, reason=NOT_MEASURED))


def answer(
    onsets: NDArray[np.int64],
    nearness: NDArray[np.int64],
    design: ShiftDesign,
    *,
    width: str | int,
    level: float,
    drivers: NDArray[np.float64] | None = None,
    driven: bool = False,
) -> Answer:
    """Return ratio and shift test of one specification.

    Parameters
    ----------
    onsets
        Shape ``(places, days)``.
    nearness
        How near each day is to the latest event, 0 where it is not exposed, same shape.
    design
        Of the same days.
    width
        Of the strata of the ratio.
    level
        Confidence of the limits.
    drivers
        Measured common causes to account for, shape ``(places, days, drivers)``.
    driven
        Whether there are some to account for, known or not.
    """
    strata = strata_of_places(time_strata(design.days, width), len(onsets))
    counts = count_by_stratum(onsets, nearness > 0, strata)
    ratio = rate_ratio(counts, level=level)
    if ratio.high is None:
        ratio = exact_ratio(counts, "rate", level=level)
    if drivers is not None:
        ratio = case_crossover(
            onsets, nearness > 0, strata, covariates=drivers, level=level
        ).poisson
    if separate_dates(onsets).max(initial=0) < FEWEST_DATES:
        return Answer(replace(ratio, reason=TOO_FEW))
    test, _ = primary_test(onsets, nearness, design, drivers)
    if test is None or (driven and drivers is None):
        return Answer(replace(ratio, reason=NO_DRIVER.removesuffix(".")))
    if test.smallest_p > 1 - level:
        return Answer(replace(ratio, reason=CANNOT_TELL))
    without = primary_without_one(onsets, nearness, design, drivers, test, level)
    return Answer(ratio, test, without)
