"""What kind a cell is, and a column of a table: times, epochs, numbers, words or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import pandas as pd

from darkdays.sources.own import quantities
from darkdays.sources.own.column_names import TIME_NAMES, last_word, names_no_value, plain_name
from darkdays.sources.own.table import Table
from darkdays.sources.own.times.iso_8601 import looks_like_time
from darkdays.sources.own.times.numeric_times import looks_like_epoch

_SAMPLE: Final = 400
_CALENDAR_YEARS: Final = (1300, 2700)
_MOST: Final = 0.9


@lru_cache(1024)
def kind_of(cell: str) -> str:
    """Return what a cell holds: time, number, nothing or text."""
    cell = cell.strip()
    if cell.lower() in quantities.MISSING:
        return ""
    if looks_like_time(cell):
        return "time"
    return "number" if quantities.looks_like_number(cell) else "text"


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a table, and what it can be.

    Attributes
    ----------
    table, name
        Where it is.
    """

    table: Table
    name: str

    @property
    def cells(self) -> pd.Series:
        """What is in it."""
        return self.table.cells[self.name]

    @cached_property
    def plain(self) -> str:
        """Its name in lower case, without blanks and signs."""
        return plain_name(self.name)

    @cached_property
    def sample(self) -> list[str]:
        """Some of its cells from all over it, as text with ASCII's digits."""
        step = max(len(self.cells) // _SAMPLE, 1)
        return [quantities.ascii_digits(str(cell).strip()) for cell in self.cells.iloc[::step]]

    @cached_property
    def kind(self) -> str:
        """What it holds: time, epoch (which may be numbers), number, text or nothing."""
        if pd.api.types.is_datetime64_any_dtype(self.cells.dtype):
            return "time"
        filled = [one for one in self.sample if one.lower() not in quantities.MISSING]
        if not filled:
            return "number" if "value" in self.plain else ""
        if all(map(looks_like_epoch, filled)):
            return "epoch"
        if pd.api.types.is_numeric_dtype(self.cells.dtype):
            dated = all(map(looks_like_time, filled)) and TIME_NAMES.search(self.plain)
            return "time" if dated else "number"
        for kind in ("time", "number"):
            if sum(kind_of(one) == kind for one in filled) >= _MOST * len(filled):
                return kind
        return "text"

    @cached_property
    def numbers(self) -> pd.Series:
        """The numbers in it, whatever their decimal sign."""
        cells = self.cells.dropna()
        if not pd.api.types.is_numeric_dtype(cells.dtype):
            cells = quantities.ascii_texts(cells).str.replace(",", ".", regex=False)
        return pd.to_numeric(cells, errors="coerce").dropna()

    @property
    def is_no_value(self) -> bool:
        """Whether its numbers say which row, whose or when it is, and measure nothing."""
        if last_word(self.name) == "lat":  # without a longitude beside it, it is latency
            return any(last_word(one) in {"lon", "lng", "longitude"} for one in self.table.columns)
        return bool(
            names_no_value(self.name)
            or (self.kind == "epoch" and TIME_NAMES.search(self.plain))
            or self.counts_rows
        )

    @property
    def counts_rows(self) -> bool:
        """Whether it is the first and the number of the row, from 0 or 1 on."""
        if self.name != self.table.columns[0]:
            return False
        return bool(
            len(self.cells) == len(self.numbers) > 2
            and self.numbers.iloc[0] in {0, 1}
            and (self.numbers.diff().iloc[1:] == 1).all()
        )

    @property
    def is_one_way(self) -> bool:
        """Whether its numbers only rise or fall, as times do, or are years."""
        return bool(
            self.numbers.is_monotonic_increasing
            or self.numbers.is_monotonic_decreasing
            or self.numbers.between(*_CALENDAR_YEARS).all()
        )

    @property
    def moves(self) -> bool:
        """Whether its numbers are not all one."""
        return bool(self.numbers.min() < self.numbers.max())
