"""The contract of dated events: protests, shutdown labels, reported disruptions, rivals.

One table, a row an event, times as the source gives them with their own time zone and
precision: a day in Tehran is not a day in UTC, and a day is not a moment.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from darkdays.contracts.disclosure import coarse
from darkdays.contracts.moments import day_begins, utc_of_local
from darkdays.errors import InputError
from darkdays.files.terminal import OBEYED
from darkdays.files.writing import as_text, rows_of

COLUMNS: Final = (
    "kind",
    "start",
    "end",
    "time_zone",
    "precision",
    "place",
    "network",
    "statement",
    "source",
    "conflict",
)
ORDERED: Final = "shutdown-label"
KINDS: Final[Mapping[str, str]] = {
    "protest": "people came together against something",
    "election": "people voted, or results were announced",
    "coup": "power was seized, or that was tried",
    "war": "armed attacks or fighting",
    "curfew": "an order to stay at home, or not to meet",
    "exam": "a national exam was written",
    "holiday": "a feast or a day off, on which people use networks otherwise",
    "power-cut": "the power was out",
    "cable-cut": "a cable was cut, or out of service",
    "rival": "anything else that could have taken networks down",
    ORDERED: "somebody says that networks were shut down by order",
    "disruption": "somebody says that networks were disrupted, whyever",
    "restoration": "somebody says that networks came back",
    "blocking": "somebody says that sites or apps were blocked",
    "observation": "anything else that was seen",
}
"""Kinds of events, and what an event of each says."""
EventKind = Literal[
    "protest", "election", "coup", "war", "curfew", "exam", "holiday", "power-cut", "cable-cut",
    "rival",
]  # fmt: skip
"""Kinds that claims can be asked of: what happened, not what somebody says of networks."""
RIVAL_KINDS: Final = ("rival", "power-cut", "cable-cut", "exam", "holiday")
"""Kinds that could have taken networks down, or usage, without a shutdown for a protest."""
CROSSING_BORDERS: Final = ("rival", "power-cut", "cable-cut")
"""Kinds that can take networks down in another country than that they are dated in."""
_VOWELS: Final = "aeiou"
_LARGEST: Final = 64 * 2**20
_UNPRINTABLE: Final = re.compile(f"(?:[\t\n]|{OBEYED.pattern})+")
"""Controls, and marks that turn the direction of what follows around."""
_ADDED: Final = ("start_low", "start_high", "end_high")
PRECISIONS: Final = {
    "day": pd.Timedelta(days=1),
    "hour": pd.Timedelta(hours=1),
    # "About 14:30" is read as anywhere in the hour around it.
    "approximate": pd.Timedelta(hours=1),
    "10-minutes": pd.Timedelta(minutes=10),
}


def read_csv(content: bytes, name: str) -> pd.DataFrame:
    """Read an event table and add when each event can have begun and ended, in UTC.

    Parameters
    ----------
    content
        UTF-8 CSV with the columns of :data:`COLUMNS`.
    name
        How to call the table in an error.

    Returns
    -------
    pandas.DataFrame
        The columns as given, and ``start_low``, ``start_high``, ``end_high`` (UTC): an event
        known to the day began somewhere in that local day.

    Raises
    ------
    InputError
        If it is no such table, a column is missing, or a kind, precision, time or time zone is
        not known.
    """
    if len(content) > _LARGEST:
        raise InputError(f"{name} is larger than {_LARGEST // 2**20} MiB; shorten it.")
    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
        raise InputError(
            f"{name} is no CSV table in UTF-8; it needs {', '.join(COLUMNS)}."
        ) from None
    for column in table.columns if len(table) else ():
        table[column] = [coarse(_UNPRINTABLE.sub(" ", as_text(one))) for one in table[column]]
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise InputError(
            f"{name}: column {missing[0]!r} is missing; it needs {', '.join(COLUMNS)}."
        )
    for column, allowed in (("kind", KINDS), ("precision", tuple(PRECISIONS))):
        unknown = sorted(set(table[column]) - set(allowed))
        if unknown:
            raise InputError(
                f"{name}: {column} {unknown[0]!r} is not known; use one of {', '.join(allowed)}."
            )
    lows, highs, ends = [], [], []
    for number, row in enumerate(rows_of(table), start=2):
        try:
            zone, precision = str(row.time_zone), str(row.precision)
            low = _moment(str(row.start), zone)
            last = _moment(str(row.end) or str(row.start), zone)
            high, end = (_over(one, precision, zone) for one in (low, last))
        except (ValueError, KeyError) as error:
            raise InputError(
                f"{name}, line {number}: {error}; give ISO 8601 local times."
            ) from None
        if last < low:
            raise InputError(f"{name}, line {number}: the event ends before it starts.")
        if precision == "approximate":
            low, high, end = (one - PRECISIONS[precision] / 2 for one in (low, high, end))
        lows.append(low)
        highs.append(high)
        ends.append(end)
    bounds = dict(zip(_ADDED, (lows, highs, ends), strict=True))
    return table.assign(**{name: pd.to_datetime(each, utc=True) for name, each in bounds.items()})


def in_words(kind: str) -> str:
    """Return a kind of event as a reader says it: ``power cut``."""
    return kind.replace("-", " ")


def one_of(kind: str) -> str:
    """Return a kind of event with its article: ``an election``."""
    return f"a{'n' * (kind[0] in _VOWELS)} {in_words(kind)}"


def of_kind(events: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the events of a kind, earliest possible beginning first."""
    found = events[events["kind"] == kind]
    in_order = found["start_low"].is_monotonic_increasing
    return found if in_order else found.sort_values("start_low", kind="stable")


def of_country(events: pd.DataFrame, country: str) -> pd.DataFrame:
    """Return the events without those of other countries, whose place begins with their letters.

    Cables and grids cross borders: what was cut or dark elsewhere may have taken networks down.
    """
    if events.empty:
        return events
    named = events["place"].astype(str).str.partition("/")[0].str.strip().str.upper()
    other = named.str.fullmatch("[A-Z]{2}").astype(bool) & (named != country)
    other &= ~events["kind"].isin(CROSSING_BORDERS)
    return events[~other] if other.any() else events


def local_days(events: pd.DataFrame, time_zone: str) -> pd.DatetimeIndex:
    """Return the local calendar days an event table touches, each once, in order."""
    days: set[pd.Timestamp] = set()
    for row in rows_of(events):
        first = row.start_low.tz_convert(time_zone)
        last = (row.end_high - pd.Timedelta(seconds=1)).tz_convert(time_zone)
        days.update(pd.date_range(first.date(), last.date(), freq="D"))
    return pd.DatetimeIndex(sorted(days))


def _moment(text: str, time_zone: str) -> pd.Timestamp:
    moment = pd.Timestamp(text)
    if pd.isna(moment):
        raise ValueError("an event has no start")
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError):
        raise ValueError(f"time zone {time_zone!r} is not known") from None
    if moment.tzinfo is not None:
        return moment.tz_convert("UTC")
    found = utc_of_local(moment, time_zone)
    if found.tz_convert(time_zone).tz_localize(None) - moment > pd.Timedelta(hours=12):
        raise ValueError(f"{text} is no day of {time_zone}")
    return found


def _over(moment: pd.Timestamp, precision: str, time_zone: str) -> pd.Timestamp:
    """Return when what began at a moment was over at the latest (UTC), as it is known."""
    if precision == "day":
        return day_begins(moment, time_zone, later=1)
    return moment + PRECISIONS[precision]
