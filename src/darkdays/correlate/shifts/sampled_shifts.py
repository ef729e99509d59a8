"""Circular shifts drawn at random: many places and specifications at once, any statistic.

The count of coincidences of one specification needs no draws:
:mod:`darkdays.correlate.shifts.shifts` has its exact distribution. Draws are for what has to be
judged on the same shifted calendars: the largest of several lags, the share of specifications that
would be significant, a ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.shifts.shifts import shift_table
from darkdays.correlate.shifts.strata import rows_of_strata


@dataclass(frozen=True)
class ShiftCounts:
    """Coincidences of many specifications and places over the same random shifts.

    Attributes
    ----------
    observed
        Shape ``(specifications, places)``.
    shifted
        Shape ``(specifications, places, draws)``; a draw moved the events of a place by the same
        days in every specification.
    """

    observed: NDArray[np.int64]
    shifted: NDArray[np.int32]

    def p_values(self) -> NDArray[np.float64]:
        """Return (k + 1) / (draws + 1) of the sum over places, shape ``(specifications,)``."""
        observed, shifted = self.totals()
        share = ((shifted >= observed[:, None]).sum(axis=1) + 1) / (shifted.shape[1] + 1)
        return np.asarray(share, dtype=np.float64)

    def totals(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return sums over places: shapes ``(specifications,)`` and ``(specifications, draws)``."""
        return self.observed.sum(axis=1), self.shifted.sum(axis=1, dtype=np.int64)


def shift_counts(
    outcomes: NDArray[np.bool_] | NDArray[np.integer],
    exposures: NDArray[np.bool_],
    strata: NDArray[np.integer],
    *,
    draws: int,
    rng: np.random.Generator,
    together: bool = False,
) -> ShiftCounts:
    """Count coincidences after random circular shifts of exposures inside strata.

    A table of every shift of every stratum is made once by Fourier transform; a draw looks its
    counts up. Strata in which no shift changes a count cost nothing.

    Parameters
    ----------
    outcomes
        Flag or number of onsets, shape ``(specifications, places, days)``; a first dimension of 1
        is one for all.
    exposures
        Shape ``(specifications, places, days)``; likewise.
    strata
        Stratum of each day, the same in every place, shape ``(days,)``.
    draws
        How many shift combinations to draw.
    rng
        Where they come from.
    together
        Shift all places by the same days, which keeps what ties them together.

    Returns
    -------
    ShiftCounts

    Raises
    ------
    ValueError
        If shapes do not agree.
    """
    _, places, days = shape = np.broadcast_shapes(outcomes.shape, exposures.shape)
    if strata.shape != (days,):
        raise ValueError("strata must have one label a day")
    observed = np.zeros(shape[:2], dtype=np.int64)
    shifted = np.zeros((*shape[:2], draws), dtype=np.int32)
    for rows in rows_of_strata(strata):
        counted = np.rint(shift_table(outcomes[..., rows], exposures[..., rows]))
        table = np.broadcast_to(counted.astype(np.int32), (*shape[:2], rows.size))
        observed += table[..., 0]
        varies = (table != table[..., :1]).any(axis=2)
        common = rng.integers(rows.size, size=draws) if together and varies.any() else None
        for place in range(places):
            shifted[:, place] += np.where(varies[:, place], 0, table[:, place, 0])[:, None]
            if not varies[:, place].any():
                continue
            moved = rng.integers(rows.size, size=draws) if common is None else common
            for number in np.flatnonzero(varies[:, place]):
                shifted[number, place] += table[number, place].take(moved)
    return ShiftCounts(observed, shifted)
