"""Worlds: series of which the truth is known, for setting prices and measuring errors: SIMULATED.

A world says how a series comes about: its level, what changes it, its seasons by the clock, its
noise, and how it is counted or rounded. Whatever the detector's prices and thresholds are, they
were set on these and on no data that people hand in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from darkdays.files.packaged import toml_of

Truth = Literal["changes", "no change", "cannot tell"]
Tail = Literal["none", "gauss", "t3", "lognormal"]
_SETTLE: Final = 300
_MARGIN: Final = 0.1
"""Share of the record that is free of changes at both ends and between two of them."""
_SHOCKS: Final[dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]]] = {
    "none": lambda _, count: np.zeros(count),
    "gauss": lambda rng, count: rng.normal(size=count),
    "t3": lambda rng, count: rng.standard_t(3, size=count) / np.sqrt(3),
    "lognormal": lambda rng, count: (
        (rng.lognormal(size=count) - np.exp(0.5)) / np.sqrt(np.exp(2) - np.exp(1))
    ),
}


@dataclass(frozen=True)
class World:
    """How a series comes about.

    Attributes
    ----------
    level
        Where the series begins.
    scale
        Standard deviation of its noise, of one sample.
    tail
        Of the shocks: ``none`` for a series without noise, else their law, of unit variance.
    autocorrelation
        Lag-1 autocorrelation of the noise.
    memory
        Order ``d`` of fractionally integrated Gaussian noise, below one half.
    walk
        Noise is summed up; ``scale`` is that of a step, and the truth of a walk without a jump
        is that nobody can tell.
    steps
        What is added to the level at each change, in the unit of ``scale``.
    factors
        What the level is multiplied by at each change, in place of ``steps``.
    places
        Of the changes as shares of the record, ascending; drawn if not given.
    ramp
        Samples that each change takes, 1 for a step.
    trend
        Added from the first sample to the last, in the unit of ``scale``.
    daily, weekly
        Half the swing of a day, and how much lower weekends are: in the unit of ``scale``, or
        as shares of the level.
    yearly
        Half the swing of a calendar year, likewise.
    relative
        Seasons and noise are shares of the level; a level that falls takes them with it.
    every
        Step between samples.
    counts
        Values are Poisson counts around the level, which has no other noise then.
    rounding
        Values are multiples of this; 0 for none.
    glitches
        Share of single samples that are thrown 20 standard deviations off, or to a quarter.
    """

    level: float = 0.0
    scale: float = 1.0
    tail: Tail = "gauss"
    autocorrelation: float = 0.0
    memory: float = 0.0
    walk: bool = False
    steps: Sequence[float] = ()
    factors: Sequence[float] = ()
    places: Sequence[float] = ()
    ramp: int = 1
    trend: float = 0.0
    daily: float = 0.0
    weekly: float = 0.0
    yearly: float = 0.0
    relative: bool = False
    every: str = "1h"
    counts: bool = False
    rounding: float = 0.0
    glitches: float = 0.0

    @property
    def truth(self) -> Truth:
        """What is right to say of a series of this world."""
        if self.steps or self.factors:
            return "changes"
        return "cannot tell" if self.walk else "no change"


@dataclass(frozen=True)
class Made:
    """A series of a world.

    Attributes
    ----------
    values, times
        Shape ``(n,)``; times are UTC, naive.
    changes
        First sample of each change, shape ``(k,)``.
    truth
        What is right to say of it.
    """

    values: NDArray[np.float64]
    times: pd.DatetimeIndex
    changes: NDArray[np.intp]
    truth: Truth


WORLDS: Final = {name: World(**kind) for name, kind in toml_of("simulate/worlds.toml").items()}
"""Each kind by its name, to be drawn at any length."""


def draw(world: World, count: int, rng: np.random.Generator) -> Made:
    """Draw a series of a world.

    Parameters
    ----------
    world
        How it comes about.
    count
        Samples, from 10 on.
    rng
        Draws noise and places.
    """
    times = pd.date_range("2021-01-04", periods=count, freq=world.every)
    kicks = world.factors or world.steps
    changes = _places(world, count, len(kicks), rng)
    # What each change has done so far: 0 before it, 1 from the end of its ramp on.
    along = np.arange(count) - changes[:, None]
    done = np.clip((along + 1) / world.ramp, 0.0, 1.0)
    level = np.full(count, float(world.level))
    if world.factors:
        level *= np.prod(1.0 + (np.array(kicks)[:, None] - 1.0) * done, axis=0)
    unit = 1.0 if world.relative or world.tail == "none" else world.scale
    added = unit * (np.array(kicks) @ done) if world.steps else 0.0
    level += added + unit * world.trend * np.linspace(0.0, 1.0, count)
    swing = _swing(world, times)
    if world.counts:
        values = rng.poisson(np.maximum(level * (1 + swing), 0.0)).astype(np.float64)
    elif world.relative:
        values = level * (1 + swing) * np.exp(world.scale * _noise(world, count, rng))
    else:
        values = level + world.scale * (swing + _noise(world, count, rng))
    thrown = rng.random(count) < world.glitches
    off = values / 4 if world.relative or world.counts else values - 20 * world.scale
    values = np.where(thrown, off, values)
    if world.rounding:
        values = np.round(values / world.rounding) * world.rounding
    return Made(values, times, changes, world.truth)


def long_memory(count: int, order: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return fractionally integrated Gaussian noise of unit variance, shape ``(count,)``.

    Exact, by circulant embedding of its autocovariances (Davies & Harte 1987, Biometrika 74, 95).
    """
    lags = np.arange(1, count + 1)
    right = np.concatenate([[1.0], np.cumprod((lags - 1 + order) / (lags - order))])
    spectrum = np.maximum(np.fft.rfft(np.concatenate([right, right[-2:0:-1]])).real, 0.0)
    both = rng.normal(size=(2, spectrum.size))
    # The mean and the fastest wave have no phase: all their variance is real.
    both[:, [0, -1]] *= np.sqrt([[2.0], [0.0]])
    shaken = np.sqrt(spectrum * count) * (both[0] + 1j * both[1])
    return np.asarray(np.fft.irfft(shaken, 2 * count)[:count])


def _noise(world: World, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if world.memory:
        noise = long_memory(count, world.memory, rng)
    else:
        phi = world.autocorrelation
        shocks = _SHOCKS[world.tail](rng, count + _SETTLE) * np.sqrt(1 - phi**2)
        noise = lfilter([1.0], [1.0, -phi], shocks)[_SETTLE:]
    return np.asarray(np.cumsum(noise) if world.walk else noise)


def _places(world: World, count: int, changes: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return where changes begin, with room around each."""
    if world.places:
        shares = np.array(world.places)
    else:
        room = 1 - (changes + 1) * _MARGIN
        shares = np.sort(rng.random(changes)) * room + _MARGIN * np.arange(1, changes + 1)
    return np.round(shares * count).astype(np.intp)


def _swing(world: World, times: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Return the season of every sample, mean about 0: day and year with overtones, weekends."""
    hours = 2 * np.pi * np.asarray(times.hour + times.minute / 60) / 24
    days = 2 * np.pi * np.asarray(times.day_of_year + times.hour / 24) / 365.25
    day, year = ((np.sin(one) + 0.3 * np.sin(2 * one + 1)) / 1.15 for one in (hours, days))
    weekends = np.asarray(times.day_of_week >= 5)
    return np.asarray(world.daily * day + world.yearly * year - world.weekly * weekends)
