"""Writing files whole or not at all, and tables that read back as they were."""

from __future__ import annotations

import hashlib
import json
import re
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.files.staging import staging
from darkdays.files.system_errors import cannot

if TYPE_CHECKING:  # who writes no table does not wait for it
    import pandas as pd

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
    try:
        with staging(path.parent) as folder:
            partial = folder / path.name
            yield partial
            partial.replace(path)
    except OSError as error:
        raise cannot("write", path, error) from None


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
    import pandas as pd

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
    import pandas as pd

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
