"""Calendars of specifications: what they have in common is made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from darkdays.association.calendar import (
    EventDays,
    OutageDays,
    event_days,
    outage_days,
    record_days,
)
from darkdays.association.choices import Detector, detector_of
from darkdays.contracts.events import of_kind
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import COUNTED, outages_counted, varied


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

    def events_of(
        self, source: str, time_zone: str, gap_hours: float, countrywide: str | None = None
    ) -> int:
        """Return the number of a calendar of events."""
        key = ("events", source, time_zone, gap_hours, countrywide)
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
                countrywide=None if countrywide is None else countrywide == COUNTED,
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
