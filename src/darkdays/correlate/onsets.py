"""Onsets of episodes in the local calendar days of their place, with their doubt.

Pure functions on tables with a row an episode: ``onset``, ``onset_low`` and ``onset_high`` (UTC).
An onset whose interval straddles midnight belongs to either day, and so has two readings: the one
with the fewest coincidences, and the one with the most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.exposure import Exposure
from darkdays.errors import InputError
from darkdays.files.writing import rows_of

TIMES: Final = ("onset", "onset_low", "onset_high")


def local_days_of(episodes: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """Add the first and the last local day an onset can have been on, and its stated one.

    Parameters
    ----------
    episodes
        With :data:`TIMES` (UTC); a missing bound is the stated moment.
    time_zone
        Of the place, an IANA name.

    Returns
    -------
    pandas.DataFrame
        The table with ``day``, ``day_low`` and ``day_high``, local midnights without a time zone.
    """
    _check(episodes)
    moments = {name: pd.to_datetime(episodes[name], utc=True) for name in TIMES}
    return episodes.assign(
        **{
            name.replace("onset", "day"): known.fillna(moments["onset"])
            .dt.tz_convert(time_zone)
            .dt.tz_localize(None)
            .dt.normalize()
            for name, known in moments.items()
        }
    )


@dataclass(frozen=True)
class DayReadings:
    """Onsets of one place by local day, read three ways, arrays of shape ``(days,)``.

    Attributes
    ----------
    days
        Local days of the record.
    stated
        By the stated moment.
    fewest, most
        Every onset in doubt on a day, of those it can have been on, that is not certainly
        exposed if there is one, and on one that is possibly exposed if there is one.
    left_out
        Onsets whose stated day is outside the record.
    """

    days: pd.DatetimeIndex
    stated: NDArray[np.int64]
    fewest: NDArray[np.int64]
    most: NDArray[np.int64]
    left_out: int


def onsets_by_day(
    episodes: pd.DataFrame,
    days: pd.DatetimeIndex,
    time_zone: str,
    exposure: Exposure | None = None,
) -> DayReadings:
    """Count the onsets of one place on each local day of a record.

    Parameters
    ----------
    episodes
        Of that place, with :data:`TIMES` (UTC).
    days
        Consecutive local days, midnights without a time zone.
    time_zone
        Of the place.
    exposure
        What fewest and most refer to; without it, they are the stated reading.

    Returns
    -------
    DayReadings
    """
    stated, fewest, most = (np.zeros(len(days), dtype=np.int64) for _ in range(3))
    left_out = 0
    for episode in rows_of(local_days_of(episodes, time_zone)):
        at, first, last = (
            int(number)
            for number in days.get_indexer(
                pd.DatetimeIndex([episode.day, episode.day_low, episode.day_high])
            )
        )
        if at < 0:
            left_out += 1
            continue
        # Where the interval leaves the record, it is cut: days outside have no exposure to read.
        possible = np.arange(max(first, 0), (last if last >= 0 else len(days) - 1) + 1)
        possible = possible[np.argsort(np.abs(possible - at), kind="stable")]
        stated[at] += 1
        if exposure is None:
            fewest[at] += 1
            most[at] += 1
        else:
            fewest[possible[np.argmin(exposure.certain[possible])]] += 1
            most[possible[np.argmax(exposure.possible[possible])]] += 1
    return DayReadings(days, stated, fewest, most, left_out)


def _check(table: pd.DataFrame) -> None:
    missing = [name for name in TIMES if name not in table.columns]
    if missing:
        raise InputError(
            f"the table of onsets has no column {missing[0]!r}; it needs {', '.join(TIMES)}."
        )
