"""The table behind a figure, as a page shows it: a column a signal where there are many."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from darkdays.files.writing import as_text

MOST_CELLS: Final = 12_000
"""Of a figure's table on a page; the file beside it has all."""
_MOST_COLUMNS: Final = 40
_PARTS: Final = 3


@dataclass(frozen=True)
class FigureTable:
    """What a figure draws.

    Attributes
    ----------
    columns, rows
        As texts; numbers to three significant digits.
    of
        How many rows there are, shown or not.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    of: int


def figure_table(text: str) -> FigureTable:
    """Return the table of a figure from its CSV.

    A long table of three columns, a name, a time and a value, is laid out with a column a name.
    """
    lines = [[as_text(cell) for cell in line] for line in csv.reader(io.StringIO(text))] or [[]]
    columns, rows = lines[0], lines[1:]
    if len(columns) == _PARTS:
        columns, rows = _side_by_side(columns, rows)
    shown = rows[: max(1, MOST_CELLS // max(1, len(columns)))]
    cells = tuple(tuple(_brief(cell) for cell in row) for row in shown)
    return FigureTable(tuple(columns), cells, len(rows))


def _side_by_side(
    columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    names = list(dict.fromkeys(row[0] for row in rows))
    keys = sorted({row[1] for row in rows})
    found = {(row[0], row[1]): row[2] for row in rows}
    is_long = 1 < len(names) <= _MOST_COLUMNS and len(keys) > len(names)
    if not is_long or len(found) < len(rows):
        return list(columns), [list(row) for row in rows]
    wide = [[key, *(found.get((name, key), "") for name in names)] for key in keys]
    return [f"{columns[1]} ({columns[2]})", *names], wide


def _brief(cell: str) -> str:
    if cell.endswith("Z") and cell[10:11] == "T":
        return cell[:16].replace("T", " ")
    try:
        number = float(cell)
    except ValueError:
        return cell
    return cell if number.is_integer() and "." not in cell else f"{number:.3g}"
