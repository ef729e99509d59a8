"""The choices behind a rate ratio, and what specifications have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.association.calendar import (
    EventDays,
    OutageDays,
    event_days,
    outage_days,
    record_days,
)
from darkdays.detect.recurrence import LEAST_DAYS, part_of_pattern
from darkdays.events import of_kind
from darkdays.evidence import Evidence
from darkdays.variations import ALL, COUNTED, LEFT_OUT, outages_counted, sources_of, varied

WINDOWS: Final[Mapping[str, int]] = {"6 h": 0, "24 h": 1, "48 h": 2, "72 h": 3}
"""Hours after an event, and how many days after its own day that is on a calendar of days."""
STRATA: Final[Mapping[str, str | int]] = {
    "weekday in month": "weekday-in-month",
    "month": "month",
    "28 days": 28,
}
"""Days that are compared with each other, and their name in :mod:`darkdays.correlate.strata`."""
BY_DAYS: Final = "by days"
BY_WEEKS: Final = "by weeks"
GAPS: Final = (6, 24, 72)
"""Hours; what is less far apart is one episode."""
CHOSEN_WINDOW: Final = "48 h"
CHOSEN_STRATA: Final = "weekday in month"
CHOSEN_GAP: Final = 24
SHORTEST_FOR_WEEKS: Final = 14
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


def rate_choices(
    evidence: Sequence[Evidence],
    entities: Sequence[str],
    kind: str,
    *,
    by_weeks: bool,
    window: str = CHOSEN_WINDOW,
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
    window
        The chosen window.
    """
    shifts: tuple[str, ...] = (BY_WEEKS, BY_DAYS) if by_weeks else (BY_DAYS, BY_WEEKS)
    if len(record_days(evidence[0], entities)) < SHORTEST_FOR_WEEKS:
        shifts = shifts[:1]
    return {
        "window": _first(window, WINDOWS),
        "strata": _first(CHOSEN_STRATA, STRATA),
        "shifts": shifts,
        "episode gap": _first(CHOSEN_GAP, GAPS),
        **event_choices(evidence[0], of_kind(evidence[0].events, kind)),
        **recurring_choices(evidence, entities),
        **detector_choices(evidence),
    }


def _first(chosen: Any, options: Sequence[Any] | Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys([chosen, *options]))


@dataclass
class Grid:
    """Calendars of specifications, each made when first asked for and numbered by what is in it.

    Attributes
    ----------
    evidence
        By the options of the detector.
    entities, kind
        Places of the claim, and kind of its events.
    outages, events
        The calendars that differ.
    """

    evidence: Mapping[Detector, Evidence]
    entities: tuple[str, ...]
    kind: str
    outages: list[OutageDays] = field(default_factory=list)
    events: list[EventDays] = field(default_factory=list)
    _numbers: dict[Any, int] = field(default_factory=dict)
    _made: dict[Any, Any] = field(default_factory=dict)

    def measures(self, detector: Detector) -> bool:
        """Say whether every place was measured in the datasources of a specification."""
        return self.evidence[detector].measured.issuperset(self.entities)

    def days(self, time_zone: str) -> pd.DatetimeIndex:
        """Return the days of the record by a clock, the same for every detector."""
        days: pd.DatetimeIndex = self._once(
            ("days", time_zone),
            lambda: record_days(
                replace(next(iter(self.evidence.values())), time_zone=time_zone), self.entities
            ),
        )
        return days

    def outages_of(
        self, detector: Detector, recurring: str, time_zone: str, gap_hours: float
    ) -> int:
        """Return the number of a calendar of outages."""
        believed, seen = self._once(
            ("outages", detector, recurring), lambda: self._believed(detector, recurring)
        )
        key = ("outages", seen, time_zone, gap_hours)
        if key not in self._numbers:
            found = outage_days(
                replace(believed, time_zone=time_zone),
                self.entities,
                self.days(time_zone),
                gap_hours=gap_hours,
            )
            content = ("onsets", time_zone, found.onsets.tobytes())
            self._numbers[key] = self._numbered(content, self.outages, found)
        return self._numbers[key]

    def events_of(self, source: str, time_zone: str, gap_hours: float) -> int:
        """Return the number of a calendar of events."""
        key = ("events", source, time_zone, gap_hours)
        if key not in self._numbers:
            read = self._once(
                ("read", source, time_zone),
                lambda: varied(
                    next(iter(self.evidence.values())), source=source, time_zone=time_zone
                ),
            )
            found = event_days(
                read,
                of_kind(read.events, self.kind),
                self.entities,
                self.days(time_zone),
                gap_hours=gap_hours,
            )
            content = ("possible", time_zone, found.possible.tobytes())
            self._numbers[key] = self._numbered(content, self.events, found)
        return self._numbers[key]

    def _believed(self, detector: Detector, recurring: str) -> tuple[Evidence, bytes]:
        """Return the evidence of the places, and what days of outage depend on in it."""
        evidence = self.evidence[detector]
        outages = outages_counted(evidence, recurring, self.entities)
        mine = outages[outages["entity"].isin(list(self.entities)) & outages["onset"].notna()]
        times = mine[["onset", "restored", "last_seen"]].to_numpy("datetime64[s]")
        places = "\n".join(mine["entity"]).encode()
        return replace(evidence, outages=mine), times.tobytes() + places

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _numbered(self, content: Any, known: list[Any], found: Any) -> int:
        if content not in self._numbers:
            self._numbers[content] = len(known)
            known.append(found)
        return self._numbers[content]


def grid_of(evidence: Sequence[Evidence], entities: Sequence[str], kind: str) -> Grid:
    """Return the grid of a claim, nothing in it evaluated yet."""
    return Grid({detector_of(one): one for one in evidence}, tuple(entities), kind)


def padded(flags: np.ndarray[Any, Any], days: pd.DatetimeIndex, wide: pd.DatetimeIndex) -> Any:
    """Return flags of days as flags of a wider stretch of days."""
    out = np.zeros((flags.shape[0], len(wide)), dtype=flags.dtype)
    out[:, wide.get_indexer(days)] = flags
    return out
