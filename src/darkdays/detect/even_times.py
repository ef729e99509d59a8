"""Times that are even but for a little: what a script measures every hour, and months."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

OFF: Final = 0.25
"""Times are off even steps by at most this share of a step, or they are not even."""


def evened(stamps: pd.DatetimeIndex) -> pd.DatetimeIndex | None:
    """Return times in even steps, as near as can be to given ones; None where no such are near.

    Parameters
    ----------
    stamps
        Two or more, ascending, naive; steps that are missing leave a gap in both.
    """
    times = stamps.as_unit("ns").asi8
    spaces = np.diff(times)
    usual = int(np.median(spaces))
    if not (spaces % usual).any():
        return stamps
    places = np.concatenate([[0], np.cumsum(np.maximum(np.rint(spaces / usual), 1))])
    mean = pd.Timedelta((times[-1] - times[0]) / places[-1], unit="ns")
    for unit in ("h", "min", "s", "us"):
        step = mean.round(unit).value
        off = times - times[0] - places.astype(np.int64) * step
        even = times - off + int(np.median(off))
        if step and np.abs(times - even).max() <= OFF * step:
            return pd.DatetimeIndex(even).as_unit(stamps.unit)
    return None
