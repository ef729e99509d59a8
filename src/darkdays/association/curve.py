"""The specification curve of a rate ratio: every defensible way to ask, evaluated once each.

Specifications that come to the same onsets and events on the same days are evaluated once. Strata
without an onset are left out of the shifts: every shift leaves their coincidences at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.association.calendar import EventDays
from darkdays.association.grid import (
    BY_WEEKS,
    STRATA,
    WINDOWS,
    Detector,
    Grid,
    grid_of,
    padded,
    rate_choices,
)
from darkdays.correlate.exact import exact_ratio
from darkdays.correlate.exposure import nearness_of_days
from darkdays.correlate.mantel_haenszel import rate_ratio
from darkdays.correlate.multiverse import (
    JointTest,
    SpecificationCurve,
    joint_test,
    specification_curve,
)
from darkdays.correlate.primary import FEWEST_ONSETS
from darkdays.correlate.sampled_shifts import shift_counts
from darkdays.correlate.shifts import ShiftTest, circular_shift_test
from darkdays.correlate.strata import strata_of_places, time_strata
from darkdays.correlate.stratified import Ratio, count_by_stratum
from darkdays.evidence import Evidence

DRAWS: Final = 999
SEED: Final = 1
TOO_FEW: Final = "too few onsets"
NOT_MEASURED: Final = "not measured"
CANNOT_TELL: Final = "no p-value as small could come out"
Key = tuple[int, int, str, str, str]
"""Calendar of outages and of events, window, strata and shifts."""
Seen = tuple[int, int, str, str]
"""Calendar of outages and of events, window, and the clock of both."""


@dataclass(frozen=True)
class Answer:
    """What one specification comes to; without a test where the data cannot decide."""

    ratio: Ratio
    test: ShiftTest | None


_NOT_MEASURED: Final = Answer(Ratio(None, reason=NOT_MEASURED), None)


@dataclass(frozen=True)
class Curve:
    """Every specification of a rate ratio.

    Attributes
    ----------
    choices
        Names of the choices with their options, the chosen one first.
    answers
        One a specification, in the order of the grid, the chosen one first.
    joint
        All specifications together against the same shifted calendars; None without an onset.
    different
        How many of them differ in onsets, events or method at all.
    level
        Confidence of the ratios' limits; tests are at ``1 - level``.
    draws
        Shifted calendars of the joint test.
    """

    choices: dict[str, tuple[Any, ...]]
    answers: tuple[Answer, ...]
    joint: JointTest | None
    different: int
    level: float
    draws: int

    def judged(self, adjust: Callable[[float], float]) -> SpecificationCurve:
        """Return the curve with p-values adjusted within a family of tests."""
        answers = iter(self.answers)

        def evaluate(_: Mapping[str, Any]) -> tuple[Ratio, float | None]:
            one = next(answers)
            return one.ratio, None if one.test is None else adjust(one.test.p_value)

        return specification_curve(self.choices, evaluate)


def rate_curve(
    evidence: Sequence[Evidence],
    entities: Sequence[str],
    kind: str,
    *,
    by_weeks: bool,
    level: float = 0.95,
    draws: int = DRAWS,
) -> Curve:
    """Evaluate every specification of a rate ratio.

    Parameters
    ----------
    evidence
        One a specification of the detector, the chosen one first.
    entities
        The places.
    kind
        Of the events.
    by_weeks
        Whether the chosen specification shifts by whole weeks.
    level
        Confidence of limits; tests are at ``1 - level``.
    draws
        Shifted calendars of the joint test.
    """
    choices = rate_choices(evidence, entities, kind, by_weeks=by_weeks)
    grid = grid_of(evidence, entities, kind)
    known: dict[Key, Answer] = {}
    counted: dict[Seen, int] = {}
    answers: list[Answer] = []

    def evaluate(one: Mapping[str, Any]) -> tuple[Ratio, float | None]:
        detector: Detector = (one["level"], one["depth"], one["datasources"])
        if not grid.measures(detector):
            answers.append(_NOT_MEASURED)
            return _NOT_MEASURED.ratio, None
        recurring = one.get("recurring outages", "counted")
        outages = grid.outages_of(detector, recurring, one["days"], one["episode gap"])
        events = grid.events_of(one["events"], one["days"], one["episode gap"])
        key = (outages, events, one["window"], one["strata"], one["shifts"])
        if key not in known:
            known[key] = answer(
                grid.outages[outages].onsets,
                grid.events[events],
                grid.days(one["days"]),
                days_after=WINDOWS[one["window"]],
                width=STRATA[one["strata"]],
                weekly=one["shifts"] == BY_WEEKS,
                level=level,
            )
        seen = (outages, events, one["window"], one["days"])
        counted[seen] = counted.get(seen, 0) + 1
        answers.append(known[key])
        return known[key].ratio, None

    specification_curve(choices, evaluate)
    joint = _joint(grid, counted, 1 - level, draws) if counted else None
    return Curve(choices, tuple(answers), joint, len(known), level, draws)


def answer(
    onsets: NDArray[np.int64],
    events: EventDays,
    days: pd.DatetimeIndex,
    *,
    days_after: int,
    width: str | int,
    weekly: bool,
    level: float,
) -> Answer:
    """Return ratio and shift test of one specification.

    Parameters
    ----------
    onsets
        Shape ``(places, days)``.
    events
        Of the same shape.
    days
        Consecutive local days.
    days_after
        Days after an event that count as exposed.
    width
        Of the strata of the ratio.
    weekly
        Shift by whole weeks in blocks of 28 days, instead of by days within months.
    level
        Confidence of the limits.
    """
    places = onsets.shape[0]
    exposed = events.exposed(days_after)
    counts = count_by_stratum(onsets, exposed, strata_of_places(time_strata(days, width), places))
    ratio = rate_ratio(counts, level=level)
    if ratio.high is None:
        ratio = exact_ratio(counts, "rate", level=level)
    if onsets.sum() < FEWEST_ONSETS:
        return Answer(Ratio(ratio.value, ratio.low, ratio.high, reason=TOO_FEW), None)
    used = slice(0, len(days) // 7 * 7 if weekly else len(days))
    parts = time_strata(days[used], 28 if weekly else "month")
    strata = strata_of_places(parts, places)
    onsets, exposed = onsets[:, used], exposed[:, used]
    near = nearness_of_days(events.possible, days_after=days_after)[:, used]
    # Strata shifted together stay of one shape: whole stretches of time are left out, and places.
    kept: NDArray[np.bool_] = np.isin(strata, strata[onsets > 0])
    if events.shared:
        kept = np.isin(parts, parts[onsets.any(axis=0)]) & onsets.any(axis=1, keepdims=True)
    if not kept.any():
        return Answer(Ratio(ratio.value, ratio.low, ratio.high, reason=TOO_FEW), None)
    test = circular_shift_test(
        onsets[kept],
        exposed[kept],
        strata[kept],
        nearness=near[kept],
        together=np.broadcast_to(parts, strata.shape)[kept] if events.shared else None,
        step=7 if weekly else 1,
    )
    if test.smallest_p > 1 - level:
        return Answer(Ratio(ratio.value, ratio.low, ratio.high, reason=CANNOT_TELL), None)
    return Answer(ratio, test)


def _joint(
    grid: Grid,
    counted: Mapping[Seen, int],
    alpha: float,
    draws: int,
) -> JointTest | None:
    """Test all specifications on the same shifted calendars, on the days of all clocks."""
    spans = [grid.days(zone) for zone in dict.fromkeys(zone for *_, zone in counted)]
    wide = pd.date_range(min(days[0] for days in spans), max(days[-1] for days in spans))
    outcomes, exposures = [], []
    for outages, events, window, zone in counted:
        days = grid.days(zone)
        outcomes.append(padded(grid.outages[outages].onsets, days, wide))
        exposures.append(padded(grid.events[events].exposed(WINDOWS[window]), days, wide))
    if not any(one.any() for one in outcomes):
        return None
    found = shift_counts(
        np.stack(outcomes),
        np.stack(exposures),
        time_strata(wide, "month"),
        draws=draws,
        rng=np.random.default_rng(SEED),
        together=any(one.shared for one in grid.events),
    )
    return joint_test(
        *found.totals(), alpha=alpha, weights=np.array(list(counted.values()), dtype=np.int64)
    )
