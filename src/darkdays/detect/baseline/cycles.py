"""What comes back: the day, the week and the year by the clock, or so many samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.clock import DAY, HOUR, WEEK, YEAR

MIN_CYCLES: Final = 4
"""A season needs this many periods, or single days would be taken for the rule."""
_LEAST_DAYS: Final = 3
_LEAST_WEEKS: Final = 2
FEWEST_YEARS: Final = 2
"""A year that was seen so often is told from a change, by waves too few to learn single days."""
_COARSEST: Final = 6 * HOUR
_TOLD_BY: Final = 12  # samples
_LONGEST_SLOT: Final = HOUR // 4
_WEEKS: Final = 52  # of a year: days tell no more of its holidays than weeks do,
_DAYS: Final = 365  # but waves would be stairs of weeks
_WAVES: Final = 2, 5, 0

Phases = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Cycle:
    """What comes back.

    Attributes
    ----------
    name
        As a sentence names it.
    length
        Samples of one time round.
    phase
        Of every sample, shape ``(n,)``.
    waves
        Sine waves that its pattern is made of; 0 for a pattern of any shape.
    """

    name: str
    length: int
    phase: Phases
    waves: int = 0

    @property
    def parameters(self) -> int:
        """How many numbers its pattern has."""
        return 2 * self.waves or int(self.phase.max())


def narrow(phase: NDArray[np.int64]) -> Phases:
    """Return phases in the fewest bytes: a long record has one a sample, of every cycle."""
    return phase.astype(np.min_scalar_type(int(phase.max(initial=0))))


def of_samples(period: int, count: int) -> Cycle:
    """Return the cycle of so many samples in a record of ``count``."""
    return Cycle(f"{period} samples", period, narrow(np.arange(count) % period))


def seconds_of_year(local: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the seconds since the first of January of what a clock shows, as :func:`of_clock`."""
    moments = (local + 4 * DAY).astype("datetime64[s]")
    return np.asarray(moments - moments.astype("datetime64[Y]"), dtype=np.int64)


def of_year(local: NDArray[np.int64], step: int) -> list[Cycle]:
    """Return the cycle of a year by the calendar, of few waves, of more, and of any shape.

    No count of weeks is a year, and after ten of 52 weeks a season is two weeks off. A summer and
    a winter are told by a few numbers, a holiday by one for each week.

    Parameters
    ----------
    local, step
        As for :func:`of_clock`.

    Returns
    -------
    list of Cycle
        The fewest waves only in less than four years; empty in less than one.
    """
    length = round(YEAR / step)
    if length < 2 or local[-1] - local[0] < YEAR:
        return []
    since = seconds_of_year(local)
    years = []
    often = local[-1] - local[0] >= MIN_CYCLES * YEAR
    for waves in _WAVES if often else _WAVES[:1]:
        phases = min(length, _DAYS if waves else _WEEKS)
        # By its middle a month is told from the next one, however long it is.
        phase = narrow((since + step // 2) * phases // YEAR % phases)
        if 2 * waves < phases:
            years.append(Cycle("a year", length, phase, waves))
    return years


def of_clock(local: NDArray[np.int64], step: int) -> list[Cycle]:
    """Return the cycles that people live by and that a record can show, the plainest first.

    Parameters
    ----------
    local
        What a clock shows at every sample of a regular grid, in seconds since a Monday at 00:00,
        shape ``(n,)``.
    step
        Seconds from sample to sample.
    """
    span = local.size * step
    cycles = []
    if span >= _LEAST_DAYS * DAY and step <= _COARSEST:
        # A phase of the day is told by a few samples at least, and no longer than it must be.
        wanted = -(-_TOLD_BY * DAY // span)
        slot = step * max(1, min(wanted, _LONGEST_SLOT // step))
        cycles.append(Cycle("a day", round(DAY / step), narrow(local % DAY // slot)))
    if span >= _LEAST_WEEKS * WEEK and step <= DAY:
        length = round(WEEK / step)
        cycles.append(Cycle("a week", length, narrow(local % WEEK // DAY)))
        if step <= _COARSEST:
            hour = max(step, HOUR)
            cycles.append(Cycle("every hour of a week", length, narrow(local % WEEK // hour)))
    return cycles
