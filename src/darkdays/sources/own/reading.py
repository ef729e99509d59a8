"""A person's own file as times and numbers, and in a line how it was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError
from darkdays.sources.own import columns, formats, quantities
from darkdays.sources.own.column_names import listed
from darkdays.sources.own.columns import Columns
from darkdays.sources.own.table import Form, Table
from darkdays.sources.own.times import times
from darkdays.sources.own.times.date_formats import strptime_of
from darkdays.sources.own.times.times import Moments

ONE = ""
"""Entity of the rows of a file that holds one series."""


@dataclass(frozen=True)
class Reading:
    """A file of measurements, understood.

    Attributes
    ----------
    table, columns
        Its cells, and which of them hold what.
    moments
        When each row is of; None where the file has no times.
    values
        By column, NaN where a value is missing, in the order of the rows.
    said
        How it was understood, for the line that is printed.
    """

    table: Table
    columns: Columns
    moments: Moments | None
    values: dict[str, NDArray[np.float64]]
    said: tuple[str, ...]

    @property
    def line(self) -> str:
        """How it was understood, in a line."""
        return f"read as: {', '.join(self.said)}"

    def entities(self) -> pd.Series:
        """Return whose row each is."""
        name = self.columns.entity
        if not name:
            return pd.Series(ONE, index=self.table.cells.index)
        return self.table.cells[name].astype(str).str.strip()


def read(
    content: bytes,
    name: str,
    form: Form,
    *,
    time: str | None = None,
    values: Sequence[str] = (),
    entity: str | None = None,
) -> Reading:
    """Read a file of measurements.

    Parameters
    ----------
    content, name
        What is in it, and what to call it.
    form
        How to read what the file does not say itself.
    time, values, entity
        Columns, where they are stated; found by their names and what is in them otherwise.

    Raises
    ------
    InputError
        If it cannot be read, or can be in two ways; one sentence says which line, and what to do.
    """
    stated = {"time": time, "values": values, "entity": entity}
    # Days of ISO 8601 are parsed with the table, unless somebody says that they are others.
    exact = bool(strptime_of(form.date_format))
    try:
        table = formats.read(content, name, exact=exact, decimal=form.decimal)
        return _understood(table, form, **stated)  # type: ignore[arg-type]
    except InputError:
        # Every line counted, so that the sentence names the right one.
        return _understood(formats.read(content, name, exact=True), form, **stated)  # type: ignore[arg-type]


def _understood(
    table: Table, form: Form, *, time: str | None, values: Sequence[str], entity: str | None
) -> Reading:
    found = columns.columns_of(table, time=time, values=values, entity=entity)
    said = [*([found.download] if found.download else []), *table.said]
    if found.download and "events" not in columns.DOWNLOADS[found.download]:
        form = replace(form, time_zone="UTC")  # as services count, whatever the place
    numbers = {}
    words: list[str] = []
    for name in found.values:
        numbers[name], how = quantities.numbers(table, name, form)
        words += how
    said += dict.fromkeys(words)
    moments = None
    if found.time:
        whose = table.cells[found.entity] if found.entity else None
        moments = times.moments(table, found.time, form, whose)
        said += moments.said
    if found.entity:
        said.append(f"{table.cells[found.entity].nunique()} of {found.entity}")
    if len(found.values) > 1 or found.values[0] not in {"value", "values"}:
        said.append(f"values {listed(found.values)}")
    empty = sum(int(np.isnan(one).sum()) for one in numbers.values())
    said += [f"{len(table.cells)} rows"] + [f"{empty} values missing"] * bool(empty)
    said += _stand_ins(numbers)
    return Reading(table, found, moments, numbers, tuple(said))


def _stand_ins(numbers: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Name what may stand for no value: one number below 0, twice or more, where others are not."""
    said = []
    for name, values in numbers.items():
        below = values[values < 0]
        if len(below) > 1 and (below == below[0]).all() and float(below[0]).is_integer():
            said.append(
                f"{len(below)} times {below[0]:g} in {name} (say --missing={below[0]:g} if that "
                "stands for no value)"
            )
    return said
