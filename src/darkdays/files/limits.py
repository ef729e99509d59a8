"""What the system lets a process have, asked before a library fails for want of it."""

from __future__ import annotations

from typing import Final

from darkdays.errors import InputError

TABLES: Final = (2**29 + 2**28, 16)
"""Memory and open files that libraries for tables and statistics load with."""
KERNEL: Final = (2**30 + 2**29, 128)
"""Those with which a kernel of notebooks starts, and its figures are drawn."""


def need(what: str, least: tuple[int, int]) -> None:
    """See to it that this process may have memory and open files enough.

    Parameters
    ----------
    what
        Needs them.
    least
        Bytes and files.

    Raises
    ------
    InputError
        If a limit is lower.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for limit, wanted, unit, words in (
        (resource.RLIMIT_AS, least[0], 2**20, "MiB of memory"),
        (resource.RLIMIT_NOFILE, least[1], 1, "open files"),
    ):
        allowed, _ = resource.getrlimit(limit)
        if allowed != resource.RLIM_INFINITY and allowed < wanted:
            raise InputError(
                f"this process may have {allowed // unit} {words}, and {what} takes "
                f"{wanted // unit}; allow more with `ulimit`."
            )
