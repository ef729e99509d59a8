"""Days that count as exposed to an event: certainly, or possibly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.moments import day_begins
from darkdays.errors import InputError
from darkdays.files.writing import rows_of


@dataclass(frozen=True)
class Exposure:
    """Exposed days of one place, flags of shape ``(days,)``; what is certain is possible too."""

    certain: NDArray[np.bool_]
    possible: NDArray[np.bool_]


def exposure_by_day(
    events: pd.DataFrame,
    days: pd.DatetimeIndex,
    time_zone: str,
    *,
    days_after: int = 0,
    days_before: int = 0,
) -> Exposure:
    """Mark the local days of a place that an event touched, and days around them.

    An event known to a day of the place touches that day for certain; one known to a day of UTC
    touches one of two local days, and none for certain.

    Parameters
    ----------
    events
        Of that place, an event table with ``start_low``, ``start_high`` and ``end_high`` (UTC),
        ``precision`` and ``time_zone``, as :func:`darkdays.contracts.events.read_csv` gives it.
    days
        Consecutive local days, at least one, midnights without a time zone.
    time_zone
        Of the place.
    days_after, days_before
        How many days after and before count as exposed too; events outside the record reach into
        it.

    Returns
    -------
    Exposure

    Raises
    ------
    InputError
        If a width is negative.
    """
    _check_widths(days_after, days_before)
    day = pd.Timedelta(days=1)
    wide = pd.date_range(days[0] - days_after * day, days[-1] + days_before * day, freq="D")
    certain, possible = np.zeros(len(wide), dtype=bool), np.zeros(len(wide), dtype=bool)
    moment = pd.Timedelta(seconds=1)

    def day_of(when: pd.Timestamp) -> pd.Timestamp:
        return when.tz_convert(time_zone).tz_localize(None).normalize()

    for event in rows_of(events):
        # The end is known as well as the start is; a day has 23 hours, or 25, now and then.
        end_low = event.end_high - (event.start_high - event.start_low)
        if event.precision == "day":
            end_low = day_begins(event.end_high - moment, event.time_zone)
        possible |= (wide >= day_of(event.start_low)) & (wide <= day_of(event.end_high - moment))
        certain |= (wide >= day_of(event.start_high - moment)) & (wide <= day_of(end_low))
    record = slice(days_after, days_after + len(days))
    return Exposure(
        days_around(certain, days_after=days_after, days_before=days_before)[record],
        days_around(possible, days_after=days_after, days_before=days_before)[record],
    )


def days_around(
    event_days: NDArray[np.bool_], *, days_after: int, days_before: int = 0
) -> NDArray[np.bool_]:
    """Mark days from ``days_before`` before to ``days_after`` after any event day.

    Parameters
    ----------
    event_days
        Shape ``(..., days)``.
    days_after, days_before
        0 for the day itself only.

    Raises
    ------
    InputError
        If a width is negative.
    """
    _check_widths(days_after, days_before)
    marked = event_days.copy()
    longest = event_days.shape[-1] - 1
    for lag in range(1, min(days_after, longest) + 1):
        marked[..., lag:] |= event_days[..., :-lag]
    for lag in range(1, min(days_before, longest) + 1):
        marked[..., :-lag] |= event_days[..., lag:]
    return marked


def nearness_of_days(event_days: NDArray[np.bool_], *, days_after: int) -> NDArray[np.int64]:
    """Return how near each exposed day is to the latest event day before it.

    ``days_after + 1`` on an event day, one less on each day after, 0 where not exposed: for the
    ties of :func:`darkdays.correlate.shifts.shifts.circular_shift_test`.

    Parameters
    ----------
    event_days
        Shape ``(..., days)``.
    days_after
        Width of the window of exposure.
    """
    days = np.arange(event_days.shape[-1])
    latest = np.maximum.accumulate(np.where(event_days, days, -days_after - 1), axis=-1)
    return np.asarray(np.maximum(days_after + 1 - (days - latest), 0), dtype=np.int64)


def _check_widths(days_after: int, days_before: int) -> None:
    if days_after < 0 or days_before < 0:
        raise InputError("a window of exposure has a negative width; give 0 or more days.")
