"""The specification curve of a rate ratio: every defensible way to ask, evaluated once each.

Specifications that come to the same onsets and events on the same days are evaluated once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.association.answers import UNMEASURED, answer
from darkdays.association.cached_evidence import CachedEvidence, bytes_of
from darkdays.association.calendar import event_days, outage_days, record_days
from darkdays.association.choices import (
    BY_WEEKS,
    COUNTRYWIDE,
    DRIVERS,
    STRATA,
    WINDOWS,
    rate_choices,
)
from darkdays.association.drivers import ACCOUNTED, driver_days
from darkdays.contracts.events import of_kind
from darkdays.correlate.crossover.primary import driven_design
from darkdays.correlate.multiverse import (
    JointTest,
    SpecificationCurve,
    joint_test,
    specification_curve,
)
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import COUNTED

DRAWS: Final = 999
SEED: Final = 1


@dataclass(frozen=True)
class Curve:
    """Every specification of a rate ratio.

    Attributes
    ----------
    specifications
        With ``p`` and ``p_fewer`` as they are alone, and the ``reason`` where there are none.
    joint
        All specifications together against the same shifted calendars; None without an onset, or
        where a driver of the case cannot be accounted for.
    different
        How many of them differ in onsets, events or method at all.
    draws
        Shifted calendars of the joint test.
    """

    specifications: SpecificationCurve
    joint: JointTest | None
    different: int
    draws: int


@dataclass(frozen=True)
class _Known:
    """Something with what tells it from others: the same where that is the same."""

    content: Any
    value: Any = field(compare=False)


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
        Whether the chosen specification shifts by whole weeks: the joint test then does.
    level
        Confidence of limits; tests are at ``1 - level``.
    draws
        Shifted calendars of the joint test.
    """
    cached = CachedEvidence(evidence, tuple(entities))
    counted: Counter[tuple[_Known, _Known, str, str]] = Counter()

    @cache
    def design(clock: str, *, weekly: bool) -> ShiftDesign:
        return ShiftDesign(record_days(replace(evidence[0], time_zone=clock), entities), weekly)

    @cache
    def drivers_on(clock: str) -> Any:
        read = replace(evidence[0], time_zone=clock)
        return driver_days(read, entities, design(clock, weekly=False).days)[0]

    @cache
    def seen(detector: Any, recurring: str) -> _Known:
        found = cached.outages(detector, recurring)
        mine = found[found["entity"].isin(entities) & found["onset"].notna()]
        content = bytes_of(mine[["entity", "onset", "restored", "last_seen"]])
        return _Known(content, replace(cached.detectors[detector], outages=mine))

    @cache
    def outages(believed: _Known, clock: str, gap: float) -> _Known:
        read, days = replace(believed.value, time_zone=clock), design(clock, weekly=False).days
        onsets = outage_days(read, entities, days, gap_hours=gap).onsets
        return _Known(onsets.tobytes(), onsets)

    @cache
    def events(source: str, clock: str, gap: float, where: str | None) -> _Known:
        read = replace(evidence[0], events=cached.events(source, clock), time_zone=clock)
        found = event_days(
            read,
            of_kind(read.events, kind),
            entities,
            design(clock, weekly=False).days,
            gap_hours=gap,
            countrywide=None if where is None else where == COUNTED,
        )
        return _Known(found.possible.tobytes(), found)

    @cache
    def answered(
        onsets: _Known,
        happened: _Known,
        clock: str,
        window: str,
        strata: str,
        shifts: str,
        driven: str | None,
    ) -> dict[str, Any]:
        drivers = drivers_on(clock) if driven == ACCOUNTED else None
        return answer(
            onsets.value,
            happened.value.nearness(WINDOWS[window]),
            design(clock, weekly=shifts == BY_WEEKS),
            width=STRATA[strata],
            level=level,
            drivers=drivers,
            driven=driven == ACCOUNTED,
        ).row()

    def evaluate(one: Mapping[str, Any]) -> dict[str, Any]:
        detector, source, clock, recurring = cached.options(one)
        if not cached.detectors[detector].measured.issuperset(entities):
            return UNMEASURED.row()
        onsets = outages(seen(detector, recurring), clock, one["episode gap"])
        happened = events(source, clock, one["episode gap"], one.get(COUNTRYWIDE))
        counted[onsets, happened, one["window"], clock] += 1
        how = one["window"], one["strata"], one["shifts"], one.get(DRIVERS)
        return answered(onsets, happened, clock, *how)

    def joint() -> JointTest | None:
        """Test all specifications on the same shifted calendars, on the days of all clocks."""
        clocks = {clock for *_, clock in counted}
        spans = [design(clock, weekly=False).days for clock in clocks]
        wide = pd.date_range(min(one[0] for one in spans), max(one[-1] for one in spans))

        def laid(flags: Any, clock: str) -> Any:
            out = np.zeros((len(flags), len(wide)), flags.dtype)
            out[:, wide.get_indexer(design(clock, weekly=False).days)] = flags
            return out

        outcomes = np.stack([laid(one.value, clock) for one, _, _, clock in counted])
        exposures = np.stack(
            [laid(one.value.exposed(WINDOWS[w]), clock) for _, one, w, clock in counted]
        )
        drivers, unknown = driver_days(evidence[0], entities, wide)
        shifted, _ = driven_design(outcomes[0], ShiftDesign(wide, by_weeks), drivers)
        if not outcomes.any() or shifted is None or unknown:
            return None
        found = shift_counts(
            outcomes,
            exposures,
            shifted,
            draws=draws,
            rng=np.random.default_rng(SEED),
        )
        weights = np.array(list(counted.values()), dtype=np.int64)
        return joint_test(found.observed, found.shifted, alpha=1 - level, weights=weights)

    choices = rate_choices(evidence, entities, kind, by_weeks=by_weeks)
    found = specification_curve(choices, evaluate, unit="rate ratio")
    return Curve(found, joint() if counted else None, answered.cache_info().currsize, draws)
