"""What a translation carries over as it is: numbers, dates, addresses, names.

Each becomes one character of a private range, so that sentences that differ in nothing else are
one message, and no translator can change a number.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Final

from persiantools import digits
from persiantools.jdatetime import JalaliDate

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
SHORT: Final = tuple(one[:3] for one in _MONTHS)
"""Months as axes name them."""
_MONTH: Final = "|".join([*_MONTHS, *SHORT])
_TIME: Final = r"(?P<{}>[ T]\d\d:\d\d(?::\d\d)?Z?)?"
_TOKENS: Final = rf"""
  https?://[^\s<>]*[^\s<>.,;:)]
| (?<![\w-])(?P<iso>\d{{4}}-\d\d-\d\d)(?![\w-]){_TIME.format("clock")}
| (?<![\w.,-])(?P<day>\d{{1,2}})\ (?P<month>{_MONTH})\b(?:\ (?P<year>\d{{4}})\b)?
  {_TIME.format("at")}
| (?P<whole>{_MONTH})\ (?P<of>\d{{4}})\b
| \b\d-(?:start-here|fetch|detect|correlate|report)\b(?:\.ipynb)?
| (?<![\w/.-])(?=[\w./-]*[A-Za-z]|\d+\.\d+\.\d)[\w-]+(?:[./][\w-]+)+(?:\#[\w-]+)?
| \bAS\d+\b
| \b(?=[a-f]*\d)[0-9a-f]{{12,}}\b
| (?P<number>(?<!\w)[-−+]?\d\d:\d\d\b
  |(?<![\w.])[-−+]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:e[-+]?\d+)?(?:\s?%)?(?!\w))
"""  # noqa: RUF001 - a minus sign
_PERSIAN: Final = str.maketrans(".,%", "٫٬٪")  # noqa: RUF001 - its own marks
_LEFT_TO_RIGHT: Final = re.compile(r"[^\d.,%\s]")


@functools.lru_cache(16)
def tokens_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of what is carried over; its group ``name`` is one of these names."""
    longest = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    name = rf"(?P<name>(?<![\w./-])(?:{longest})(?![\w/-]|\.\w))|" if longest else ""
    # Spaces in names and the pattern of tokens are told apart by when each is compiled.
    return re.compile(name + re.sub(r"(?<!\\)\s+(?![^\[]*\])", "", _TOKENS).replace(r"\ ", " "))


def carried(token: re.Match[str], language: str, dates: Mapping[str, str], *, plain: bool) -> str:
    """Return a number, a date or an address as a language writes it.

    Parameters
    ----------
    token
        A match of a pattern of :func:`tokens_of` that is no name.
    language
        Its code.
    dates
        Its months, and how day, month and year are put together, as in ``{d} {m} {y}``; ``{b}``
        is a month in short.
    plain
        For an attribute, which holds no elements.
    """
    found, written = token.groupdict(), token[0]
    day = _date(found)
    if month := found["month"] or found["whole"]:
        parts = {
            "{d}": found["day"] and str(day.day),
            "{b}" if month in SHORT else "{m}": dates.get(month) or month,
            "{y}": found["year"] or found["of"],
        }
        form = " ".join(mark for mark, part in parts.items() if part)
        written = dates.get(form) or form
        for mark, part in parts.items():
            written = written.replace(mark, part or "")
        written += found["at"] or ""
    counted = found["number"] or found["iso"] or found["month"] or found["whole"]
    if language == "fa" and counted and "e" not in (found["number"] or ""):
        written = digits.en_to_fa(written.translate(_PERSIAN) if found["number"] else written)
    if plain:
        return written
    written = escape(written)
    if language == "fa" and not (found["month"] or found["whole"]):
        mixed = found["iso"] or not found["number"] or _LEFT_TO_RIGHT.search(token[0])
        written = f'<bdi dir="ltr">{written}</bdi>' if mixed else written
    if language == "fa" and (found["iso"] or found["year"]):
        own = JalaliDate(day)  # type: ignore[no-untyped-call]
        beside = digits.en_to_fa(f"{own.day} {own.strftime('%B %Y', locale='fa')}")
        written += f' <span class="jalali">({beside})</span>'
    return written


def _date(found: dict[str, str | None]) -> date:
    if found["iso"]:
        return date.fromisoformat(found["iso"])
    month = (found["month"] or found["whole"] or "Jan")[:3]
    year = int(found["year"] or found["of"] or 2000)
    return date(year, SHORT.index(month) + 1, int(found["day"] or 1))
