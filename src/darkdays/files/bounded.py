"""Reading what strangers wrote: plain files of a bounded size, JSON of a bounded depth."""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final, NoReturn

from darkdays.errors import InputError

MEBIBYTE: Final = 2**20
DAMAGED_ZIP: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
    # Encrypted members, unknown compression, headers that point nowhere.
    *(RuntimeError, NotImplementedError, LookupError, OverflowError),
)
"""What reading a zip file that was damaged, or made to do damage, may raise."""
_PIECE: Final = 2**20
_MOST_DIGITS: Final = 300
_MOST_HASHED: Final = 2**32


def bytes_of(path: Path, most: int, *, pipes: bool = False, cut: bool = False) -> bytes:
    """Return the content of a file.

    Nothing is waited for: a named pipe without a writer is empty, and a device is refused.

    Parameters
    ----------
    path
        The file.
    most
        Bytes it may have.
    pipes
        Whether a pipe will do as well, as in ``darkdays detect <(command)``.
    cut
        Whether so many first bytes of a larger file will do.

    Raises
    ------
    OSError
        If it cannot be opened or read.
    InputError
        If it is no plain file, or larger.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(21, "it is a folder", str(path))
        if not (stat.S_ISREG(kind) or (pipes and stat.S_ISFIFO(kind))):
            raise InputError(f"{path} is no plain file; give the data as one.")
        os.set_blocking(descriptor, stat.S_ISFIFO(kind))
        content = file.read(most if cut else most + 1) or b""
    if len(content) > most:
        raise InputError(
            f"{path} is larger than {most / MEBIBYTE:g} MiB, the most that is read of such a file; "
            "make it smaller."
        )
    return content


def text_of(path: Path, most: int) -> str:
    """Return a file as UTF-8 text; see :func:`bytes_of`.

    Raises
    ------
    UnicodeDecodeError
        If it is none.
    """
    return bytes_of(path, most).decode("utf-8")


def json_of(content: str | bytes) -> Any:
    """Return a JSON document.

    Raises
    ------
    ValueError
        If it is none, nested too deeply to be one of ours, or holds a number that is not finite.
    """
    try:
        return json.loads(content, parse_constant=_refuse, parse_float=_float, parse_int=_int)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no number")


def _float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _int(text: str) -> int:
    # What no float can hold would overflow wherever it is compared.
    return int(text) if len(text) <= _MOST_DIGITS else _refuse(text)


def real(path: Path) -> Path:
    """Return where a path leads to; links in a circle lead to themselves."""
    return Path(os.path.realpath(path))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a plain file in hex, read piece by piece.

    Raises
    ------
    OSError
        If it cannot be read, or is a link, a pipe, a device, a folder, or larger than 4 GiB.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_HASHED:
            raise OSError(22, "it is no plain file of a size to be read", str(path))
        sha = hashlib.sha256()
        while piece := file.read(_PIECE):
            sha.update(piece)
    return sha.hexdigest()


def is_inside(name: str) -> bool:
    """Whether a relative name stays below the folder it is looked up in, in plain letters."""
    if not name.isprintable() or "\\" in name:
        return False
    return not any(part in {"", ".", ".."} for part in name.split("/"))
