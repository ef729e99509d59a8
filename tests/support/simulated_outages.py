"""Signals with outages of known place, length and depth, for benchmarks and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal as filters

Tail = Literal["part", "innovations"]
KINDS: Final = {"full": (120, 0.9), "throttling": (36, 0.25), "short": (5, 0.6)}
"""Hours and depth of a shutdown, of throttling and of a short cut."""
_APART: Final = 12
_BURN_IN: Final = 200
_DIP_DEPTHS: Final = (0.3, 0.8)


@dataclass(frozen=True)
class Event:
    """A share of a signal that goes missing over an interval.

    Attributes
    ----------
    start, end
        UTC, naive; the end is not included.
    depth
        Share of the level that is gone.
    ramp
        How long the fall takes, if it is not abrupt; the return is.
    """

    kind: str
    start: pd.Timestamp
    end: pd.Timestamp
    depth: float
    ramp: pd.Timedelta | None = None


@dataclass(frozen=True)
class World:
    """What a signal is like when nothing is wrong.

    Attributes
    ----------
    level
        Mean count.
    noise
        Standard deviation of the noise as a share of the level.
    autocorrelation
        Of successive samples.
    tail
        Where Student's t with three degrees of freedom comes in: as a ``"part"``, a quarter of
        the variance and independent from sample to sample, or in the ``"innovations"``.
    daily, weekly
        Half the swing of the season, on the log scale; the daily one is no sine.
    trend
        Log change from the first sample to the last.
    dips_a_week
        Single samples in which 30 to 80 % are gone.
    missing
        Share of samples missing at random; ``gaps`` more stretches of a day are missing whole.
    """

    level: float = 20_000.0
    noise: float = 0.04
    autocorrelation: float = 0.5
    tail: Tail = "part"
    daily: float = 0.3
    weekly: float = 0.1
    trend: float = 0.2
    dips_a_week: float = 1.0
    missing: float = 0.01
    gaps: int = 2


def times_of(*, weeks: float = 26, step: str = "1h", start: str = "2021-01-04") -> pd.DatetimeIndex:
    """Return the bins of a record, naive UTC."""
    count = int(pd.Timedelta(weeks=weeks) / pd.Timedelta(step))
    return pd.date_range(start, periods=count, freq=step)


def simulated_signal(
    world: World,
    times: pd.DatetimeIndex,
    events: Sequence[Event] = (),
    *,
    rng: np.random.Generator,
    time_zone: str = "UTC",
) -> NDArray[np.float64]:
    """Simulate one signal of counts with events.

    Parameters
    ----------
    world
        Level, season, trend, noise, dips and gaps.
    times
        Bins, naive UTC, of one step.
    events
        What goes missing; depths of overlapping events multiply.
    rng
        Source of every random number.
    time_zone
        Whose clock the season keeps.

    Returns
    -------
    numpy.ndarray
        Whole counts, shape ``(n,)``, NaN where missing.
    """
    count = times.size
    local = times.tz_localize("UTC").tz_convert(time_zone).tz_localize(None)
    hour = np.asarray((local - local.normalize()) / pd.Timedelta(hours=1), np.float64)
    angle = 2 * np.pi * hour / 24
    season = world.daily * (np.cos(angle - 4.5) + 0.35 * np.cos(2 * angle - 1.0))
    season += np.where(np.asarray(local.day_of_week) >= 4, -world.weekly, world.weekly / 2)
    trend = world.trend * np.linspace(-0.5, 0.5, count)
    shown = np.exp(season + trend + _noise(world, count, rng))
    dips = rng.random(count) < world.dips_a_week * (times[1] - times[0]) / pd.Timedelta(weeks=1)
    shown[dips] *= 1 - rng.uniform(*_DIP_DEPTHS, int(dips.sum()))
    for event in events:
        shown *= 1 - _lost(event, times)
    values = np.round(world.level * shown)
    values[rng.random(count) < world.missing] = np.nan
    day = int(pd.Timedelta(days=1) / (times[1] - times[0]))
    for _ in range(world.gaps):
        first = int(rng.integers(0, max(count - day, 1)))
        values[first : first + day] = np.nan
    return values


def scattered(times: pd.DatetimeIndex, *, rng: np.random.Generator) -> list[Event]:
    """Return one event of each of :data:`KINDS`, days apart, beginning at any hour.

    Parameters
    ----------
    times
        Bins of the record, naive UTC, ten weeks or more; its first and last ten days stay free.
    rng
        Source of every random number.
    """
    length = int((times[-1] - times[0]) / pd.Timedelta(days=1))
    days = rng.permutation(np.arange(10, length - 10, _APART))[: len(KINDS)]
    events = []
    for (kind, (hours, depth)), day in zip(KINDS.items(), days, strict=True):
        start = times[0] + pd.Timedelta(days=int(day), hours=int(rng.integers(0, 24)))
        events.append(Event(kind, start, start + pd.Timedelta(hours=hours), depth))
    return sorted(events, key=lambda event: event.start)


def nightly(
    times: pd.DatetimeIndex, hours: tuple[int, int], days: tuple[int, int], *, depth: float,
    time_zone: str,
) -> list[Event]:  # fmt: skip
    """Return a curfew: the same local hours gone on every day of a stretch of the record.

    Parameters
    ----------
    times
        Bins of the record, naive UTC.
    hours
        Local hours at which the cut begins and ends; ``(16, 24)`` ends at midnight.
    days
        First day of the record with a cut, and the first without.
    depth
        Share that is gone.
    time_zone
        Whose clock the curfew keeps, through changes to daylight saving too.
    """
    first = times[0].tz_localize("UTC").tz_convert(time_zone).tz_localize(None).normalize()
    events = []
    for number in range(*days):
        day = first + pd.Timedelta(days=number)
        start, end = (
            (day + pd.Timedelta(hours=hour))
            .tz_localize(time_zone, ambiguous=True, nonexistent="shift_forward")
            .tz_convert("UTC")
            .tz_localize(None)
            for hour in hours
        )
        events.append(Event("curfew", start, end, depth))
    return events


def _noise(world: World, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    phi = world.autocorrelation
    heavy = rng.standard_t(3, count + _BURN_IN) / np.sqrt(3.0)
    if world.tail == "innovations":
        shocks, alone = heavy, np.zeros(count)
    else:
        shocks = np.sqrt(0.75) * rng.standard_normal(count + _BURN_IN)
        alone = 0.5 * heavy[_BURN_IN:]
    correlated = filters.lfilter([np.sqrt(1 - phi**2)], [1.0, -phi], shocks)[_BURN_IN:]
    return world.noise * (np.asarray(correlated, np.float64) + alone)


def _lost(event: Event, times: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Return the share an event takes from each bin; a bin it begins in is hit in part."""
    step = times[1] - times[0]
    began = np.clip(np.asarray((times + step - event.start) / step, np.float64), 0, 1)
    ended = np.clip(np.asarray((times + step - event.end) / step, np.float64), 0, 1)
    inside = began - ended
    if event.ramp is not None:
        inside *= np.clip(np.asarray((times - event.start) / event.ramp, np.float64), 0, 1)
    return event.depth * inside
