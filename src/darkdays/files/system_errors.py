"""What the system refused, in words: the true cause of an ``OSError``, and what to do about it."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from darkdays.errors import DarkdaysError
from darkdays.files.packaged import toml_of

_CAUSES: Final[dict[int, tuple[str, str]]] = {
    getattr(errno, name): tuple(words)
    for name, words in toml_of("files/system_errors.toml").items()
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
