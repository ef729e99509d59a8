"""Changes between reachable and blocked by cumulative sums, with the rules of OONI's detector.

The rules as OONI states them for its event detector (ooni/data, ``analysis/detector.py``), written
anew: hourly medians of a score of blocking from 0 to 1; a two-sided cumulative sum for the change
of a known mean (Basseville & Nikiforov 1993, *Detection of Abrupt Changes*, section 2.2). While a
site is reachable only the sum towards blocked runs, and the other way round; where its state is not
known both run, and the first to reach the threshold tells the state without being a change. After
more than a day without measurements what was summed fades.

It is kept beside :mod:`darkdays.detect.blocking.blocking_states`, as a second opinion by published
rules: it needs six hours to call a site blocked and eleven to call it reachable, and gives no
interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError

OK: Final = "ok"
BLOCKED: Final = "blk"
UNKNOWN: Final = "unk"


@dataclass(frozen=True)
class Rules:
    """What the detector takes for granted; OONI's values unless others are given.

    Attributes
    ----------
    ok_level, blocked_level
        Mean score of a site that is reachable, and of one that is blocked.
    variance
        Of the score.
    expected_delay
        Hours of the mean in question that a change is allowed to take.
    patience, half_life
        Hours without a measurement after which sums fade, and in which they fade by half.
    """

    ok_level: float = 0.0
    blocked_level: float = 0.7
    variance: float = 0.7
    expected_delay: float = 10.0
    patience: float = 24.0
    half_life: float = 48.0

    @property
    def threshold(self) -> float:
        """What a sum has to exceed: half the distance of the means for every hour of delay."""
        return self.expected_delay * (self.blocked_level - self.ok_level) / 2

    def towards_blocked(self, total: float, score: float) -> float:
        """Return the sum for blocked against reachable after one more hour, never below 0."""
        return max(0.0, total + self._weight * (score - self.ok_level) - self._half)

    def towards_ok(self, total: float, score: float) -> float:
        """Return the sum for reachable against blocked after one more hour, never below 0."""
        # Summed in this order, sums that end on the threshold end there as OONI's do.
        return max(0.0, total - self._weight * (score - self.blocked_level) - self._half)

    @property
    def _weight(self) -> float:
        return (self.blocked_level - self.ok_level) / self.variance

    @property
    def _half(self) -> float:
        return self._weight * (self.blocked_level - self.ok_level) / 2


@dataclass(frozen=True)
class Memory:
    """Where the detector stands between two runs: state, both sums, and the last hour seen."""

    state: str = UNKNOWN
    to_blocked: float = 0.0
    to_ok: float = 0.0
    seen: pd.Timestamp | None = None


@dataclass(frozen=True)
class Change:
    """A change of state: the hour it is told in, the new state, and the sum that told it."""

    time: pd.Timestamp
    state: str
    total: float


@dataclass(frozen=True)
class Traced:
    """What a run comes to: changes, the state after every hour, and where the detector stands."""

    changes: tuple[Change, ...]
    states: tuple[str, ...]
    memory: Memory


def cusum(
    hours: pd.DatetimeIndex,
    scores: Sequence[float] | NDArray[np.float64],
    *,
    rules: Rules | None = None,
    memory: Memory | None = None,
    warm_up: bool = False,
) -> Traced:
    """Follow the scores of one site in one network.

    Parameters
    ----------
    hours
        UTC, in order; hours without a measurement are not among them.
    scores
        Median score of each hour, from 0 to 1; NaN is an hour without one.
    rules
        :class:`Rules` as OONI has them if not given.
    memory
        Where an earlier run stood; a site never seen if not given.
    warm_up
        Let sums run and tell an unknown state, but change no state that is known.

    Raises
    ------
    InputError
        If there are not as many scores as hours, or the hours are not in order.
    """
    if len(hours) != len(scores):
        raise InputError(f"{len(scores)} scores for {len(hours)} hours; give one for each.")
    if not hours.is_monotonic_increasing:
        raise InputError("hours are not in order of time; sort them first.")
    chosen, now = rules or Rules(), memory or Memory()
    changes: list[Change] = []
    states: list[str] = []
    for time, score in zip(hours, scores, strict=True):
        if not math.isnan(score):
            now, change = _step(chosen, now, time, float(score), warm_up=warm_up)
            if change is not None:
                changes.append(change)
        states.append(now.state)
    return Traced(tuple(changes), tuple(states), now)


def _step(
    rules: Rules, memory: Memory, time: pd.Timestamp, score: float, *, warm_up: bool
) -> tuple[Memory, Change | None]:
    faded = _faded(rules, memory, time)
    to_blocked, to_ok = 0.0, 0.0
    if faded.state != BLOCKED:
        to_blocked = rules.towards_blocked(faded.to_blocked, score)
    if faded.state != OK:
        to_ok = rules.towards_ok(faded.to_ok, score)
    told = (
        (BLOCKED, to_blocked)
        if to_blocked > rules.threshold
        else (OK, to_ok)
        if to_ok > rules.threshold
        else None
    )
    if told is None or (warm_up and faded.state != UNKNOWN):
        return replace(faded, to_blocked=to_blocked, to_ok=to_ok), None
    state, total = told
    change = None if faded.state == UNKNOWN else Change(time, state, total)
    return Memory(state, seen=time), change


def _faded(rules: Rules, memory: Memory, time: pd.Timestamp) -> Memory:
    silent = 0.0 if memory.seen is None else (time - memory.seen).total_seconds() / 3600
    keeps = 0.5 ** (silent / rules.half_life) if silent > rules.patience else 1.0
    return replace(
        memory, to_blocked=memory.to_blocked * keeps, to_ok=memory.to_ok * keeps, seen=time
    )


def hourly_medians(times: pd.Series, scores: pd.Series) -> tuple[pd.DatetimeIndex, pd.Series]:
    """Return the hours with a measurement (UTC) and the median score of each.

    Parameters
    ----------
    times
        When measurements began, UTC.
    scores
        Of each measurement; NaN is left out.
    """
    known = scores.notna().to_numpy()
    medians = scores[known].groupby(times[known].dt.floor("1h"), sort=True).median()
    return pd.DatetimeIndex(medians.index), medians.reset_index(drop=True)
