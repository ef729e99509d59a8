"""Signals on disk: a Zarr hierarchy a block, a chunk an entity; a task reads what it needs.

A store is a DataTree as everywhere (:mod:`darkdays.contracts.signals`) and opens with
``xarray.open_datatree(path, engine="zarr", consolidated=False)``. It is put in place by renaming,
whole or not at all; its chunks carry checksums.
"""

from __future__ import annotations

import errno
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.contracts.signals import Signal, step_of
from darkdays.errors import DarkdaysError

_NOT_THERE: Final = (None, errno.ENOENT, errno.ENOTDIR, errno.EISDIR)
"""Of an error of a library (None), or of a piece that somebody took apart."""
_NO_THREAD: Final = "can't start new thread"


class DamagedError(DarkdaysError):
    """Something a sweep stored cannot be read any more; it was set aside, to be made again."""


class UnreadableError(DarkdaysError):
    """Something a sweep stored cannot be read for now; whatever the cause, it is not damaged."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Set a stored piece aside that turns out to be damaged while it is read; nothing is removed.

    Damaged is what fails its checksum, its codec or its schema, or is not there. What the system
    refuses says nothing of the piece: no descriptor is left, a disk on the network went away.

    Raises
    ------
    DamagedError
        If it is damaged.
    UnreadableError
        If the system does not let it be read.
    """
    try:
        yield
    except (MemoryError, DarkdaysError):
        raise
    except Exception as error:  # noqa: BLE001  # libraries and codecs raise whatever they come across
        if cause := _refused(error):
            raise UnreadableError(f"cannot read {path.name}: {cause}.") from None
        aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.damaged")
        with suppress(OSError):
            path.rename(aside)
        raise DamagedError(
            f"{path.name} is damaged, and was set aside as {aside.name}; give the same command "
            "again to make it anew."
        ) from None


def _refused(error: BaseException | None) -> str:
    """Return what the system refused that led to an error, and what to do; empty if nothing."""
    while error is not None:
        if isinstance(error, OSError) and error.errno not in _NOT_THERE:
            denied = isinstance(error, PermissionError)
            remedy = "make it readable" if denied else "mend that, and give the same command again"
            return f"{error.strerror or error}; {remedy}"
        if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
            return f"{error}; end other programs, and give the same command again"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ""


def write(tree: xr.DataTree, path: Path) -> None:
    """Write signals; what is there already stays."""
    with making(path) as partial:
        if partial is not None:
            tree.to_zarr(partial, encoding=_encoding(tree), consolidated=False)


@contextmanager
def making(path: Path) -> Iterator[Path | None]:
    """Give a folder where nobody else looks, and put it in place; None if the piece is there.

    Somebody else may be faster: then what that one wrote stays.
    """
    if path.exists():
        yield None
        return
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
    partial.mkdir(parents=True)
    try:
        yield partial
        try:
            partial.rename(path)
        except OSError:
            if not path.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def contents(path: Path) -> tuple[list[str], bool, dict[str, Any]]:
    """Return the entities of a store in order, whether it is simulated, and its attributes."""
    with reading(path), _opened(path) as tree:
        nodes = [tree[name].to_dataset() for name in tree.children]
        names = {str(label) for node in nodes for label in node["entity"].values}
        made_up = any(node.attrs.get("simulated", False) for node in nodes)
        attrs = {str(key): value for key, value in tree.attrs.items()}
        return sorted(names), made_up, attrs


def is_there(path: Path) -> bool:
    """Whether a store is there and every chunk as it was written; a damaged one is set aside."""
    if not path.exists():
        return False
    try:
        with reading(path), _opened(path) as tree:
            for node in tree.children.values():
                for values in node.data_vars.values():
                    for row in range(values.sizes["entity"]):
                        values.isel(entity=row).to_numpy()
    except DamagedError:
        return False
    return True


class Reader:
    """A store opened once, of which one signal after the other is read.

    Parameters
    ----------
    path
        Of the store.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(path):
            self._tree = _opened(path)
            self._nodes = {
                name: self._tree[name].to_dataset() for name in sorted(self._tree.children)
            }
            self._rows = {
                name: {str(label): row for row, label in enumerate(node["entity"].values)}
                for name, node in self._nodes.items()
            }

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._tree.close()

    def datasources(self, entity: str) -> Iterator[str]:
        """Go through the datasources that have an entity, in order of their names."""
        return (name for name, rows in self._rows.items() if entity in rows)

    def signal(self, entity: str, datasource: str) -> Signal:
        """Read one signal, and nothing else."""
        node = self._nodes[datasource]
        with reading(self._path):
            values = node["value"].isel(entity=self._rows[datasource][entity]).values
            times = pd.DatetimeIndex(node["time"].values)
        return Signal(entity, datasource, step_of(node), times, values.astype(np.float64))


def _opened(path: Path) -> xr.DataTree:
    return xr.open_datatree(path, engine="zarr", chunks=None, consolidated=False)


def _encoding(tree: xr.DataTree) -> dict[str, dict[str, Any]]:
    from zarr.codecs import BloscCodec, Crc32cCodec

    packed = [BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle", typesize=8), Crc32cCodec()]
    flags = [BloscCodec(cname="zstd", clevel=3, shuffle="shuffle", typesize=1), Crc32cCodec()]
    encoding = {}
    for name, node in tree.children.items():
        chunks = (1, max(node.sizes["time"], 1))
        encoding[f"/{name}"] = {
            variable: {"chunks": chunks, "compressors": flags if variable == "coverage" else packed}
            for variable in ("value", "coverage")
            if variable in node
        }
    return encoding
