"""IODA's curated list: outages of 2018 to 2022 that people checked by hand, and their causes.

Contract: https://github.com/InetIntel/internet_outages, the data of "Destination Unreachable:
Characterizing Internet Outages and Shutdowns" (SIGCOMM 2023). One CSV,
times in prose (``Saturday, November 16, 2019, 2:00:00 PM``), UTC, to the bin of 5 or 10 minutes.
Some rows end before they begin, for AM and PM were mixed up: their end is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.contracts.events import COLUMNS
from darkdays.sources.event_rows import MONTH_NAMES
from darkdays.sources.places import code_of, country_of, find
from darkdays.sources.query import Query
from darkdays.sources.services import service
from darkdays.sources.tor import rows_of

SERVICE: Final = service("ioda-curated")

AGAIN: Final = "fetch it again, or give the list's CSV as a local file"
_REQUIRED: Final = ("ID", "Begin time", "End time", "Country", "Cause", "Confirmation Status")
_SEEN: Final = {"IODA BGP": "routes", "IODA AP": "active probing", "IODA IBR": "telescope"}
_KINDS: Final = {
    "government-ordered": "shutdown-label",
    # Nobody knows why: neither a label nor a rival of one.
    "": "disruption",
    "unknown": "disruption",
}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::\d{0,2})?\s*(?P<half>AM|PM)?"
_PROSE: Final = re.compile(
    rf"(?:(?P<weekday>[a-z]+),?\s+)?(?P<month>[a-z]+)\s+(?P<day>\d{{1,2}}),\s*(?P<year>\d{{4}}),?"
    rf"\s*{_CLOCK}",
    re.IGNORECASE,
)
_SLASHED: Final = re.compile(
    rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}})\s+{_CLOCK}", re.IGNORECASE
)
_NO_TIME: Final = frozenset({"", "n/a", "na"})


@dataclass(frozen=True)
class Moment:
    """A time of the list, and what is doubtful about the way it is written."""

    time: datetime
    doubts: tuple[str, ...] = ()


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the one request for the whole list."""
    return [
        Request(
            SERVICE.name,
            "/data/ioda/ioda_investigated_outages_cleaned_phase1%2B2.csv",
            about="the curated list of outages",
        )
    ]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read the outages of the query's country that touch its window.

    Parameters
    ----------
    query
        Country and window; nothing else.
    replies
        By :attr:`~darkdays.archive.request.Request.key`.

    Returns
    -------
    pandas.DataFrame
        Exactly :data:`darkdays.contracts.events.COLUMNS`, all text, in order of time. Kind
        ``shutdown-label`` where the cause is ``Government-Ordered``; ``disruption`` where it is
        ``Unknown`` or empty; ``rival`` for any other cause, exams among them, also one that is not
        known here. A row that ends before it begins, or has no end, has an empty ``end``, and
        ``conflict`` says why. Attribute ``unread`` names rows without a beginning that can be
        read and countries that are not known here, ``licence`` and ``citation`` whose list it is.

    Raises
    ------
    SourceError
        If the reply is no such list.
    """
    (request,) = requests(query, replies)
    events: set[tuple[str, ...]] = set()
    unread: set[str] = set()
    if (reply := replies.get(request.key)) is not None:
        for cells in outages_of(reply):
            country = country_of(cells["Country"])
            if not country and cells["Country"]:
                unread.add(f"country {cells['Country']}")
            if country == query.country:
                event = _event(query, cells)
                if event is None:
                    unread.add(f"row {cells['ID']}")
                elif event:
                    events.add(event)
    table = pd.DataFrame(
        sorted(events, key=lambda event: (event[1:3], event)), columns=list(COLUMNS), dtype=str
    )
    table.attrs = {**SERVICE.terms, "unread": "; ".join(sorted(unread))}
    return table


def outages_of(reply: Reply) -> Iterator[dict[str, str]]:
    """Go through the rows of the list, spaces in order; ``scope`` is also there by that name.

    Raises
    ------
    SourceError
        If the reply is no such list.
    """
    for row in rows_of(reply, _REQUIRED, AGAIN):
        cells = {name: " ".join(text.split()) for name, text in row.items()}
        scope = next((name for name in cells if name.startswith("Scope")), None)
        if scope is None:
            raise reply.error("the table needs a column that begins with 'Scope'", AGAIN)
        yield {**cells, "scope": cells[scope]}


def scope_of(cells: Mapping[str, str]) -> tuple[str, str]:
    """Return what an outage is of, ``country``, ``region`` or ``as``, and the name of that."""
    area, _, inner = cells["scope"].partition("(")
    return area.strip().lower(), inner.removesuffix(")").strip()


def is_seen(cells: Mapping[str, str], title: str) -> bool:
    """Return whether people saw an outage in a signal; the list writes ``ture`` once."""
    return any(
        name.startswith(title) and text.lower() in {"true", "ture"} for name, text in cells.items()
    )


def _event(query: Query, cells: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return a row as an event, nothing of one outside the window, None of one without a begin."""
    begin, end = moment_of(cells["Begin time"]), moment_of(cells["End time"])
    if begin is None:
        return None
    doubts = [f"its beginning {doubt}" for doubt in begin.doubts]
    if end is None:
        stated = cells["End time"]
        none = stated.lower() in _NO_TIME
        doubts.append("the list gives no end" if none else f"its end {stated!r} is not a time")
    elif end.time < begin.time:
        doubts.append(f"the list ends it at {_iso(end.time)}, before it begins; its end is unknown")
        end = None
    else:
        doubts += [f"its end {doubt}" for doubt in end.doubts]
    last = end.time if end else begin.time
    if begin.time >= query.end or last < query.start:
        return ()
    cause = cells["Cause"]
    area, inner = scope_of(cells)
    where = {"region": f"the region {inner}", "as": f"network {inner}"}.get(area, "the country")
    return (
        _KINDS.get(cause.lower(), "rival"),
        _iso(begin.time),
        _iso(end.time) if end else "",
        "UTC",
        "10-minutes",
        f"{query.country}/{_region(query.country, inner)}" if area == "region" else query.country,
        f"asn/{inner}" if area == "as" and inner.isdigit() else "",
        _statement(cells, where, cause),
        f"IODA curated list, row {cells['ID']}, https://github.com/InetIntel/internet_outages",
        "; ".join(doubts),
    )


