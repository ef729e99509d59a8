"""Coincidences by lag, in both directions: outages after protests, and protests after outages.

A description: protests last for days, so that neighbouring lags say much the same, and a day
cannot order what happened within it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.crossover.mantel_haenszel import rate_ratio
from darkdays.correlate.crossover.stratified import count_by_stratum
from darkdays.correlate.shifts.bands import chance_band
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.correlate.shifts.strata import strata_of_places
from darkdays.errors import InputError

LAGS: Final = range(-3, 8)


@dataclass(frozen=True)
class LagProfile:
    """Coincidences by lag with what chance gives.

    Attributes
    ----------
    table
        A row a lag in days. ``coincidences`` are outcomes that many days
        after an exposed day, ``precursor_rate`` their share of outcomes, ``trigger_rate`` their
        share of exposed days. ``expected`` and the bands, pointwise and for all lags at once
        (``_all``), are of ``coincidences``; ``p`` is one-sided for the lag by itself. ``ratio``
        is the Mantel-Haenszel rate ratio within place and stratum.
    p_any
        Probability of as large a deviation at any of the lags.
    outcomes, days
        Numbers behind the rates: of the days for which every lag is inside the record.
    """

    table: pd.DataFrame
    p_any: float
    outcomes: int
    days: int


def lag_profile(
    outcomes: NDArray[np.bool_] | NDArray[np.integer],
    exposures: NDArray[np.bool_],
    design: ShiftDesign,
    *,
    lags: Iterable[int] = LAGS,
    draws: int = 1_999,
    rng: np.random.Generator,
    level: float = 0.95,
) -> LagProfile:
    """Count outcomes by the days since an exposed day.

    Parameters
    ----------
    outcomes
        Flag or number of onsets, shape ``(places, days)``.
    exposures
        Shape ``(places, days)``.
    design
        Of the same days.
    lags
        In days; below 0 the outcome comes first.
    draws
        Shifted calendars for the bands; all lags see the same ones.
    rng
        Where shifts come from.
    level
        Of the bands and limits.

    Returns
    -------
    LagProfile

    Raises
    ------
    InputError
        If there are no lags or the record is too short for them.
    """
    wanted = sorted(set(lags))
    places, days = outcomes.shape
    if not wanted:
        raise InputError("there are no lags; give at least one.")
    first, last = max(wanted[-1], 0), days + min(wanted[0], 0)
    if last - first < 1:
        raise InputError(
            f"a record of {days} days is too short for lags from {wanted[0]} to {wanted[-1]}."
        )
    happened = outcomes[:, first:last].astype(np.int64)
    lagged = np.stack([exposures[:, first - lag : last - lag] for lag in wanted])
    inside = design.cut(first, last)
    found = shift_counts(happened[None], lagged, inside, draws=draws, rng=rng)
    counts, shifted = found.observed, found.shifted
    band = chance_band(counts.astype(np.float64), shifted.T.astype(np.float64), level=level)
    own = strata_of_places(inside.strata, places)
    ratios = [rate_ratio(count_by_stratum(happened, one, own), level=level) for one in lagged]
    total = int(happened.sum())
    exposed = lagged.sum(axis=(1, 2))
    table = pd.DataFrame(
        {
            "lag": wanted,
            "coincidences": counts,
            "precursor_rate": counts / total if total else np.nan,
            "trigger_rate": np.divide(
                counts, exposed, out=np.full(len(wanted), np.nan), where=exposed > 0
            ),
            **band.columns() | {"low_all": np.maximum(band.low_all, 0)},
            "p": found.p_values(),
            "ratio": pd.array([one.value for one in ratios], dtype="Float64"),
            "ratio_low": pd.array([one.low for one in ratios], dtype="Float64"),
            "ratio_high": pd.array([one.high for one in ratios], dtype="Float64"),
        }
    )
    return LagProfile(table, band.p_any, total, happened.size)
