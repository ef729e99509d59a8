"""The primary analysis in one call: ratio, p-value, and what to print beside them.

What is calibrated in ``benchmarks/calibration.py`` is :func:`primary_test`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.crossover.conditional import DriverFit, fit_driver
from darkdays.correlate.crossover.crossover import CaseCrossover, case_crossover
from darkdays.correlate.crossover.dates import FEWEST_DATES, separate_dates, without_one
from darkdays.correlate.crossover.stratified import Ratio, e_value, e_value_of_limit
from darkdays.correlate.shifts.design import SHORTEST_FOR_WEEKS, ShiftDesign
from darkdays.correlate.shifts.shifts import ShiftTest
from darkdays.correlate.shifts.strata import strata_of_places, time_strata

WINDOW: Final = 2
"""Days after a protest that count as exposed, unless another number is asked for."""


@dataclass(frozen=True)
class PrimaryAnalysis:
    """Whether onsets follow protests more often than other days of the same place and month.

    Attributes
    ----------
    crossover
        The ratios, within strata of ``width``.
    shifts
        The test to quote: protests shifted within the months of each place, ties broken by
        nearness, drivers accounted for where given. None where a driver could not be fitted.
    weekly
        The same with shifts by whole weeks within months: where protests and outages both
        have their weekdays, only this one holds its level. None for records under two weeks.
    driver
        The fit of the drivers; None without any.
    e_value, e_value_of_limit
        Of the ratio and of its limit nearer to 1; None where there is none.
    level
        Confidence of limits; the test is at 1 - level.
    inconclusive
        Why no data like these could decide; empty if they could.
    """

    crossover: CaseCrossover
    shifts: ShiftTest | None
    weekly: ShiftTest | None
    driver: DriverFit | None
    e_value: float | None
    e_value_of_limit: float | None
    level: float
    inconclusive: str

    @property
    def ratio(self) -> Ratio:
        """The ratio to quote: that of the model which has the drivers in it, where there are."""
        return self.crossover.best if self.driver is None else self.crossover.poisson


def primary_analysis(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    nearness: NDArray[np.integer],
    design: ShiftDesign,
    *,
    width: str | int = "weekday-in-month",
    drivers: NDArray[np.float64] | None = None,
    level: float = 0.95,
) -> PrimaryAnalysis:
    """Run the case-crossover and its circular-shift test.

    Parameters
    ----------
    onsets
        Flag or number of onsets of episodes, shape ``(places, days)``.
    nearness
        How near each day is to the latest protest, 0 where it is not exposed, same shape; see
        :func:`darkdays.correlate.exposure.nearness_of_days`. For the other direction exchange the
        two: onsets of protests, nearness to days of outage.
    design
        Of the same days; both ways to shift are tried.
    width
        Of the strata of the ratios, see :func:`darkdays.correlate.shifts.strata.time_strata`.
    drivers
        Measured common causes, shape ``(places, days)`` or ``(places, days, drivers)``, no
        missing values.
    level
        Confidence of limits; tests are at ``1 - level``.

    Returns
    -------
    PrimaryAnalysis

    Raises
    ------
    ValueError
        If shapes differ, there are no days, or a driver has missing values.
    """
    by_days, driver = primary_test(onsets, nearness, replace(design, weekly=False), drivers)
    by_weeks = None
    if len(design.days) >= SHORTEST_FOR_WEEKS:
        by_weeks, _ = primary_test(onsets, nearness, replace(design, weekly=True), drivers)
    found = case_crossover(
        onsets,
        nearness > 0,
        strata_of_places(time_strata(design.days, width), onsets.shape[0]),
        covariates=None if drivers is None else drivers.reshape(*onsets.shape, -1),
        level=level,
    )
    best = found.best if drivers is None else found.poisson
    return PrimaryAnalysis(
        crossover=found,
        shifts=by_days,
        weekly=by_weeks,
        driver=driver,
        e_value=e_value(best.value) if best.value else None,
        e_value_of_limit=e_value_of_limit(best),
        level=level,
        inconclusive=_undecidable(onsets, found, by_days, driver, 1 - level),
    )


def primary_test(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    nearness: NDArray[np.integer],
    design: ShiftDesign,
    drivers: NDArray[np.float64] | None = None,
) -> tuple[ShiftTest | None, DriverFit | None]:
    """Run the circular-shift test of the primary analysis alone.

    Parameters
    ----------
    onsets, nearness, design, drivers
        As for :func:`primary_analysis`; shifts are those of the design.

    Returns
    -------
    (ShiftTest or None, DriverFit or None)
        No test where a driver could not be fitted; no fit without drivers.
    """
    if onsets.shape != nearness.shape or onsets.ndim != 2 or onsets.shape[1] != len(design.days):
        raise ValueError("onsets and nearness must have a row a place and a column a day")
    driven, driver = driven_design(onsets, design, drivers)
    return (None if driven is None else driven.test(onsets, nearness)), driver


def primary_without_one(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    nearness: NDArray[np.int64],
    design: ShiftDesign,
    drivers: NDArray[np.float64] | None,
    whole: ShiftTest,
    level: float,
) -> tuple[float, float]:
    """Return its largest p-values, of more and of fewer, when any one date is left out.

    Parameters
    ----------
    onsets, nearness, design, drivers, level
        As for :func:`primary_analysis`.
    whole
        The test of all dates, to quote.
    """
    return without_one(
        onsets,
        nearness,
        whole,
        lambda fewer: primary_test(fewer, nearness, design, drivers)[0],
        1 - level,
    )


def driven_design(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    design: ShiftDesign,
    drivers: NDArray[np.float64] | None,
) -> tuple[ShiftDesign | None, DriverFit | None]:
    """Return a design with shifts as probable as drivers make these onsets, and their fit.

    No design where the drivers could not be fitted; without drivers the design as it is.
    """
    if drivers is None:
        return design, None
    months = strata_of_places(time_strata(design.days, "month"), onsets.shape[0])
    driver = fit_driver(onsets.ravel(), drivers.reshape(onsets.size, -1), months.ravel())
    if driver.log_intensity is None:
        return None, driver
    return replace(design, log_intensity=driver.log_intensity.reshape(onsets.shape)), driver


def _undecidable(
    onsets: NDArray[np.bool_] | NDArray[np.integer],
    found: CaseCrossover,
    test: ShiftTest | None,
    driver: DriverFit | None,
    alpha: float,
) -> str:
    if not found.onsets or not found.exposed_days or found.exposed_days == found.days:
        return found.reason
    if test is None:
        reason = driver.reason if driver is not None else ""
        return f"the driver cannot be accounted for: {reason}"
    counted = f"{found.onsets} onset{'' if found.onsets == 1 else 's'} in {found.days} days"
    dates = int(separate_dates(onsets).max())
    if dates < FEWEST_DATES:
        if dates < found.onsets:
            counted += f" on {dates} date{'' if dates == 1 else 's'}"
        return f"{counted}: too few for a rate, however well they coincide."
    if test.smallest_p > alpha:
        return (
            f"{counted} cannot tell: even a perfect coincidence comes about by chance with "
            f"probability {test.smallest_p:.2g}."
        )
    return ""
