"""Workbooks (XLSX) as rows of plain values, with a limit to what they unpack to."""

from __future__ import annotations

import io
import re
import zipfile
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
    _refuse_dangerous(reply)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(reply.body))
        return [
            (name, book.get_sheet_by_index(number).to_python(skip_empty_area=False))
            for number, name in enumerate(book.sheet_names)
        ]
    except (python_calamine.CalamineError, OSError, ValueError, LookupError, RuntimeError):
        raise reply.error("the workbook is damaged, or none", _REMEDY) from None


def _refuse_dangerous(reply: Reply) -> None:
    """Unpack everything once: what a zip says of sizes may be a lie, only reading tells.

    The reader holds a sheet as a full rectangle, so that one cell far out takes all memory.
    """
    left = _LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            names = {info.filename for info in archive.infolist()}
            if _BOOK not in names or names & _OTHER_KINDS:
                raise reply.error("it is no XLSX workbook", _REMEDY)
            for info in archive.infolist():
                with archive.open(info) as member:
                    content = member.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise reply.error(
                        f"the workbook unpacks to more than {_LARGEST // 2**20} MiB",
                        "do not trust this file",
                    )
                _refuse_spread(reply, content)
    except DAMAGED_ZIP:
        raise reply.error("the workbook is damaged", _REMEDY) from None


def _refuse_spread(reply: Reply, content: bytes) -> None:
    rows, columns = 1, 1
    for text in set(_REFERENCE.findall(content)):
        found = _PLACE.fullmatch(text)
        if found is None:
            raise reply.error("a cell of the workbook is at no place", _REMEDY)
        rows = max(rows, int(found[2]))
        columns = max(columns, _number(found[1].upper()))
    if rows * columns > _MOST_PLACES:
        raise reply.error(
            f"its cells lie in up to {rows} rows and {columns} columns", "do not trust this file"
        )


def _number(letters: bytes) -> int:
    """Return the number of a column, 1 for A; 0 without letters, which is a whole row."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
