"""How a file of a person's own is understood, as a document: columns, first rows, gaps, doubles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from darkdays.sources.own.reading import Reading

Row = dict[str, Any]


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
