"""Do outages begin on days of protest? Onsets, not days of outage, against local days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from darkdays.correlate.shifts.shifts import ShiftTest, circular_shift_test


@dataclass(frozen=True)
class DayCoincidence:
    """Onset days and event days of one place over the days of its record.

    Attributes
    ----------
    days
        Local days of the record.
    onset_days, event_days
        How many of them hold an onset, an event.
    test
        Stratified by calendar month.
    """

    days: int
    onset_days: int
    event_days: int
    test: ShiftTest


def coincidence_of_days(
    onsets: pd.Series, event_days: pd.DatetimeIndex, record: pd.DatetimeIndex, time_zone: str
) -> DayCoincidence:
    """Count onset days that are event days, and what circular shifts would give.

    Parameters
    ----------
    onsets
        Onsets of the place's *episodes* (UTC): the days of one long outage are not independent.
    event_days
        Local days with an event.
    record
        First and last moment of the record (UTC).
    time_zone
        Of the place: a day in Tehran is not a day in UTC.

    Returns
    -------
    DayCoincidence
    """
    first, last = (moment.tz_convert(time_zone).date() for moment in (record[0], record[-1]))
    days = pd.date_range(first, last, freq="D")
    onset_days = pd.DatetimeIndex(
        [pd.Timestamp(moment.tz_convert(time_zone).date()) for moment in onsets]
    )
    outcome, exposure = days.isin(onset_days), days.isin(event_days)
    months = np.asarray(days.year * 12 + days.month, dtype=np.intp)
    return DayCoincidence(
        days=len(days),
        onset_days=int(outcome.sum()),
        event_days=int(exposure.sum()),
        test=circular_shift_test(outcome, exposure, months),
    )
