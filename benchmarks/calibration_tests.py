"""The tests that ``benchmarks/calibration.py`` tries on simulated records of one place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from darkdays.correlate.coincidence import event_coincidence
from darkdays.correlate.crossover.conditional import fit_conditional, fit_driver
from darkdays.correlate.crossover.exact import exposed_onsets
from darkdays.correlate.crossover.primary import primary_test
from darkdays.correlate.crossover.stratified import count_by_stratum
from darkdays.correlate.exposure import nearness_of_days
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import time_strata
from simulated_protests import WINDOW, Record

Flags = NDArray[np.bool_]
PEERS = ("Poisson-ECA", "shuffle", "circular shift", "month shuffle", "month circ. shift")
DRIVER_TESTS = (
    "month circ. shift, driver ignored",
    "month x driver tercile",
    "conditional Poisson, Wald",
    "**shifts weighted by driver**",
    "no fit",
)
FRIDAY_TESTS = ("month circ. shift", "**whole weeks in months**")


def peers(record: Record, unit: str) -> list[float]:
    """Return the p-values of the usual tests, and of the primary one."""
    outcome = record.outages if unit == "days" else record.onsets
    months = time_strata(record.days, "month")
    whole = np.zeros(months.size, dtype=np.intp)
    exposed = record.exposed
    return [
        poisson_eca(outcome, record.protests),
        hypergeometric(outcome, exposed, whole),
        circular_shift_test(outcome, exposed, whole).p_value,
        hypergeometric(outcome, exposed, months),
        circular_shift_test(outcome, exposed, months).p_value,
        primary(record),
    ]


def primary(record: Record, *, weekly: bool = False) -> float:
    """Return the p-value of the primary test, given the driver where one is measured."""
    test, _ = primary_test(
        record.onsets[None],
        nearness_of_days(record.protests[None], days_after=0 if weekly else WINDOW),
        ShiftDesign(record.days, weekly),
        record.driver[None] if record.driver.any() else None,
    )
    return 1.0 if test is None else test.p_value


def with_driver(record: Record) -> list[float]:
    """Return the p-values of ways to account for a measured driver; last, 0 for no fit."""
    months = time_strata(record.days, "month")
    onsets, exposed = record.onsets, record.exposed
    terciles = np.searchsorted(np.quantile(record.driver, [1 / 3, 2 / 3]), record.driver)
    columns = np.column_stack([exposed, record.driver]).astype(np.float64)
    fitted = fit_conditional("poisson", onsets, columns, months)
    wald = 1.0 if fitted.reason else float(stats.norm.sf(fitted.coefficients[0] / fitted.errors[0]))
    unfitted = fit_driver(onsets, record.driver, months).log_intensity is None
    return [
        circular_shift_test(onsets, exposed, months).p_value,
        circular_shift_test(onsets, exposed, months * 3 + terciles).p_value,
        wald,
        primary(record),
        0.0 if unfitted else 1.0,
    ]


def with_fridays(record: Record) -> list[float]:
    """Return the p-values of shifts by any days and by whole weeks; the day itself is exposed."""
    months = time_strata(record.days, "month")
    return [
        circular_shift_test(record.onsets, record.protests, months).p_value,
        primary(record, weekly=True),
    ]


def poisson_eca(outcome: Flags, protests: Flags) -> float:
    """Return CoinCalc's precursor p-value; 1 without events."""
    if not outcome.any() or not protests.any():
        return 1.0
    at, others = np.flatnonzero(outcome), np.flatnonzero(protests)
    return event_coincidence(at, others, window=WINDOW, length=outcome.size).p_precursor


def hypergeometric(outcome: Flags, exposed: Flags, strata: NDArray[np.intp]) -> float:
    """Return the exact p-value of shuffling the days of each stratum."""
    counts = count_by_stratum(outcome, exposed, strata)
    return exposed_onsets(counts, "odds").p_more() if counts.informative.any() else 1.0
