"""How findings, their times and their numbers are written, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import pandas as pd

from darkdays.files.writing import rows_of

DIGITS: Final = 6


def moment(time: pd.Timestamp | None) -> str | None:
    """Return a time as ISO 8601 UTC to the minute, None for a missing one."""
    return None if pd.isna(time) else f"{time:%Y-%m-%dT%H:%MZ}"


def rounded(number: float | None) -> float | None:
    """Return a number with :data:`DIGITS` significant digits, None for a missing one."""
    return None if number is None or pd.isna(number) else float(f"{number:.{DIGITS}g}")


_WAYS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "": lambda value: value, "i": int, "f": rounded, "t": moment, "w": str.split,
}  # fmt: skip
"""How a value is written: as it is, a whole number, a number, a time, words."""


def written(row: Any, columns: str) -> dict[str, Any]:
    """Return columns of a row as documents have them.

    Parameters
    ----------
    row
        Of a table.
    columns
        Names of columns, each with how it is written after a colon, as in ``entities:i``. A capital
        is a value with its interval beside it: ``onset:T`` is ``onset:t`` and
        ``onset_interval=onset_low,onset_high:t``, by which a document names what a column has
        another name for, and puts two columns into one list.
    """
    found = {}
    for name, sources, way in _columns(columns):
        values = [_WAYS[way](getattr(row, one)) for one in sources]
        found[name] = values if len(values) > 1 else values[0]
    return found


def rows_written(table: pd.DataFrame, columns: str) -> list[dict[str, Any]]:
    """Return the rows of a table so."""
    return [written(row, columns) for row in rows_of(table)]


@cache
def _columns(stated: str) -> list[tuple[str, list[str], str]]:
    return [column for word in stated.split() for column in _column(word)]


def _column(word: str) -> Iterator[tuple[str, list[str], str]]:
    named, _, way = word.partition(":")
    name, _, source = named.partition("=")
    yield name, (source or name).split(","), way.lower()
    if way.isupper():
        yield f"{name}_interval", [f"{name}_low", f"{name}_high"], way.lower()


def finding(
    identity: str,
    value: float | str | None,
    unit: str,
    interval: tuple[Any, Any] = (None, None),
    level: float | None = None,
    n: int | None = None,
    **witnesses: Any,
) -> dict[str, Any]:
    """Return one finding in the form every finding has."""
    return {
        "id": identity,
        "value": value,
        "unit": unit,
        "interval": list(interval),
        "level": level,
        "n": n,
        "witnesses": witnesses,
    }
