"""Which column of a table holds what: by name, by what is in it, or as a known download has it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.errors import InputError
from darkdays.files.packaged import toml_of
from darkdays.sources.own.column_names import (
    HOUR_NAMES,
    PLACE_NAMES,
    TIME_NAMES,
    listed,
    refuse_unknown,
)
from darkdays.sources.own.kinds import Column, kind_of
from darkdays.sources.own.table import Table
from darkdays.sources.own.text.layout import consecutive_years

_HOURS_OF_A_DAY: Final = 24
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
    there = {name: Column(table, name) for name in names}
    _refuse_turned(table, there.values())
    if time:
        found: tuple[str, ...] = (time,)
    elif form.get("time") in names:
        found = (form["time"],)
    else:
        found = _time(there.values(), taken={entity, *values})
    if found and len(found) == 1 and not time and not form:
        found += _hours(there.values(), there[found[0]], taken={entity, *values})
    by_plain = {there[name].plain: name for name in reversed(names)}
    if not time and found[:1] == (by_plain.get("year"),) and "month" in by_plain:
        parts = [by_plain[one] for one in ("year", "month", "day") if one in by_plain]
        raise InputError(
            f"{table.name} has the parts of its dates in the columns {listed(parts)}; write them "
            "in one, as in 2019-11-16."
        )
    rest = [name for name in names if name not in {*found, entity}]
    entity = entity or (form["entity"] if form.get("entity") in rest else "")
    if not entity and found and not form:
        entity = _entity(table, found, [there[one] for one in rest if one not in values])
    if values:
        return Columns(found, tuple(values), entity, called)
    rest = [name for name in rest if name != entity]
    stated = [one for one in form.get("values", ()) if one in names]
    stated += [one for one in rest for begin in form.get("begins", ()) if one.startswith(begin)]
    exact = [name for name in rest if there[name].plain == "value"]
    numeric = [name for name in rest if there[name].kind in {"number", "epoch"}]
    chosen = [name for name in numeric if not there[name].is_no_value] or numeric
    chosen = stated or exact or chosen
    if not chosen and len(rest) == 1:
        chosen = rest  # what is wrong with it is said of its cells
    if not chosen:
        raise InputError(
            f"{table.name} has columns {listed(names)}, and none of numbers beside that of the "
            "times; say which holds the values with --value-column."
        )
    return Columns(found, tuple(chosen), entity, called)


def _refuse_turned(table: Table, columns: Collection[Column]) -> None:
    """Refuse a table whose columns cannot be told, or are its times."""
    names = table.columns
    dated = [name for name in names if kind_of(name) == "time"]
    dated = dated or consecutive_years(names, gaps=True)
    if len(dated) > 1 and not _dated(columns):
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
    columns = [Column(table, name) for name in table.columns]
    if len(columns) > 1 and not _dated(columns):
        columns = [one for one in columns if TIME_NAMES.search(one.plain)]
        if not columns:
            raise InputError(
                f"{table.name}: there is no column 'start', but {listed(table.columns)}; state the "
                "option start, the column of the days or times."
            )
    return (_time(columns, taken=set()) or (table.columns[0],))[0]


def _dated(columns: Collection[Column]) -> bool:
    return any(one.kind == "time" for one in columns)


def _time(columns: Collection[Column], taken: set[str | None]) -> tuple[str, ...]:
    """Return the column of times: of those that can be, the one called so, or else the first.

    Numbers alone have none, unless the first of them only rise or fall: they may be times of
    another kind, which is said then.
    """
    free = [one for one in columns if one.name not in taken]
    called = [
        one
        for one in free
        if TIME_NAMES.search(one.plain)
        and (
            one.kind != "number"
            or TIME_NAMES.fullmatch(one.plain)
            or (one.is_one_way and one.moves)
        )
    ]
    # What is alike in every row, such as the day of the download, comes last.
    sure = sorted(
        (one for one in free if one.kind == "time"),
        key=lambda one: (one.cells == one.cells.iloc[0]).all(),
    )
    numeric = [one for one in called if one.kind == "number"]
    for one in (
        *(one for one in sure if one.plain == "time"),
        *(one for one in sure if one in called),
        *sure,
        *(one for one in called if one.kind == "epoch"),
        *(one for one in numeric if not HOUR_NAMES.fullmatch(one.plain)),
        *(one for one in free if one.kind == "epoch" and len(free) > 1),
        *called,
        *(
            one
            for one in free[:1]
            if len(free) > 1 and (one.kind != "number" or (one.is_one_way and not one.counts_rows))
        ),
    ):
        return (one.name,)
    return ()


def _hours(columns: Collection[Column], day: Column, taken: set[str | None]) -> tuple[str, ...]:
    """Return the column of hours that goes with one of days."""
    hours = [
        one
        for one in columns
        if one is not day and one.name not in taken and HOUR_NAMES.fullmatch(one.plain)
    ]
    if not hours:
        return ()
    if pd.api.types.is_datetime64_any_dtype(day.cells.dtype):
        whole = day.cells.dt.tz is None and (day.cells == day.cells.dt.normalize()).all()
    else:
        whole = not any(re.search(r":|T\d", cell) for cell in day.sample)
    if not whole or not day.cells.duplicated().any():
        return ()
    clock = re.compile(r"\d{1,2}(\.0)?|\d{1,2}:\d{2}(:\d{2})?\s*([AaPp][Mm])?")
    return next(((one.name,) for one in hours if all(map(clock.fullmatch, one.sample))), ())


def _entity(table: Table, time: Sequence[str], rest: Sequence[Column]) -> str:
    """Return the column by which rows of one time differ, if it is called so or holds words."""
    named = [one.name for one in rest if PLACE_NAMES.fullmatch(one.plain)]
    words = [one.name for one in rest if one.kind == "text" and one.name not in named]
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
