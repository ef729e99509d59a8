"""Lists in pages: each page is read once, however often its service's requests are worked out.

A fetch asks for the requests again after every reply. What a page says of the next one follows
from its bytes alone, so it is remembered by their digest, and the body is not read again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from darkdays.archive.request import Reply

P = ParamSpec("P")
T = TypeVar("T")
_MOST: Final = 20_000


def once_a_page(
    derive: Callable[Concatenate[Reply, P], T],
) -> Callable[Concatenate[Reply, P], T]:
    """Remember what a function makes of a reply; what it raises is not.

    Parameters
    ----------
    derive
        Depends on nothing but the body and what else it is given, which can be hashed, and returns
        something small that nobody changes.
    """
    known: dict[tuple[object, ...], T] = {}
    lock = threading.Lock()

    @wraps(derive)
    def remembered(reply: Reply, /, *args: P.args, **how: P.kwargs) -> T:
        key = (reply.digest, *args, *how.items())
        with lock:
            if key in known:
                return known[key]
        found = derive(reply, *args, **how)
        with lock:
            if len(known) >= _MOST:
                del known[next(iter(known))]
            known[key] = found
        return found

    return remembered
