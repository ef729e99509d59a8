"""Formats of dates: as a person states them, or as a whole column of numbers allows them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import pandas as pd

from darkdays.errors import InputError
from darkdays.sources.event_rows import MONTH_NAMES
from darkdays.sources.own.table import Form, Table
from darkdays.sources.own.times.iso_8601 import NUMERIC_DATE, without_midnight

_LONGEST_DATE: Final = len("31/12/2021")
_ORDERS: Final = {"DMY": "day/month/year", "MDY": "month/day/year"}
_LETTERS: Final = {
    "DDMMYYYY": "DMY", "MMDDYYYY": "MDY", "DDMMYY": "DMY", "MMDDYY": "MDY", "YYYYMMDD": "YMD",
}  # fmt: skip
_TOKENS: Final = {
    "YYYY": "%Y", "YY": "%y", "DD": "%d", "HH": "%H", "mm": "%M", "SS": "%S", "ss": "%S",
}  # fmt: skip


def strptime_of(stated: str) -> str:
    """Return a format for ``strptime``; empty where the format states an order of the date only."""
    if _letters(stated) in _LETTERS:
        return ""
    if "%" in stated:
        return stated
    text = stated
    for token, code in _TOKENS.items():
        text = text.replace(token, code)
    return text.replace("MM", "%m", 1).replace("MM", "%M")


def by_format(
    table: Table, column: str, texts: pd.Series, form: Form, strptime: str
) -> tuple[pd.Series, list[str]]:
    """Return the times of a column as ISO 8601 by the format that a person states.

    Raises
    ------
    InputError
        If a cell is not of that format.
    """

    def one(text: str) -> str | None:
        try:
            return without_midnight(datetime.strptime(text, strptime).isoformat())  # noqa: DTZ007
        except ValueError:
            return None

    found = texts.map(one)
    if found.isna().any():
        raise table.wrong(
            found.isna(),
            column,
            _not_of(form.date_format),
        )
    return found, [f"dates {form.date_format}"]


def order_of(table: Table, column: str, texts: pd.Series, stated: str) -> tuple[str, list[str]]:
    """Return the order of dates of numbers alone, what the whole column allows, and say it.

    Raises
    ------
    InputError
        If nobody states it, and the column allows both orders or none.
    """
    letters = _letters(stated)
    numeric = texts.str.contains(r"\d{1,2}[-./]\d{1,2}[-./]") & ~texts.str.match(r"\d{4}")
    if not numeric.any():
        return "", []
    codes, heads = pd.factorize(texts.str[:_LONGEST_DATE])
    parts = pd.Series(heads).str.extract(NUMERIC_DATE)
    parts = parts.assign(a=pd.to_numeric(parts["a"]), b=pd.to_numeric(parts["b"]))
    parts = parts.iloc[codes].set_axis(texts.index)
    numeric &= parts["a"].notna()
    if not numeric.any():
        return "", []
    if letters:
        if _LETTERS[letters] == "YMD":
            raise table.wrong(numeric, column, _not_of(stated))
        return _LETTERS[letters], [f"dates {stated}"]
    first, second = (parts[name][numeric] for name in "ab")
    example = texts[numeric].iloc[0]
    if (short := numeric & (parts["y"].str.len() == 2)).any():
        raise table.wrong(
            short, column, "has a year of two digits; state --date-format, as in DD/MM/YY"
        )
    late = {"DMY": (first > 12).any(), "MDY": (second > 12).any()}
    if all(late.values()):
        at = (parts["b"] > 12) & numeric
        raise table.wrong(
            at, column, "has its month first, and others have their day first; write all alike"
        )
    for order, sure in late.items():
        if sure:
            return order, [_ORDERS[order]]
    if (parts["sep"][numeric] == ".").all():
        return "DMY", ["day.month.year"]
    a, b = (int(one) for one in (first.iloc[0], second.iloc[0]))
    raise InputError(
        f"{table.name}, {table.unit} {numeric[numeric].index[0]}: {example[:40]!r} in column "
        f"{column!r} can be {a} {MONTH_NAMES[b - 1].title()} or {b} {MONTH_NAMES[a - 1].title()}, "
        "and so can all the others; say which with --date-format DD/MM/YYYY or MM/DD/YYYY "
        "(in a case the option date_format)."
        if 1 <= a <= 12 and 1 <= b <= 12
        else f"{table.name}: {example[:40]!r} in column {column!r} is not a date."
    )


def _not_of(stated: str) -> str:
    return f"is not of the form {stated}; state another --date-format"


def _letters(stated: str) -> str:
    return re.sub(r"[-./]", "", stated.upper())
