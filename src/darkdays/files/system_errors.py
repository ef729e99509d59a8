"""What the system refused, in words: the true cause of an ``OSError``, and what to do about it."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from darkdays.errors import DarkdaysError

_AGAIN: Final = "give the same command again"
_CAUSES: Final = {
    errno.ENOSPC: ("the disk is full", "free the disk or choose another folder"),
    errno.EDQUOT: ("your share of the disk is used up", "free some or choose another folder"),
    errno.EROFS: ("the disk can only be read", "choose another folder"),
    errno.EACCES: ("permission denied", "change its permissions or choose another folder"),
    errno.EPERM: ("not permitted", "change its permissions or choose another folder"),
    errno.EFBIG: ("it is larger than the disk or a limit allows", "choose another folder"),
    errno.EMFILE: (
        "too many open files in this process",
        "allow more with `ulimit -n`, or do less at once",
    ),
    errno.ENFILE: ("too many open files on this machine", f"end other programs, then {_AGAIN}"),
    errno.ENOMEM: ("the memory is used up", f"end other programs, then {_AGAIN}"),
    errno.EIO: ("the disk fails to read or write", f"check the disk, then {_AGAIN}"),
    errno.ESTALE: ("the shared disk has lost sight of it", _AGAIN),
    errno.ETIMEDOUT: ("the shared disk does not answer", f"check the disk, then {_AGAIN}"),
    errno.ENOENT: ("it, or its folder, is not there", "check the path"),
    errno.ENOTEMPTY: ("another process was faster", _AGAIN),
}
_PASSING: Final = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}
    | {errno.ENOSPC, errno.EDQUOT}
)


def is_passing(error: OSError) -> bool:
    """Whether an error tells of the machine or its disk, and nothing of the file itself."""
    return error.errno in _PASSING


def cause_of(error: OSError) -> tuple[str, str]:
    """Return why the system refused, and what to do: halves of a sentence."""
    told = (error.strerror or str(error)).rstrip(".")
    return _CAUSES.get(error.errno or 0, (told or "the system refuses", "check the path"))


def cannot(
    do: str,
    what: Path | str,
    error: OSError,
    option: str = "",
    kind: type[DarkdaysError] = DarkdaysError,
) -> DarkdaysError:
    """Return the error that says what cannot be done, why, and what to do.

    Parameters
    ----------
    do, what
        ``write`` or ``read``, and which file or folder.
    error
        What the system said.
    option
        That chooses another folder, such as ``--reports``.
    kind
        Of the error.
    """
    cause, remedy = cause_of(error)
    if option:
        remedy = remedy.replace("another folder", f"another folder with {option}")
    return kind(f"cannot {do} {what}: {cause}; {remedy}.")
