"""Text that is a time, a cell or a whole column, as text of ISO 8601."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from darkdays.sources.event_rows import MONTH_NAMES
from darkdays.sources.own.quantities import ascii_digits
from darkdays.sources.own.times.invalid_times import FIRST, LAST

CLOCK: Final = (
    r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?P<f>[.,]\d+)?)?\s*(?P<ap>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<z>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
"""A time of day, of 24 hours or of 12, and its offset."""
NUMERIC_DATE: Final = r"(?P<a>\d{1,2})(?P<sep>[-./])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})"
"""Day and month, in whichever order, and a year."""
_AFTER: Final = rf"(?:,?(?:\s+|T){CLOCK})?"
_FORMS: Final = {
    "y": re.compile(
        rf"(?P<y>\d{{4}})(?P<sep>[-./])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}}){_AFTER}"
    ),
    "n": re.compile(NUMERIC_DATE + _AFTER),
    "w": re.compile(r"(?P<y>\d{4})-?W(?P<w>\d{2})(?:-?(?P<wd>[1-7]))?"),
    "o": re.compile(r"(?P<y>\d{4})-?(?P<o>\d{3})"),
    "m": re.compile(r"(?P<y>\d{4})(?:[-/]|-?M)(?P<m>\d{2})"),
    "q": re.compile(r"(?P<y>\d{4})[- ]?Q(?P<q>[1-4])"),
    "dn": re.compile(
        r"(?:[A-Za-z]{3,9},? +)?(?P<d>\d{1,2})\.?[ -](?P<mn>[A-Za-z]{3,9})\.?,?[ -]+(?P<y>\d{4})"
        + _AFTER
    ),
    "ny": re.compile(r"(?P<mn>[A-Za-z]{3,9})\.?[ -](?P<y>\d{4})"),
    "nd": re.compile(
        r"(?:[A-Za-z]{3,9}, +)?(?P<mn>[A-Za-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})"
        + _AFTER
    ),
}  # fmt: skip
_ISO: Final = re.compile(
    r"\d{4}-?\d{2}-?\d{2}(?:[T ]\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?\s?"
    r"(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_EXTENDED: Final = (
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?"
)
_NUMBERS: Final = r"\d{{2}}[{0}]\d{{2}}[{0}]\d{{4}}(?: \d{{2}}:\d{{2}}(?::\d{{2}})?)?"


def looks_like_time(text: str) -> bool:
    """Whether a cell is written as a date or time is, and no number could be."""
    text = ascii_digits(text).strip()
    if text.isdigit():
        is_day = len(text) == 8 and "01" <= text[4:6] <= "12" and text[6:] <= "31"
        return is_day and FIRST <= int(text[:4]) <= LAST
    found = next((one for one in _FORMS.items() if one[1].fullmatch(text)), None)
    if found is not None:
        return found[0] != "o" or "-" in text
    return _ISO.fullmatch(text) is not None or re.fullmatch(r"\d{8}T\d{2,6}Z?", text) is not None


def iso_text(text: str, order: str, *, jalali: bool = False) -> str | None:
    """Return a time as ISO 8601 text, None where it is none.

    Parameters
    ----------
    text
        The cell.
    order
        Of day and month in numbers alone: ``DMY`` or ``MDY``.
    jalali
        Whether it is of Iran's calendar.
    """
    if not jalali and _ISO.fullmatch(text) and " 24" not in text and "T24" not in text:
        return _basic(text)
    for kind, pattern in _FORMS.items():
        if (found := pattern.fullmatch(text)) is None:
            continue
        part = found.groupdict()
        try:
            day = _day(kind, part, order, jalali=jalali)
            if part.get("h") == "24" and part["mi"] == "00":  # the end of a day, as ISO 8601 has it
                return f"{date.fromisoformat(day) + timedelta(days=1)}T00:00:00{part['z'] or ''}"
            return day + _time(part)
        except (ValueError, OverflowError):
            return None
    return None


def _basic(text: str) -> str:
    """Return a time of ISO 8601's extended form, also where it was of the basic one."""
    text = text.replace(" UTC", "Z").replace(",", ".")
    head, sign, clock = text[:10], text[10:11], text[11:]
    if "-" not in text[:8]:
        head, sign, clock = f"{text[:4]}-{text[4:6]}-{text[6:8]}", text[8:9], text[9:]
    return f"{head}T{clock.replace(' ', '')}" if sign else head


def _day(kind: str, part: dict[str, str], order: str, *, jalali: bool) -> str:
    year = int(part["y"]) + (2000 if len(part["y"]) == 2 else 0)
    if kind == "w":
        return date.fromisocalendar(year, int(part["w"]), int(part["wd"] or 1)).isoformat()
    if kind == "o":
        days = _within(int(part["o"]), 365 + isleap(year))
        return (date(year, 1, 1) + timedelta(days=days - 1)).isoformat()
    if kind == "q":
        return date(year, 3 * int(part["q"]) - 2, 1).isoformat()
    day = int(part.get("d") or 1)
    if kind == "n":
        a, b = int(part["a"]), int(part["b"])
        day, month = (b, a) if order == "MDY" else (a, b)
    elif "mn" in part:
        named = [one[:3] for one in MONTH_NAMES].index(part["mn"][:3].lower())
        month = named + 1
    else:
        month = int(part["m"])
    if jalali:
        from persiantools.jdatetime import JalaliDate

        as_date: Any = JalaliDate
        return str(as_date(year, month, day).to_gregorian().isoformat())
    # Years of no calendar we know are told apart later: they must only be days.
    return date(year, month, day).isoformat()


def _within(number: int, most: int) -> int:
    if not 1 <= number <= most:
        raise ValueError(number)
    return number


def _time(part: dict[str, str]) -> str:
    if not part.get("h"):
        return ""
    hour = int(part["h"])
    if part["ap"]:
        hour = _within(hour, 12) % 12 + (12 if part["ap"][0] in "pP" else 0)
    zone = (part["z"] or "").replace("UTC", "Z").replace("GMT", "Z")
    fraction = (part["f"] or "").replace(",", ".")
    return f"T{hour:02}:{part['mi']}:{part['s'] or '00'}{fraction}{zone}"


def iso_alike(texts: pd.Series, order: str) -> pd.Series | None:
    """Return times that are all written in full in one way as ISO 8601; None if they are not."""
    if texts.str.contains("[T ]24:").any():
        return None
    if texts.str.fullmatch(_EXTENDED).all():
        return texts.str.replace(" ", "T", n=1, regex=False)
    sign = str(texts.iloc[0])[2:3]
    if not order or sign not in "-./" or not texts.str.fullmatch(_NUMBERS.format(sign)).all():
        return None
    day, month = texts.str[:2], texts.str[3:5]
    if order == "MDY":
        day, month = month, day
    clock = texts.str[10:].str.replace(" ", "T", n=1, regex=False)
    return texts.str[6:10] + "-" + month + "-" + day + clock


def without_midnight(iso: str) -> str:
    """Return a time of ISO 8601; the first moment of a day is the day."""
    return iso.removesuffix("T00:00:00")
