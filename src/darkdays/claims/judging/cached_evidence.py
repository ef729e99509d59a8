"""The evidence of a claim under every specification, each part of it made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.association.choices import Detector, detector_of
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import ALL, COUNTED, events_read, outages_counted

RECURRING: Final = "recurring outages"


class Readings:
    """Evidence under every specification, each part of it made once."""

    def __init__(self, evidence: Sequence[Evidence], entities: tuple[str, ...]) -> None:
        self.chosen, self.entities = evidence[0], entities
        self.detectors = {detector_of(one): one for one in evidence}
        # The chosen level and depth come first, and so are found where only datasources matter.
        self.datasources = {name[2]: name for name in reversed(self.detectors)}
        self.made: dict[tuple[Any, ...], Any] = {}

    def under(self, one: Mapping[str, Any]) -> Evidence:
        """Return the evidence under the options of one specification."""
        detector, source, clock, recurring = self._options(one)
        return replace(
            self.detectors[detector],
            events=self._events(source, clock),
            outages=self._outages(detector, recurring),
            time_zone=clock,
        )

    def content(self, one: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what a claim about the entities could see, equal where nothing differs."""
        detector, source, clock, recurring = self._options(one)
        if ("content", detector, recurring) not in self.made:
            evidence = self.detectors[detector]
            seen = [
                table[table["entity"].isin(self.entities)] if self.entities else table
                for table in (self._outages(detector, recurring), evidence.stages)
            ]
            self.made["content", detector, recurring] = (
                tuple(_bytes_of(table) for table in seen),
                tuple(entity in evidence.measured for entity in self.entities),
                detector[2],
            )
        return (self.made["content", detector, recurring], source, clock)

    def _options(self, one: Mapping[str, Any]) -> tuple[Detector, str, str, str]:
        detector = self.datasources[one["datasources"]]
        if "level" in one:
            detector = (one["level"], one["depth"], one["datasources"])
        return detector, one.get("events", ALL), one.get("days", ""), one.get(RECURRING, COUNTED)

    def _events(self, source: str, clock: str) -> pd.DataFrame:
        key = ("events", source, clock)
        if key not in self.made:
            self.made[key] = events_read(self.chosen, source, clock)
        events: pd.DataFrame = self.made[key]
        return events

    def _outages(self, detector: Detector, recurring: str) -> pd.DataFrame:
        key = ("outages", detector, recurring)
        if key not in self.made:
            self.made[key] = outages_counted(self.detectors[detector], recurring, self.entities)
        outages: pd.DataFrame = self.made[key]
        return outages


def _bytes_of(table: pd.DataFrame) -> tuple[bytes, ...]:
    """Return the content of a table, so that equal tables can be told cheaply."""
    columns = (_plain(column) for _, column in table.items())
    return tuple(
        repr(column.tolist()).encode() if column.dtype == object else column.tobytes()
        for column in columns
    )


def _plain(column: pd.Series) -> NDArray[Any]:
    """Return the values of a column; of times their numbers, of which no object is made."""
    is_time = isinstance(column.dtype, pd.DatetimeTZDtype)
    return np.asarray(column.array.asi8 if is_time else column)
