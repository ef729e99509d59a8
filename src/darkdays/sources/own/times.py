"""Times as people write them: ISO 8601 in all its forms, epochs, days, local clocks, calendars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError
from darkdays.sources.event_rows import MONTH_NAMES
from darkdays.sources.own.quantities import ascii_digits, ascii_texts, looks_like_number
from darkdays.sources.own.table import Form, Table

FIRST, LAST = 1990, 2100
"""Years of the internet: what lies outside is no time of it."""
_CLOCK: Final = (
    r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?P<f>[.,]\d+)?)?\s*(?P<ap>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<z>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
_AFTER: Final = rf"(?:,?(?:\s+|T){_CLOCK})?"
_FORMS: Final = {
    "y": re.compile(
        rf"(?P<y>\d{{4}})(?P<sep>[-./])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}}){_AFTER}"
    ),
    "n": re.compile(
        rf"(?P<a>\d{{1,2}})(?P<sep>[-./])(?P<b>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}|\d{{2}}){_AFTER}"
    ),
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
_CLOSE_TO_A_MONTH: Final = 0.1
_LONGEST_DATE: Final = len("31/12/2021")
_ISO: Final = re.compile(
    r"\d{4}-?\d{2}-?\d{2}(?:[T ]\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?\s?"
    r"(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_EXTENDED: Final = (
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?"
)
_NUMBERS: Final = r"\d{{2}}[{0}]\d{{2}}[{0}]\d{{4}}(?: \d{{2}}:\d{{2}}(?::\d{{2}})?)?"
_OFFSET: Final = r"(?:Z|[+-]\d{2}(?::?\d{2})?)$"
_EPOCH: Final = re.compile(r"\d{9,19}(?:\.\d+)?")
_DIVISORS: Final = {"s": 1, "ms": 10**3, "µs": 10**6, "ns": 10**9}
_PANDAS: Final[dict[str, Any]] = {"µs": "us"}
_BEGIN, _END = 631_152_000, 4_133_980_800
_ORDERS: Final = {"DMY": "day/month/year", "MDY": "month/day/year"}
_TOKENS: Final = {
    "YYYY": "%Y", "YY": "%y", "DD": "%d", "HH": "%H", "mm": "%M", "SS": "%S", "ss": "%S",
}  # fmt: skip


@dataclass(frozen=True)
class Moments:
    """The times of a column.

    Attributes
    ----------
    times
        UTC, in the order of the rows.
    local
        By the clock of the zone, naive; None where the file states offsets.
    days
        Whether they are days, which need no midnight.
    said
        How they were read.
    """

    times: pd.DatetimeIndex
    local: pd.DatetimeIndex | None
    days: bool
    said: tuple[str, ...]


def zone_called(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises
    ------
    InputError
        If there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"unknown time zone {name!r}; give an IANA name such as Asia/Tehran."
        ) from None


def looks_like_time(text: str) -> bool:
    """Whether a cell is written as a date or time is, and no number could be."""
    text = ascii_digits(text).strip()
    if text.isdigit():
        return len(text) == 8 and _year(text) and "01" <= text[4:6] <= "12" and text[6:] <= "31"
    found = next((one for one in _FORMS.items() if one[1].fullmatch(text)), None)
    if found is not None:
        return found[0] != "o" or "-" in text
    return _ISO.fullmatch(text) is not None or re.fullmatch(r"\d{8}T\d{2,6}Z?", text) is not None


def looks_like_epoch(text: str) -> bool:
    """Whether a cell can be seconds, or parts of them, since 1970, of the years of the internet."""
    return _EPOCH.fullmatch(text) is not None and bool(_unit(float(text)))


def _year(text: str) -> bool:
    return FIRST <= int(text[:4]) <= LAST


def _unit(number: float) -> str:
    return next((n for n, by in _DIVISORS.items() if _BEGIN <= number / by < _END), "")


def _unit_of_all(cells: pd.Series, form: Form) -> str:
    """Return the unit of integers that are epochs; empty if they are not, or a form is stated."""
    if cells.dtype != np.int64 or form.date_format or form.calendar != "gregorian":
        return ""
    unit, last = (_unit(float(one)) for one in (cells.min(), cells.max()))
    return unit if unit == last else ""


def moments(table: Table, columns: Sequence[str], form: Form, whose: pd.Series | None) -> Moments:
    """Return the times of one column, or of one of days and one of hours.

    Parameters
    ----------
    table, columns
        Where they are.
    form
        Order, calendar and zone.
    whose
        Entity of each row, where a table holds many: of two equal times of one of them, in an
        hour that clocks repeat, the second is the later.

    Raises
    ------
    InputError
        If a cell is no time, can be two, or lies outside 1990 to 2100; the sentence names its line.
    """
    zone, column = zone_called(form.time_zone), columns[0]
    cells = table.cells[column]
    if pd.api.types.is_datetime64_any_dtype(cells.dtype) and len(columns) == 1:
        parsed, said = pd.DatetimeIndex(cells), list[str]()
        days = parsed.tz is None and _midnights(parsed)
    elif len(columns) == 1 and (unit := _unit_of_all(cells, form)):
        stamps = pd.to_datetime(cells.to_numpy(), unit=_PANDAS.get(unit, unit), utc=True)
        parsed, said, days = pd.DatetimeIndex(stamps), [f"epoch in {unit}"], False
    else:
        if pd.api.types.is_datetime64_any_dtype(cells.dtype):
            cells = cells.dt.strftime("%Y-%m-%d")
        texts = ascii_texts(cells)
        if len(columns) > 1:
            texts = texts + "T" + _clocks(table, columns[1])
        # What many rows share is read once, where it stands first.
        codes, _ = pd.factorize(texts)
        firsts = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))
        part = replace(table, cells=table.cells.iloc[firsts])
        iso, said = _of_texts(part, column, texts.iloc[firsts], form)
        clocks = iso.str.contains("T", regex=False)
        stated = iso.str.contains(_OFFSET) & clocks
        if stated.any() and not stated.all():
            iso, stated = (one.iloc[codes].set_axis(cells.index) for one in (iso, stated))
            return _mixed(table, column, iso, stated, form, whose)
        aware = bool(stated.any())
        found = pd.to_datetime(iso, format="ISO8601", utc=aware, errors="coerce")
        if found.isna().any():
            raise _no_time(part, column, found.isna())
        days = not clocks.any()
        parsed = pd.DatetimeIndex(found).take(codes)
    if len(parsed) and not FIRST <= parsed.min().year <= parsed.max().year <= LAST:
        outside = (parsed.year < FIRST) | (parsed.year > LAST)
        raise table.wrong(outside, column, _other_age(int(parsed.year[int(np.argmax(outside))])))
    if parsed.tz is not None:
        times = parsed.tz_convert("UTC")
        said.append(f"times {times[0]:%Y-%m-%d %H:%M} UTC")
        return Moments(times, None, False, tuple(said))
    days = days or (_midnights(parsed) and len(parsed.unique()) > 1)
    shown = f"days {parsed[0]:%Y-%m-%d}" if days else f"times {parsed[0]:%Y-%m-%d %H:%M}"
    said.append(f"{shown} in {zone.key}")
    times = _of_days(parsed, zone) if days else _of_clock(table, column, parsed, zone, whose, said)
    return Moments(times, parsed, days, tuple(said))


def _no_time(table: Table, column: str, where: pd.Series) -> InputError:
    """Return the error of the first cell that is no time, by what it is instead."""
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
    return table.wrong(where, column, what, named=looks_like_number(text))


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


def _mixed(
    table: Table,
    column: str,
    iso: pd.Series,
    stated: pd.Series,
    form: Form,
    whose: pd.Series | None,
) -> Moments:
    """Return times of which some state an offset: the others are of the zone."""
    parts = []
    for which in (stated, ~stated):
        part = replace(table, cells=table.cells.assign(**{column: iso})[which])
        found = moments(part, [column], form, None if whose is None else whose[which])
        parts.append(pd.Series(found.times, index=iso.index[which]))
    times = pd.DatetimeIndex(pd.concat(parts).reindex(iso.index))
    said = f"times {times[0]:%Y-%m-%d %H:%M} UTC, those without an offset in {form.time_zone}"
    return Moments(times, None, False, (said,))


def iso_texts(table: Table, column: str, form: Form) -> tuple[pd.Series, list[str]]:
    """Return the times of a column as text of ISO 8601, days without a time of day.

    Raises
    ------
    InputError
        As :func:`moments` does.
    """
    texts = ascii_texts(table.cells[column])
    iso, said = _of_texts(table, column, texts, form)
    good = pd.to_datetime(iso, format="ISO8601", utc=True, errors="coerce")
    if good.isna().any():
        raise _no_time(table, column, good.isna())
    years = good.dt.year
    outside = (years < FIRST) | (years > LAST)
    if outside.any():
        raise table.wrong(outside, column, _other_age(int(years[outside].iloc[0])))
    return iso, said


def _of_texts(
    table: Table, column: str, texts: pd.Series, form: Form
) -> tuple[pd.Series, list[str]]:
    """Return times as ISO 8601; those of another calendar are told apart first."""
    years = texts[texts.str.match(r"\d{4}(?:[-/.]|$)")].str[:4].astype(int)
    strange = years[(years < FIRST) | (years > LAST)]
    if len(strange) and form.calendar == "gregorian" and not form.date_format:
        raise table.wrong(texts.index == strange.index[0], column, _other_age(strange.iloc[0]))
    return _iso(table, column, texts, form)


def _midnights(local: pd.DatetimeIndex) -> bool:
    return not (local.as_unit("us").asi8 % 86_400_000_000).any()


def _clocks(table: Table, column: str) -> pd.Series:
    """Return the hours, or times of day, of a column of its own."""
    texts = ascii_texts(table.cells[column])
    hours = texts.str.fullmatch(r"\d{1,2}(\.0)?")
    clocks = texts.str.fullmatch(_CLOCK)
    if not (hours | clocks).all():
        raise table.wrong(~(hours | clocks), column, "is no hour; write 0 to 23, or 14:30")
    numbers = pd.to_numeric(texts.where(hours, "0")).astype(int)
    if (numbers > 23).any():
        raise table.wrong(
            numbers > 23, column, "is no hour; write hours from 0 to 23, by their beginning"
        )
    return texts.where(~hours, numbers.map("{:02}:00".format))


def _iso(table: Table, column: str, texts: pd.Series, form: Form) -> tuple[pd.Series, list[str]]:
    """Return the times of a column in one form of ISO 8601, and how they were read."""
    said: list[str] = []
    if form.date_format and (strptime := _strptime(form.date_format)):
        return _by_format(table, column, texts, form, strptime)
    jalali = form.calendar == "jalali"
    if not jalali:
        if (epochs := texts.str.fullmatch(_EPOCH.pattern)).all() and not _all_dates(texts):
            return _epochs(table, column, texts)
        if texts.str.fullmatch(r"[23]\d{4}|[4-7]\d{4}(\.\d+)?").all() and not epochs.any():
            days = pd.to_numeric(texts).map(lambda one: timedelta(seconds=round(one * 86_400)))
            base = datetime(1899, 12, 30)  # noqa: DTZ001 - day numbers of spreadsheets are local
            return days.map(lambda gone: _plain((base + gone).isoformat())), [
                "day numbers of a spreadsheet"
            ]
        if texts.str.fullmatch(r"\d{4}").all():
            return texts + "-01-01", ["years"]
        if texts.str.fullmatch(r"(?:19|20)\d{2}(?:\.\d+)?").all() and (
            texts.str.fullmatch(r"\d{4}\.\d{2,}").any() or texts.str.endswith(".5").any()
        ):
            return _of_fractions(pd.to_numeric(texts))
    else:
        said.append("years of the calendar of Iran")
    order = _order(table, column, texts, said, form.date_format)
    found = None if jalali else _alike(texts, order)
    if found is None:
        codes, different = pd.factorize(texts)
        each = [_one(text, order, jalali=jalali) for text in different]
        found = pd.Series(pd.array(each, dtype="str")[codes], index=texts.index)
    if found.isna().any():
        raise _no_time(table, column, found.isna())
    return found, said


def _alike(texts: pd.Series, order: str) -> pd.Series | None:
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


def _plain(iso: str) -> str:
    return iso.removesuffix("T00:00:00")


def _all_dates(texts: pd.Series) -> bool:
    return bool(texts.str.len().eq(8).all())


def _epochs(table: Table, column: str, texts: pd.Series) -> tuple[pd.Series, list[str]]:
    numbers = pd.to_numeric(texts).to_numpy(np.float64)
    units = {
        unit
        for unit in _DIVISORS
        if ((numbers / _DIVISORS[unit] >= _BEGIN) & (numbers / _DIVISORS[unit] < _END)).all()
    }
    if len(units) != 1:
        odd = np.array([_unit(one) != _unit(numbers[0]) or not _unit(one) for one in numbers])
        raise table.wrong(
            odd, column, "is no time since 1970 in the unit of the others, between 1990 and 2100"
        )
    (unit,) = units
    if (texts.str.contains(".", regex=False)).any():
        stamps = pd.to_datetime(
            np.round(numbers / _DIVISORS[unit] * 1e6).astype(np.int64), unit="us", utc=True
        )
    else:
        whole = texts.astype(np.int64).to_numpy()
        unit_of: Any = unit.replace("µ", "u")
        stamps = pd.to_datetime(whole, unit=unit_of, utc=True)
    return pd.Series(
        pd.DatetimeIndex(stamps).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), index=texts.index
    ), [f"epoch in {unit}"]


def _of_fractions(years: pd.Series) -> tuple[pd.Series, list[str]]:
    """Return years with fractions, as series of R have them: months if they are twelfths."""
    whole = years.astype(int)
    twelfths = (years - whole) * 12
    month = twelfths.round().astype(int)
    if ((twelfths - month).abs() < _CLOSE_TO_A_MONTH).all():
        months = (whole + month // 12).astype(str) + "-" + (month % 12 + 1).map("{:02}-01".format)
        return months, ["months as fractions of years"]
    begins = pd.to_datetime(whole.astype(str) + "-01-01")
    days = (years - whole) * np.where(begins.dt.is_leap_year, 366, 365)
    found = (begins + pd.to_timedelta(days.round(), unit="D")).dt.strftime("%Y-%m-%d")
    return found, ["days as fractions of years"]


def _strptime(stated: str) -> str:
    """Return a format for ``strptime``; empty where the format states an order of the date only."""
    if stated.upper().replace("/", "").replace("-", "").replace(".", "") in _LETTERS:
        return ""
    if "%" in stated:
        return stated
    text = stated
    for token, code in _TOKENS.items():
        text = text.replace(token, code)
    return text.replace("MM", "%m", 1).replace("MM", "%M")


_LETTERS: Final = {
    "DDMMYYYY": "DMY", "MMDDYYYY": "MDY", "DDMMYY": "DMY", "MMDDYY": "MDY", "YYYYMMDD": "YMD",
}  # fmt: skip


def _by_format(
    table: Table, column: str, texts: pd.Series, form: Form, strptime: str
) -> tuple[pd.Series, list[str]]:
    def one(text: str) -> str | None:
        try:
            return _plain(datetime.strptime(text, strptime).isoformat())  # noqa: DTZ007
        except ValueError:
            return None

    found = texts.map(one)
    if found.isna().any():
        raise table.wrong(
            found.isna(),
            column,
            f"is not of the form {form.date_format}; state another --date-format",
        )
    return found, [f"dates {form.date_format}"]


def _order(table: Table, column: str, texts: pd.Series, said: list[str], stated: str) -> str:
    """Return the order of dates of numbers alone: what the whole column allows."""
    letters = stated.upper().replace("/", "").replace("-", "").replace(".", "")
    numeric = texts.str.contains(r"\d{1,2}[-./]\d{1,2}[-./]") & ~texts.str.match(r"\d{4}")
    if not numeric.any():
        return ""
    pattern = _FORMS["n"].pattern
    codes, heads = pd.factorize(texts.str[:_LONGEST_DATE])
    parts = pd.Series(heads).str.extract(pattern[: pattern.index(_AFTER)])
    parts = parts.assign(a=pd.to_numeric(parts["a"]), b=pd.to_numeric(parts["b"]))
    parts = parts.iloc[codes].set_axis(texts.index)
    numeric &= parts["a"].notna()
    if not numeric.any():
        return ""
    if letters:
        said.append(f"dates {stated}")
        return _LETTERS[letters]
    first, second = (parts[name][numeric] for name in "ab")
    years = parts["y"][numeric]
    example = texts[numeric].iloc[0]
    if (years.str.len() == 2).any():
        raise table.wrong(
            numeric, column, "has a year of two digits; state --date-format, as in DD/MM/YY"
        )
    late = {"DMY": (first > 12).any(), "MDY": (second > 12).any()}
    if all(late.values()):
        at = (parts["b"] > 12) & numeric
        raise table.wrong(
            at, column, "has its month first, and others have their day first; write all alike"
        )
    for order, sure in late.items():
        if sure:
            said.append(_ORDERS[order])
            return order
    if (parts["sep"][numeric] == ".").all():
        said.append("day.month.year")
        return "DMY"
    a, b = (int(one) for one in (first.iloc[0], second.iloc[0]))
    raise InputError(
        f"{table.name}, {table.unit} {numeric[numeric].index[0]}: {example[:40]!r} in column "
        f"{column!r} can be {a} {MONTH_NAMES[b - 1].title()} or {b} {MONTH_NAMES[a - 1].title()}, "
        "and so can all the others; say which with --date-format DD/MM/YYYY or MM/DD/YYYY "
        "(in a case the option date_format)."
        if 1 <= a <= 12 and 1 <= b <= 12
        else f"{table.name}: {example[:40]!r} in column {column!r} is not a date."
    )


def _one(text: str, order: str, *, jalali: bool = False) -> str | None:
    """Return a time as ISO 8601 text, None where it is none."""
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
        return (date(year, 1, 1) + timedelta(days=_within(int(part["o"]), 366) - 1)).isoformat()
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


def _of_days(local: pd.DatetimeIndex, zone: ZoneInfo) -> pd.DatetimeIndex:
    """Return when local days begin, UTC; where there is no midnight, with the first hour."""
    return local.tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.ones(len(local), bool)
    ).tz_convert("UTC")


def _of_clock(
    table: Table, column: str, local: pd.DatetimeIndex, zone: ZoneInfo, whose: pd.Series | None,
    said: list[str],
) -> pd.DatetimeIndex:  # fmt: skip
    """Return times of a local clock in UTC; an hour that occurs twice is told by order."""
    ahead = local.tz_localize(zone, nonexistent="NaT", ambiguous=np.ones(len(local), bool))
    gap = ahead.isna()
    if gap.any():
        raise table.wrong(
            gap, column, f"is no time in {zone.key}: clocks go past it; write times in UTC to get "
            "around the change of clocks, and say --time-zone UTC",
        )  # fmt: skip
    later = local.tz_localize(zone, ambiguous=np.zeros(len(local), bool))
    twice: NDArray[np.bool_] = np.asarray(ahead != later)
    if not twice.any():
        return ahead.tz_convert("UTC")
    key = pd.DataFrame({"time": local, "whose": "" if whose is None else whose.to_numpy()})
    # Of two rows with one time the second is the later, or the earlier if the file runs backwards.
    falling = len(local) > 1 and local[0] > local[-1]
    second = np.array(key.duplicated(keep="last" if falling else "first"))
    paired = key.duplicated(keep=False).to_numpy()
    unsure = twice & ~paired
    for at in np.flatnonzero(unsure).tolist():
        # After a row of the second time round, or behind its predecessor, it is of that as well.
        second[at] = at > 0 and twice[at - 1] and (second[at - 1] or local[at] <= local[at - 1])
    if unsure.any():
        said.append(
            f"{int(unsure.sum())} of the hour that clocks repeat are there once; what nothing "
            "tells apart is read as the first"
        )
    return pd.DatetimeIndex(
        np.where(
            twice & second,
            later.tz_convert("UTC").tz_localize(None),
            ahead.tz_convert("UTC").tz_localize(None),
        )
    ).tz_localize("UTC")
