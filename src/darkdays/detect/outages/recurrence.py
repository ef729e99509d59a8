"""Outages that come at the same hours again: curfews night after night, exams on mornings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.baseline import clock
from darkdays.detect.baseline.baseline import HOUR_OF_DAY_FROM
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import trusted

TOLERANCE: Final = pd.Timedelta(minutes=90)
"""Beginnings, and ends, this close together on the clock are the same hour."""
LEAST_DAYS: Final = 3
MOST_DAYS_SHARE: Final = 0.8
"""On this share of days or more it comes every day."""
WEEKS_TO_TELL: Final = 4
"""Only from this many weeks on can the same weekdays be told from any days."""
EVERY_DAY: Final = "every day"
SAME_WEEKDAYS: Final = "same weekdays"
IRREGULAR: Final = "irregular days"
COLUMNS: Final = (
    "entity",
    "datasource",
    "pattern",
    "clock_start",
    "clock_start_low",
    "clock_start_high",
    "clock_end",
    "clock_end_low",
    "clock_end_high",
    "time_zone",
    "first_day",
    "last_day",
    "days",
    "of_days",
    "weekdays",
    "from_start",
    "depth",
    "p",
)
_PARTIAL: Final = 0.75
"""What takes more than this share at the same hours is dark, and no rhythm."""
_DEEPER: Final = 1.5
_MOST_HOURS: Final = 16
"""Of a day: what is low at more of them than these is one long outage."""
_A_DAY: Final = pd.Timedelta(days=1)
_MINUTES: Final = 24 * 60
_MORNING: Final = 8 * 60
_EVENING: Final = 20 * 60
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CHANCE: Final = 0.05


def recurring(table: pd.DataFrame, *, time_zone: str) -> pd.DataFrame:
    """Find outages of one signal that begin and end at the same hours of the clock.

    Parameters
    ----------
    table
        Outages, as :func:`darkdays.detect.outages.outages` gives them; those that are the
        instrument's, or of which the beginning or the end was not seen, are left out.
    time_zone
        Whose clock the hours are of, through changes to daylight saving.

    Returns
    -------
    pandas.DataFrame
        A row a pattern: the window on the local clock (``HH:MM``, medians with the range), the
        local days it began on, from ``first_day`` to ``last_day``, ``days`` of the ``of_days``
        between; ``pattern`` is ``every day`` (a curfew), ``same weekdays``, or ``irregular days``
        (as exams are). ``from_start`` says that it is there since the record begins. ``depth`` is
        the median of its outages. ``p`` is the probability that so many beginnings fall together on
        the clock by chance, corrected for the search.

    Notes
    -----
    A window of the clock that is low by a part on every day of the whole record is the season of a
    signal, not a curfew: the baseline needs a tenth of the days without it. What falls to nothing,
    or next to it, is none, whatever share of the days it fills.
    """
    rows = [pattern for pattern, _ in recurrences(table, time_zone=time_zone)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def in_words(pattern: Any) -> str:
    """Say a row of :func:`recurring`: ``every day 01:00 to 09:00, 72 of 72 nights, from ...``.

    Hours of the local clock; a window is of nights if its middle is between 20:00 and 08:00.
    """
    begin, end = (
        int(clock_time[:2]) * 60 + int(clock_time[3:])
        for clock_time in (pattern.clock_start, pattern.clock_end)
    )
    middle = (begin + (end - begin) % _MINUTES / 2) % _MINUTES
    days = "days" if _MORNING <= middle < _EVENING else "nights"
    names = {EVERY_DAY: EVERY_DAY, SAME_WEEKDAYS: f"every {pattern.weekdays}"}
    first, last = (pd.Timestamp(day) for day in (pattern.first_day, pattern.last_day))
    year = "" if first.year == last.year else f" {first.year}"
    return (
        f"{names.get(pattern.pattern, 'some days')} {pattern.clock_start} to {pattern.clock_end}, "
        f"{pattern.days} of {pattern.of_days} {days}, from {first.day} {first:%B}{year} to "
        f"{last.day} {last:%B} {last.year}"
        + (", since the record begins" if pattern.from_start else "")
    )


def part_of_pattern(table: pd.DataFrame, *, time_zone: str) -> NDArray[np.bool_]:
    """Return which outages belong to a pattern that :func:`recurring` finds, shape ``(rows,)``."""
    flags = pd.Series(False, index=pd.RangeIndex(len(table)))
    for _, rows in recurrences(table.reset_index(drop=True), time_zone=time_zone):
        flags[rows] = True
    return flags.to_numpy(np.bool_)


def rhythm(table: pd.DataFrame, analysis: Analysis, min_depth: float) -> pd.Index[Any]:
    """Return which rows of a table are outages of a signal that may be the rhythm of its days.

    A record of less than two weeks has no season taken out, for most of its days may be dark. Where
    it is low by a part at the same hours of most of them, believed to be an outage or not, that may
    be evenings and nights as well as a curfew, and what covers these hours and is hardly deeper is
    not told from it. Of dark days nothing is known.
    """
    span = analysis.times[-1] - analysis.times[0] + analysis.step
    if span >= HOUR_OF_DAY_FROM or span < LEAST_DAYS * _A_DAY:
        return table.index[:0]
    mine = (table["entity"] == analysis.entity) & (table["datasource"] == analysis.datasource)
    partial = table[mine & (table["depth"] < _PARTIAL)]
    if partial.empty:
        return table.index[:0]
    hours = pd.date_range(analysis.times[0], analysis.times[-1], freq="h", tz="UTC")
    clock_hour = np.asarray(hours.tz_convert(analysis.time_zone).hour)
    levels = np.repeat(analysis.levels, np.diff(analysis.edges))
    last = analysis.times.searchsorted(hours.tz_localize(None), "right") - 1
    lost = 1 - levels[last]
    light = lost < _PARTIAL
    low = light & ((1 - lost) * analysis.baseline < analysis.floor_of_normal(min_depth))
    days = np.bincount(clock_hour[light], minlength=24)
    usual = np.bincount(clock_hour[low], minlength=24) >= MOST_DAYS_SHARE * np.maximum(days, 1)
    of_them = low & usual[clock_hour]
    if usual.sum() > _MOST_HOURS or not of_them.any():
        return table.index[:0]
    begins = partial["onset"].fillna(partial["first_seen"]).to_numpy()[:, None]
    ends = partial["restored"].fillna(partial["last_seen"]).to_numpy()[:, None]
    covered = (begins <= hours.to_numpy()) & (hours.to_numpy() < ends) & of_them
    shallow = partial["depth"] < _DEEPER * float(np.median(lost[of_them]))
    found: pd.Index[Any] = partial.index[covered.any(axis=1) & shallow]
    return found


def recurrences(
    table: pd.DataFrame, *, time_zone: str
) -> Iterator[tuple[dict[str, Any], pd.Index[Any]]]:
    """Go through every pattern that :func:`recurring` finds, with the index of its outages."""
    seen = trusted(table)
    seen = seen[seen["onset"].notna() & seen["recovery"].notna()]
    seen = seen[seen["recovery"] - seen["onset"] < _A_DAY]
    for (entity, datasource), mine in seen.groupby(["entity", "datasource"], sort=True):
        for pattern, members in _patterns(mine.reset_index(drop=True), time_zone):
            yield {"entity": entity, "datasource": datasource, **pattern}, mine.index[members]


def _patterns(
    mine: pd.DataFrame, time_zone: str
) -> Iterator[tuple[dict[str, Any], NDArray[np.bool_]]]:
    """Take the fullest window of the clock out, and again, until none holds more than chance."""
    begins = _seconds_of_day(pd.DatetimeIndex(mine["onset"]), time_zone)
    ends = _seconds_of_day(pd.DatetimeIndex(mine["recovery"]), time_zone)
    local = pd.DatetimeIndex(mine["onset"]).tz_convert(time_zone).tz_localize(None)
    days = local.normalize()
    # NaT, which nothing is near to, where a table does not tell when its record begins.
    started = pd.to_datetime(mine.get("first_seen", pd.Series([pd.NaT])), utc=True).min()
    started = started.tz_convert(time_zone).tz_localize(None)
    left = np.ones(begins.size, bool)
    while left.sum() >= LEAST_DAYS:
        near = np.array(
            [
                left & _near(begins, begins[seed]) & _near(ends, ends[seed])
                for seed in range(left.size)
            ]
        )
        near[~left] = False
        seed = int(np.argmax(near.sum(axis=1)))
        members = near[seed]
        which = pd.DatetimeIndex(days[members].unique()).sort_values()
        chance = _p_of_gathering(which.size, int(left.sum()))
        if which.size < LEAST_DAYS or chance > _CHANCE:
            return
        pattern = {
            **_clock_window("clock_start", begins[members], begins[seed]),
            **_clock_window("clock_end", ends[members], ends[seed]),
            **_regularity(which),
            "time_zone": time_zone,
            "from_start": bool(days[members].min() - started < pd.Timedelta(days=2)),
            "depth": float(mine["depth"][members].median()),
            "p": chance,
        }
        yield pattern, members
        left = left & ~members


def _p_of_gathering(together: int, count: int) -> float:
    """Return how likely so many of ``count`` beginnings come within the window of one of them."""
    window = 2 * TOLERANCE / pd.Timedelta(days=1)
    return float(min(1.0, count * special.bdtrc(together - 2, count - 1, window)))


def _regularity(days: pd.DatetimeIndex) -> dict[str, Any]:
    span = pd.date_range(days[0], days[-1])
    weekdays = sorted(set(days.day_of_week))
    same = int(span.day_of_week.isin(weekdays).sum())
    pattern = IRREGULAR
    if days.size >= MOST_DAYS_SHARE * span.size:
        pattern = EVERY_DAY
    elif days.size >= MOST_DAYS_SHARE * same and span.size >= WEEKS_TO_TELL * 7:
        pattern = SAME_WEEKDAYS
    return {
        "pattern": pattern,
        "first_day": f"{days[0]:%Y-%m-%d}",
        "last_day": f"{days[-1]:%Y-%m-%d}",
        "days": int(days.size),
        "of_days": int(span.size),
        "weekdays": " ".join(_WEEKDAYS[day] for day in weekdays),
    }


def _clock_window(name: str, seconds: NDArray[np.int64], seed: int) -> dict[str, str]:
    off = (seconds - seed + clock.DAY // 2) % clock.DAY - clock.DAY // 2
    places = {"": float(np.median(off)), "_low": float(off.min()), "_high": float(off.max())}
    return {f"{name}{suffix}": _as_clock(seed + place) for suffix, place in places.items()}


def _seconds_of_day(times: pd.DatetimeIndex, time_zone: str) -> NDArray[np.int64]:
    naive = times.tz_convert("UTC").tz_localize(None)
    return clock.local_seconds(naive, time_zone) % clock.DAY


def _near(seconds: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    off = np.abs((seconds - seed + clock.DAY // 2) % clock.DAY - clock.DAY // 2)
    return np.asarray(off <= TOLERANCE.total_seconds(), np.bool_)


def _as_clock(seconds: float) -> str:
    minutes = round(seconds / 60) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
