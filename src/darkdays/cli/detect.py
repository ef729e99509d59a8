"""Anyone's own series, as the one reader of own files understands them, and how it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.sources.own import formats, reading
from darkdays.sources.own.column_names import refuse_unknown
from darkdays.sources.own.reading import Reading
from darkdays.sources.own.table import Form

Row = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """One column of a file over time (UTC); times are None where the file has none."""

    name: str
    times: pd.DatetimeIndex | None
    values: NDArray[np.float64]


def read_file(
    path: Path,
    *,
    time_column: str | None = None,
    value_columns: Sequence[str] = (),
    entity_column: str | None = None,
    form: Mapping[str, str] | None = None,
) -> Reading:
    """Read a file of a person's own.

    Parameters
    ----------
    path
        The file, or a pipe.
    time_column, value_columns, entity_column
        Columns; found by their names and what is in them if not given.
    form
        How to read what the file leaves open: see :class:`darkdays.sources.own.table.Form`.

    Raises
    ------
    InputError
        If it cannot be read, or can be in two ways; the sentence names the line.
    """
    try:
        content = bounded.bytes_of(path, formats.LARGEST, pipes=True)
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; check the name.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    return reading.read(
        content, str(path), Form.of(form or {}),
        time=time_column, values=value_columns, entity=entity_column,
    )  # fmt: skip


def series_of(found: Reading, entities: Sequence[str] = ()) -> list[Series]:
    """Return the series of a file, in the order they begin in, each in order of its times.

    Parameters
    ----------
    found
        The file.
    entities
        Those wanted; all if not given.

    Raises
    ------
    InputError
        If an entity is not there, or two rows of a series are of one time.
    """
    whose = found.entities()
    groups = {str(one): np.flatnonzero(whose == one) for one in whose.unique()}
    for wanted in entities:
        refuse_unknown(
            wanted, list(groups), f"{found.table.name} has no {found.columns.entity}", "It has"
        )
    listed = []
    for entity, rows in groups.items():
        if entities and entity not in entities:
            continue
        times = None
        if found.moments is not None:
            times = found.moments.times[rows]
            if not times.is_monotonic_increasing:
                order = np.argsort(times.asi8, kind="stable")
                rows, times = rows[order], times[order]
            if times.has_duplicates:
                at = rows[int(np.argmax(times.duplicated()))]
                marked = np.arange(len(whose)) == at
                raise found.table.wrong(
                    marked, found.columns.time[0],
                    f"occurs more than once; {_what_tells_apart(found)}leave one of them out",
                )  # fmt: skip
        for name, values in found.values.items():
            words = [entity] if found.columns.entity else []
            title = " ".join([*words, *([name] if not words or len(found.values) > 1 else [])])
            listed.append(Series(title, times, values[rows]))
    return listed


def _what_tells_apart(found: Reading) -> str:
    """Return what to do with two rows of one time, beside leaving one of them out."""
    known = {*found.columns.time, *found.columns.values, found.columns.entity}
    others = [name for name in found.table.columns if name not in known]
    if not others:
        return ""
    cells = found.table.cells
    for name in others:
        if not cells.duplicated([*found.columns.time, name]).any():
            return f"say with --entity-column which column tells such rows apart ({name} does), or "
    return "no column by itself tells such rows apart: join those that do in one, or "


def as_understood(file: str, found: Reading, time_zone: str, first: int) -> Row:
    """Return what was understood of a file, times in UTC and by the clock of a zone.

    Parameters
    ----------
    file, found
        Its name, and what was read.
    time_zone
        Of the times that people see.
    first
        How many rows to show.
    """
    whose = found.entities()
    rows = []
    for at in range(min(first, len(whose))):
        row: Row = {found.table.unit: int(found.table.cells.index[at])}
        if found.moments is not None:
            moment = found.moments.times[at]
            row["UTC"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
            row[time_zone] = f"{moment.tz_convert(time_zone):%Y-%m-%d %H:%M}"
        if found.columns.entity:
            row[found.columns.entity] = whose.iloc[at]
        rows.append(row | {name: _number(one[at]) for name, one in found.values.items()})
    return {
        "file": file,
        "read_as": found.line,
        "columns": {
            "time": list(found.columns.time),
            "values": list(found.columns.values),
            "entity": found.columns.entity or None,
            "others": [
                name for name in found.table.columns
                if name not in {*found.columns.time, *found.columns.values, found.columns.entity}
            ],
        },
        "first_rows": rows,
        "series": [_series(found, str(one), whose) for one in dict.fromkeys(whose)],
    }  # fmt: skip


def _series(found: Reading, entity: str, whose: pd.Series) -> Row:
    rows = np.flatnonzero(whose == entity)
    told: Row = {"series": entity or "all rows", "rows": len(rows)}
    if found.moments is not None:
        times = found.moments.times[rows].sort_values()
        between = pd.Series(times[1:] - times[:-1])
        between = between[between > pd.Timedelta(0)]
        step = between.mode().iloc[0] if len(between) else None
        told |= {
            "first": f"{times[0]:%Y-%m-%dT%H:%MZ}",
            "last": f"{times[-1]:%Y-%m-%dT%H:%MZ}",
            "step": None if step is None else str(step).replace("0 days ", ""),
            "gaps": 0 if step is None else int((between > step).sum()),
            "same time twice": int(times.duplicated().sum()),
        }
    missing = sum(int(np.isnan(one[rows]).sum()) for one in found.values.values())
    return told | {"values missing": missing}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
