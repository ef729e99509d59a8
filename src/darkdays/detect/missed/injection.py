"""Outages put into a real record, to learn which of them would have been found."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.signals import Signal
from darkdays.detect.outages.family import false_rates
from darkdays.detect.outages.low_runs import spells
from darkdays.detect.outages.prepared import prepare

COVERED: Final = 0.5
"""An outage counts as found if this share of its hours, and more than before, is reported down."""

_EPOCH: Final = pd.Timestamp("1970-01-01")
_HOUR: Final = pd.Timedelta(hours=1)


@dataclasses.dataclass(frozen=True)
class Detector:
    """The settings outages of a study are found with.

    Attributes
    ----------
    level
        Confidence.
    min_depth
        Least share of the normal level that has to be gone.
    time_zone
        Whose clock the season keeps.
    family
        How many signals the study corrects over.
    """

    level: float
    min_depth: float
    time_zone: str
    family: int = 1

    def down(self, signal: Signal) -> NDArray[np.float64]:
        """Return when a signal is down, as a study would report it.

        Returns
        -------
        numpy.ndarray
            Beginning and end of each outage, in hours since 1970 (UTC), shape ``(k, 2)``.
        """
        nothing = np.empty((0, 2))
        prepared = prepare(signal, self.time_zone)
        if prepared is None:
            return nothing
        analysis = prepared.analyse(self.level)
        found = list(spells(analysis, self.min_depth))
        if not found:
            return nothing
        rates = false_rates(np.array([one.p for one in found]), self.family - 1)
        edges = np.array([(one.start, one.end) for one in found])[rates <= 1 - self.level]
        hours = _hours(analysis.times)
        after = np.append(hours[1:], hours[-1] + analysis.step / _HOUR)
        return np.column_stack([hours[edges[:, 0]], after[edges[:, 1] - 1]])


def with_outage(signal: Signal, start: pd.Timestamp, hours: float, depth: float) -> Signal:
    """Return a signal that loses a share of itself for a while.

    Parameters
    ----------
    signal
        Of counts, which an outage makes fall.
    start
        Naive UTC; bins that begin before it, or end after the outage, are hit in part.
    hours
        How long.
    depth
        Share that is gone, from 0 to 1. Whole numbers stay whole.
    """
    inside = _inside(signal, start, start + pd.Timedelta(hours=hours))
    values = signal.values * (1 - depth * inside)
    seen = signal.values[np.isfinite(signal.values)]
    if (seen == np.round(seen)).all():
        values = np.round(values)
    return dataclasses.replace(signal, values=values)


def is_found(
    signal: Signal,
    known: NDArray[np.float64],
    start: pd.Timestamp,
    hours: float,
    depth: float,
    detector: Detector,
) -> bool:
    """Tell whether an outage put into a record would be reported.

    Parameters
    ----------
    signal
        As it was measured.
    known
        When it is down without the outage, from :meth:`Detector.down`: what is reported anyway
        is no discovery.
    start, hours, depth
        Of the outage.
    detector
        The settings of the study.
    """
    begin = (start - _EPOCH) / _HOUR
    after = detector.down(with_outage(signal, start, hours, depth))
    gained = _overlap(after, begin, begin + hours) - _overlap(known, begin, begin + hours)
    return gained >= COVERED * hours


def _overlap(down: NDArray[np.float64], begin: float, end: float) -> float:
    """Return how many hours of an interval lie in outages that do not overlap each other."""
    shared = np.minimum(down[:, 1], end) - np.maximum(down[:, 0], begin)
    return float(np.maximum(shared, 0.0).sum())


def _hours(times: pd.DatetimeIndex) -> NDArray[np.float64]:
    # Plain numbers: an index is slow to count with, and this is done thousands of times.
    return times.as_unit("us").asi8 / (_HOUR // pd.Timedelta(microseconds=1))


def _inside(signal: Signal, start: pd.Timestamp, end: pd.Timestamp) -> NDArray[np.float64]:
    """Return the share of each bin between two moments."""
    ends, width = _hours(signal.times + signal.step), signal.step / _HOUR
    first, last = ((moment - _EPOCH) / _HOUR for moment in (start, end))
    return np.clip((ends - first) / width, 0, 1) - np.clip((ends - last) / width, 0, 1)
