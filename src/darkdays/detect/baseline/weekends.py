"""Weekends in records of less than two weeks: seen too seldom to be told from a change."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.clock import DAY, HOUR, WEEK
from darkdays.detect.baseline.cycles import Cycle

_KINDS: Final = {
    "Saturdays and Sundays": (5, 6),
    "Fridays and Saturdays": (4, 5),
    "Thursdays and Fridays": (3, 4),
}
_LEAST_DAYS: Final = 3
_WEEKS: Final = 2  # from so many on a week is a season like any other
_NEAR: Final = 3 * HOUR
_MOST: Final = 2.0  # times as much or as little is no weekend


def seen_once(local: NDArray[np.int64] | None, step: int) -> list[Cycle]:
    """Return the weekends that a record shows a beginning or an end of, but no two weeks of.

    Parameters
    ----------
    local
        What a clock shows at every sample of a regular grid, in seconds since a Monday at 00:00,
        shape ``(n,)``; None without times.
    step
        Seconds from sample to sample.
    """
    if local is None or step > DAY or not _LEAST_DAYS * DAY <= local.size * step < _WEEKS * WEEK:
        return []
    day = local % WEEK // DAY
    phases = {name: np.isin(day, days).astype(np.uint8) for name, days in _KINDS.items()}
    length = round(WEEK / step)
    return [Cycle(name, length, phase) for name, phase in phases.items() if np.ptp(phase)]


def may_be(cycle: Cycle, places: NDArray[np.intp], step: int) -> bool:
    """Say whether any place of the grid is near a beginning or an end of such a weekend."""
    edges = np.flatnonzero(np.diff(cycle.phase)) + 1
    apart = np.abs(edges[:, None] - places).min(initial=cycle.length)
    return bool(apart * step <= max(_NEAR, 2 * step))


def is_mild(values: NDArray[np.float64], other: float) -> bool:
    """Say whether a level beside that of values is as much like it as those of weekends are."""
    level = float(np.median(values))
    if values.min() < 0:
        return True
    return min(level, other) > 0 and max(level, other) <= _MOST * min(level, other)


def without_weekends(
    flat: NDArray[np.float64],
    places: NDArray[np.intp],
    positions: NDArray[np.intp],
    weekends: list[Cycle],
) -> tuple[NDArray[np.float64], NDArray[np.bool_], str]:
    """Take weekends out of a series without noise, where they are among its exact changes.

    Parameters
    ----------
    flat
        Series without any other season, shape ``(n,)``.
    places
        Of its changes, shape ``(k,)``.
    positions
        Of the samples on the grid, shape ``(n,)``.
    weekends
        As :func:`seen_once` gives them.

    Returns
    -------
    flat : numpy.ndarray
        Without the weekend.
    kept : numpy.ndarray
        Which changes are none of its edges, shape ``(k,)``.
    name : str
        Of the weekend, empty if it is none.
    """
    for cycle in weekends:
        phase = cycle.phase[positions]
        edges = np.flatnonzero(np.diff(phase)) + 1
        levels = [float(np.median(flat[phase == one])) for one in (0, 1)]
        if edges.size and np.isin(edges, places).all() and is_mild(flat[phase == 0], levels[1]):
            plain = np.where(phase == 1, flat + levels[0] - levels[1], flat)
            return plain, ~np.isin(places, edges), cycle.name
    return flat, np.ones(places.size, np.bool_), ""
