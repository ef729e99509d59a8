"""Anyone's own series: a CSV of times and values, read strictly."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError
from darkdays.files import bounded

LARGEST: Final = 256 * 2**20
"""Bytes a file of a series may have."""
_MOST: Final = 1e60
"""Largest number whose fourth powers and their sums are still numbers."""
_MOST_COLUMNS: Final = 1000
_HEAD: Final = 2**16
_NAMED: Final = 20
# A time of day, "now" or "today" would be another moment tomorrow.
_YEAR: Final = re.compile(r"\s*[0-9]{4}")
_FIRST, _LAST = 2, 9998
"""Years from which every time zone can be reached."""


@dataclass(frozen=True)
class Series:
    """One column of a CSV over time (UTC); times are None where the file has none."""

    name: str
    times: pd.DatetimeIndex | None
    values: NDArray[np.float64]


def read_series(
    path: Path,
    *,
    time_column: str | None = None,
    value_columns: Sequence[str] = (),
    entity_column: str | None = None,
    entities: Sequence[str] = (),
    time_zone: str = "UTC",
) -> list[Series]:
    """Read the series of a CSV file with a header, in the order they begin in.

    Parameters
    ----------
    path
        The file, UTF-8.
    time_column
        Column of ISO 8601 times; ``time`` or else the first column if not given. A file of one
        column has no times.
    value_columns
        Columns of numbers, each a series; ``value`` or else the only other column if not given.
    entity_column
        Column that says whose row it is, where a file holds the series of many.
    entities
        Those wanted; all if not given.
    time_zone
        Of times that do not state one.

    Raises
    ------
    InputError
        If the file cannot be read, a column or entity is not there, or a time or value is not one;
        the sentence names the line.
    """
    table = _read(path)
    columns = [str(name) for name in table.columns]
    values = list(value_columns)
    for wanted in (time_column, entity_column, *values):
        if wanted is not None:
            _check_named(wanted, columns, f"{path} has no column", "The columns are")
    rest = [name for name in columns if name != entity_column]
    if time_column is None and len(rest) > 1:
        time_column = "time" if "time" in rest else rest[0]
    if not values:
        rest = [name for name in rest if name != time_column]
        if "value" not in rest and len(rest) != 1:
            raise InputError(
                f"{path} has columns {_listed(columns)}; say which holds the values "
                "with --value-column."
            )
        values = ["value" if "value" in rest else rest[0]]
    numbers = {name: _numbers(path, name, table[name]) for name in values}
    groups = {"": np.arange(len(table))}
    if entity_column is not None:
        whose = table[entity_column]
        groups = {str(one): np.flatnonzero(whose == one) for one in whose.unique()}
        for wanted in entities:
            _check_named(wanted, list(groups), f"{path} has no {entity_column}", "It has")
    found = []
    for entity, rows in groups.items():
        if entities and entity not in entities:
            continue
        times = None
        if time_column is not None:
            times = _times(path, table[time_column].iloc[rows], time_zone)
        for name in values:
            words = [entity] if entity_column is not None else []
            title = " ".join([*words, *([name] if not words or len(values) > 1 else [])])
            found.append(Series(title, times, numbers[name][rows]))
    return found


def _read(path: Path) -> pd.DataFrame:
    """Read the table of a file as text."""
    try:
        content = bounded.bytes_of(path, LARGEST, pipes=True)
        _refuse_odd_rows(path, content)
        table = pd.read_csv(
            io.BytesIO(content), dtype=str, keep_default_na=False, skipinitialspace=True
        )
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; check the name.") from None
    except pd.errors.EmptyDataError:
        raise InputError(f"{path} is empty; it needs a header and at least one row.") from None
    except (OSError, ValueError, csv.Error) as error:
        said = getattr(error, "strerror", None) or str(error).strip()[:200]
        raise InputError(f"{path} cannot be read as CSV: {said}.") from None
    if table.empty:
        raise InputError(f"{path} has no rows: the series is empty.")
    return table


def _check_named(wanted: str, there: list[str], wrong: str, listing: str) -> None:
    if wanted not in there:
        close = difflib.get_close_matches(wanted, there, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise InputError(f"{wrong} {wanted!r}{hint} {listing} {_listed(there)}.")


def _refuse_odd_rows(path: Path, content: bytes) -> None:
    """Refuse a header without end, and a first row by which every column would move."""
    columns = content.partition(b"\n")[0].count(b",") + 1
    if columns > _MOST_COLUMNS:
        raise InputError(
            f"{path} has {columns:,} columns; give a file with those of times and values only."
        )
    rows = csv.reader(io.StringIO(content[:_HEAD].decode("utf-8", "replace"), newline=""))
    lengths = [len(row) for row in islice(rows, 2)]
    if len(lengths) == 2 and lengths[1] > lengths[0]:
        raise InputError(
            f"{path}, line 2: {lengths[1]} cells below a header of {lengths[0]}; give every "
            "column a name."
        )


def _listed(columns: list[str]) -> str:
    more = f" and {len(columns) - _NAMED} more" if len(columns) > _NAMED else ""
    return ", ".join(name[:80] for name in columns[:_NAMED]) + more


def _numbers(path: Path, column: str, texts: pd.Series) -> NDArray[np.float64]:
    cleaned = texts.str.strip().replace({"": "nan", "NA": "nan", "NaN": "nan", "null": "nan"})
    numbers = pd.to_numeric(cleaned, errors="coerce").to_numpy(np.float64)
    wrong = np.isnan(numbers) & (cleaned.str.lower() != "nan").to_numpy()
    endless, large = np.isinf(numbers), np.abs(numbers) > _MOST
    for where, what in (
        (wrong, "not a number; leave a missing value empty"),
        (endless, "infinite; leave a value that is not known empty"),
        (large, "too large; give it in a larger unit, or leave it empty"),
    ):
        if where.any():
            line = int(np.argmax(where))
            raise InputError(
                f"{path}, line {line + 2}: {texts.iloc[line][:80]!r} in column {column[:80]!r} "
                f"is {what}."
            )
    return numbers


def _times(path: Path, texts: pd.Series, time_zone: str) -> pd.DatetimeIndex:
    try:
        zone = ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"unknown time zone {time_zone!r}; give an IANA name such as Asia/Tehran."
        ) from None
    stamps = []
    for line, text in zip(texts.index + 2, texts, strict=True):
        try:
            moment = pd.Timestamp(text.strip()) if _YEAR.match(text) else None
        except (ValueError, OverflowError):
            moment = None
        if moment is None or not _FIRST <= moment.year <= _LAST:
            raise InputError(
                f"{path}, line {line}: {text[:80]!r} is not a time; write ISO 8601, "
                "as in 2019-11-16 14:25."
            )
        stamps.append(moment)
    aware = [moment.tzinfo is not None for moment in stamps]
    if any(aware) and not all(aware):
        raise InputError(f"{path}: some times state a time zone and some do not; write all alike.")
    if all(aware):
        return pd.DatetimeIndex([moment.tz_convert("UTC") for moment in stamps])
    try:
        # An hour that occurs twice in autumn is told apart by the order of the rows.
        local = pd.DatetimeIndex(stamps).tz_localize(zone, ambiguous="infer")
    except ValueError as error:
        raise InputError(
            f"{path}: {error}; write times in UTC to get around the change of clocks."
        ) from None
    return local.tz_convert("UTC")
