"""What columns are called: as times, hours and places are, or as what measures nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from darkdays.errors import InputError

_NAMED: Final = 20
TIME_NAMES: Final = re.compile(
    r"time|date|day|week|month|year|epoch|timestamp|when|start|begin|from|datum|zeit|tag|woche|"
    r"fecha|hora|dia|jour|heure|jahr|monat|дата|время|تاریخ|زمان|التاريخ|الوقت|日期|时间|时间戳",
)
HOUR_NAMES: Final = re.compile(
    r"hour|hours|hr|hh|time|timeofday|hora|heure|stunde|uhrzeit|час|время|ساعت|الساعة|时|小时"
)
PLACE_NAMES: Final = re.compile(
    r"entity|country|countrycode|cc|asn|probeasn|probecc|region|province|state|city|place|network|"
    r"provider|isp|operator|location|series|name|code|domain|node|land|pais|pays"
)
_NO_VALUES: Final = re.compile(
    r"lat|lon|lng|latitude|longitude|id|index|row|line|nr|no|number|unnamed.*|year|month|day|hour|"
    r"minute|weekday|dayofweek|column1|yr|mnth|mth|hr|wday|dow|doy|quarter|weekofyear|dayofyear|"
    r".*timezone.*|utcoffset"
)
_LAST_WORDS: Final = frozenset({"id", "lon", "lng", "longitude", "latitude"})


def plain_name(name: str) -> str:
    """Return a name in lower case, without blanks and signs."""
    return re.sub(r"[\W_]+", "", name.casefold())


def last_word(name: str) -> str:
    """Return the last word of a name, also of one written in camel case."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold()
    return next(iter(re.findall(r"[^\W\d_]+", parted)[::-1]), "")


def names_no_value(name: str) -> bool:
    """Whether a column is called as one that says which row, whose or when it is."""
    return bool(_NO_VALUES.fullmatch(plain_name(name))) or last_word(name) in _LAST_WORDS


def refuse_unknown(wanted: str, there: Sequence[str], wrong: str, listing: str) -> None:
    """Refuse a name that is not among those there are.

    Raises
    ------
    InputError
        If it is none of them.
    """
    if wanted not in there:
        close = get_close_matches(wanted, there, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise InputError(f"{wrong} {wanted!r}{hint} {listing} {listed(there)}.")


def listed(names: Sequence[str]) -> str:
    """Return names in a sentence, the first of them where there are many."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(str(name)[:80] for name in names[:_NAMED]) + more
