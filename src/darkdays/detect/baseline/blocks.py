"""A signal in blocks of an hour on the clock of a place, which is as fine as its season."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.baseline import clock
from darkdays.detect.baseline.quantiles import by_group

_AT_ONCE: Final = 100_000  # samples: a long record is not to be held six times over


@dataclass(frozen=True)
class Blocks:
    """Samples grouped into blocks, and blocks into days.

    Attributes
    ----------
    samples
        As measured, on the scale the season is taken out on, shape ``(n,)``.
    local
        Reading of the clock at each sample (:func:`darkdays.detect.baseline.clock.local_seconds`).
    step
        Of the signal, seconds.
    width
        Of a block, seconds: an hour, or the step where that is longer.
    edges
        First sample of each block, and ``n``; shape ``(m + 1,)``.
    """

    samples: NDArray[np.float64]
    local: NDArray[np.int64]
    step: int
    width: int
    edges: NDArray[np.intp]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Median of each block, shape ``(m,)``."""
        return by_group(self.samples, self.edges, 0.5)

    @cached_property
    def clock(self) -> NDArray[np.int64]:
        """Reading of the clock at the first sample of each block."""
        return self.local[self.edges[:-1]]

    @cached_property
    def day(self) -> NDArray[np.intp]:
        """Day of each block, counted from the first of the record."""
        number = self.clock // clock.DAY
        return np.maximum.accumulate(number - number[0]).astype(np.intp)

    @cached_property
    def _day_edges(self) -> NDArray[np.intp]:
        return np.searchsorted(self.day, np.arange(self.day[-1] + 2)).astype(np.intp)

    def by_day(self, values: NDArray[np.float64], share: float = 0.5) -> NDArray[np.float64]:
        """Return a quantile over the blocks of each day, NaN for a day without any."""
        return by_group(values, self._day_edges, share)

    def by_weekday(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the median of each day of the week, from Monday, NaN for one never seen."""
        weekday = (self.clock[0] // clock.DAY + np.arange(days.size)) % 7
        order = np.argsort(weekday, kind="stable")
        edges = np.searchsorted(weekday[order], np.arange(8)).astype(np.intp)
        return by_group(days[order], edges, 0.5)

    def place(self, local: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return readings of the clock in days, 0 being noon of the first day."""
        days = (local - self.clock[0] // clock.DAY * clock.DAY) / clock.DAY
        return np.asarray(days, np.float64) - 0.5

    def phases(self, period: int) -> NDArray[np.intp]:
        """Return which part of its period (seconds) each block is, from 0."""
        return (self.clock % period // self.width).astype(np.intp)

    def by_phase(
        self, values: NDArray[np.float64], period: int, share: float
    ) -> NDArray[np.float64]:
        """Return a quantile over the periods for each phase, NaN for one never seen."""
        phases = self.phases(period)
        order = np.argsort(phases, kind="stable")
        edges = np.searchsorted(phases[order], np.arange(-(-period // self.width) + 1))
        return by_group(values[order], edges.astype(np.intp), share)

    def at_samples(self, pattern: NDArray[np.float64], period: int) -> NDArray[np.float64]:
        """Return a season given by phase at every sample, running smoothly through an hour."""
        if self.step >= self.width:
            return pattern[(self.local % period // self.width).astype(np.intp)]
        out = np.empty(self.local.size)
        for first in range(0, out.size, _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            # The middle of each bin, between the middles of the blocks.
            place = (self.local[part] + self.step // 2) % period / self.width
            before = np.floor(place - 0.5).astype(np.intp)
            share = place - 0.5 - before
            out[part] = (1 - share) * pattern[before] + share * pattern[(before + 1) % pattern.size]
        return out

    def between(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return at every sample what is given by block, straight from one to the next."""
        if self.step >= self.width or not values.any():
            return np.repeat(values, np.diff(self.edges))
        middles = (self.clock // self.width + 0.5) * self.width
        at = self.local + self.step / 2
        return np.asarray(np.interp(at, np.maximum.accumulate(middles), values), np.float64)


def cut_into_blocks(
    samples: NDArray[np.float64], times: pd.DatetimeIndex, step: pd.Timedelta, time_zone: str
) -> Blocks:
    """Group samples (naive UTC times, ascending) by the hours of a place."""
    local = clock.local_seconds(times, time_zone)
    seconds = int(step.total_seconds())
    width = max(clock.HOUR, seconds)
    number = local // width
    first = np.flatnonzero(np.diff(number, prepend=number[0] - 1) != 0)
    return Blocks(samples, local, seconds, width, np.append(first, local.size).astype(np.intp))
