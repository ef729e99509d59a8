"""Text tables as programs and people save them: encoding, separator, header, what stands around."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd
from charset_normalizer import from_bytes

from darkdays.errors import InputError
from darkdays.sources.own import quantities
from darkdays.sources.own.table import Table
from darkdays.sources.own.times.iso_8601 import looks_like_time
from darkdays.sources.own.times.numeric_times import looks_like_epoch

_HEAD: Final = 2**16
_HEAD_ROWS: Final = 200
_MOST_COLUMNS: Final = 1000
_LONGEST_LINE: Final = 200_000
_LOOKED_AT: Final = 100  # cells of a row, to tell what separates them
_SEPARATORS: Final = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# What spreadsheets still save where they do not save Unicode.
_PAGES: Final = ["cp1252", "cp1250", "cp1251", "cp1256", "cp1254", "gb18030", "shift_jis", "big5"]
_ISO_CELL: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?"
)
_NO_VALUE: Final = ["", "NaN", "nan", "NA", "null"]

_SWAPPED: Final = str.maketrans(".,", ",.")
_RULED: Final = " \t-+=:|"  # what lines between a header and its rows are drawn with
_GUARD: Final = "\0"
Line = tuple[int, list[str]]


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


def read(content: bytes, name: str, *, exact: bool = False, decimal: str = "") -> Table:
    """Return the cells of a text table.

    Parameters
    ----------
    content
        Text of any usual encoding.
    name
        What to call it.
    exact
        Read every cell as text, with the number of its line; otherwise columns of numbers and of
        ISO times whose first cells leave no doubt are read as such, which is much faster.
    decimal
        Decimal sign, where a person states it.

    Raises
    ------
    InputError
        If it is no text table; the sentence names the line.
    """
    content, encoding = _decoded(content, name)
    _refuse_long_lines(content, name)
    head = content[:_HEAD]
    if len(content) > _HEAD:
        head = head.rpartition(b"\n")[0] or head
    layout = _layout(head.decode("utf-8", "replace"), name)
    said = [f"{_SEPARATORS[layout.separator]} separated"] if len(layout.names) > 1 else []
    said += [encoding] * bool(encoding) + layout.said
    fast = None if exact else _fast(content, layout, decimal)
    cells, commas = fast or (_every(content, layout, name, said), [])
    if not len(cells):
        raise InputError(f"{name} has no rows: the series is empty.")
    return Table(name, cells, tuple(said), layout.separator, commas=commas)


def _refuse_long_lines(content: bytes, name: str) -> None:
    begin = 0
    while len(content) - begin > _LONGEST_LINE:
        end = content.rfind(b"\n", begin, begin + _LONGEST_LINE + 1)
        if end < 0:
            longest = len(content[begin:].partition(b"\n")[0])
            raise InputError(
                f"{name} cannot be read: a line has {longest:,} bytes, which no row of a series "
                "has."
            )
        begin = end + 1


def _decoded(content: bytes, name: str) -> tuple[bytes, str]:
    """Return a text as UTF-8 without a mark, and what it was if not that."""
    encoding = next((called for mark, called in _MARKS if content.startswith(mark)), "")
    try:
        if not encoding:
            content = content.removeprefix(codecs.BOM_UTF8)
            if b"\0" not in content[:_HEAD]:
                if not content.isascii():
                    content.decode("utf-8")
                return content, ""
            zeros = [content[at:_HEAD:2].count(0) for at in (0, 1)]
            encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
            if max(zeros) < len(content[:_HEAD]) // 4:
                content.decode("utf-8")  # a character that is none stands in some cell
                return content.replace(b"\0", b""), ""
        return content.decode(encoding).encode(), encoding.upper()
    except UnicodeDecodeError:
        pass
    if b"\0" in content or re.search(rb"[\x01-\x08\x0e-\x1f]", content[:_HEAD]):
        raise InputError(f"{name} is no text table; save it as CSV, or as a workbook.")
    best = from_bytes(content[:_HEAD], cp_isolation=_PAGES).best()
    encoding = best.encoding if best is not None else "cp1252"
    return content.decode(encoding, "replace").encode(), encoding


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


@lru_cache(1024)
def kind_of(cell: str) -> str:
    """Return what a cell holds: time, number, nothing or text."""
    cell = cell.strip()
    if cell.lower() in quantities.MISSING:
        return ""
    if looks_like_time(cell):
        return "time"
    return "number" if quantities.looks_like_number(cell) else "text"


def _layout(text: str, name: str) -> Layout:
    best: tuple[float, str, int, list[Line], list[Line]] = (-1.0, ",", 1, [], [])
    for separator in _SEPARATORS:
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
    if first and len(header := rows[first - 1][1]) in {width, width - 1} and header != [""]:
        titles = first - 1
        if len(header) < width:
            if len(header) > 1 or kind_of(rows[first][1][0]) == "time":
                raise InputError(
                    f"{name}, line {rows[first][0] + 1}: {width} cells below a header of "
                    f"{len(header)}; give every column a name."
                )
            header = ["", *header]
    else:
        titles, header = first, []
        if first and len(rows[first - 1][1]) > 1:
            raise InputError(
                f"{name}, line {rows[first][0] + 1}: {width} cells below a header of "
                f"{len(rows[first - 1][1])}; give every column a name."
            )
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
    if not typed or len(even) < 2:
        # Nothing but text, or one row: the first that is as wide as the others is a header.
        start = next(at for at, (_, row) in enumerate(rows) if len(row) == width)
        is_header = all(kind_of(cell) == "text" for cell in rows[start][1])
        return start + is_header
    first = next(
        (
            at
            for at, (_, row) in enumerate(rows)
            if len(row) == width
            and all(kind_of(row[one]) != "text" for one in typed)
            and any(kind_of(row[one]) for one in typed)
            and any(kind_of(row[one]) in kinds[one] for one in typed)
        ),
        len(rows),
    )
    cells = [rows[first][1][at] for at in typed] if first < len(rows) else []
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


def _fast(content: bytes, layout: Layout, decimal: str) -> tuple[pd.DataFrame, list[str]] | None:
    """Return the columns as pandas infers them, and those of decimal commas; None if in doubt."""
    columns = list(zip(*layout.rows, strict=True)) if layout.rows else []
    iso = [at for at, cells in enumerate(columns) if all(map(_ISO_CELL.fullmatch, cells))]
    epochs = [at for at, cells in enumerate(columns) if all(map(looks_like_epoch, cells))]
    dates = [at for at, cells in enumerate(columns) if {"time"} == set(map(kind_of, cells))]
    aware = {
        cell.endswith("Z") or (cell[-6:-5] in {"+", "-"} and ":" in cell)
        for at in iso
        for cell in columns[at]
    }
    comma = [quantities.has_decimals([one.translate(_SWAPPED) for one in c]) for c in columns]
    sign = decimal or ("," if any(comma) and layout.separator != "," else ".")
    sure = [
        decimal or at in dates or not any(sign in one and not one.endswith("%") for one in cells)
        or (comma[at] if sign == "," else quantities.has_decimals(cells))
        for at, cells in enumerate(columns)
    ]  # fmt: skip
    head = content[:_HEAD].split(b"\n", layout.skipped)[-1]
    if any(cell[:1] == "0" and cell[1:].isdigit() for cells in columns for cell in cells):
        return None  # a code, which is another without its zeros
    if not (iso or epochs or dates) or not all(sure) or len(aware) > 1 or b"#" in head:
        return None
    names = layout.names
    try:
        cells = _parsed(
            content, layout, names, keep_default_na=False, na_values=_NO_VALUE, decimal=sign,
            parse_dates=[names[at] for at in iso], date_format="ISO8601",
            dtype={names[at]: str for at in dates if at not in iso},
        )  # fmt: skip
    except (ValueError, OverflowError, Warning):
        return None
    stamps = [cells[names[at]] for at in iso]
    if not all(pd.api.types.is_datetime64_any_dtype(s.dtype) and not s.hasnans for s in stamps):
        return None
    commas: list[str] = []
    for at, name in enumerate(names):
        column = cells[name]
        if column.dtype == np.float64:
            # Signs the first rows had none of may be between thousands.
            signed = any(sign in one for one in columns[at])
            if np.isinf(column.to_numpy()).any() or not (
                signed or decimal or sign.encode() not in content
            ):
                return None
            if signed and sign == ",":
                commas.append(name)
        elif at not in iso and not pd.api.types.is_numeric_dtype(column.dtype):
            cells[name] = column.fillna("").astype(str)
        if at in epochs and column.dtype != np.int64:
            return None
    cells.index += layout.skipped + 1
    return cells, commas


def _parsed(content: bytes, layout: Layout, names: list[str], **options: Any) -> pd.DataFrame:
    """Return the cells below the header as pandas reads them; a row with too many is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cells: pd.DataFrame = pd.read_csv(
            io.BytesIO(content), sep=layout.separator, header=None,
            names=names, skiprows=layout.skipped, skipinitialspace=True,
            index_col=False, **options,
        )  # fmt: skip
    return cells


