"""Workbooks (XLSX, ODS) as rows of plain values, with a limit to what they unpack to."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

import python_calamine

from darkdays.archive.request import Reply
from darkdays.files.bounded import DAMAGED_ZIP

Cell = int | float | str | bool | time | date | datetime | timedelta

_LARGEST: Final = 256 * 2**20
_MOST_PLACES: Final = 5_000_000
_BOOK: Final = "xl/workbook.xml"
# Parts by which the reader would take the file for another kind of workbook.
_OTHER_KINDS: Final = frozenset({"xl/workbook.bin", "content.xml"})
# Where a row or cell says it is.
_REFERENCE: Final = re.compile(rb"""(?<![\w:])r\s*=\s*["']([^"']*)["']""")
_PLACE: Final = re.compile(rb"([A-Za-z]{0,3})([0-9]{1,7})")
_ODS: Final = "content.xml"
_ROW: Final = re.compile(rb"<[\w.-]*:?table-row\b")
_CELL: Final = re.compile(rb"<[\w.-]*:?(?:covered-)?table-cell\b[^>]*")
_REPEATED: Final = re.compile(rb"""-repeated\s*=\s*["'](\d{1,12})["']""")
Error = Callable[[str, str], Exception]
_REMEDY: Final = "export it again, or supply the sheet as CSV"


def is_one(body: bytes) -> bool:
    """Whether a body is a zip file, as a workbook is."""
    return body.startswith(b"PK\x03\x04")


def sheets(reply: Reply) -> list[tuple[str, list[list[Cell]]]]:
    """Return name and rows of cells of the sheets of a workbook, in order; empty cells are ``""``.

    Raises
    ------
    SourceError
        If it is damaged, encrypted or no workbook, unpacks to more than 256 MiB, or spreads its
        cells over more than 5 million places.
    """
    refuse_dangerous(reply.body, reply.error)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(reply.body))
        return [
            (name, book.get_sheet_by_index(number).to_python(skip_empty_area=False))
            for number, name in enumerate(book.sheet_names)
        ]
    except (python_calamine.CalamineError, OSError, ValueError, LookupError, RuntimeError):
        raise reply.error("the workbook is damaged, or none", _REMEDY) from None


def refuse_dangerous(body: bytes, error: Error, *, ods: bool = False) -> None:
    """Unpack everything once: what a zip says of sizes may be a lie, only reading tells.

    The reader holds a sheet as a full rectangle, so that one cell far out takes all memory.

    Parameters
    ----------
    body
        The workbook.
    error
        Makes the error to raise, of a problem and a remedy.
    ods
        Whether it is an OpenDocument sheet and not XLSX.
    """
    left = _LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = {info.filename for info in archive.infolist()}
            if (_ODS if ods else _BOOK) not in names or names & (
                _OTHER_KINDS - {_ODS} if ods else _OTHER_KINDS
            ):
                raise error(f"it is no {'ODS' if ods else 'XLSX'} workbook", _REMEDY)
            for info in archive.infolist():
                with archive.open(info) as member:
                    content = member.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise error(
                        f"the workbook unpacks to more than {_LARGEST // 2**20} MiB",
                        "do not trust this file",
                    )
                if ods:
                    _refuse_places(error, *_repeated(content))
                else:
                    _refuse_spread(error, content)
    except DAMAGED_ZIP:
        raise error("the workbook is damaged", _REMEDY) from None


def _refuse_spread(error: Error, content: bytes) -> None:
    rows, columns = 1, 1
    for text in set(_REFERENCE.findall(content)):
        found = _PLACE.fullmatch(text)
        if found is None:
            raise error("a cell of the workbook is at no place", _REMEDY)
        rows = max(rows, int(found[2]))
        columns = max(columns, _number(found[1].upper()))
    _refuse_places(error, rows, columns)


def _repeated(content: bytes) -> tuple[int, int]:
    """Return rows and columns of OpenDocument sheets up to the last cell that holds a value.

    Rows and cells state how often they are repeated; empty ones at the ends, which programs fill
    a sheet up with, take no memory.
    """
    rows = height = width = 0
    for row in _ROW.split(content)[1:]:
        rows += _times(row[: row.find(b">")])
        place = 0
        for cell in _CELL.findall(row):
            place += _times(cell)
            if b"value-type" in cell or b"formula" in cell:
                height, width = rows, max(width, place)
    return height, width


def _times(tag: bytes) -> int:
    found = _REPEATED.search(tag)
    return min(int(found[1]), 2**31) if found else 1


def _refuse_places(error: Error, rows: int, columns: int) -> None:
    if rows * columns > _MOST_PLACES:
        raise error(
            f"its cells lie in up to {rows} rows and {columns} columns", "do not trust this file"
        )


def _number(letters: bytes) -> int:
    """Return the number of a column, 1 for A; 0 without letters, which is a whole row."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
