"""Which of a person's own files stand in for what, and how they are to be read.

A file never leaves the machine: it stands in for the reply to a request nobody sends. Options map
what is needed to the file's columns, ``start: Date``; a value that begins with ``=`` holds for
every row, ``kind: =protest``. What is not mapped is found by the names of columns and by what is in
them. What a person stated on the command line of how a file is to be read travels with its reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from darkdays.archive.request import MORE, READ_AS, Reply, Request, SourceError
from darkdays.errors import InputError
from darkdays.sources.own.table import Form
from darkdays.sources.query import Query
from darkdays.sources.services import service

SERVICE: Final = service("user-csv")
_MOST_FILES: Final = 50


def requests_of(query: Query, role: str, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the requests that files have to stand in for: one, and one more for each further file.

    Parameters
    ----------
    query
        Option ``file`` is the name of the first.
    role
        What it is called otherwise: ``signal`` or ``events``.
    replies
        Of files that are there; one says whether another follows it.

    Raises
    ------
    SourceError
        If the file is named by more than its name.
    """
    file = query.options.get("file", f"{role}.csv")
    if not re.fullmatch(r"[\w][\w .+-]*", file):
        raise SourceError(
            f"user-csv: file {file!r} cannot be used; give the option file, a name without folders."
        )
    found = [Request(SERVICE.name, f"/{file}", (), f"file {file}")]
    for number in range(2, _MOST_FILES):
        reply = replies.get(found[-1].key)
        if reply is None or MORE not in reply.headers:
            break
        about = f"file {number} of {file}"
        found.append(Request(SERVICE.name, f"/{file}", (("number", str(number)),), about))
    return found


def form_of(query: Query, reply: Reply, zone: str) -> Form:
    """Return how a file is to be read: as the command line says, or else the case.

    Raises
    ------
    InputError
        If an option is none.
    """
    stated = {
        name.removeprefix(READ_AS): value
        for name, value in reply.headers.items()
        if name.startswith(READ_AS)
    }
    return Form.of({"time_zone": zone, **query.options, **stated})


def name_of(reply: Reply) -> str:
    """Return what a file is called."""
    return reply.headers.get("name", "") or reply.request.file


@contextmanager
def told(reply: Reply) -> Iterator[None]:
    """Say what is wrong with a file as the error of its request."""
    try:
        yield
    except InputError as error:
        raise SourceError(f"{SERVICE.name}, {error}", reply.request.key) from None


def terms_of(query: Query) -> dict[str, str]:
    """Return licence and citation: what the case states, or that it states none."""
    return {name: query.options.get(name, said) for name, said in SERVICE.terms.items()}


def account(query: Query, read: int, used: int, left: Mapping[str, int]) -> str:
    """Return what became of the rows of a file, in a sentence.

    Parameters
    ----------
    query
        Gives the window.
    read, used
        Rows there are, and rows that count.
    left
        How many were left out, by why.
    """
    window = f"{query.start:%Y-%m-%d %H:%M} to {query.end:%Y-%m-%d %H:%M} UTC"
    words = [f"{read} rows read", f"{used} used"]
    words += [f"{count} {why}" for why, count in left.items() if count]
    return f"{', '.join(words)} (the window is {window})"
