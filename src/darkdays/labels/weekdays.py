"""One weekday, week after week: which of them had a shutdown, and at what hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from darkdays.files.writing import rows_of
from darkdays.labels.regions import names

WEEKDAYS: Final = (*("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),)
COLUMNS: Final = ("day", "shutdown", "window_start", "window_end", "rows")
_CLOCK: Final = r"(?:around |about )?(\d{1,2}):(\d{2})"
_WINDOW: Final = re.compile(
    rf"\b(?:between|from)\s+{_CLOCK}\s*(?:to|and|until|till|[-\u2013])\s*{_CLOCK}"
    r"\s*UTC(?:\s*([+-])\s*(\d{1,2})(?::(\d{2}))?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Weekdays:
    """A weekday of a place over a stretch of weeks.

    Attributes
    ----------
    table
        A row each: ``day`` (local, without a zone), ``shutdown`` (bool), ``window_start`` and
        ``window_end`` (UTC, missing where no text states them) and ``rows`` of the list.
    others
        Days of the stretch that are another weekday.
    others_with_shutdown
        How many of them had a shutdown that lasted that day only, or began on it.
    by_weekday
        Days with a shutdown, Monday first.
    """

    table: pd.DataFrame
    others: int
    others_with_shutdown: int
    by_weekday: tuple[int, ...]

    @property
    def with_shutdown(self) -> pd.DataFrame:
        """The days with a shutdown."""
        return self.table[self.table["shutdown"]]

    @property
    def without_shutdown(self) -> pd.DataFrame:
        """The days without one."""
        return self.table[~self.table["shutdown"]]


def named(shutdowns: pd.DataFrame, country: str, areas: Sequence[str]) -> bool:
    """Return whether a list ever names a place, on whatever day."""
    return bool(_of(shutdowns, country, areas).any())


def _of(shutdowns: pd.DataFrame, country: str, areas: Sequence[str]) -> pd.Series:
    inside = shutdowns["area"].map(lambda area: any(names(area, one) for one in areas))
    return (shutdowns["country"] == country) & inside.astype(bool)


def weekday_shutdowns(
    shutdowns: pd.DataFrame,
    *,
    country: str,
    areas: Sequence[str],
    weekday: str,
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> Weekdays:
    """Find out on which days a place was cut off, one weekday against the others.

    A day counts if a shutdown that cut the full network began on it; what goes on for weeks says
    nothing about a weekday.

    Parameters
    ----------
    shutdowns
        Columns ``row``, ``country``, ``start``, ``area``, ``full_network`` and ``event``.
    country
        ISO 3166-1 alpha-2.
    areas
        Spellings of the place; an area counts that names one of them.
    weekday
        One of :data:`WEEKDAYS`.
    first, last
        Days, both included.
    """
    days = pd.date_range(first, last, freq="D")
    mine = shutdowns[
        _of(shutdowns, country, areas)
        & shutdowns["full_network"]
        & shutdowns["start"].between(first, last)
    ]
    windows = {row.row: utc_windows(row.event, row.start) for row in rows_of(mine)}
    listed: dict[pd.Timestamp, list[int]] = {}
    for row in rows_of(mine.sort_values("row")):
        listed.setdefault(row.start, []).append(row.row)
    rows = []
    for day in days[days.day_of_week == WEEKDAYS.index(weekday)]:
        numbers = listed.get(day, [])
        stated = [window for number in numbers for window in windows[number]]
        rows.append(
            {
                "day": day,
                "shutdown": bool(numbers),
                "window_start": min((window[0] for window in stated), default=pd.NaT),
                "window_end": max((window[1] for window in stated), default=pd.NaT),
                "rows": " ".join(str(number) for number in numbers),
            }
        )
    counted = [0] * len(WEEKDAYS)
    for day in listed:
        counted[day.day_of_week] += 1
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("window_start", "window_end"):
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    return Weekdays(
        table=table,
        others=len(days) - len(table),
        others_with_shutdown=sum(counted) - counted[WEEKDAYS.index(weekday)],
        by_weekday=tuple(counted),
    )


def utc_windows(text: str, day: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the stretches of time a text states in UTC, or at an offset from it.

    Parameters
    ----------
    text
        Prose; a time without a stated offset is not read.
    day
        The day the times are of, without a zone: local to the stated offset.

    Returns
    -------
    list of (Timestamp, Timestamp)
        Aware, UTC, in order of the text. One that ends before it begins runs past midnight.
    """
    found = []
    for match in _WINDOW.finditer(text):
        hours = [int(match[group]) for group in (1, 3)]
        minutes = [int(match[group]) for group in (2, 4)]
        if max(hours) > 24 or max(minutes) > 59:
            continue
        ahead = pd.Timedelta(hours=int(match[6] or 0), minutes=int(match[7] or 0))
        offset = -ahead if match[5] == "-" else ahead
        start, end = (
            (day + pd.Timedelta(hours=hour, minutes=minute) - offset).tz_localize("UTC")
            for hour, minute in zip(hours, minutes, strict=True)
        )
        found.append((start, end if end > start else end + pd.Timedelta(days=1)))
    return found
