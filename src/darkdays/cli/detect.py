"""Anyone's own series: a CSV of times and values, read strictly, with its changes as a document."""

from __future__ import annotations

import csv
import difflib
import io
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.files.writing import write_bytes

if TYPE_CHECKING:
    from darkdays.detect.changepoints.changes import ChangePoints

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
    value_column: str | None = None,
    time_zone: str = "UTC",
) -> Series:
    """Read a series from a CSV file with a header.

    Parameters
    ----------
    path
        The file, UTF-8.
    time_column
        Column of ISO 8601 times; ``time`` or else the first column if not given. A file of one
        column has no times.
    value_column
        Column of numbers; ``value`` or else the only other column if not given.
    time_zone
        Of times that do not state one.

    Raises
    ------
    InputError
        If the file cannot be read, a column is not there, or a time or value is not one; the
        sentence names the line.
    """
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
    columns = [str(name) for name in table.columns]
    if time_column is None and len(columns) > 1:
        time_column = "time" if "time" in columns else columns[0]
    if value_column is None:
        rest = [name for name in columns if name != time_column]
        if "value" not in rest and len(rest) != 1:
            raise InputError(
                f"{path} has columns {_listed(columns)}; say which holds the values "
                "with --value-column."
            )
        value_column = "value" if "value" in rest else rest[0]
    for wanted in (time_column, value_column):
        if wanted is not None and wanted not in columns:
            close = difflib.get_close_matches(wanted, columns, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ";"
            raise InputError(
                f"{path} has no column {wanted!r}{hint} The columns are {_listed(columns)}."
            )
    values = _numbers(path, value_column, table[value_column])
    times = None if time_column is None else _times(path, table[time_column], time_zone)
    return Series(value_column, times, values)


def as_document(series: Series, found: ChangePoints, file: str, level: float) -> dict[str, Any]:
    """Return the changes of a series as one JSON document."""
    changes = []
    for number in range(len(found)):
        low, high = found.intervals[number]
        changes.append(
            {
                "index": int(found.index[number]),
                "time": _text(found.times[number]) if series.times is not None else None,
                "interval": [_text(low), _text(high)],
                "p": float(f"{found.p_values[number]:.6g}"),
                "confirmed": bool(found.confirmed[number]),
                "level_before": float(f"{found.levels[number]:.6g}"),
                "level_after": float(f"{found.levels[number + 1]:.6g}"),
            }
        )
    return {
        "file": file,
        "series": series.name,
        "n": int(series.values.size),
        "missing": int(np.isnan(series.values).sum()),
        "level": level,
        "verdict": "changes" if changes else "no change",
        "changes": changes,
        "noise": {
            "scale": float(f"{found.noise.scale:.6g}"),
            "autocorrelation": float(f"{found.noise.autocorrelation:.6g}"),
        },
        "notes": list(found.notes),
    }


def picture_kind(path: Path) -> str:
    """Return the kind of picture a path asks for.

    Raises
    ------
    InputError
        If its ending is not .png or .svg.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in {"png", "svg"}:
        raise InputError(f"{path} is not a picture I can draw; end it in .png or .svg.")
    return kind


def draw(series: Series, found: ChangePoints, path: Path, kind: str) -> None:
    """Draw a series with its changes into a file."""
    from darkdays.figures.series import series_with_changes

    plot = series_with_changes(series.name, series.times, series.values, found)
    write_bytes(path, plot.rendered(kind))


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


def _text(when: Any) -> str | int:
    if isinstance(when, (int, np.integer)):
        return int(when)
    return f"{pd.Timestamp(when):%Y-%m-%dT%H:%M:%SZ}"


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
    for line, text in enumerate(texts, start=2):
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
