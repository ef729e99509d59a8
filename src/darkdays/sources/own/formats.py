"""Any usual kind of file as one table: text, packed text, workbooks, Parquet, JSON."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import numpy as np
import pandas as pd
import python_calamine

from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.files.bounded import DAMAGED_ZIP
from darkdays.sources import workbook
from darkdays.sources.own import json_rows
from darkdays.sources.own.table import Table
from darkdays.sources.own.text import layout, text_table

LARGEST: Final = 256 * 2**20
"""Bytes a file may have, packed or not."""
_MOST_CELLS: Final = 20_000_000
_BOOKS: Final = {"xl/workbook.xml": "workbook", "content.xml": "workbook"}
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"\x7fELF", b"\xd0\xcf\x11\xe0")


def read(content: bytes, name: str, *, exact: bool = False, decimal: str = "") -> Table:
    """Return the table that a file holds, whatever its kind; its ending does not matter.

    Parameters
    ----------
    content
        What is in the file.
    name
        What to call it.
    exact, decimal
        As for :func:`darkdays.sources.own.text.text_table.read`.

    Raises
    ------
    InputError
        If it is of no kind that is known, damaged, or unpacks to more than :data:`LARGEST` bytes.
    """
    if content.startswith(b"\x1f\x8b"):
        return read(_unpacked(content, name), name, exact=exact, decimal=decimal)
    if content.startswith(b"PK\x03\x04"):
        return _of_zip(content, name, exact=exact, decimal=decimal)
    if content.startswith(b"PAR1"):
        return _of_parquet(content, name)
    if content.startswith(_PICTURES):
        raise InputError(f"{name} is no table; save it as CSV, or as a workbook (XLSX, ODS).")
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        raise InputError(f"{name} is a web page or XML and no table; download the data themselves.")
    if start[:1] in {b"[", b"{"}:
        return _of_json(content, name)
    return text_table.read(content, name, exact=exact, decimal=decimal)


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            found = file.read(LARGEST + 1)
    except DAMAGED_ZIP:
        raise InputError(f"{name} is damaged: it cannot be unpacked; get it again.") from None
    return _bounded(found, name)


def _bounded(content: bytes, name: str) -> bytes:
    if len(content) > LARGEST:
        raise InputError(f"{name} unpacks to more than {LARGEST // 2**20} MiB; make it smaller.")
    if content.startswith((b"\x1f\x8b", b"PK\x03\x04")) and b"xl/" not in content[:4096]:
        raise InputError(f"{name} is packed twice; unpack it.")
    return content


def _of_zip(content: bytes, name: str, *, exact: bool, decimal: str) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = {one.filename for one in archive.infolist()}
            if _BOOKS.keys() & inside:
                return _of_workbook(content, name, is_ods="content.xml" in inside)
            files = [
                one
                for one in archive.infolist()
                if not one.is_dir() and not one.filename.startswith(("__MACOSX/", "."))
            ]
            if len(files) != 1:
                raise InputError(f"{name} holds {len(files)} files; unpack it, and name one.")
            with archive.open(files[0]) as member:
                found = member.read(LARGEST + 1)
    except DAMAGED_ZIP:
        raise InputError(f"{name} is damaged: it cannot be unpacked; get it again.") from None
    return read(_bounded(found, name), name, exact=exact, decimal=decimal)


def _of_workbook(content: bytes, name: str, *, is_ods: bool) -> Table:
    """Return the first sheet with three rows of numbers or dates, or else with one, or anything.

    A sheet in front that is about the data may state a year or a version.
    """
    workbook.refuse_dangerous(
        content, lambda problem, remedy: InputError(f"{name}: {problem}; {remedy}."), ods=is_ods
    )
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            (one, book.get_sheet_by_name(one).to_python(skip_empty_area=False))
            for one in book.sheet_names
        ]
    except (python_calamine.CalamineError, OSError, ValueError, LookupError, RuntimeError):
        raise InputError(f"{name} is a damaged workbook; save the sheet as CSV.") from None
    kinds = (lambda cell: not isinstance(cell, str)), (lambda cell: cell != "")
    for is_it, least in ((kinds[0], 3), (kinds[0], 1), (kinds[1], 1)):
        for sheet, rows in sheets:
            if sum(any(map(is_it, row)) for row in rows) >= least:
                return _of_rows(rows, name, f"sheet {sheet}" if len(sheets) > 1 else "workbook")
    raise InputError(f"{name} is empty; it needs a header and at least one row.")


def _of_rows(rows: Sequence[Sequence[Any]], name: str, said: str) -> Table:
    """Return rows of plain values as a table: the same header is looked for as in a text."""
    texts = [[_text(cell) for cell in row] for row in rows]
    used = [at for at, column in enumerate(zip(*texts, strict=True)) if any(column)]
    lines = [(at, [row[one] for one in used]) for at, row in enumerate(texts) if any(row)]
    found = layout.layout_of(lines, [], len(used), "", name)
    kept = [(at + 1, row) for at, row in lines if at >= found.skipped]
    while len(kept) > 1 and layout.is_prose(kept[-1][1], found):
        kept.pop()
    if not kept:
        raise InputError(f"{name} has no rows: the series is empty.")
    cells = pd.DataFrame(
        [row for _, row in kept], columns=found.names, index=[at for at, _ in kept], dtype=str
    )
    typed = any(isinstance(cell, float) for row in rows for cell in row)
    return Table(name, cells, (said, *found.said), typed=typed, unit="row")


def _text(cell: Any) -> str:
    """Return a plain value as a text table would hold it."""
    if cell is None or cell is pd.NaT:
        return ""
    if isinstance(cell, datetime):
        stated = cell.isoformat()
        return stated.removesuffix("T00:00:00") if cell.tzinfo is None else stated
    if isinstance(cell, float):
        if np.isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, Mapping | list):
        return json.dumps(cell, ensure_ascii=False)[:1000]
    return str(cell)


def _of_parquet(content: bytes, name: str) -> Table:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise InputError(
            f"{name} is Parquet, which needs pyarrow: pip install 'darkdays[scale]', or save it "
            "as CSV."
        ) from None
    batches, size = [], 0
    try:
        file = pq.ParquetFile(io.BytesIO(content), memory_map=False)
        shape = file.metadata
        groups = (shape.row_group(at).total_byte_size for at in range(shape.num_row_groups))
        if sum(groups) > LARGEST or shape.num_rows * max(shape.num_columns, 1) > _MOST_CELLS:
            raise InputError(
                f"{name} unpacks to more than {LARGEST // 2**20} MiB; make it smaller."
            )
        for batch in file.iter_batches(batch_size=1024):
            size += batch.nbytes
            if size > LARGEST:
                raise InputError(
                    f"{name} unpacks to more than {LARGEST // 2**20} MiB; make it smaller."
                )
            batches.append(batch)
        frame = pa.Table.from_batches(batches, file.schema_arrow).to_pandas()
    except (pa.ArrowException, OSError, ValueError, OverflowError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{name} is a damaged Parquet file; get it again, or save it as CSV."
        ) from None
    if frame.index.name is not None or isinstance(frame.index, pd.DatetimeIndex):
        frame = frame.reset_index()
    if frame.empty:
        raise InputError(f"{name} has no rows: the series is empty.")
    names = layout.named_columns([str(one) for one in frame.columns], frame.shape[1])
    frame.columns = pd.Index(names)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    for column in names:
        if not pd.api.types.is_numeric_dtype(frame[column].dtype) or frame[column].dtype == bool:
            frame[column] = frame[column].map(_text).astype(str)
    return Table(name, frame, ("Parquet",), typed=True, unit="row")


def _of_json(content: bytes, name: str) -> Table:
    said = "JSON"
    try:
        text = content.decode("utf-8-sig")
        try:
            found = bounded.json_of(text)
        except json.JSONDecodeError:
            found = [bounded.json_of(line) for line in text.splitlines() if line.strip()]
            said = "a JSON document a line"
    except (ValueError, RecursionError):
        raise InputError(
            f"{name} is no JSON document, nor one a line; mend it, or save it as CSV."
        ) from None
    records = list(json_rows.rows(found))
    if not records:
        raise InputError(f"{name} holds no list of rows; save the data as CSV.")
    header = list(dict.fromkeys(key for one in records for key in one))
    if len(header) * len(records) > _MOST_CELLS or len(header) > 1000:
        raise InputError(
            f"{name} has {len(header):,} columns; give a file with those of times and values only."
        )
    names = layout.named_columns(header, len(header))
    cells = pd.DataFrame(
        [[_text(one.get(key)) for key in header] for one in records],
        columns=names, index=range(1, len(records) + 1), dtype=str,
    )  # fmt: skip
    numeric = any(isinstance(cell, float) for one in records[:100] for cell in one.values())
    return Table(name, cells, (said,), typed=numeric, unit="item")
