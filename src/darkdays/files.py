"""Writing files whole or not at all, and tables that read back as they were."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from darkdays.errors import DarkdaysError

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


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
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with line feeds as line ends, whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def json_text(document: Any) -> str:
    """Return the one way a document is written as JSON: indented, keys as given, UTF-8."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV: times as ISO 8601 UTC, missing as empty, floats in full."""
    written = table.copy()
    for name in written.columns:
        if isinstance(written[name].dtype, pd.DatetimeTZDtype):
            written[name] = written[name].dt.strftime(_TIME_FORMAT)
    return str(written.to_csv(index=False, lineterminator="\n"))


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Go through the rows of a table; a column is an attribute of a row."""
    return iter(table.itertuples())


def read_table(path: Path, times: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a table :func:`csv_text` wrote; ``times`` names its columns of UTC times."""
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])
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
