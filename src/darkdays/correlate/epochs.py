"""Superposed epochs: what a signal does on average around protests, or around outages.

A description, with what chance would draw: the same average around days to which the events were
shifted inside their strata.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.shifts.bands import chance_band
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.errors import InputError


@dataclass(frozen=True)
class EpochCurve:
    """The average around events, with chance.

    Attributes
    ----------
    table
        A row an offset in steps; ``values`` is how many were averaged.
    events
        Number of events.
    p_any
        Probability of as large a deviation at any offset.
    """

    table: pd.DataFrame
    events: int
    p_any: float


def superposed_epochs(
    values: NDArray[np.floating],
    events: NDArray[np.bool_],
    design: ShiftDesign,
    *,
    before: int = 7,
    after: int = 14,
    draws: int = 1_999,
    rng: np.random.Generator,
    level: float = 0.95,
) -> EpochCurve:
    """Average a signal at each distance from the events of its place.

    Parameters
    ----------
    values
        Signal, or onsets as 0 and 1, shape ``(places, steps)``; NaN is missing.
    events
        Where an event begins, shape ``(places, steps)``.
    design
        Of the days that are the steps: events are shifted inside its strata, those of all places
        together, the more often to where a driver makes them likely. Offsets reach beyond strata.
    before, after
        Steps to average before and after an event.
    draws
        Shifted calendars for the bands.
    rng
        Where shifts come from.
    level
        Of the bands.

    Returns
    -------
    EpochCurve

    Raises
    ------
    InputError
        If there is no event, or no value at some distance from any of them.
    """
    if not events.any():
        raise InputError("there is no event to average around.")
    offsets = np.arange(-before, after + 1)
    sums = np.zeros((draws + 1, offsets.size))
    numbers = np.zeros((draws + 1, offsets.size))
    steps = values.shape[1]
    padded = np.full((values.shape[0], steps + before + after), np.nan)
    padded[:, before : before + steps] = values
    around = np.arange(offsets.size)
    for rows, shifts in design.blocks:
        places, at = np.nonzero(events[:, rows])
        if not at.size:
            continue
        moved = rows[(at + shifts[:, None]) % rows.size]
        windows = padded[places[:, None], moved[..., None] + around]
        known = np.isfinite(windows)
        chosen = np.append(0, design.drawn(events, rows, draws=draws, rng=rng))
        sums += np.where(known, windows, 0.0).sum(axis=1)[chosen]
        numbers += known.sum(axis=1)[chosen]
    if not numbers[0].all():
        empty = offsets[numbers[0] == 0][0]
        raise InputError(
            f"no value is known {empty:+d} steps from an event; make the window narrower."
        )
    curves = np.divide(sums, numbers, out=np.full_like(sums, np.nan), where=numbers > 0)
    # A shifted calendar that leaves a distance without any value draws no curve.
    null = curves[1:][np.isfinite(curves[1:]).all(axis=1)]
    if not len(null):
        raise InputError("too few values are known for a band of chance; lengthen the record.")
    band = chance_band(curves[0], null, level=level)
    table = pd.DataFrame(
        {
            "offset": offsets,
            "mean": curves[0],
            "values": numbers[0].astype(np.int64),
            **band.columns(),
        }
    )
    return EpochCurve(table, int(events.sum()), band.p_any)
