"""Lists in pages: each page is read once, however often its service's requests are worked out.

A fetch asks for the requests again after every reply. What a page says of the next one follows
from its bytes alone, so it is remembered by their digest, and the body is not read again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from darkdays.archive.request import Reply, Request

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


def followed(
    page: Callable[[int], Request],
    replies: Mapping[str, Reply],
    full: Callable[[Reply], Hashable | None],
    endless: tuple[str, str],
    *,
    most: int,
) -> list[Request]:
    """Return the pages of a list that are asked for: the next follows a full page.

    Parameters
    ----------
    page
        The request of a page by its number, from 0 on.
    replies
        Those there are.
    full
        What tells a full page from others, None of one that is not full and therefore the last.
    endless
        What to say if pages go on after ``most``: the problem, and what to do.
    most
        Most pages that a list has.

    Raises
    ------
    SourceError
        If a page comes back twice, or there are too many.
    """
    asked: list[Request] = []
    seen: set[Hashable] = set()
    while len(asked) < most:
        asked.append(page(len(asked)))
        reply = replies.get(asked[-1].key)
        if reply is None or (mark := full(reply)) is None:
            return asked
        if mark in seen:
            raise reply.error(
                "the page before came back again",
                "fetch it again later, or ask for a shorter window",
            )
        seen.add(mark)
    raise replies[asked[-1].key].error(*endless)
