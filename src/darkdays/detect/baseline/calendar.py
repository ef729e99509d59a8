"""Where the samples of a record stand in time, and which cycles of the clock it can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.baseline.clock import YEAR, local_seconds
from darkdays.detect.baseline.cycles import (
    FEWEST_YEARS,
    MIN_CYCLES,
    Cycle,
    narrow,
    of_clock,
    of_year,
)
from darkdays.errors import InputError

_PERIODS: Final = {"day": pd.Timedelta(days=1), "week": pd.Timedelta(weeks=1)}
_LONGEST: Final = 4  # a grid of more places a row than this is mostly gap
_PHASES: Final = 168


@dataclass(frozen=True)
class Calendar:
    """Places of rows on an even grid, and what a clock shows there.

    Attributes
    ----------
    positions
        Place of every row; where times are uneven, its number, shape ``(n,)``.
    local
        Seconds since a Monday at 00:00 at each place of the grid; None without times.
    step
        Seconds from place to place.
    """

    positions: NDArray[np.intp]
    local: NDArray[np.int64] | None
    step: int

    @classmethod
    def of(cls, count: int, stamps: pd.DatetimeIndex | None, time_zone: str) -> Calendar:
        """Return that of rows at times (UTC, naive), which may be None."""
        numbers = np.arange(count)
        if stamps is None or count < 2:
            return cls(numbers, None, 1)
        seconds = stamps.as_unit("s").asi8
        between = np.diff(seconds)
        step = max(int(np.median(between)), 1)
        even = not (between % step).any() and seconds[-1] - seconds[0] < _LONGEST * count * step
        if not even:
            return cls(numbers, local_seconds(stamps, time_zone), step)
        positions = ((seconds - seconds[0]) // step).astype(np.intp)
        grid = stamps
        if positions[-1] + 1 != count:
            grid = pd.date_range(stamps[0], stamps[-1], freq=pd.Timedelta(step, unit="s"))
        return cls(positions, local_seconds(grid, time_zone), step)

    def cycles(self) -> list[Cycle]:
        """Return the day and the week, as far as the record can show them."""
        return [] if self.local is None else of_clock(self.local, self.step)

    def years(self) -> list[Cycle]:
        """Return the year in its shapes, if the record can show it."""
        return [] if self.local is None else of_year(self.local, self.step)

    def may_hide_a_year(self) -> bool:
        """Say whether the record is long enough to follow a year, and too short to show it."""
        span = 0 if self.local is None else int(self.local[-1] - self.local[0])
        return YEAR // 2 <= span < FEWEST_YEARS * YEAR

    def given(self, period: str | pd.Timedelta) -> tuple[list[Cycle], str]:
        """Return the cycle that was asked for, and what to say of it.

        Raises
        ------
        InputError
            If there are no times, or the period is not one.
        """
        if self.local is None:
            raise InputError("a period needs times; give them, or use no period.")
        length = _PERIODS[period] if isinstance(period, str) and period in _PERIODS else period
        if not isinstance(length, pd.Timedelta) or length <= pd.Timedelta(0):
            raise InputError(f"period {period!r} is not one; give day, week, none or a Timedelta.")
        name = period if isinstance(period, str) else str(length)
        whole = int(length.total_seconds())
        if (self.local.size - 1) * self.step < MIN_CYCLES * whole:
            return [], (
                f"Season: the record is shorter than {MIN_CYCLES} periods of a {name}; "
                "season not taken out."
            )
        slot = max(self.step, whole // _PHASES, 1)
        phase = self.local % max(whole, 1) // slot
        cycle = Cycle(f"a {name}", max(round(whole / self.step), 1), narrow(phase))
        return [cycle], f"Season: that of a {name} was taken out, as asked."
