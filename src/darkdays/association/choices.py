"""The choices behind a rate ratio: what somebody could defend to do otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from darkdays.association.calendar import record_days
from darkdays.association.drivers import ACCOUNTED
from darkdays.association.drivers import LEFT_OUT as LEFT_OUT_OF_IT
from darkdays.contracts.events import of_kind
from darkdays.detect.outages.recurrence import LEAST_DAYS, part_of_pattern
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import ALL, COUNTED, LEFT_OUT, sources_of, unplaced

WINDOWS: Final[Mapping[str, int]] = {"6 h": 0, "24 h": 1, "48 h": 2, "72 h": 3}
"""Hours after an event, and how many days after its own day that is on a calendar of days."""
STRATA: Final[Mapping[str, str | int]] = {
    "weekday in month": "weekday-in-month",
    "month": "month",
    "28 days": 28,
}
"""Days that are compared with each other, by their name in
:mod:`darkdays.correlate.shifts.strata`."""
BY_DAYS: Final = "by days"
BY_WEEKS: Final = "by weeks"
GAPS: Final = (6, 24, 72)
"""Hours; what is less far apart is one episode."""
CHOSEN_WINDOW: Final = "48 h"
CHOSEN_STRATA: Final = "weekday in month"
CHOSEN_GAP: Final = 24
SHORTEST_FOR_WEEKS: Final = 14
DRIVERS: Final = "drivers"
COUNTRYWIDE: Final = "events without a place"
Detector = tuple[float, float, str]


def detector_choices(evidence: Sequence[Evidence]) -> dict[str, tuple[Any, ...]]:
    """Return the choices of the detector, of each the chosen option first.

    Parameters
    ----------
    evidence
        One a specification of the detector, the chosen one first.
    """
    chosen, *others = (one.specification for one in evidence)
    return {
        "level": _first(chosen.level, sorted(one.level for one in others)),
        "depth": _first(chosen.min_depth, sorted(one.min_depth for one in others)),
        "datasources": _first(chosen.believed, sorted(one.believed for one in others)),
    }


def detector_of(evidence: Evidence) -> Detector:
    """Return the options of the detector that some evidence was made with."""
    one = evidence.specification
    return one.level, one.min_depth, one.believed


def event_choices(evidence: Evidence, events: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    """Return whose events to believe, and whose days are meant: those that make a difference."""
    case = evidence.case
    return {
        "events": (ALL, *sources_of(events, case.time_zone)),
        "days": _first(case.time_zone, ["UTC"]),
    }


def recurring_choices(
    evidence: Sequence[Evidence], entities: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    """Return whether to count outages at the same hours again, if there are any."""
    widest = max(len(one.specification.datasources) for one in evidence)
    for one in evidence:
        if len(one.specification.datasources) < widest:
            continue
        mine = one.outages[one.outages["entity"].isin(list(entities))] if entities else one.outages
        if len(mine) >= LEAST_DAYS and part_of_pattern(mine, time_zone=one.case.time_zone).any():
            return {"recurring outages": (COUNTED, LEFT_OUT)}
    return {}


def countrywide_choices(
    evidence: Evidence, entities: Sequence[str], kind: str
) -> dict[str, tuple[Any, ...]]:
    """Return whether events that name no place count in every region, where some name one."""
    events = of_kind(evidence.events, kind)
    nowhere = unplaced(events)
    regions = any(evidence.case.network_of(entity) == "region" for entity in entities)
    if not regions or nowhere.all() or not nowhere.any():
        return {}
    return {COUNTRYWIDE: (LEFT_OUT, COUNTED)}


def rate_choices(
    evidence: Sequence[Evidence],
    entities: Sequence[str],
    kind: str,
    *,
    by_weeks: bool,
) -> dict[str, tuple[Any, ...]]:
    """Return every choice behind a rate ratio that can make a difference.

    Parameters
    ----------
    evidence
        One a specification of the detector, the chosen one first.
    entities
        The places of the claim.
    kind
        Of its events.
    by_weeks
        Whether the chosen specification shifts by whole weeks.
    """
    shifts: tuple[str, ...] = (BY_WEEKS, BY_DAYS) if by_weeks else (BY_DAYS, BY_WEEKS)
    if len(record_days(evidence[0], entities)) < SHORTEST_FOR_WEEKS:
        shifts = shifts[:1]
    return {
        "window": _first(CHOSEN_WINDOW, WINDOWS),
        "strata": _first(CHOSEN_STRATA, STRATA),
        "shifts": shifts,
        "episode gap": _first(CHOSEN_GAP, GAPS),
        **event_choices(evidence[0], of_kind(evidence[0].events, kind)),
        **countrywide_choices(evidence[0], entities, kind),
        **({DRIVERS: (ACCOUNTED, LEFT_OUT_OF_IT)} if evidence[0].case.drivers else {}),
        **recurring_choices(evidence, entities),
        **detector_choices(evidence),
    }


def _first(chosen: Any, options: Sequence[Any] | Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys([chosen, *options]))