def _every(content: bytes, layout: Layout, name: str, said: list[str]) -> pd.DataFrame:
    """Return every cell as text."""
    names = layout.names
    try:
        cells = _parsed(
            content, layout, [*names, _GUARD], dtype=str, na_filter=False, skip_blank_lines=False
        )
    except pd.errors.EmptyDataError:
        raise InputError(f"{name} has no rows: the series is empty.") from None
    except (ValueError, Warning) as error:
        raise InputError(f"{name} {_words(str(error), len(names))}.") from None
    cells.index += layout.skipped + 1
    comments = cells[names[0]].str.startswith("#") if len(cells) else pd.Series(dtype=bool)
    filled = (cells != "").any(axis=1)
    again = (cells[names] == names).all(axis=1) & (len(names) > 1)
    if again.any():
        said.append(f"the header {int(again.sum())} times more")
    if len(names) == 1 and cells[names[0]].str.contains(r"\S {2,}\S").mean() > 1 / 2:
        raise InputError(f"{name} has nothing but blanks between its columns; save it as CSV.")
    more = cells[_GUARD].str.strip() != ""
    if (more & ~comments).any():
        line = cells.index[int(np.argmax((more & ~comments).to_numpy()))]
        raise InputError(
            f"{name}, line {line}: {len(names) + 1} cells below a header of {len(names)}; put "
            "quotes around a cell that holds the separator, or give every column a name."
        )
    footer = 0
    kept = np.flatnonzero((filled & ~comments & ~again).to_numpy())
    while len(kept) > 1 and is_prose([str(one) for one in cells.iloc[kept[-1]]], layout):
        kept, footer = kept[:-1], footer + 1
    if footer:
        said.append(f"{footer} {'line' if footer == 1 else 'lines'} of footer left out")
    return cells.iloc[kept].drop(columns=_GUARD)


def is_prose(row: list[str], layout: Layout) -> bool:
    """Whether a row at the end is a sentence below the table and no part of it."""
    if any(row[1:]) or kind_of(row[0]) != "text":
        return False
    first = Counter(kind_of(one[0]) for one in layout.rows)
    return len(layout.names) > 1 or first.most_common(1)[0][0] != "text"


def _words(said: str, width: int) -> str:
    """Return in our words what the parser says of a text."""
    found = re.search(r"in line (\d+), saw (\d+)", said)
    if found:
        return f"cannot be read: line {found[1]} has {found[2]} cells, not {width} as the header"
    found = re.search(r"starting at row (\d+)", said)
    if found:
        return "cannot be read: a quotation mark opens and never closes; take it out"
    if "length of" in said.lower():
        return f"cannot be read: its first row has more cells than the {width} of its header"
    return "is no text table; save it as CSV, or as a workbook"
