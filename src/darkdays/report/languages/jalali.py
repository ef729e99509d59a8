"""Days of Iran's calendar, to stand below the days that a figure names."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from persiantools import digits
from persiantools.jdatetime import JalaliDate

from darkdays.report.languages.tokens import SHORT

_DAY: Final = re.compile(rf"(\d{{1,2}}) ({'|'.join(SHORT)})(?: (\d{{4}}))?(?: \d\d:\d\d)?")
_NEAR: Final = timedelta(days=31)
"""What an axis may name before and after the days of a case."""

Window = tuple[date, date]
"""The first and the last day of a case."""


def is_day(text: str) -> bool:
    """Whether a text is a day, maybe with its year and a time, and nothing else."""
    return _DAY.fullmatch(text) is not None


def jalali_of(text: str, window: Window) -> str:
    """Return a day in Iran's calendar and in Persian, empty where it cannot be told.

    Parameters
    ----------
    text
        A day as axes name it, such as ``17 Nov``.
    window
        Of the case: it tells the year, where the text does not and only one fits.
    """
    found = _DAY.fullmatch(text)
    if found is None:
        return ""
    day, month, year = found.groups()
    first, last = window
    years = [int(year)] if year else range(first.year, last.year + 1)
    days = [one for one in (_date(each, month, int(day)) for each in years) if one]
    if not year:
        days = [one for one in days if first - _NEAR <= one <= last + _NEAR]
    if len(days) != 1:
        return ""
    own = JalaliDate(days[0])  # type: ignore[no-untyped-call]
    written = own.strftime("%B %Y" if year else "%B", locale="fa")
    return str(digits.en_to_fa(f"{own.day} {written}"))


def _date(year: int, month: str, day: int) -> date | None:
    try:
        return date(year, SHORT.index(month) + 1, day)
    except ValueError:
        return None