def _statement(cells: Mapping[str, str], where: str, cause: str) -> str:
    seen = [word for title, word in _SEEN.items() if is_seen(cells, title)]
    by = f", seen in {', '.join(seen)}" if seen else ""
    status = cells["Confirmation Status"].lower()
    return f"Outage of {where}{by}; cause {cause or 'not said'}" + (f", {status}" if status else "")


def _region(country: str, name: str) -> str:
    place = find(country, name)
    return code_of(place, "name").code if place else name


def moment_of(text: str) -> Moment | None:
    """Read a time of the list (UTC), with what is doubtful about it; None if it is none."""
    found = _PROSE.fullmatch(text) or _SLASHED.fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    month, hour, minute = parts["month"].lower(), int(parts["hour"]), int(parts["minute"])
    doubts = []
    if len(parts["minute"]) == 1:
        # Times are those of bins, so that a single digit has lost its zero: 16:1 is 16:10.
        minute *= 10
        doubts.append(f"is written {parts['hour']}:{parts['minute']}, read as {hour}:{minute:02}")
    half = (parts["half"] or "").upper()
    if hour > 12 and half == "AM":
        doubts.append(f"is written {hour} {half}, read by the 24-hour clock")
    elif half and hour <= 12:
        hour = hour % 12 + (12 if half == "PM" else 0)
    try:
        number = int(month) if month.isdigit() else MONTH_NAMES.index(month) + 1
        time = datetime(int(parts["year"]), number, int(parts["day"]), hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    weekday = (parts.get("weekday") or "").lower()
    if weekday and weekday != _DAYS[time.weekday()]:
        doubts.append(f"is called a {weekday.title()}, which that day was not")
    return Moment(time, tuple(doubts))


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M}"
