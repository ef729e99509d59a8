"""The change-points of one entity's signals, in their samples or in the medians of their days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import pandas as pd

from darkdays.contracts.signals import Signal
from darkdays.detect.changepoints.changes import SHORT, change_points
from darkdays.sweep.plan.work import Settings
from darkdays.sweep.tasks.detecting import Judged, as_moments
from darkdays.sweep.tasks.parts import empty

_DAY: Final = pd.Timedelta(days=1)
_MEASURED: Final = 0.5
"""A day of which less was measured has no median."""


def changes_in(
    entity: str,
    datasources: Iterable[str],
    read: Callable[[str, str], Signal],
    settings: Settings,
    hide: str = "",
) -> Judged:
    """Find the change-points of the signals of an entity, which hang on no least depth."""
    found = Judged.of(entity)
    for datasource in datasources:
        with found.failing(datasource, hide):
            found.add("change-points", changes_of(read(entity, datasource), settings))
    return found


def changes_of(signal: Signal, settings: Settings) -> pd.DataFrame:
    """Return the change-points of a signal, of its samples or of its daily medians."""
    kind = settings.change_points
    times, values = signal.observed()
    if kind == "none" or not values.size:
        return empty("change-points")
    step = signal.step
    by_day = kind == "day" or (kind == "auto" and values.size > SHORT)
    if by_day and step < _DAY:
        times, values, step = *_medians_of_days(signal), _DAY
        if not values.size:
            return empty("change-points")
    level = settings.levels[0]
    changes = change_points(values, times=times, level=level)
    table = pd.DataFrame(
        {
            "time": changes.times,
            "low": changes.intervals[:, 0],
            "high": changes.intervals[:, 1],
            "p": changes.p_values,
            "confirmed": changes.confirmed,
            "level_before": changes.levels[:-1],
            "level_after": changes.levels[1:],
        }
    ).assign(entity=signal.entity, datasource=signal.datasource, step=step.isoformat(), level=level)
    return as_moments(table, "time", "low", "high")


def _medians_of_days(signal: Signal) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Return the medians of the days (UTC) of which at least half was measured."""
    series = pd.Series(signal.values, index=signal.times)
    by_day = series.resample("1D")
    whole = _DAY / signal.step
    medians = by_day.median()[by_day.count() >= _MEASURED * whole]
    return pd.DatetimeIndex(medians.index), medians.to_numpy(np.float64)
