"""The times of a table: of one column, or of one of days and one of hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from darkdays.sources.own.quantities import ascii_texts
from darkdays.sources.own.table import Form, Table
from darkdays.sources.own.times import date_formats, local_clock, numeric_times
from darkdays.sources.own.times.invalid_times import refuse_no_times, refuse_other_ages
from darkdays.sources.own.times.iso_8601 import CLOCK, iso_alike, iso_text

_OFFSET: Final = r"(?:Z|[+-]\d{2}(?::?\d{2})?)$"


@dataclass(frozen=True)
class Moments:
    """The times of a column.

    Attributes
    ----------
    times
        UTC, in the order of the rows.
    local
        By the clock of the zone, naive; None where the file states offsets.
    days
        Whether they are days, which need no midnight.
    said
        How they were read.
    """

    times: pd.DatetimeIndex
    local: pd.DatetimeIndex | None
    days: bool
    said: tuple[str, ...]


def moments(table: Table, columns: Sequence[str], form: Form, whose: pd.Series | None) -> Moments:
    """Return the times of one column, or of one of days and one of hours.

    Parameters
    ----------
    table, columns
        Where they are.
    form
        Order, calendar and zone.
    whose
        Entity of each row, where a table holds many: of two equal times of one of them, in an
        hour that clocks repeat, the second is the later.

    Raises
    ------
    InputError
        If a cell is no time, can be two, or lies outside 1990 to 2100; the sentence names its line.
    """
    zone, column = local_clock.zone_called(form.time_zone), columns[0]
    cells = table.cells[column]
    if pd.api.types.is_datetime64_any_dtype(cells.dtype) and len(columns) == 1:
        parsed, said = pd.DatetimeIndex(cells), list[str]()
        days = parsed.tz is None and _midnights(parsed)
    elif len(columns) == 1 and (unit := numeric_times.epoch_unit(cells, form)):
        parsed = numeric_times.of_epochs(cells.to_numpy(), unit)
        said, days = [f"epoch in {unit}"], False
    else:
        if pd.api.types.is_datetime64_any_dtype(cells.dtype):
            cells = cells.dt.strftime("%Y-%m-%d")
        texts = ascii_texts(cells)
        if len(columns) > 1:
            texts = texts + "T" + _clocks(table, columns[1])
        # What many rows share is read once, where it stands first.
        codes, _ = pd.factorize(texts)
        firsts = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))
        part = replace(table, cells=table.cells.iloc[firsts])
        iso, said = _of_texts(part, column, texts.iloc[firsts], form)
        clocks = iso.str.contains("T", regex=False)
        stated = iso.str.contains(_OFFSET) & clocks
        if stated.any() and not stated.all():
            iso, stated = (one.iloc[codes].set_axis(cells.index) for one in (iso, stated))
            return _mixed(table, column, iso, stated, form, whose)
        aware = bool(stated.any())
        found = pd.to_datetime(iso, format="ISO8601", utc=aware, errors="coerce")
        refuse_no_times(part, column, found)
        days = not clocks.any()
        parsed = pd.DatetimeIndex(found).take(codes)
    refuse_other_ages(table, column, parsed.year.to_numpy())
    if parsed.tz is not None:
        times = parsed.tz_convert("UTC")
        said.append(f"times {times[0]:%Y-%m-%d %H:%M} UTC")
        return Moments(times, None, False, tuple(said))
    days = days or (_midnights(parsed) and len(parsed.unique()) > 1)
    shown = f"days {parsed[0]:%Y-%m-%d}" if days else f"times {parsed[0]:%Y-%m-%d %H:%M}"
    said.append(f"{shown} in {zone.key}")
    times = (
        local_clock.of_days(parsed, zone)
        if days
        else local_clock.of_clock(table, column, parsed, zone, whose, said)
    )
    return Moments(times, parsed, days, tuple(said))


def _mixed(
    table: Table,
    column: str,
    iso: pd.Series,
    stated: pd.Series,
    form: Form,
    whose: pd.Series | None,
) -> Moments:
    """Return times of which some state an offset: the others are of the zone."""
    parts = []
    for which in (stated, ~stated):
        part = replace(table, cells=table.cells.assign(**{column: iso})[which])
        found = moments(part, [column], form, None if whose is None else whose[which])
        parts.append(pd.Series(found.times, index=iso.index[which]))
    times = pd.DatetimeIndex(pd.concat(parts).reindex(iso.index))
    said = f"times {times[0]:%Y-%m-%d %H:%M} UTC, those without an offset in {form.time_zone}"
    return Moments(times, None, False, (said,))


def iso_texts(table: Table, column: str, form: Form) -> tuple[pd.Series, list[str]]:
    """Return the times of a column as text of ISO 8601, days without a time of day.

    Raises
    ------
    InputError
        As :func:`moments` does.
    """
    texts = ascii_texts(table.cells[column])
    iso, said = _of_texts(table, column, texts, form)
    good = pd.to_datetime(iso, format="ISO8601", utc=True, errors="coerce")
    refuse_no_times(table, column, good)
    refuse_other_ages(table, column, good.dt.year.to_numpy())
    return iso, said


def _of_texts(
    table: Table, column: str, texts: pd.Series, form: Form
) -> tuple[pd.Series, list[str]]:
    """Return times as ISO 8601; those of another calendar are told apart first."""
    jalali = form.calendar == "jalali"
    if not jalali and not form.date_format:
        years = texts[texts.str.match(r"\d{4}(?:[-/.]|$)")].str[:4].astype(int)
        refuse_other_ages(table, column, years.reindex(texts.index).to_numpy())
    if form.date_format and (strptime := date_formats.strptime_of(form.date_format)):
        return date_formats.by_format(table, column, texts, form, strptime)
    if not jalali and (read := numeric_times.of_numbers(table, column, texts)):
        return read
    order, said = date_formats.order_of(table, column, texts, form.date_format)
    found = None if jalali else iso_alike(texts, order)
    if found is None:
        codes, different = pd.factorize(texts)
        each = [iso_text(text, order, jalali=jalali) for text in different]
        found = pd.Series(pd.array(each, dtype="str")[codes], index=texts.index)
    refuse_no_times(table, column, found)
    return found, ["years of the calendar of Iran"] * jalali + said


def _midnights(local: pd.DatetimeIndex) -> bool:
    return not (local.as_unit("us").asi8 % 86_400_000_000).any()


def _clocks(table: Table, column: str) -> pd.Series:
    """Return the hours, or times of day, of a column of its own."""
    texts = ascii_texts(table.cells[column])
    hours = texts.str.fullmatch(r"\d{1,2}(\.0)?")
    clocks = texts.str.fullmatch(CLOCK)
    if not (hours | clocks).all():
        raise table.wrong(~(hours | clocks), column, "is no hour; write 0 to 23, or 14:30")
    numbers = pd.to_numeric(texts.where(hours, "0")).astype(int)
    if (numbers > 23).any():
        raise table.wrong(
            numbers > 23, column, "is no hour; write hours from 0 to 23, by their beginning"
        )
    return texts.where(~hours, numbers.map("{:02}:00".format))
