"""The product of a stage, kept in the run folder for the stages and notebooks after it.

It is a pickle, which runs code when it is read, so one is only read that this code wrote in this
very folder from these very inputs: its first line is the digest of all three and of the pickle
itself. Whatever else lies there, stale, damaged or brought from elsewhere, is made again.
"""

from __future__ import annotations

import dataclasses
import pickle
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from darkdays.contracts.code import COMPUTING, PRESENTING, code_digest
from darkdays.files import writing


def store(folder: Path, stage: str, made_from: Any, product: Any) -> None:
    """Keep the product of a stage.

    Parameters
    ----------
    folder
        The run folder.
    stage
        Its name.
    made_from
        All the product depends on but the code, as JSON has it.
    product
        Anything that can be pickled.
    """
    body = pickle.dumps(product, protocol=pickle.HIGHEST_PROTOCOL)
    writing.write_bytes(_path(folder, stage), _seal(folder, made_from, body) + body)


def stored(folder: Path, stage: str, made_from: Any) -> Any:
    """Return the product of a stage, None if there is none made here, from this, by this code."""
    try:
        content = _path(folder, stage).read_bytes()
    except OSError:
        return None
    seal, newline, body = content.partition(b"\n")
    if seal + newline != _seal(folder, made_from, body):
        return None
    return pickle.loads(body)  # noqa: S301 - written by :func:`store`, see above


def mark(folder: Path, stage: str) -> str:
    """Return what tells one product of a stage from another, to be named by what rests on it."""
    with _path(folder, stage).open("rb") as file:
        return file.readline().decode().strip()


def without(product: Any, name: str) -> dict[str, Any]:
    """Return the fields of a product but one: what it was made from is kept once, by its stage."""
    fields = (field.name for field in dataclasses.fields(product))
    return {field: getattr(product, field) for field in fields if field != name}


def _path(folder: Path, stage: str) -> Path:
    return folder / f"{stage}.pickle"


def _seal(folder: Path, made_from: Any, body: bytes) -> bytes:
    # A folder that was copied or unpacked has another number.
    parts = [made_from, _code(), folder.stat().st_ino, writing.sha256(body)]
    return writing.sha256(writing.json_text(parts).encode()).encode() + b"\n"


@cache
def _code() -> list[str]:
    """Return what computes: the code as it is when a process first asks, Python and libraries."""
    versions = [f"{name} {metadata.version(name)}" for name in (*COMPUTING, *PRESENTING)]
    return [code_digest(), sys.version, *versions]
