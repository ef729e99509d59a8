"""The specification curve of a rate ratio: every defensible way to ask, evaluated once each.

Specifications that come to the same onsets and events on the same days are evaluated once. Strata
without an onset are left out of the shifts: every shift leaves their coincidences at 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.association.answers import UNMEASURED, Answer, answer
from darkdays.association.choices import (
    BY_WEEKS,
    COUNTRYWIDE,
    STRATA,
    WINDOWS,
    Detector,
    rate_choices,
)
from darkdays.association.grid import Grid, padded
from darkdays.correlate.crossover.stratified import Ratio
from darkdays.correlate.multiverse import (
    JointTest,
    SpecificationCurve,
    joint_test,
    specification_curve,
    specifications,
)
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.correlate.shifts.strata import time_strata
from darkdays.evidence.evidence import Evidence

DRAWS: Final = 999
SEED: Final = 1
Key = tuple[int, int, str, str, str]
"""Calendar of outages and of events, window, strata and shifts."""
Seen = tuple[int, int, str, str]
"""Calendar of outages and of events, window, and the clock of both."""


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
    grid = Grid(evidence, entities, kind)
    known: dict[Key, Answer] = {}
    counted: Counter[Seen] = Counter()
    answers: list[Answer] = []

    for one in specifications(choices):
        detector: Detector = (one["level"], one["depth"], one["datasources"])
        if not grid.measures(detector):
            answers.append(UNMEASURED)
            continue
        recurring = one.get("recurring outages", "counted")
        outages = grid.outages_of(detector, recurring, one["days"], one["episode gap"])
        events = grid.events_of(
            one["events"], one["days"], one["episode gap"], one.get(COUNTRYWIDE)
        )
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
        counted[outages, events, one["window"], one["days"]] += 1
        answers.append(known[key])
    joint = _joint(grid, counted, 1 - level, draws) if counted else None
    return Curve(choices, tuple(answers), joint, len(known), level, draws)


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
