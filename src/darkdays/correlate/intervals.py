"""Moments that are known to an interval only: their differences, and whether they coincide.

Interval arithmetic throughout: what a source says of a day is no distribution over its hours, so
that a count of coincidences has a least and a greatest value instead of a mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Moment:
    """A moment in UTC known to lie between two others, with the one to print."""

    value: pd.Timestamp
    low: pd.Timestamp
    high: pd.Timestamp

    @property
    def width(self) -> pd.Timedelta:
        """How far apart the bounds are."""
        return self.high - self.low


@dataclass(frozen=True)
class Lag:
    """Hours from one moment to another: the whole interval, and its middle or stated value.

    Interval arithmetic, not a convolution of errors: the bounds of a day are not a distribution.
    """

    hours: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 if surely after, -1 if surely before, 0 if it cannot be told."""
        return 1 if self.low > 0 else -1 if self.high < 0 else 0


class Coincident(StrEnum):
    """Whether two things known to an interval coincide."""

    CERTAINLY = "certainly"
    POSSIBLY = "possibly"
    NOT = "not"


@dataclass(frozen=True)
class Span:
    """A stretch of time in UTC, from ``start`` up to but not including ``end``."""

    start: pd.Timestamp
    end: pd.Timestamp


@dataclass(frozen=True)
class Coincidences:
    """How many onsets coincide, at least and at most.

    Attributes
    ----------
    certain, possible
        Onsets that certainly coincide, and those that certainly or possibly do.
    onsets
        All of them.
    """

    certain: int
    possible: int
    onsets: int

    @property
    def rate(self) -> tuple[float, float] | None:
        """The share that coincides, at least and at most; None without onsets."""
        if not self.onsets:
            return None
        return self.certain / self.onsets, self.possible / self.onsets


def lag_between(first: Moment, second: Moment) -> Lag:
    """Return the hours from ``first`` to ``second``, with every uncertainty of both."""
    hour = pd.Timedelta(hours=1)
    return Lag(
        hours=float((second.value - first.value) / hour),
        low=float((second.low - first.high) / hour),
        high=float((second.high - first.low) / hour),
    )


def onset_of(outage: Any) -> Moment:
    """Return the onset of a row of an outage table as a moment."""
    return Moment(outage.onset, outage.onset_low, outage.onset_high)


def beginning_of(event: Any) -> Moment:
    """Return when a row of an event table can have begun; the middle of that is its value."""
    low, high = event.start_low, event.start_high
    return Moment(low + (high - low) / 2, low, high)


def within_span(onset: Moment, spans: Sequence[Span]) -> Coincident:
    """Say whether an onset lies in one of several stretches, such as local days with a protest.

    Parameters
    ----------
    onset
        Known to lie from ``low`` to ``high``, both included.
    spans
        In any order; they may touch and overlap, and count as their union.
    """
    covered_to = onset.low
    for span in sorted(spans, key=lambda one: one.start):
        if span.start <= covered_to < span.end:
            covered_to = span.end
    if covered_to > onset.high:
        return Coincident.CERTAINLY
    touches = any(span.start <= onset.high and onset.low < span.end for span in spans)
    return Coincident.POSSIBLY if touches else Coincident.NOT


def follows_within(event: Moment, onset: Moment, within: pd.Timedelta) -> Coincident:
    """Say whether an onset came from 0 to ``within`` after an event, both ends included.

    An event known to a day and an onset at noon of it: possibly. Certainly takes an onset after
    the day, and no later than ``within`` after its beginning.
    """
    lag = lag_between(event, onset)
    longest = within / pd.Timedelta(hours=1)
    if lag.low >= 0 and lag.high <= longest:
        return Coincident.CERTAINLY
    return Coincident.POSSIBLY if lag.high >= 0 and lag.low <= longest else Coincident.NOT


def count_coincident(found: Sequence[Coincident]) -> Coincidences:
    """Count what coincides, at least and at most."""
    certain = sum(one is Coincident.CERTAINLY for one in found)
    possible = certain + sum(one is Coincident.POSSIBLY for one in found)
    return Coincidences(certain, possible, len(found))
