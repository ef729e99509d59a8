"""Times in UTC, and as a reader says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd


def in_utc(*moments: datetime) -> tuple[pd.Timestamp, ...]:
    """Return moments as pandas has them, UTC."""
    return tuple(pd.Timestamp(one).tz_convert("UTC") for one in moments)


def utc_of_local(moment: pd.Timestamp, time_zone: str) -> pd.Timestamp:
    """Return the moment (UTC) at which clocks of a place show a time (naive).

    Of a time that clocks skip it is when they go on, of one that they show twice the first: so
    read, the midnights of a place are where its days begin, be they of 23 or of 25 hours.
    """
    zone, shown = ZoneInfo(time_zone), moment.to_pydatetime(warn=False)
    late, early = (
        pd.Timestamp(shown.replace(tzinfo=zone, fold=fold)).tz_convert("UTC") for fold in (0, 1)
    )
    if late.tz_convert(zone).tz_localize(None) == pd.Timestamp(shown):
        return late
    while late - early > pd.Timedelta(seconds=1):  # between them the clocks go on
        middle = early + (late - early) / 2
        is_before = middle.tz_convert(zone).tz_localize(None) < moment
        early, late = (middle, late) if is_before else (early, middle)
    return late.round("s")


def day_begins(moment: pd.Timestamp, time_zone: str, *, later: int = 0) -> pd.Timestamp:
    """Return when the local day of a moment begins (UTC), or one so many days later."""
    day = moment.tz_convert(time_zone).tz_localize(None).normalize()
    return utc_of_local(day + pd.Timedelta(days=later), time_zone)


def on_clock(*moments: datetime) -> tuple[pd.Timestamp, ...]:
    """Return moments as a clock on UTC shows them, without a zone."""
    return tuple(one.tz_localize(None) for one in in_utc(*moments))


def when(moment: str | pd.Timestamp | None) -> str:
    """Return a time (UTC) as a reader says it: ``16 Nov 14:05``."""
    if moment is None or pd.isna(moment):
        return "not observed"
    stamp = pd.Timestamp(moment)
    return f"{stamp.day} {stamp:%b %H:%M}"


def bounds(pair: Sequence[str | pd.Timestamp | None]) -> str:
    """Return two bounds, the day once if it is the same; nothing where one is missing."""
    if any(moment is None or pd.isna(moment) for moment in pair):
        return ""
    low, high = (pd.Timestamp(moment) for moment in pair if moment is not None)
    if low.date() == high.date():
        return f"{low:%H:%M} to {high:%H:%M}"
    return f"{when(low)} to {when(high)}"
