"""Writing files whole or not at all, and tables that read back as they were."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# What a spreadsheet takes for a formula, once the apostrophes that say "text" are off.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary neighbour of ``path`` to write to, and put it in place at the end.

    Raises
    ------
    DarkdaysError
        If the folder cannot be written to.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise DarkdaysError(
            f"cannot write {path}: {error.strerror or error}; "
            "free the disk or choose another folder."
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def remove_abandoned(folder: Path, pattern: str = "**/.*.partial") -> None:
    """Remove what processes that were killed while writing left below a folder."""
    for path in folder.glob(pattern):
        if _is_running(path.name.split(".")[-2]):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Keep other processes that ask for the same folder waiting; a killed one holds no lock.

    Where a file system knows no locks, nobody waits.

    Raises
    ------
    OSError
        If it cannot be had at once and ``wait`` is false.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not wait:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with line feeds as line ends, whole or not at all."""
    write_bytes(path, text.encode())


def holds(path: Path, text: str) -> bool:
    """Whether a plain file holds this text and nothing else."""
    content = text.encode()
    try:
        return bounded.bytes_of(path, len(content)) == content
    except (OSError, InputError):
        return False


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def json_text(document: Any) -> str:
    """Return the one way a document is written as JSON: indented, keys as given, UTF-8."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV: times as ISO 8601 UTC, missing as empty, floats in full.

    Text that a spreadsheet would run as a formula is written after an apostrophe, which
    :func:`as_text` takes off again.
    """
    written = table.rename(columns=_harmless)
    for name in written.columns:
        if isinstance(written[name].dtype, pd.DatetimeTZDtype):
            written[name] = written[name].dt.strftime(_TIME_FORMAT)
        elif written[name].dtype.kind == "O":
            written[name] = written[name].map(_harmless)
    return str(written.to_csv(index=False, lineterminator="\n"))


def as_text(cell: Any) -> Any:
    """Return a cell of a table :func:`csv_text` wrote, without the apostrophe put before it."""
    is_marked = isinstance(cell, str) and cell.startswith("'") and _FORMULA.match(cell)
    return cell[1:] if is_marked else cell


def _harmless(cell: Any) -> Any:
    runs = isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if runs else cell


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Go through the rows of a table; a column is an attribute of a row.

    As ``DataFrame.itertuples``, which makes a class at every call: for tables of a few rows,
    which a specification curve goes through by the thousand, that is most of its time.
    """
    columns = (values for _, values in table.items())
    rows = zip(table.index, *columns, strict=True)
    return map(_row(("Index", *map(str, table.columns)))._make, rows)


@cache
def _row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)


def read_table(path: Path, times: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a table :func:`csv_text` wrote; ``times`` names its columns of UTC times."""
    table = pd.read_csv(path, keep_default_na=False, na_values=[""]).rename(columns=as_text)
    for name in table.columns:
        if table[name].dtype.kind == "O":
            table[name] = table[name].map(as_text)
    for name in times:
        table[name] = pd.to_datetime(table[name], format=_TIME_FORMAT, utc=True).dt.as_unit("s")
    return table


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_of_files(folder: Path, names: list[str]) -> str:
    """Hash named files of a folder together with their names, in the order of the names."""
    sha = hashlib.sha256()
    for name in sorted(names):
        sha.update(f"{name}\n{sha256((folder / name).read_bytes())}\n".encode())
    return sha.hexdigest()
