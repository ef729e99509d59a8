"""Moments that are known to an interval only: their differences, and whether they coincide.

Interval arithmetic throughout: what a source says of a day is no distribution over its hours, so
that a count of coincidences has a least and a greatest value instead of a mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Moment:
    """A moment in UTC known to lie between two others, with the one to print."""

    value: pd.Timestamp
    low: pd.Timestamp
    high: pd.Timestamp


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
