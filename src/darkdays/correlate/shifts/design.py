"""The one design of every shift of a study: what moves together, inside what, and by what steps.

Made once from a calendar and handed to everything that is said of it, so that a control, a band of
chance or a joint test is held against the very shifts of the test it stands beside. Places always
move together: a national protest and a national outage count once, however many places see them,
and whichever place has an event of its own besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from darkdays.correlate.shifts.shifts import ShiftTest, circular_shift_test, shift_table
from darkdays.correlate.shifts.strata import rows_of_strata, time_strata

_WEEK: Final = 7
SHORTEST_FOR_WEEKS: Final = 2 * _WEEK
"""Days below which there is no other week to compare one with."""


@dataclass(frozen=True)
class ShiftDesign:
    """How a calendar of places is shifted.

    Attributes
    ----------
    days
        Consecutive local days, the same for every place.
    weekly
        By whole weeks inside calendar months, instead of by days: for what keeps to a weekday. Days
        after the last whole week of a month stay where they are. Blocks of 28 days from the first
        would straddle the turn of a season, which passes for an association.
    log_intensity
        Of a measured driver, shape ``(places, days)``, as
        :func:`darkdays.correlate.shifts.shifts.circular_shift_test` has it; None without one.
    """

    days: pd.DatetimeIndex
    weekly: bool = False
    log_intensity: NDArray[np.float64] | None = field(default=None, compare=False)

    @property
    def step(self) -> int:
        """Days of the smallest shift."""
        return _WEEK if self.weekly else 1

    @cached_property
    def strata(self) -> NDArray[np.intp]:
        """The stratum of each day, shape ``(days,)``."""
        months = time_strata(self.days, "month")
        for rows in rows_of_strata(months) if self.weekly else ():
            months[rows[rows.size // _WEEK * _WEEK :]] += len(self.days)
        return months

    @cached_property
    def blocks(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Days of each stratum, and the days it can be shifted by, the first of them 0."""
        return [(rows, np.arange(0, rows.size, self.step)) for rows in rows_of_strata(self.strata)]

    def cut(self, first: int, last: int) -> ShiftDesign:
        """Return the design of the days from one to before another."""
        within = None if self.log_intensity is None else self.log_intensity[:, first:last]
        return replace(self, days=self.days[first:last], log_intensity=within)

    def drawn(
        self,
        moved: NDArray[np.bool_] | NDArray[np.integer],
        rows: NDArray[np.intp],
        *,
        draws: int,
        rng: np.random.Generator,
        back: bool = False,
    ) -> NDArray[np.intp]:
        """Draw shifts of a stratum, as probable as a driver makes what they move.

        Parameters
        ----------
        moved
            What happens more often where the driver says so, shape ``(places, days)``.
        rows
            Days of the stratum, one of :attr:`blocks`.
        draws
            How many.
        rng
            Where they come from.
        back
            It is moved back by the shift: what it is held against is moved forward.

        Returns
        -------
        numpy.ndarray
            Places in the shifts of the block, shape ``(draws,)``.
        """
        chances = None
        if self.log_intensity is not None:
            pair = self.log_intensity[:, rows], moved[:, rows]
            chances = softmax(shift_table(*pair[:: -1 if back else 1]).sum(axis=0)[:: self.step])
        return rng.choice(-(-rows.size // self.step), size=draws, p=chances)

    def test(
        self, outcomes: NDArray[np.bool_] | NDArray[np.integer], nearness: NDArray[np.integer]
    ) -> ShiftTest:
        """Test whether outcomes fall on exposed days more often than after shifts.

        Parameters
        ----------
        outcomes
            Flag or number of onsets, shape ``(places, days)``.
        nearness
            How near each day is to what it is exposed to, 0 where it is not, same shape: see
            :func:`darkdays.correlate.exposure.nearness_of_days`. It breaks ties.

        Raises
        ------
        ValueError
            If shapes differ.
        """
        return circular_shift_test(
            outcomes,
            nearness > 0,
            self.strata,
            nearness=nearness,
            step=self.step,
            log_intensity=self.log_intensity,
        )
