"""Weekday against the same weekday: how a signal moved in the window of each day.

Protests and shutdowns that both come on Fridays coincide whatever the reason. Fridays are
therefore compared with Fridays: those with a listed shutdown with those without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from darkdays.files.writing import rows_of

_BEFORE: Final = pd.Timedelta(hours=3)
_LEAST_DAYS: Final = 2
# Beyond this many ways to choose the days, the test draws instead of counting.
_MOST_CHOICES: Final = 200_000


@dataclass(frozen=True)
class MatchedDays:
    """Drops of a signal in windows of the same weekday.

    Attributes
    ----------
    table
        The days, with ``drop``: share of the level of the three hours before that is missing in
        the window; missing where the signal was not measured.
    cut, clear
        Median drop on days with and without a listed shutdown.
    n_cut, n_clear
        How many days of each were measured.
    p_value
        Chance that days drawn at random would differ as much, one-sided.
    smallest_p
        The smallest that could have come out.
    """

    table: pd.DataFrame
    cut: float
    clear: float
    n_cut: int
    n_clear: int
    p_value: float
    smallest_p: float


def typical_window(table: pd.DataFrame) -> tuple[pd.Timedelta, pd.Timedelta] | None:
    """Return the median window of the days that have one, from the beginning of their UTC day."""
    known = table.dropna(subset=["window_start", "window_end"])
    if known.empty:
        return None
    midnight = known["day"].dt.tz_localize("UTC")
    start, end = ((known[name] - midnight).median() for name in ("window_start", "window_end"))
    return start, end


def matched_days(
    table: pd.DataFrame,
    times: pd.DatetimeIndex,
    values: NDArray[np.float64],
    rng: np.random.Generator,
) -> MatchedDays | None:
    """Compare how far a signal fell in the window of days with and without a listed shutdown.

    Parameters
    ----------
    table
        Of :func:`darkdays.labels.weekdays.weekday_shutdowns`. A day without a stated window is
        looked at in the typical one.
    times, values
        The signal, UTC without a zone, shape ``(n,)``; missing values are NaN.
    rng
        Where the draws of the test come from if there are too many ways to count them all.

    Returns
    -------
    MatchedDays or None
        None if no window is known, or fewer than two days of a kind were measured.
    """
    typical = typical_window(table)
    if typical is None:
        return None
    series = pd.Series(values, index=times).dropna().sort_index()
    drops = []
    for day in rows_of(table):
        midnight = day.day
        start, end = midnight + typical[0], midnight + typical[1]
        if not pd.isna(day.window_start):
            start, end = (one.tz_localize(None) for one in (day.window_start, day.window_end))
        drops.append(_drop(series, start, end))
    found = table.assign(drop=drops)
    measured = found[found["drop"].notna()]
    cut, clear = (
        measured.loc[measured["shutdown"] == kind, "drop"].to_numpy() for kind in (True, False)
    )
    if min(len(cut), len(clear)) < _LEAST_DAYS:
        return None
    test = scipy.stats.permutation_test(
        (cut, clear),
        _difference,
        permutation_type="independent",
        alternative="greater",
        n_resamples=_MOST_CHOICES,
        vectorized=True,
        rng=rng,
    )
    choices = min(len(test.null_distribution), _MOST_CHOICES + 1)
    return MatchedDays(
        table=found,
        cut=float(np.median(cut)),
        clear=float(np.median(clear)),
        n_cut=len(cut),
        n_clear=len(clear),
        p_value=float(test.pvalue),
        smallest_p=1 / choices,
    )


def _difference(
    cut: NDArray[np.float64], clear: NDArray[np.float64], axis: int
) -> NDArray[np.float64]:
    return np.asarray(cut.mean(axis=axis) - clear.mean(axis=axis))


def _drop(series: pd.Series, start: pd.Timestamp, end: pd.Timestamp) -> float:
    before = series.loc[start - _BEFORE : start - pd.Timedelta(seconds=1)]
    inside = series.loc[start : end - pd.Timedelta(seconds=1)]
    if before.empty or inside.empty or before.median() <= 0:
        return float("nan")
    return float(1 - inside.median() / before.median())
