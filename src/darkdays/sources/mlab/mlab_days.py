"""M-Lab: the rows of a file of daily statistics, day by day, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.archive.request import Reply
from darkdays.sources.json_reply import AGAIN, moment, number, objects, parse

BUCKETS: Final = 8
"""Of a day that is whole."""
DIRECTIONS: Final = {"download": "dl", "upload": "ul"}
"""How names of fields begin, by direction."""


def days_of(reply: Reply, year: int) -> list[tuple[pd.Timestamp, list[dict[str, Any]]]]:
    """Return the days of a file, in order, each with its rows; an absence has none.

    Raises
    ------
    SourceError
        If a reply is no such file, or a row is of another year.
    """
    if reply.is_absence or (reply.body.lstrip()[:1] == b"<" and b"NoSuchKey" in reply.body):
        return []
    days: dict[pd.Timestamp, list[dict[str, Any]]] = {}
    for entry in objects(reply, parse(reply), "the reply", "a row"):
        day = moment(reply, entry.get("date"), "date").floor("D")
        if day.year != year:
            raise reply.error(f"a row is of {day.year}, not {year}", "give the file of that year")
        days.setdefault(day, []).append(entry)
    return [(day, days[day]) for day in sorted(days)]


@dataclass(frozen=True)
class Day:
    """The rows of one day: a field of each, or the one value that all have to share."""

    reply: Reply
    rows: list[dict[str, Any]]

    def each(self, field: str) -> np.ndarray[Any, Any]:
        """Return a field of each row."""
        if any(field not in row for row in self.rows):
            raise self.reply.error(f"{field} is missing", AGAIN)
        return np.array([number(self.reply, row[field], field) for row in self.rows])

    def same(self, field: str) -> float:
        """Return a field that is the same in all rows."""
        found = self.each(field)
        if not np.array_equal(found, np.full(len(found), found[0]), equal_nan=True):
            raise self.reply.error(f"the rows of one day disagree on {field}", AGAIN)
        return float(found[0])
