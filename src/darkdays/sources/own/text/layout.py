"""Where the cells of a table are: its header, what stands in front of it, where rows begin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from darkdays.errors import InputError
from darkdays.sources.own.kinds import kind_of

_MOST_COLUMNS: Final = 1000
Line = tuple[int, list[str]]
"""The number of lines in front of a row, and its cells."""


@dataclass(frozen=True)
class Layout:
    """Where the cells of a text are.

    Attributes
    ----------
    separator
        Between cells.
    names
        Of the columns.
    skipped
        Lines in front of the first row.
    rows
        The first rows.
    said
        What else there is.
    """

    separator: str
    names: list[str]
    skipped: int
    rows: list[list[str]]
    said: list[str]


def layout_of(
    rows: list[Line], comments: list[Line], width: int, separator: str, name: str
) -> Layout:
    """Return where the header is, what stands in front of it, and where rows begin.

    Parameters
    ----------
    rows, comments
        The first of them that are not empty, each with the number of lines in front of it.
    width
        Cells of most rows.
    separator, name
        Between the cells; and of the file.

    Raises
    ------
    InputError
        If there are too many columns, or a row has more cells than the header; the sentence names
        its line.
    """
    if width > _MOST_COLUMNS:
        raise InputError(
            f"{name} has {width:,} columns; give a file with those of times and values only."
        )
    rows, first, said = _without_totals(rows, _first_row(rows, width), width)
    even = [row for _, row in rows[first:] if len(row) == width]
    if first and len(rows[first - 1][1]) == width - 1 > 1 and not any(row[-1] for row in even):
        line, header = rows[first - 1]  # separators end the rows, and not the header
        rows = [*rows[: first - 1], (line, [*header, ""]), *rows[first:]]
    header = rows[first - 1][1] if first else []
    fits = first > 0 and len(header) in {width, width - 1} and header != [""]
    unlike = len(header) != width
    if unlike and (len(header) > 1 or (fits and kind_of(rows[first][1][0]) == "time")):
        raise InputError(
            f"{name}, line {rows[first][0] + 1}: {width} cells below a header of {len(header)}; "
            "give every column a name."
        )
    titles = first - fits
    if fits:
        header = ["", *header][-width:]
    else:
        header = []
        if comments:  # a header may be a comment as well
            named = comments[-1][1]
            if len(named) == width and not any(kind_of(one) == "time" for one in named):
                header = [named[0].lstrip("# "), *named[1:]]
        if not header:
            said.append("no header: columns are called column 1, 2 …")
    if titles:
        said.append(f"{titles} {'line' if titles == 1 else 'lines'} of title left out")
    if comments:
        said.append(f"{len(comments)} comments")
    skipped = rows[first][0] if first < len(rows) else rows[-1][0] + 1
    shown = [row for _, row in rows[first:] if len(row) == width]
    return Layout(separator, named_columns(header, width), skipped, shown, said)


def _first_row(rows: list[Line], width: int) -> int:
    """Return which row is the first below the header: where every column is as it goes on."""
    even = [row for _, row in rows if len(row) == width]
    kinds = [Counter(kind_of(row[at]) for row in even[len(even) > 2 :]) for at in range(width)]
    typed = []
    for at, counted in enumerate(kinds):
        counted.pop("", None)
        if counted and counted.most_common(1)[0][0] != "text":
            typed.append(at)
    going_on = (
        at
        for at, (_, row) in enumerate(rows)
        if len(row) == width
        and all(kind_of(row[one]) != "text" for one in typed)
        and any(kind_of(row[one]) for one in typed)
        and any(kind_of(row[one]) in kinds[one] for one in typed)
    )
    if not typed or len(even) < 2 or (first := next(going_on, None)) is None:
        # Nothing but text, or one row: the first that is as wide as the others is a header.
        start = next(at for at, (_, row) in enumerate(rows) if len(row) == width)
        is_header = all(kind_of(cell) == "text" for cell in rows[start][1])
        return start + is_header
    cells = [rows[first][1][at] for at in typed]
    all_years = len(consecutive_years(cells, gaps=True)) == len(cells) > 0
    return first + bool(all_years or consecutive_years(cells))


def consecutive_years(cells: Sequence[str], *, gaps: bool = False) -> list[str]:
    """Return the years among these cells if each is the one after its predecessor, as in headers.

    A row of measurements does not count years: three are enough to be a header. Of what is known
    to be one, `gaps` lets some be left out.
    """
    years = [one for one in cells if re.fullmatch(r"(1[3-9]|2[0-6])\d\d", one.strip())]
    steps = np.diff([int(one) for one in years])
    even = (steps > 0).all() if gaps else (steps == 1).all()
    return years if len(years) > 2 and even and len(years) > len(cells) / 2 else []


def _without_totals(rows: list[Line], first: int, width: int) -> tuple[list[Line], int, list[str]]:
    """Leave out what stands between a header and the first time and holds numbers, as totals do."""
    even = [row for _, row in rows[first:] if len(row) == width]
    kinds = [set(map(kind_of, cells)) for cells in zip(*even, strict=True)]
    numbers = [at for at, found in enumerate(kinds) if found <= {"number", ""}]
    header = first - 1
    while header >= 0 and len(row := rows[header][1]) == width and {"time"} in kinds:
        if not any(kind_of(row[at]) == "number" for at in numbers):
            count = first - 1 - header
            said = [f"{count} {'line' if count == 1 else 'lines'} below the header left out"]
            return [*rows[: header + 1], *rows[first:]], header + 1, said * bool(count)
        header -= 1
    return rows, first, []


def named_columns(header: list[str], width: int) -> list[str]:
    """Return a name for each column, no two alike."""
    names: list[str] = []
    for at in range(width):
        stated = header[at].strip() if at < len(header) else ""
        name = base = stated or f"column {at + 1}"
        number = 2
        while name in names:
            name, number = f"{base} ({number})", number + 1
        names.append(name)
    return names


def is_prose(row: list[str], layout: Layout) -> bool:
    """Whether a row at the end is a sentence below the table and no part of it."""
    if any(row[1:]) or kind_of(row[0]) != "text":
        return False
    first = Counter(kind_of(one[0]) for one in layout.rows)
    return len(layout.names) > 1 or first.most_common(1)[0][0] != "text"
