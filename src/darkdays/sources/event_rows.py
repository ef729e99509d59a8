"""What sources of events share: text tables, days, time zones, and the table they hand over."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from darkdays.archive.request import Reply, Request, SourceError
from darkdays.contracts.events import COLUMNS, PRECISIONS
from darkdays.sources.query import Query

_YEARS: Final = range(1900, 2200)
_LONGEST: Final = 300
_HEAD: Final = 4096


class Zone(NamedTuple):
    """Time zone the days of a source are read in, and a remark if nobody stated one."""

    name: str
    remark: str


def zone_of(query: Query) -> Zone:
    """Return the time zone of a query's place: option ``time_zone``, else UTC with a remark.

    Raises
    ------
    SourceError
        If the zone is not an IANA name.
    """
    name = query.options.get("time_zone", "")
    if not name:
        return Zone("UTC", "no time zone was stated: days are read as UTC days")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SourceError(
            f"{query.datasource}: time zone {name!r} is not known; "
            "give an IANA name such as Asia/Tehran."
        ) from None
    return Zone(name, "")


def remarks(*texts: str) -> str:
    """Join the remarks that are not empty."""
    return "; ".join(text for text in texts if text)


def answered(
    query: Query, requests: Iterable[Request], replies: Mapping[str, Reply]
) -> list[Reply]:
    """Return the replies to requests, in their order.

    Raises
    ------
    SourceError
        If one has none.
    """
    found = []
    for request in requests:
        if request.key not in replies:
            raise SourceError(
                f"{query.datasource}, {request.about or request.path}: was not fetched; "
                "fetch the case again, what came is kept."
            )
        found.append(replies[request.key])
    return found


def text_table(reply: Reply, *, separator: str = ",") -> tuple[list[str], list[dict[str, str]]]:
    """Read a reply as a text table: the names of its columns, stripped, and its rows.

    UTF-8 with or without a mark at the beginning; what is not UTF-8 is read as Windows-1252,
    which is what spreadsheets of that kind were saved as. A short row is filled up with empty
    cells, cells beyond the header are ignored.

    Raises
    ------
    SourceError
        If it is a web page, or no such table.
    """
    if reply.body.lstrip()[:1] == b"<":
        raise reply.error(
            "a web page came instead of a table", "download the table by hand and supply the file"
        )
    if b"\0" in reply.body[:_HEAD]:
        raise reply.error("it is no text", "unpack it, and save it as CSV in UTF-8")
    try:
        text = reply.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = reply.body.decode("cp1252", errors="replace")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise reply.error(f"it is no text table ({error})", "supply a CSV file") from None
    header = [name.strip() for name in lines[0]] if lines else []
    if not any(header):
        raise reply.error("the table has no header", "supply a CSV file with one")
    return header, [
        dict(zip(header, line + [""] * (len(header) - len(line)), strict=False))
        for line in lines[1:]
        if any(cell.strip() for cell in line)
    ]


def day_of(text: str) -> date | None:
    """Return the day a text states, None if it states none.

    ISO (with or without a time, which is left out), month/day/year as American spreadsheets
    have it, ``15 July 2021``, and the day numbers Excel keeps (1 = 1 January 1900).
    """
    text = text.strip()
    if re.fullmatch(r"[2-6][0-9]{4}(\.0)?", text):
        return date(1899, 12, 30) + timedelta(days=int(text[:5]))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?", text):
        return _date(text[:10], "%Y-%m-%d")
    if re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", text):
        return _date(text, "%m/%d/%Y")
    found = re.fullmatch(r"([0-9]{1,2}) ([A-Z][a-z]{2})[a-z]* ([0-9]{4})", text)
    if found is None or found[2] not in MONTHS:
        return None
    return _date(f"{found[3]}-{MONTHS.index(found[2]) + 1}-{found[1]}", "%Y-%m-%d")


# Names of months must not depend on the language of the machine.
MONTH_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTHS: Final = tuple(name[:3].title() for name in MONTH_NAMES)


def _date(text: str, form: str) -> date | None:
    try:
        found = datetime.strptime(text, form).date()  # noqa: DTZ007  (a local day has no zone)
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def day_text(day: date, zone: str) -> str:
    """Return a local day as ISO 8601 text for the columns ``start`` and ``end``.

    Where clocks change at midnight, as they did in Iran and do in Cuba, that midnight does not
    exist or exists twice; the day is then given by its first hour that exists once.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    if midnight.utcoffset() == midnight.replace(fold=1).utcoffset():
        return day.isoformat()
    return f"{day.isoformat()}T01:00"


def printable(text: object) -> str:
    """Return text on one line, without what cannot be printed or encoded."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())


def cleaned(text: object) -> str:
    """Return text as :func:`printable` does, of bounded length."""
    plain = printable(text)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def event_table(
    query: Query, rows: Iterable[Mapping[str, str]], attrs: Mapping[str, object]
) -> pd.DataFrame:
    """Lay events out as :mod:`darkdays.contracts.events` wants them.

    Parameters
    ----------
    query
        Gives the window; an event is kept if it can have touched it.
    rows
        Values by column of :data:`darkdays.contracts.events.COLUMNS`; a column left out is empty.
        Times ISO 8601, local, valid in their time zone.
    attrs
        What else there is to say: licence, citation, what was left out and why.

    Returns
    -------
    pandas.DataFrame
        Text only, in order of start, end and the rest; ``attrs`` as given.
    """
    kept = [
        tuple(cleaned(row.get(column, "")) for column in COLUMNS)
        for row in rows
        if _touches(row, query)
    ]
    order = [COLUMNS.index(name) for name in ("start", "end", "place", "network", "statement")]
    kept.sort(key=lambda row: ([row[column] for column in order], row))
    table = pd.DataFrame(kept, columns=list(COLUMNS), dtype=str)
    table.attrs.update(attrs)
    return table


def _touches(row: Mapping[str, str], query: Query) -> bool:
    zone, width = ZoneInfo(row["time_zone"]), PRECISIONS[row["precision"]]
    start, end = row["start"], row.get("end", "") or row["start"]
    first, last = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, end))
    return pd.Timestamp(first) < query.end and pd.Timestamp(last) + width > query.start
