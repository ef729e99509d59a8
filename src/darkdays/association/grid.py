"""Calendars of specifications: what they have in common is made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
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


class Grid:
    """Calendars of specifications, each made when first asked for and numbered by what is in it.

    Parameters
    ----------
    evidence
        One a specification of the detector, the chosen one first.
    entities, kind
        Places of the claim, and kind of its events.

    Attributes
    ----------
    outages, events
        The calendars that differ.
    """

    def __init__(self, evidence: Sequence[Evidence], entities: Sequence[str], kind: str) -> None:
        self.entities, self.kind = tuple(entities), kind
        self.outages: list[OutageDays] = []
        self.events: list[EventDays] = []
        self._evidence = {detector_of(one): one for one in evidence}
        self._numbers: dict[Any, int] = {}
        self._believed = cache(self._believe)
        self._read = cache(partial(varied, evidence[0]))
        # The days of the record by a clock, the same for every detector.
        self.days = cache(
            lambda time_zone: record_days(replace(evidence[0], time_zone=time_zone), self.entities)
        )

    def measures(self, detector: Detector) -> bool:
        """Say whether every place was measured in the datasources of a specification."""
        return self._evidence[detector].measured.issuperset(self.entities)

    def outages_of(
        self, detector: Detector, recurring: str, time_zone: str, gap_hours: float
    ) -> int:
        """Return the number of a calendar of outages."""
        believed, seen = self._believed(detector, recurring)
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
            read = self._read(source=source, time_zone=time_zone)
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

    def _believe(self, detector: Detector, recurring: str) -> tuple[Evidence, bytes]:
        """Return the evidence of the places, and what days of outage depend on in it."""
        evidence = self._evidence[detector]
        outages = outages_counted(evidence, recurring, self.entities)
        mine = outages[outages["entity"].isin(list(self.entities)) & outages["onset"].notna()]
        times = mine[["onset", "restored", "last_seen"]].to_numpy("datetime64[s]")
        places = "\n".join(mine["entity"]).encode()
        return replace(evidence, outages=mine), times.tobytes() + places

    def _numbered(self, content: Any, known: list[Any], found: Any) -> int:
        if content not in self._numbers:
            self._numbers[content] = len(known)
            known.append(found)
        return self._numbers[content]


def padded(flags: np.ndarray[Any, Any], days: pd.DatetimeIndex, wide: pd.DatetimeIndex) -> Any:
    """Return flags of days as flags of a wider stretch of days."""
    out = np.zeros((flags.shape[0], len(wide)), dtype=flags.dtype)
    out[:, wide.get_indexer(days)] = flags
    return out
