"""What is looked at to tell a shutdown from its rivals, and how each thing is read from data.

A feature has a few values. What the data leave open is a set of several of them, and what they say
nothing about is left out. Everything here takes plain times and numbers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from importlib.resources import files
from typing import Final

import pandas as pd

BELIEFS: Final = json.loads((files(__package__) / "rival_beliefs.json").read_text(encoding="utf-8"))
CAUSES: Final[tuple[str, ...]] = tuple(BELIEFS["causes"])
"""A shutdown that is not for an exam, and what else it could have been."""
FEATURES: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(values) for name, values in BELIEFS["features"].items()
}
"""Values of every feature."""
EXAM_OR_NOT: Final[tuple[str, ...]] = tuple(BELIEFS["exam or not"])
"""Features that only tell exams from the rest, whose incidents are counted as one cause."""
COUNTED: Final = ("minute", "hours", "repetition", "clock", *EXAM_OR_NOT, "neighbours")
"""Features that can be counted in a list of outages with causes."""
_HOURS: Final = (0.0, 1.0, 3.0, 12.0, 72.0, float("inf"))
_NIGHT: Final = range(6)
_MORNING: Final = range(3, 10)
_EXAM_OVER: Final = pd.Timedelta(hours=14)
_EXAM_SEASON: Final = range(5, 10)
_WEEK: Final = 7
_FRIDAY, _SUNDAY = 4, 6
_TOGETHER: Final = pd.Timedelta(minutes=30)
_SURE_OF_MINUTE: Final = pd.Timedelta(minutes=15)
_DAY: Final = pd.Timedelta(days=1)


def minute_of_hour(low: pd.Timestamp, high: pd.Timestamp, time_zone: str) -> str | None:
    """Return how round the time of an onset is, by local clocks.

    Parameters
    ----------
    low, high
        Bounds of the onset (aware); it is not known well enough if they are over 15 minutes apart.
    time_zone
        IANA name.
    """
    if high - low > _SURE_OF_MINUTE:
        return None
    first, last = (one.tz_convert(time_zone).tz_localize(None) for one in (low, high))
    names = {0: "on the hour", 30: "half past"}
    # Nothing within a quarter of an hour is near both.
    return next(
        (name for minute, name in names.items() if first <= _next_at(first, minute) <= last),
        "other",
    )


def _next_at(moment: pd.Timestamp, minute: int) -> pd.Timestamp:
    """Return the first moment from another on that has this minute of the hour."""
    hour = moment.floor("h") + pd.Timedelta(minutes=minute)
    return hour if hour >= moment else hour + pd.Timedelta(hours=1)


def duration_classes(least: float, most: float) -> frozenset[str]:
    """Return the classes a duration between two numbers of hours can be of.

    Parameters
    ----------
    least, most
        Hours; ``most`` is infinite while it is not over.
    """
    names = FEATURES["hours"]
    edges = list(zip(names, _HOURS[:-1], _HOURS[1:], strict=True))
    return frozenset(name for name, low, high in edges if low <= most and least < high)


def repetition(
    onset: pd.Timestamp,
    others: Collection[pd.Timestamp],
    record: tuple[pd.Timestamp, pd.Timestamp],
    time_zone: str,
    tolerance: pd.Timedelta = _SURE_OF_MINUTE,
) -> str | None:
    """Return whether outages of one place come again at the same time of day, by its clocks.

    Parameters
    ----------
    onset
        Of the outage looked at; aware, as all times.
    others
        Onsets of the other outages of the place.
    record
        First and last moment looked at. Where it does not reach a week to either side, that
        nothing came again is not known.
    time_zone
        Of the place.
    tolerance
        How exactly the time has to be the same.
    """
    shown, *others_shown = (one.tz_convert(time_zone).tz_localize(None) for one in (onset, *others))
    apart = [abs(one - shown) for one in others_shown]
    days = {
        round(gap / _DAY)
        for gap in apart
        if gap > tolerance and abs(gap - round(gap / _DAY) * _DAY) <= tolerance
    }
    if days & set(range(1, 7)):
        return "daily"
    if days & {7, 14}:
        return "weekly"
    reaches = max(onset - record[0], record[1] - onset) >= 7 * _DAY
    return "none" if reaches else None


def clock(onset: pd.Timestamp, time_zone: str) -> str:
    """Return whether an onset (aware) is between midnight and six, by local clocks."""
    return "night" if onset.tz_convert(time_zone).hour in _NIGHT else "day"


def school_hours(onset: pd.Timestamp, end: pd.Timestamp, time_zone: str) -> str:
    """Return whether an outage (aware times) begins on a morning and is over by two, locally."""
    first, last = onset.tz_convert(time_zone), end.tz_convert(time_zone)
    over = last.tz_localize(None) <= first.tz_localize(None).normalize() + _EXAM_OVER
    return "morning" if first.hour in _MORNING and over else "other hours"


def season(onset: pd.Timestamp, time_zone: str) -> str:
    """Return the part of the year an onset (aware) is in, by local days."""
    exams, rest_of_year = FEATURES["season"]
    return exams if onset.tz_convert(time_zone).month in _EXAM_SEASON else rest_of_year


def rest(spans: Collection[tuple[pd.Timestamp, pd.Timestamp]], time_zone: str) -> str | None:
    """Return whether an outage, or a pattern of them, spares a day of rest.

    Countries rest on Fridays or on Sundays: what was down on both spared neither, wherever it was.

    Parameters
    ----------
    spans
        First and last moment (aware) down, one an outage of the pattern.
    time_zone
        IANA name.

    Returns
    -------
    str or None
        None if they do not reach over a week, and need not have met a day of rest.
    """
    local = [[one.tz_convert(time_zone).tz_localize(None) for one in span] for span in spans]
    days = {
        day for first, last in local for day in pd.date_range(first.normalize(), last, freq="D")
    }
    if {_FRIDAY, _SUNDAY} <= {day.weekday() for day in days}:
        return "not spared"
    return "spared" if days and (max(days) - min(days)).days >= _WEEK else None


def neighbours(onset: pd.Timestamp, others: Collection[pd.Timestamp], measured: int) -> str | None:
    """Return whether places under other governments went down within half an hour.

    Parameters
    ----------
    onset
        Of the outage looked at.
    others
        Onsets in those places.
    measured
        How many of them were measured at all; with none nothing is known.
    """
    if any(abs(one - onset) <= _TOGETHER for one in others):
        return "down too"
    return "up" if measured else None


def synchrony(onsets: pd.DatetimeIndex) -> str | None:
    """Return whether at least four fifths of the regions of a place went down within one hour.

    Parameters
    ----------
    onsets
        One a region that went down, fewer than three of which say nothing.
    """
    if len(onsets) < 3:
        return None
    ordered = onsets.sort_values()
    within = [
        ordered.searchsorted(one + pd.Timedelta(hours=1), side="right") - place
        for place, one in enumerate(ordered)
    ]
    return "together" if max(within) >= 0.8 * len(ordered) else "scattered"


def mobile_against_fixed(mobile: pd.DatetimeIndex, fixed: pd.DatetimeIndex) -> str | None:
    """Return which kind of network went down first, by more than half an hour, or alone.

    Parameters
    ----------
    mobile, fixed
        An onset for every network of the kind that was measured, missing where it stayed up.
    """
    if len(mobile) == 0 or len(fixed) == 0:
        return None
    first, second = mobile.dropna(), fixed.dropna()
    if len(first) + len(second) == 0:
        return None
    if _before(first, second):
        return "mobile first"
    return "fixed first" if _before(second, first) else "together"


def _before(here: pd.DatetimeIndex, there: pd.DatetimeIndex) -> bool:
    return len(here) > 0 and (len(there) == 0 or bool(here.max() + _TOGETHER < there.min()))


def reach(down: int, measured: int) -> str | None:
    """Return how many of the networks of a place went down, of at least two measured."""
    if measured < 2 or down == 0:
        return None
    if down == 1:
        return "one network"
    return "most networks" if down >= 2 * measured / 3 else "some networks"


def controls(down: int, measured: int) -> str | None:
    """Return whether unrelated places went down in the same datasource at the same time."""
    return None if measured == 0 else "down too" if down * 2 >= measured else "up"


def exam_day(onset: pd.Timestamp, exams: Collection[date], time_zone: str) -> str | None:
    """Return whether an onset falls on the local day of an exam; None without a calendar."""
    if not exams:
        return None
    return "yes" if onset.tz_convert(time_zone).date() in exams else "no"
