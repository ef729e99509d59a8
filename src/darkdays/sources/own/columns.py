"""Which column of a table holds what: by name, by what is in it, or as a known download has it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.errors import InputError
from darkdays.files.packaged import toml_of
from darkdays.sources.own import quantities, text_table
from darkdays.sources.own.table import Table
from darkdays.sources.own.times.iso_8601 import looks_like_time
from darkdays.sources.own.times.numeric_times import looks_like_epoch

_SAMPLE: Final = 400
_NAMED: Final = 20
_HOURS_OF_A_DAY: Final = 24
_CALENDAR_YEARS: Final = (1300, 2700)
_MOST: Final = 0.9
_TIME_NAMES: Final = re.compile(
    r"time|date|day|week|month|year|epoch|timestamp|when|start|begin|from|datum|zeit|tag|woche|"
    r"fecha|hora|dia|jour|heure|jahr|monat|дата|время|تاریخ|زمان|التاريخ|الوقت|日期|时间|时间戳",
)
_HOUR_NAMES: Final = re.compile(
    r"hour|hours|hr|hh|time|timeofday|hora|heure|stunde|uhrzeit|час|время|ساعت|الساعة|时|小时"
)
_PLACE_NAMES: Final = re.compile(
    r"entity|country|countrycode|cc|asn|probeasn|probecc|region|province|state|city|place|network|"
    r"provider|isp|operator|location|series|name|code|domain|node|land|pais|pays"
)
_NO_VALUES: Final = re.compile(
    r"lat|lon|lng|latitude|longitude|id|index|row|line|nr|no|number|unnamed.*|year|month|day|hour|"
    r"minute|weekday|dayofweek|column1|yr|mnth|mth|hr|wday|dow|doy|quarter|weekofyear|dayofyear|"
    r".*timezone.*|utcoffset"
)
_LAST_WORDS_OF_NO_VALUES: Final = frozenset({"id", "lon", "lng", "longitude", "latitude"})
DOWNLOADS: Final[Mapping[str, Mapping[str, Any]]] = toml_of("sources/own/downloads.toml")
"""Files that services hand out, known by their header."""


@dataclass(frozen=True)
class Columns:
    """Which column holds what.

    Attributes
    ----------
    time
        The column of times, or those of days and of hours; none where a file has no times.
    values
        Columns of numbers.
    entity
        That which says whose row it is; empty where there is none.
    download
        What the file is, if its header is known.
    """

    time: tuple[str, ...]
    values: tuple[str, ...]
    entity: str = ""
    download: str = ""


def known_download(table: Table) -> str:
    """Return what a table is by its header, empty if it is no download that is known."""
    names = set(table.columns)
    return next(
        (
            called
            for called, form in DOWNLOADS.items()
            if (names == set(form["needs"]) if form.get("only") else set(form["needs"]) <= names)
            and names.isdisjoint(form.get("lacks", ()))
            and all(any(one.startswith(begin) for one in names) for begin in form.get("begins", ()))
        ),
        "",
    )


def columns_of(
    table: Table, *, time: str | None = None, values: Sequence[str] = (), entity: str | None = None
) -> Columns:
    """Say which column holds what; those that are stated are taken as they are.

    Raises
    ------
    InputError
        If one that is stated is not there, or there are no numbers.
    """
    names = table.columns
    for wanted in filter(None, (time, entity, *values)):
        refuse_unknown(wanted, names, f"{table.name} has no column", "The columns are")
    called = "" if time and values else known_download(table)
    form = DOWNLOADS.get(called, {})
    kinds = {name: _kind(table, name) for name in names}
    _refuse_turned(table, kinds)
    if time:
        found: tuple[str, ...] = (time,)
    elif form.get("time") in names:
        found = (form["time"],)
    else:
        found = _time(table, kinds, taken={entity, *values})
    if found and len(found) == 1 and not time and not form:
        found += _hours(table, found[0], names, taken={entity, *values})
    by_plain = {_plain(name): name for name in reversed(names)}
    if not time and found[:1] == (by_plain.get("year"),) and "month" in by_plain:
        parts = [by_plain[one] for one in ("year", "month", "day") if one in by_plain]
        raise InputError(
            f"{table.name} has the parts of its dates in the columns {listed(parts)}; write them "
            "in one, as in 2019-11-16."
        )
    rest = [name for name in names if name not in {*found, entity}]
    entity = entity or (form["entity"] if form.get("entity") in rest else "")
    if not entity and found and not form:
        entity = _entity(table, found, [one for one in rest if one not in values], kinds)
    if values:
        return Columns(found, tuple(values), entity, called)
    rest = [name for name in rest if name != entity]
    stated = [one for one in form.get("values", ()) if one in names]
    stated += [one for one in rest for begin in form.get("begins", ()) if one.startswith(begin)]
    exact = [name for name in rest if _plain(name) == "value"]
    numeric = [name for name in rest if kinds[name] in {"number", "epoch"}]
    chosen = [name for name in numeric if not _is_no_value(table, name, kinds)] or numeric
    chosen = stated or exact or chosen
    if not chosen and len(rest) == 1:
        chosen = rest  # what is wrong with it is said of its cells
    if not chosen:
        raise InputError(
            f"{table.name} has columns {listed(names)}, and none of numbers beside that of the "
            "times; say which holds the values with --value-column."
        )
    return Columns(found, tuple(chosen), entity, called)


def _refuse_turned(table: Table, kinds: Mapping[str, str]) -> None:
    """Refuse a table whose columns cannot be told, or are its times."""
    names = table.columns
    dated = [name for name in names if text_table.kind_of(name) == "time"]
    dated = dated or text_table.consecutive_years(names, gaps=True)
    if len(dated) > 1 and "time" not in kinds.values():
        raise InputError(
            f"{table.name} has its times in the header ({listed(dated[:3])} …); turn it, so that "
            "each time has a row."
        )
    hours = [name for name in names if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", name)]
    if len(hours) >= _HOURS_OF_A_DAY:
        raise InputError(
            f"{table.name} has the hours of the day in its header ({listed(hours[:3])} …); turn "
            "it, so that each of them has a row."
        )


def time_column(table: Table) -> str:
    """Return the column of times of a table of dated events; the first where none is.

    Raises
    ------
    InputError
        If the table has no column that can be.
    """
    kinds = {name: _kind(table, name) for name in table.columns}
    if len(kinds) > 1 and "time" not in kinds.values():
        kinds = {name: kind for name, kind in kinds.items() if _TIME_NAMES.search(_plain(name))}
        if not kinds:
            raise InputError(
                f"{table.name}: there is no column 'start', but {listed(table.columns)}; state the "
                "option start, the column of the days or times."
            )
    return (_time(table, kinds, taken=set()) or (table.columns[0],))[0]


def refuse_unknown(wanted: str, there: Sequence[str], wrong: str, listing: str) -> None:
    """Refuse a name that is not among those there are.

    Raises
    ------
    InputError
        If it is none of them.
    """
    if wanted not in there:
        close = get_close_matches(wanted, there, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise InputError(f"{wrong} {wanted!r}{hint} {listing} {listed(there)}.")


def listed(names: Sequence[str]) -> str:
    """Return names in a sentence, the first of them where there are many."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(str(name)[:80] for name in names[:_NAMED]) + more


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _cells(table: Table, name: str) -> list[str]:
    column = table.cells[name]
    step = max(len(column) // _SAMPLE, 1)
    return [str(cell).strip() for cell in column.iloc[::step]]


def _kind(table: Table, name: str) -> str:
    """Return what a column holds: time, epoch (which may be numbers), number or text."""
    column = table.cells[name]
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "time"
    cells = [quantities.ascii_digits(one) for one in _cells(table, name)]
    filled = [one for one in cells if one.lower() not in quantities.MISSING]
    if not filled:
        return "number" if "value" in _plain(name) else ""
    if all(map(looks_like_epoch, filled)):
        return "epoch"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return (
            "time"
            if all(map(looks_like_time, filled)) and _TIME_NAMES.search(_plain(name))
            else "number"
        )
    for kind in ("time", "number"):
        if sum(text_table.kind_of(one) == kind for one in filled) >= _MOST * len(filled):
            return kind
    return "text"


def _is_no_value(table: Table, name: str, kinds: Mapping[str, str]) -> bool:
    """Whether a column of numbers says which row, whose or when it is, and measures nothing."""
    plain, last = _plain(name), _last_word(name)
    if last == "lat":  # without a longitude beside it, it is latency
        return any(_last_word(one) in {"lon", "lng", "longitude"} for one in table.columns)
    return bool(
        _NO_VALUES.fullmatch(plain)
        or last in _LAST_WORDS_OF_NO_VALUES
        or (kinds[name] == "epoch" and _TIME_NAMES.search(plain))
        or _counts_rows(table, name)
    )


def _last_word(name: str) -> str:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold()
    return next(iter(re.findall(r"[^\W\d_]+", parted)[::-1]), "")


def _numbers(table: Table, name: str) -> pd.Series:
    cells = table.cells[name].dropna()
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        cells = quantities.ascii_texts(cells).str.replace(",", ".", regex=False)
    return pd.to_numeric(cells, errors="coerce").dropna()


def _counts_rows(table: Table, name: str) -> bool:
    """Whether a column is the first and the number of the row, from 0 or 1 on."""
    if name != table.columns[0]:
        return False
    numbers = _numbers(table, name)
    return bool(
        len(table.cells) == len(numbers) > 2
        and numbers.iloc[0] in {0, 1}
        and (numbers.diff().iloc[1:] == 1).all()
    )


def _is_one_way(table: Table, name: str) -> bool:
    """Whether numbers only rise or fall, as times do, or are years."""
    numbers = _numbers(table, name)
    return bool(
        numbers.is_monotonic_increasing
        or numbers.is_monotonic_decreasing
        or numbers.between(*_CALENDAR_YEARS).all()
    )


def _moves(table: Table, name: str) -> bool:
    numbers = _numbers(table, name)
    return bool(numbers.min() < numbers.max())


def _time(table: Table, kinds: Mapping[str, str], taken: set[str | None]) -> tuple[str, ...]:
    """Return the column of times: of those that can be, the one called so, or else the first.

    Numbers alone have none, unless the first of them only rise or fall: they may be times of
    another kind, which is said then.
    """
    names = [name for name in kinds if name not in taken]
    called = [
        name
        for name in names
        if _TIME_NAMES.search(_plain(name))
        and (
            kinds[name] != "number"
            or _TIME_NAMES.fullmatch(_plain(name))
            or (_is_one_way(table, name) and _moves(table, name))
        )
    ]
    # What is alike in every row, such as the day of the download, comes last.
    sure = sorted(
        (name for name in names if kinds[name] == "time"),
        key=lambda name: (table.cells[name] == table.cells[name].iloc[0]).all(),
    )
    for name in (
        *(name for name in sure if _plain(name) == "time"),
        *(name for name in sure if name in called),
        *sure,
        *(name for name in called if kinds[name] == "epoch"),
        *(
            name
            for name in called
            if kinds[name] == "number" and not _HOUR_NAMES.fullmatch(_plain(name))
        ),
        *(name for name in names if kinds[name] == "epoch" and len(names) > 1),
        *called,
        *(
            name
            for name in names[:1]
            if len(names) > 1
            and (
                kinds[name] != "number"
                or (_is_one_way(table, name) and not _counts_rows(table, name))
            )
        ),
    ):
        return (name,)
    return ()


def _hours(table: Table, day: str, names: Sequence[str], taken: set[str | None]) -> tuple[str, ...]:
    """Return the column of hours that goes with one of days."""
    hours = [
        name
        for name in names
        if name != day and name not in taken and _HOUR_NAMES.fullmatch(_plain(name))
    ]
    column = table.cells[day]
    if not hours:
        return ()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        whole = column.dt.tz is None and (column == column.dt.normalize()).all()
    else:
        whole = not any(re.search(r":|T\d", cell) for cell in _cells(table, day))
    if not whole or not column.duplicated().any():
        return ()
    for name in hours:
        cells = [quantities.ascii_digits(one) for one in _cells(table, name)]
        if all(
            re.fullmatch(r"\d{1,2}(\.0)?|\d{1,2}:\d{2}(:\d{2})?\s*([AaPp][Mm])?", one)
            for one in cells
        ):
            return (name,)
    return ()


def _entity(
    table: Table, time: Sequence[str], rest: Sequence[str], kinds: Mapping[str, str]
) -> str:
    """Return the column by which rows of one time differ, if it is called so or holds words."""
    named = [name for name in rest if _PLACE_NAMES.fullmatch(_plain(name))]
    words = [name for name in rest if kinds[name] == "text" and name not in named]
    if not (named or words) or not _repeats(table.cells, time):
        return ""
    return next((one for one in (*named, *words) if not _repeats(table.cells, time, one)), "")


def _repeats(cells: pd.DataFrame, time: Sequence[str], whose: str = "") -> bool:
    """Whether two rows are alike in these columns; of most files the order of the times tells."""
    first = cells[time[0]]
    if len(time) == 1 and not whose and (first == first.iloc[0]).sum() > 1:
        return True
    if len(time) == 1 and pd.api.types.is_datetime64_any_dtype(first.dtype):
        moments = first.astype(np.int64).to_numpy()
        codes = pd.factorize(cells[whose])[0] if whose else np.zeros(len(cells), np.int64)
        order = np.argsort(codes, kind="stable")
        if ((np.diff(moments[order]) > 0) | (np.diff(codes[order]) > 0)).all():
            return False
    return bool(cells.duplicated([*time, *filter(None, [whose])]).any())
