"""Every specification of a claim: the verdict under each, and what it hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.association.choices import (
    Detector,
    detector_choices,
    detector_of,
    event_choices,
    recurring_choices,
)
from darkdays.claims.judging.verdicts import Judgement
from darkdays.contracts.events import of_kind
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import ALL, COUNTED, events_read, outages_counted

RESULTS: Final = ("value", "low", "high", "verdict")
EVENTS: Final = "events"
RECURRING: Final = "recurring outages"
NO_DETECTOR: Final = "no detector"
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "onset_after_event": (EVENTS, RECURRING),
    "mobile_before_fixed": (RECURRING,),
    "outage_in_window": (RECURRING,),
    "intermittent": ("apart_hours",),
    "sub_national_excess": (EVENTS, NO_DETECTOR, "days_after"),
    "onset_days_after": (EVENTS, RECURRING),
    "disrupted": (RECURRING,),
    "mobile_only": (RECURRING,),
    "not_explained_by": (RECURRING,),
}
"""Choices that matter to a type of claim, beside those of the detector."""
_COMPARING: Final = frozenset({"onset_days_after", "disrupted", "mobile_only", "not_explained_by"})
"""Claims whose entity is held against others: what these show matters to the verdict as well."""
_OPTIONS: Final[Mapping[str, tuple[Any, ...]]] = {
    "apart_hours": (1.0, 6.0, 24.0),
    "days_after": (0, 1, 2, 3),
}
_LISTED: Final = 20
"""Specifications with another verdict that are named one by one."""


class Readings:
    """Evidence under every specification, each part of it made once."""

    def __init__(self, evidence: Sequence[Evidence], entities: tuple[str, ...]) -> None:
        self.chosen, self.entities = evidence[0], entities
        self.detectors = {detector_of(one): one for one in evidence}
        # The chosen level and depth come first, and so are found where only datasources matter.
        self.datasources = {name[2]: name for name in reversed(self.detectors)}
        self._events = cache(partial(events_read, self.chosen))
        self._outages = cache(
            lambda detector, recurring: outages_counted(
                self.detectors[detector], recurring, self.entities
            )
        )
        self._seen = cache(self._content)

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
        return (self._seen(detector, recurring), source, clock)

    def _content(self, detector: Detector, recurring: str) -> tuple[Any, ...]:
        evidence = self.detectors[detector]
        seen = [
            table[table["entity"].isin(self.entities)] if self.entities else table
            for table in (self._outages(detector, recurring), evidence.stages)
        ]
        measured = tuple(entity in evidence.measured for entity in self.entities)
        return tuple(_bytes_of(table) for table in seen), measured, detector[2]

    def _options(self, one: Mapping[str, Any]) -> tuple[Detector, str, str, str]:
        detector = self.datasources[one["datasources"]]
        if "level" in one:
            detector = (one["level"], one["depth"], one["datasources"])
        return detector, one.get("events", ALL), one.get("days", ""), one.get(RECURRING, COUNTED)


def _bytes_of(table: pd.DataFrame) -> tuple[bytes, ...]:
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


@dataclass(frozen=True)
class VerdictCurve:
    """Every specification of a claim.

    Attributes
    ----------
    choices
        Names of the choices with their options, the chosen one first.
    table
        A row a specification, the chosen one first: a column a choice, then :data:`RESULTS`.
        ``value`` is missing where several datasources give one each; ``low`` and ``high`` are
        then the least and the greatest bound of them.
    unit
        Of the values.
    """

    choices: dict[str, tuple[Any, ...]]
    table: pd.DataFrame
    unit: str

    @property
    def same(self) -> pd.Series:
        """Whether each specification has the verdict of the chosen one."""
        return self.table["verdict"].eq(self.table["verdict"].iloc[0])

    @property
    def holds(self) -> int:
        """How many specifications have the verdict of the chosen one."""
        return int(self.same.sum())

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.table)

    def by_choice(self) -> list[dict[str, Any]]:
        """Return, for each option of each choice, how many specifications agree."""
        found = []
        for name, options in self.choices.items():
            counts = self.same.groupby(self.table[name]).agg(["sum", "size"])
            found += [
                {
                    "choice": name,
                    "option": option,
                    "holds": int(counts.loc[option, "sum"]),
                    "of": int(counts.loc[option, "size"]),
                }
                for option in options
                if len(options) > 1
            ]
        return found

    def differing(self) -> tuple[tuple[str, str], ...]:
        """Name the first specifications with another verdict."""
        rows = self.table[~self.same].head(_LISTED)
        return tuple(
            (_label(row, self.choices), str(row["verdict"])) for row in rows.to_dict("records")
        )


def verdict_curve(
    claim: Any, evidence: Sequence[Evidence], judge: Callable[[Any, Evidence], Judgement]
) -> tuple[Judgement, VerdictCurve]:
    """Judge a claim under every specification that can make a difference to it.

    Parameters
    ----------
    claim
        Of any type about signals and events.
    evidence
        One a specification of the detector, the chosen one first.
    judge
        Judges it under one.

    Returns
    -------
    (Judgement, VerdictCurve)
        The judgement under the chosen specification, and all of them.
    """
    choices = _choices(claim, evidence)
    comparing = claim.type in _COMPARING
    read = Readings(evidence, () if comparing else _entities(claim))
    rows: list[dict[str, Any]] = []
    units: list[str] = []
    judged: dict[Any, Judgement] = {}
    chosen: Judgement | None = None
    for options in product(*choices.values()):
        one = dict(zip(choices, options, strict=True))
        changed = {name: one[name] for name in _OPTIONS if name in one}
        alone = claim.type in _ALSO and not comparing
        seen = (read.content(one) if alone else len(rows), *changed.values())
        if seen not in judged:
            asked = claim.model_copy(update=changed) if changed else claim
            judged[seen] = judge(asked, read.under(one))
        found = judged[seen]
        chosen = chosen or found
        units += [number.unit for number in found.numbers[:1]]
        rows.append(one | _range_of(found))
    assert chosen is not None
    table = pd.DataFrame(rows, columns=[*choices, *RESULTS])
    numbers = dict.fromkeys(("value", "low", "high"), "float64")
    return chosen, VerdictCurve(choices, table.astype(numbers), units[0] if units else "")


def _choices(claim: Any, evidence: Sequence[Evidence]) -> dict[str, tuple[Any, ...]]:
    also = _ALSO.get(claim.type, ())
    choices: dict[str, tuple[Any, ...]] = {}
    for name in also:
        if name in _OPTIONS:
            stated = getattr(claim, name)
            choices[name] = tuple(dict.fromkeys([stated, *_OPTIONS[name]]))
    if EVENTS in also:
        choices |= event_choices(evidence[0], of_kind(evidence[0].events, claim.event))
    if RECURRING in also:
        choices |= recurring_choices(evidence, _entities(claim))
    detector = detector_choices(evidence)
    if NO_DETECTOR in also:
        detector = {"datasources": detector["datasources"]}
    return choices | detector


def _entities(claim: Any) -> tuple[str, ...]:
    return (claim.entity,) if hasattr(claim, "entity") else ()


def _range_of(found: Judgement) -> dict[str, Any]:
    """Return the verdict, and the number it rests on with its bounds."""
    lows = [number.value if number.low is None else number.low for number in found.numbers]
    highs = [number.value if number.high is None else number.high for number in found.numbers]
    known_lows = [one for one in lows if one is not None]
    known_highs = [one for one in highs if one is not None]
    return {
        "value": found.numbers[0].value if len(found.numbers) == 1 else None,
        "low": min(known_lows, default=None),
        # Open where any of them is.
        "high": max(known_highs) if known_highs and len(known_highs) == len(highs) else None,
        "verdict": found.verdict,
    }


def _label(row: Mapping[Any, Any], choices: Mapping[str, Any]) -> str:
    said = {"level": "level {}", "depth": "depth {}", "datasources": "{}"}
    return ", ".join(
        said.get(name, f"{name} {{}}").format(
            f"{row[name]:g}" if isinstance(row[name], float) else row[name]
        )
        for name in choices
    )
