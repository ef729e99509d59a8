"""What is no time of the internet, and what it may be instead."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.sources.own.quantities import looks_like_number
from darkdays.sources.own.table import Table

FIRST, LAST = 1990, 2100
"""Years of the internet: what lies outside is no time of it."""


def refuse_no_times(table: Table, column: str, found: pd.Series) -> None:
    """Refuse cells of which no time was found, by what the first of them is instead.

    Raises
    ------
    InputError
        If there are any.
    """
    where = found.isna()
    if not where.any():
        return
    text = str(table.cells[column].iloc[int(np.argmax(where.to_numpy()))]).strip()
    what = (
        "is not a time; write ISO 8601, as in 2019-11-16 14:25, or state --date-format, as in "
        "DD/MM/YYYY"
    )
    if not text:
        what = "is not a time: the cell is empty; take out a row of totals, or fill it in"
    elif not any(letter.isdigit() for letter in text):
        what = "is not a time; take out a row of totals or remarks"
    elif re.fullmatch(r"[A-Za-z]{3,9}\.?[- ]\d{2}|\d{1,2}[- ][A-Za-z]{3,9}\.?", text):
        what = (
            "has no year, or one of two digits; write years of four, or say --date-format %b-%y, "
            "as the file has it"
        )
    elif re.search(r":\d{2} *(?:(?:GMT|UTC)[+-]|[A-Z]{3,5}$|[A-Z][a-z]+/)", text):
        what = (
            "names its time zone; write the offset, as in 2019-11-16 14:25+03:30, or take the name "
            "out and say --time-zone Asia/Tehran"
        )
    raise table.wrong(where, column, what, named=looks_like_number(text))


def refuse_other_ages(table: Table, column: str, years: NDArray[Any]) -> None:
    """Refuse years in which there was no internet yet, or not of the common era.

    Raises
    ------
    InputError
        If there are any.
    """
    outside = (years < FIRST) | (years > LAST)
    if outside.any():
        raise table.wrong(outside, column, _other_age(int(years[int(np.argmax(outside))])))


def _other_age(year: int) -> str:
    calendar = next(
        (
            words
            for years, words in (
                (range(1360, 1430), "years of Iran's calendar, and then say --calendar jalali"),
                (range(1430, 1480), "years of the Hijri calendar: write those of the common era"),
                (range(2500, 2700), "years of the Buddhist era: write those of the common era"),
            )
            if year in years
        ),
        "",
    )
    said = f"the year {year} is no time of the internet, which are those from {FIRST} to {LAST}"
    return f"is not a time to use: {said}" + (f" (are these {calendar}?)" if calendar else "")
