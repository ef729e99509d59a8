"""Evidence under every specification, each part of it made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.association.choices import Detector, detector_of
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import ALL, COUNTED, events_read, outages_counted

RECURRING: Final = "recurring outages"


class CachedEvidence:
    """What a claim about some entities sees under the options of a specification.

    Parameters
    ----------
    evidence
        One a specification of the detector, the chosen one first.
    entities
        Whose outages to look for patterns in; all if empty.
    columns
        Of outages and of stages, what the claim looks at, where it is no more than these.

    Attributes
    ----------
    detectors
        The evidence by the options of the detector.
    events, outages
        As :func:`darkdays.evidence.variations.events_read` and
        :func:`darkdays.evidence.variations.outages_counted` give them, by source and clock, and by
        detector and whether recurring ones count.
    """

    def __init__(
        self,
        evidence: Sequence[Evidence],
        entities: tuple[str, ...],
        columns: tuple[Sequence[str], Sequence[str]] | None = None,
    ) -> None:
        self.entities = entities
        self.columns = columns
        self.detectors = {detector_of(one): one for one in evidence}
        # The chosen level and depth come first, and so are found where only datasources matter.
        self.datasources = {name[2]: name for name in reversed(self.detectors)}
        self.events = cache(partial(events_read, evidence[0]))
        self.outages = cache(
            lambda detector, recurring: outages_counted(
                self.detectors[detector], recurring, self.entities
            )
        )
        self._seen = cache(self._content)

    def under(self, one: Mapping[str, Any]) -> Evidence:
        """Return the evidence under the options of one specification."""
        detector, source, clock, recurring = self.options(one)
        return replace(
            self.detectors[detector],
            events=self.events(source, clock),
            outages=self.outages(detector, recurring),
            time_zone=clock,
        )

    def content(self, one: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what a claim about the entities could see, equal where nothing differs."""
        detector, source, clock, recurring = self.options(one)
        return (self._seen(detector, recurring), source, clock)

    def _content(self, detector: Detector, recurring: str) -> tuple[Any, ...]:
        evidence = self.detectors[detector]
        looked_at = [self.outages(detector, recurring), evidence.stages]
        if self.columns is not None:
            named = zip(looked_at, self.columns, strict=True)
            looked_at = [table[list(names)] for table, names in named if names]
        seen = [
            table[table["entity"].isin(self.entities)] if self.entities else table
            for table in looked_at
        ]
        measured = tuple(entity in evidence.measured for entity in self.entities)
        return tuple(bytes_of(table) for table in seen), measured, detector[2]

    def options(self, one: Mapping[str, Any]) -> tuple[Detector, str, str, str]:
        """Return detector, source of events, clock, and whether recurring outages count."""
        detector = self.datasources[one["datasources"]]
        if "level" in one:
            detector = (one["level"], one["depth"], one["datasources"])
        return detector, one.get("events", ALL), one.get("days", ""), one.get(RECURRING, COUNTED)


def bytes_of(table: pd.DataFrame) -> tuple[bytes, ...]:
    """Return the content of a table, so that equal tables can be told cheaply."""
    # Of times their numbers: no object is made of one.
    columns = (
        np.asarray(column.array.asi8 if isinstance(column.dtype, pd.DatetimeTZDtype) else column)
        for _, column in table.items()
    )
    return tuple(
        repr(column.tolist()).encode() if column.dtype == object else column.tobytes()
        for column in columns
    )
