"""The clock people live by: hours and weeks of a place, through daylight saving."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HOUR: Final = 3_600
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
YEAR: Final = 365 * DAY + 6 * HOUR
_CLOSE: Final = pd.Timedelta(hours=2)


def utc_seconds(times: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Return naive UTC times as seconds since 1970."""
    return np.asarray(times.as_unit("s").asi8, np.int64)


def local_seconds(times: pd.DatetimeIndex, time_zone: str) -> NDArray[np.int64]:
    """Return what a clock at a place shows at naive UTC times, as seconds since Monday 00:00.

    The Monday is that of 5 January 1970, so that hours of a day and of a week are remainders.
    When the clock is put back an hour comes twice, and two times may share a reading.
    """
    if time_zone != "UTC":
        times = times.tz_localize("UTC").tz_convert(time_zone).tz_localize(None)
    return utc_seconds(times) - 4 * DAY


def about_midnight(low: pd.Timestamp, high: pd.Timestamp, time_zone: str) -> bool:
    """Say whether midnight at a place is between two moments (UTC, naive), or close to them."""
    times = pd.DatetimeIndex([low - _CLOSE, high + _CLOSE])
    first, last = local_seconds(times, time_zone)
    return bool(last // DAY > (first - 1) // DAY)
