"""When in the year, in the week and in the day events begin."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.files.writing import rows_of
from darkdays.sweep.report.overview import Watched
from darkdays.sweep.report.resampling import ratios

PHASES: Final = {
    "month": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "weekday": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "hour": tuple(f"{hour:02d}" for hour in range(24)),
}
_DAY: Final = pd.Timedelta(days=1)


def rhythm(events: pd.DataFrame, of: Watched, unit: str, seed: int = 1) -> pd.DataFrame:
    """Return how often events begin in each month, on each weekday or in each hour.

    Parameters
    ----------
    events, of
        What happened, and how long it was watched.
    unit
        ``month``, ``weekday`` or ``hour``, local.
    seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        ``phase``, ``onsets``, ``years`` watched in that phase, and ``ratio``, the rate in the phase
        over the rate at all times, with bounds of 95 %. Places are resampled; with fewer than
        :data:`~darkdays.sweep.report.resampling.LEAST_CLUSTERS` of them there are no bounds,
        because the networks of one place go down together. NaN where less than one onset was to be
        expected.
    """
    names = PHASES[unit]
    labels = sorted(of.table["place"].unique())
    place = {label: row for row, label in enumerate(labels)}
    exposure = np.zeros((len(labels), len(names)))
    alike = of.table.groupby(["place", "first", "last"], sort=True).size().reset_index(name="n")
    for row in rows_of(alike):
        exposure[place[row.place]] += row.n * _years_by(unit, row.first, row.last)
    dated = events[events["local"].notna()]
    counts = np.zeros_like(exposure)
    np.add.at(counts, (dated["place"].map(place).to_numpy(np.intp), _phase(unit, dated)), 1)
    ratio, low, high = ratios(counts, exposure, seed)
    expected = counts.sum() * exposure.sum(axis=0) / max(float(exposure.sum()), 1e-12)
    for numbers in (ratio, low, high):
        numbers[expected < 1] = np.nan
    return pd.DataFrame(
        {
            "phase": names,
            "onsets": counts.sum(axis=0).astype(np.int64),
            "years": exposure.sum(axis=0),
            "ratio": ratio,
            "low": low,
            "high": high,
        }
    )


def _phase(unit: str, dated: pd.DataFrame) -> NDArray[np.intp]:
    clock = dated["local"].dt
    found = {"month": clock.month - 1, "weekday": clock.day_of_week, "hour": clock.hour}[unit]
    return np.asarray(found, np.intp)


def _years_by(unit: str, first: pd.Timestamp, last: pd.Timestamp) -> NDArray[np.float64]:
    """Return the years a span spends in each phase; in hours of the day it spends the same."""
    if unit == "hour":
        return np.full(24, (last - first) / (365.25 * _DAY) / 24)
    days = pd.date_range(first.normalize(), last.normalize(), freq="D")
    share = np.ones(days.size)
    share[-1] = (last - last.normalize()) / _DAY
    share[0] -= (first - first.normalize()) / _DAY
    phases = days.month - 1 if unit == "month" else days.day_of_week
    size = 12 if unit == "month" else 7
    return np.asarray(np.bincount(phases, share, size) / 365.25, np.float64)
