"""Workbooks (XLSX) as rows of plain values, with a limit to what they unpack to."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import Final

import python_calamine

from darkdays.archive.request import Reply

Cell = int | float | str | bool | time | date | datetime | timedelta

_LARGEST: Final = 256 * 2**20
_PIECE: Final = 2**20
_REMEDY: Final = "export it again, or supply the sheet as CSV"
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
    # Encrypted members, unknown compression, headers that point nowhere.
    *(RuntimeError, NotImplementedError, LookupError, OverflowError),
)


def is_one(body: bytes) -> bool:
    """Whether a body is a zip file, as a workbook is."""
    return body.startswith(b"PK\x03\x04")


def sheets(reply: Reply) -> list[list[list[Cell]]]:
    """Return the sheets of a workbook, in order, each as rows of cells; empty cells are ``""``.

    Raises
    ------
    SourceError
        If it is damaged, encrypted or no workbook, or unpacks to more than 256 MiB.
    """
    _refuse_large(reply)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(reply.body))
        return [
            book.get_sheet_by_index(number).to_python(skip_empty_area=False)
            for number in range(len(book.sheet_names))
        ]
    except (python_calamine.CalamineError, OSError, ValueError, LookupError, RuntimeError):
        raise reply.error("the workbook is damaged, or none", _REMEDY) from None


def _refuse_large(reply: Reply) -> None:
    """Unpack everything once: what the zip says of its size may be a lie, only reading tells."""
    left = _LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    while piece := member.read(_PIECE):
                        left -= len(piece)
                        if left < 0:
                            raise reply.error(
                                f"the workbook unpacks to more than {_LARGEST // 2**20} MiB",
                                "do not trust this file",
                            )
    except _DAMAGED:
        raise reply.error("the workbook is damaged", _REMEDY) from None
