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

from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.shifts import shift_table


@dataclass(frozen=True)
class ShiftCounts:
    """Coincidences of many specifications over the same random shifts, all places together.

    Attributes
    ----------
    observed
        Shape ``(specifications,)``.
    shifted
        Shape ``(specifications, draws)``.
    """

    observed: NDArray[np.int64]
    shifted: NDArray[np.int64]

    def p_values(self) -> NDArray[np.float64]:
        """Return (k + 1) / (draws + 1), shape ``(specifications,)``."""
        reached = (self.shifted >= self.observed[:, None]).sum(axis=1)
        return np.asarray((reached + 1) / (self.shifted.shape[1] + 1), dtype=np.float64)


def shift_counts(
    outcomes: NDArray[np.bool_] | NDArray[np.integer],
    exposures: NDArray[np.bool_],
    design: ShiftDesign,
    *,
    draws: int,
    rng: np.random.Generator,
) -> ShiftCounts:
    """Count coincidences after random circular shifts of exposures.

    A table of every shift of every stratum is made once by Fourier transform; a draw looks its
    counts up. Strata in which no shift changes a count cost nothing.

    Parameters
    ----------
    outcomes
        Flag or number of onsets, shape ``(specifications, places, days)``; a first dimension of 1
        is one for all.
    exposures
        Shape ``(specifications, places, days)``; likewise.
    design
        Of the same days; a measured driver weighs shifts by the first of the outcomes.
    draws
        How many shift combinations to draw.
    rng
        Where they come from.

    Returns
    -------
    ShiftCounts

    Raises
    ------
    ValueError
        If shapes do not agree.
    """
    number, _, days = np.broadcast_shapes(outcomes.shape, exposures.shape)
    if days != len(design.days):
        raise ValueError("the design must be of the days of outcomes and exposures")
    observed = np.zeros(number, dtype=np.int64)
    shifted = np.zeros((number, draws), dtype=np.int64)
    for rows, _ in design.blocks:
        counted = shift_table(outcomes[..., rows], exposures[..., rows]).sum(axis=1)
        table = np.rint(counted).astype(np.int64)[:, :: design.step]
        observed += table[:, 0]
        if (table != table[:, :1]).any():
            shifted += table[:, design.drawn(outcomes[0], rows, draws=draws, rng=rng, back=True)]
        else:
            shifted += table[:, :1]
    return ShiftCounts(observed, shifted)
