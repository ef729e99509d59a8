"""Rows of a person's own CSV: which file, which columns, which times.

The file never leaves the machine: it stands in for the reply to a request nobody sends. Options
map what is needed to the file's columns, ``start: Date``; a value that begins with ``=`` holds
for every row, ``kind: =protest``. What is not mapped is taken from a column of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final

from darkdays.archive.request import Reply, Request, SourceError
from darkdays.sources.event_rows import cleaned, text_table
from darkdays.sources.query import Query
from darkdays.sources.services import service

SERVICE: Final = service("user-csv")
_YEARS: Final = range(1900, 2200)


def request_of(query: Query, default: str) -> Request:
    """Return the one request a file has to stand in for: option ``file`` is its name.

    Raises
    ------
    SourceError
        If no file is named, or by more than its name.
    """
    file = query.options.get("file", default)
    if not re.fullmatch(r"[\w][\w .+-]*", file):
        raise SourceError(
            f"user-csv: file {file!r} cannot be used; give the option file, a name without folders."
        )
    return Request(SERVICE.name, f"/{file}", (), f"file {file}")


def terms_of(query: Query) -> dict[str, str]:
    """Return licence and citation: what the case states, or that it states none."""
    return {name: query.options.get(name, said) for name, said in SERVICE.terms.items()}


def mapped(
    query: Query, reply: Reply, wanted: tuple[str, ...], needed: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each row's number, the header being 1, and its values under our names.

    Raises
    ------
    SourceError
        If it is no table, or a column is not there.
    """
    columns, rows = text_table(reply)
    for name in wanted:
        stated = query.options.get(name, "")
        column = stated or name
        absent = not stated.startswith("=") and column not in columns
        if absent and (stated or name in needed):
            raise reply.error(
                f"there is no column {column!r} for {name}, but {cleaned(', '.join(columns))}",
                f"state the option {name}, a column or = and a value",
            )
    for number, row in enumerate(rows, start=2):
        values = {}
        for name in wanted:
            stated = query.options.get(name, "")
            constant = stated.startswith("=")
            values[name] = cleaned(stated[1:] if constant else row.get(stated or name, ""))
        yield number, values


def moment_of(reply: Reply, number: int, text: str, zone: tzinfo) -> datetime:
    """Return a time in a zone; it is local there unless it states an offset.

    Raises
    ------
    SourceError
        If it is not ISO 8601.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise reply.error(
            f"row {number} has the time {text!r}", "write ISO 8601, as in 2019-11-16T14:30"
        )
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
