"""Local clocks in UTC: time zones, days that begin without a midnight, hours that occur twice."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError
from darkdays.sources.own.table import Table


def zone_called(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises
    ------
    InputError
        If there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"unknown time zone {name!r}; give an IANA name such as Asia/Tehran."
        ) from None


def of_days(local: pd.DatetimeIndex, zone: ZoneInfo) -> pd.DatetimeIndex:
    """Return when local days begin, UTC; where there is no midnight, with the first hour."""
    return local.tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.ones(len(local), bool)
    ).tz_convert("UTC")


def of_clock(
    table: Table, column: str, local: pd.DatetimeIndex, zone: ZoneInfo, whose: pd.Series | None,
    said: list[str],
) -> pd.DatetimeIndex:  # fmt: skip
    """Return times of a local clock in UTC; an hour that occurs twice is told by order.

    Parameters
    ----------
    table, column
        Where they stand.
    local, zone
        The times, and whose clock it is.
    whose
        Entity of each row, where a table holds many.
    said
        Takes up what could not be told.

    Raises
    ------
    InputError
        If a time is one that clocks go past.
    """
    ahead = local.tz_localize(zone, nonexistent="NaT", ambiguous=np.ones(len(local), bool))
    gap = ahead.isna()
    if gap.any():
        raise table.wrong(
            gap, column, f"is no time in {zone.key}: clocks go past it; write times in UTC to get "
            "around the change of clocks, and say --time-zone UTC",
        )  # fmt: skip
    later = local.tz_localize(zone, ambiguous=np.zeros(len(local), bool))
    twice: NDArray[np.bool_] = np.asarray(ahead != later)
    if not twice.any():
        return ahead.tz_convert("UTC")
    key = pd.DataFrame({"time": local, "whose": "" if whose is None else whose.to_numpy()})
    # Of two rows with one time the second is the later, or the earlier if the file runs backwards.
    falling = len(local) > 1 and local[0] > local[-1]
    second = np.array(key.duplicated(keep="last" if falling else "first"))
    paired = key.duplicated(keep=False).to_numpy()
    unsure = twice & ~paired
    for at in np.flatnonzero(unsure).tolist():
        # After a row of the second time round, or behind its predecessor, it is of that as well.
        second[at] = at > 0 and twice[at - 1] and (second[at - 1] or local[at] <= local[at - 1])
    if unsure.any():
        said.append(
            f"{int(unsure.sum())} of the hour that clocks repeat are there once; what nothing "
            "tells apart is read as the first"
        )
    return pd.DatetimeIndex(
        np.where(
            twice & second,
            later.tz_convert("UTC").tz_localize(None),
            ahead.tz_convert("UTC").tz_localize(None),
        )
    ).tz_localize("UTC")
