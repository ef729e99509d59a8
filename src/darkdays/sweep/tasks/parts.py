"""Results on disk: tables as Parquet of one fixed schema, so that the same rows are the same bytes.

What a piece of a sweep comes to is a folder of tables, put in place by renaming. A table without
rows has no file.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays.files.packaged import toml_of
from darkdays.files.writing import replacing, sha256
from darkdays.sweep.tasks.store import DamagedError, making, reading

_LIST: Final = "SHA256SUMS"
BEFORE: Final = "study:s place:s simulated:b"
"""Columns of the dataset that say of every row whose it is."""
Tables = Mapping[str, pd.DataFrame]

SCHEMAS: Final[Mapping[str, str]] = toml_of("sweep/tasks/schemas.toml")
"""Columns of every table by its name."""


def schema(name: str, before: str = "", after: str = "") -> Any:
    """Return the schema of a table, with further columns before and after its own."""
    pa = _arrow()

    kinds = {
        "s": pa.string(),
        "f": pa.float64(),
        "i": pa.int64(),
        "b": pa.bool_(),
        "t": pa.timestamp("ms", tz="UTC"),  # Parquet knows no seconds
    }
    pairs = (column.split(":") for column in f"{before} {SCHEMAS[name]} {after}".split())
    return pa.schema([(column, kinds[kind]) for column, kind in pairs])


def columns(name: str) -> list[str]:
    """Return the columns of a table."""
    return [column.partition(":")[0] for column in SCHEMAS[name].split()]


def empty(name: str) -> pd.DataFrame:
    """Return a table without rows."""
    return _as_frame(schema(name).empty_table())


def as_arrow(frame: pd.DataFrame, layout: Any) -> Any:
    """Return a table in a schema, without anything pandas would say of itself."""
    pa = _arrow()

    table = pa.Table.from_pandas(frame[layout.names], schema=layout, preserve_index=False)
    return table.replace_schema_metadata(None)


def save(tables: Tables, path: Path) -> None:
    """Write the tables of a piece, whole or not at all; what is there already stays."""
    with making(path) as partial:
        if partial is None:
            return
        for name, frame in tables.items():
            if len(frame):
                with _writer(partial / f"{name}.parquet", schema(name)) as writer:
                    writer.write_table(as_arrow(frame, schema(name)))
        (partial / _LIST).write_text(_digests(partial), encoding="utf-8")


def load(path: Path, name: str) -> pd.DataFrame:
    """Read a table of a piece.

    Raises
    ------
    DamagedError
        If it is damaged; the piece was set aside.
    UnreadableError
        If the system does not let it be read.
    """
    file = path / f"{name}.parquet"
    with reading(path):
        try:
            file.stat()
        except FileNotFoundError:
            return empty(name)
        table = _read(file)
        if table.schema != schema(name):
            raise ValueError(f"{file.name} has other columns")
        return _as_frame(table)


def is_there(path: Path) -> bool:
    """Whether a piece is there, every table as it was written; a damaged one is set aside."""
    if not path.exists():
        return False
    try:
        with reading(path):
            if (path / _LIST).read_text(encoding="utf-8") != _digests(path):
                raise ValueError(f"the tables are not those of {_LIST}")
    except DamagedError:
        return False
    return True


def _digests(folder: Path) -> str:
    tables = sorted(folder.glob("*.parquet"))
    return "".join(f"{sha256(path.read_bytes())}  {path.name}\n" for path in tables)


def dataset(out: Path, name: str) -> pd.DataFrame:
    """Read a table of the dataset of a sweep."""
    file = out / f"{name}.parquet"
    if file.is_file():
        return _as_frame(_read(file))
    return _as_frame(schema(name, BEFORE).empty_table())


def load_all(paths: Iterable[Path], name: str) -> pd.DataFrame:
    """Read a table of several pieces, one below the other."""
    return stacked((load(path, name) for path in paths), name)


def stacked(tables: Iterable[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return tables one below the other, in the columns they have by their name."""
    some = [table[columns(name)] for table in tables if len(table)]
    return pd.concat(some, ignore_index=True) if some else empty(name)


def under(table: pd.DataFrame, pair: tuple[float, float]) -> pd.DataFrame:
    """Return the rows of a level and a least depth."""
    return table[(table["level"] == pair[0]) & (table["min_depth"] == pair[1])]


def same_rows(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables hold the same rows, to the last bit, in the columns of the second."""
    if len(one) != len(other):
        return False
    pairs = ((one[name].to_numpy(), other[name].to_numpy()) for name in other.columns)
    return all(bool(((a == b) | (pd.isna(a) & pd.isna(b))).all()) for a, b in pairs)


@contextmanager
def written(path: Path, layout: Any) -> Iterator[Any]:
    """Give a writer of one Parquet file that is put in place at the end, whole or not at all."""
    with replacing(path) as partial, _writer(partial, layout) as writer:
        yield writer


@contextmanager
def _writer(path: Path, layout: Any) -> Iterator[Any]:
    pq = _arrow(".parquet")

    with pq.ParquetWriter(
        path, layout, compression="zstd", version="2.6", store_schema=False,
        write_page_checksum=True,
    ) as writer:  # fmt: skip
        yield writer


def _read(file: Path) -> Any:
    pq = _arrow(".parquet")
    return pq.read_table(file, partitioning=None, page_checksum_verification=True)


def _as_frame(table: Any) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.as_unit("s")
    return frame


def _arrow(part: str = "") -> Any:
    """Return pyarrow, which ships no types and is needed by sweeps only."""
    return importlib.import_module(f"pyarrow{part}")
