"""The primary analysis in both directions: outages after events, and events after outages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.association.calendar import (
    GAP_HOURS,
    EventDays,
    OutageDays,
    event_days,
    outage_days,
    read_two_ways,
    record_days,
)
from darkdays.association.drivers import driver_days
from darkdays.correlate.crossover.detectable import Detectable, minimum_detectable_ratio
from darkdays.correlate.crossover.primary import (
    WINDOW,
    PrimaryAnalysis,
    driven_design,
    primary_analysis,
    primary_test,
    primary_without_one,
)
from darkdays.correlate.crossover.stratified import Ratio
from darkdays.correlate.exposure import nearness_of_days
from darkdays.correlate.shifts.design import SHORTEST_FOR_WEEKS, ShiftDesign
from darkdays.correlate.shifts.shifts import ShiftTest
from darkdays.correlate.shifts.strata import bound_to_weekdays
from darkdays.evidence.evidence import Evidence

OUTAGES_AFTER: Final = "outages_after"
EVENTS_AFTER: Final = "events_after"
DIRECTIONS: Final = (OUTAGES_AFTER, EVENTS_AFTER)


@dataclass(frozen=True)
class Direction:
    """One direction of the question.

    Attributes
    ----------
    name
        :data:`OUTAGES_AFTER` or :data:`EVENTS_AFTER`.
    analysis
        Ratios, shift tests and what is printed beside them.
    by_weeks
        Whether outages or events keep to a weekday: then the test by whole weeks is quoted.
    fewest, most
        The quoted test when onsets and events in doubt are read for the fewest and the most
        coincidences; None where the times are not read two ways.
    """

    name: str
    analysis: PrimaryAnalysis
    by_weeks: bool
    fewest: ShiftTest | None = None
    most: ShiftTest | None = None

    @property
    def quoted(self) -> ShiftTest | None:
        """The test to quote; None where the record is too short to shift by weeks."""
        return self.analysis.weekly if self.by_weeks else self.analysis.shifts

    @property
    def ratio(self) -> Ratio:
        """The ratio to quote."""
        return self.analysis.ratio

    @property
    def detectable(self) -> Detectable | None:
        """The least ratio the quoted test would have found, before any correction."""
        if self.quoted is None:
            return None
        return minimum_detectable_ratio(self.quoted.chances, alpha=1 - self.analysis.level)

    @property
    def p_value(self) -> float | None:
        """Of the quoted test; None where the data cannot decide."""
        return None if self.inconclusive or self.quoted is None else self.quoted.p_value

    @property
    def inconclusive(self) -> str:
        """Why no data like these could decide; empty if they could."""
        if self.analysis.inconclusive or not self.by_weeks:
            return self.analysis.inconclusive
        if self.quoted is None:
            return "they keep to a weekday, and the record is too short to compare weeks."
        if self.quoted.smallest_p > 1 - self.analysis.level:
            return (
                "they keep to a weekday, and between weeks even a perfect coincidence comes about "
                f"by chance with probability {self.quoted.smallest_p:.2g}."
            )
        return ""


@dataclass(frozen=True)
class Calendar:
    """The days of a study: outages and events of its places, and what may drive both.

    ``undriven`` says why a driver of the case is not known.
    """

    entities: tuple[str, ...]
    days: pd.DatetimeIndex
    outages: OutageDays
    events: EventDays
    drivers: NDArray[np.float64] | None = None
    undriven: str = ""

    @cached_property
    def design(self) -> ShiftDesign:
        """How the days are shifted, for everything that is said of them."""
        weekly = bound_to_weekdays(self.outages.onsets, self.events.begins)
        return ShiftDesign(self.days, weekly)

    def driven(self, outcomes: NDArray[Any]) -> ShiftDesign | None:
        """Return the design with drivers accounted for in outcomes; None where they cannot be."""
        if self.undriven:
            return None
        return driven_design(outcomes, self.design, self.drivers)[0]

    def elsewhere(self, evidence: Evidence, entity: str) -> Calendar:
        """Return the same days, shifted alike, with the drivers of another place."""
        drivers, undriven = driver_days(evidence, [entity], self.days)
        return replace(self, drivers=drivers, undriven=undriven)

    def pairs(self, days_after: int) -> dict[str, tuple[NDArray[Any], NDArray[np.int64]]]:
        """Return what begins, and how near it is to what it is held against, by direction."""
        down = nearness_of_days(self.outages.down, days_after=days_after)
        return {
            OUTAGES_AFTER: (self.outages.onsets, self.events.nearness(days_after)),
            EVENTS_AFTER: (self.events.begins, down),
        }


def calendar_of(
    evidence: Evidence,
    entities: Sequence[str],
    events: pd.DataFrame,
    *,
    gap_hours: float = GAP_HOURS,
) -> Calendar:
    """Lay outages and events of places out on the local days of their record."""
    days = record_days(evidence, entities)
    return Calendar(
        tuple(entities),
        days,
        outage_days(evidence, entities, days, gap_hours=gap_hours),
        event_days(evidence, events, entities, days, gap_hours=gap_hours),
        *driver_days(evidence, entities, days),
    )


def _unless(reason: str, found: PrimaryAnalysis) -> PrimaryAnalysis:
    """Return an analysis, or that it cannot decide for a reason."""
    return replace(found, inconclusive=found.inconclusive or reason)


def both_ways(
    evidence: Evidence, calendar: Calendar, *, days_after: int = WINDOW, level: float = 0.95
) -> dict[str, Direction]:
    """Run the primary analysis in both directions.

    Parameters
    ----------
    evidence
        For its clock.
    calendar
        Of the same evidence.
    days_after
        Days after an event, or an outage, that count as exposed.
    level
        Confidence of limits; tests are at ``1 - level``.

    Returns
    -------
    dict
        By :data:`DIRECTIONS`.
    """
    outages, events, design = calendar.outages, calendar.events, calendar.design

    def tested(onsets: NDArray[Any], *, surely: bool = False) -> ShiftTest | None:
        if design.weekly and len(design.days) < SHORTEST_FOR_WEEKS:
            return None
        nearness = events.nearness(days_after, surely=surely)
        return primary_test(onsets, nearness, design, calendar.drivers)[0]

    fewest, most = read_two_ways(evidence, outages, events, design.days, days_after=days_after)
    after, before = (
        _unless(
            calendar.undriven,
            primary_analysis(onsets, nearness, design, drivers=calendar.drivers, level=level),
        )
        for onsets, nearness in calendar.pairs(days_after).values()
    )
    return {
        OUTAGES_AFTER: Direction(
            OUTAGES_AFTER,
            after,
            design.weekly,
            tested(fewest, surely=True),
            tested(most),
        ),
        EVENTS_AFTER: Direction(EVENTS_AFTER, before, design.weekly),
    }


def without_any_date(
    calendar: Calendar, whole: ShiftTest, *, days_after: int = WINDOW, level: float = 0.95
) -> tuple[float, float]:
    """Return p-values of outages after events, of more and of fewer, if any one date is left out.

    Parameters
    ----------
    calendar, days_after, level
        As for :func:`both_ways`.
    whole
        The test of all dates, to quote.
    """
    nearness = calendar.events.nearness(days_after)
    onsets, design = calendar.outages.onsets, calendar.design
    return primary_without_one(onsets, nearness, design, calendar.drivers, whole, level)
