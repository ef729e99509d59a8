"""Text tables: their cells, read fast where nothing is in doubt, or else one by one."""

from __future__ import annotations

import io
import re
import warnings
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.errors import InputError
from darkdays.sources.own import quantities
from darkdays.sources.own.kinds import kind_of
from darkdays.sources.own.table import Table
from darkdays.sources.own.text.encoding import HEAD, decoded, head_of
from darkdays.sources.own.text.layout import Layout, is_prose
from darkdays.sources.own.text.separators import SEPARATORS, layout_by_separator
from darkdays.sources.own.times.numeric_times import looks_like_epoch

_LONGEST_LINE: Final = 200_000
_ISO_CELL: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?"
)
_NO_VALUE: Final = ["", "NaN", "nan", "NA", "null"]
_SWAPPED: Final = str.maketrans(".,", ",.")
_GUARD: Final = "\0"


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
    content, encoding = decoded(content, name)
    _refuse_long_lines(content, name)
    layout = layout_by_separator(head_of(content), name)
    said = [f"{SEPARATORS[layout.separator]} separated"] if len(layout.names) > 1 else []
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
    head = content[:HEAD].split(b"\n", layout.skipped)[-1]
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
