"""What separates the cells of a text: the separator by which its rows are even."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice
from typing import Final

import numpy as np

from darkdays.errors import InputError
from darkdays.sources.own.kinds import kind_of
from darkdays.sources.own.text.layout import Layout, Line, layout_of

_HEAD_ROWS: Final = 200
_LOOKED_AT: Final = 100  # cells of a row, to tell what separates them
SEPARATORS: Final = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
_RULED: Final = " \t-+=:|"  # what lines between a header and its rows are drawn with


def layout_by_separator(text: str, name: str) -> Layout:
    """Return where the cells of a text are, whatever separates them.

    Parameters
    ----------
    text
        The first lines of it.
    name
        Of the file.

    Raises
    ------
    InputError
        If it is empty or no text table, or as :func:`darkdays.sources.own.text.layout.layout_of`
        does.
    """
    best: tuple[float, str, int, list[Line], list[Line]] = (-1.0, ",", 1, [], [])
    for separator in SEPARATORS:
        rows, comments = _lines(text, separator, name)
        if not rows:
            continue
        width = Counter(len(row) for _, row in rows).most_common(1)[0][0]
        even = [row for _, row in rows if len(row) == width]
        typed = [
            kind_of(cell) in {"time", "number"} for row in even[:50] for cell in row[:_LOOKED_AT]
        ]
        score = len(even) / len(rows) * (float(np.mean(typed)) + 0.1 * (width > 1))
        if score > best[0]:
            best = (score, separator, width, rows, comments)
    _, separator, width, rows, comments = best
    if not rows:
        raise InputError(f"{name} is empty; it needs a header and at least one row.")
    return layout_of(rows, comments, width, separator, name)


def _lines(text: str, separator: str, name: str) -> tuple[list[Line], list[Line]]:
    """Return the first rows with cells, and the comments among them, each with its line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[Line] = []
    comments: list[Line] = []
    begins = 0
    try:
        for row in islice(reader, _HEAD_ROWS):
            if any(cell.strip(_RULED) for cell in row):
                (comments if row[0].startswith("#") else rows).append((begins, row))
            begins = reader.line_num
    except csv.Error:
        raise InputError(f"{name} is no text table; save it as CSV, or as a workbook.") from None
    return rows, comments
