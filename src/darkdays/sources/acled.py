"""ACLED: protests per day and first-level division, from a person's own account.

Contract: https://acleddata.com/api-documentation/getting-started, the official R client acledR.
ACLED's terms let nobody pass on its rows or a rival of them: what is handed on are counts per
day and admin1, without notes, actors, places or coordinates, and replies are not redistributable.
The client signs in (OAuth, password grant); nothing of that is seen here.

What an account may see is in the reply: ``data_query_restrictions.date_recency`` with the day from
which on rows are kept back, twelve months for a free account, and HTTP 200 all the same. A day that
is kept back is not a day without protest: what :func:`read` returns says so in ``incomplete``.
Pages are numbered; where a reply holds a cursor the next one is asked for by it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import USER_SUPPLIED, Reply, Request, SourceError
from darkdays.contracts.disclosure import parts
from darkdays.sources import event_rows
from darkdays.sources.countries import NAMES, code_of
from darkdays.sources.pages import once_a_page
from darkdays.sources.query import Query
from darkdays.sources.services import service

SERVICE: Final = service("acled")
PAGE: Final = 5000
MOST_PAGES: Final = 100
_LONGEST_CURSOR: Final = 1000
# All that is asked for: what is not fetched cannot leak.
_FIELDS: Final = (
    "event_id_cnty|event_date|time_precision|event_type|sub_event_type|country|admin1|geo_precision"
)
_REQUIRED: Final = ("event_date", "event_type", "country", "admin1")


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the pages of events of a country and window; the next follows a full page.

    Options: ``event_types`` (default ``Protests``; several with ``|`` between), ``country_name``
    where ACLED's name of the country is not the usual one.

    Raises
    ------
    SourceError
        If a page cannot be read, pages repeat, or there are too many.
    """
    found = [_page(query, 1)]
    while (reply := replies.get(found[-1].key)) is not None:
        # A file a person supplied has all rows, and answers whatever is asked.
        if reply.origin == USER_SUPPLIED:
            break
        if len(found) > 1 and reply.digest == replies[found[-2].key].digest:
            raise reply.error("repeats the page before it", "supply a downloaded file instead")
        cursor = _cursor(reply)
        if cursor == "" or (cursor is None and not _is_full(reply)):
            break
        if len(found) == MOST_PAGES:
            raise reply.error(f"is the {MOST_PAGES}th full page", "shorten the window")
        found.append(_page(query, len(found) + 1, cursor))
        if cursor is not None and found[-1].key in {one.key for one in found[:-1]}:
            raise reply.error("its cursor leads back", "supply a downloaded file instead")
    return found


def _page(query: Query, number: int, cursor: str | None = None) -> Request:
    name = query.options.get("country_name") or NAMES.get(query.country)
    if name is None:
        raise SourceError(
            f"acled: no country has the code {query.country!r}; give the option country_name."
        )
    # Dates are local days: one more on either side covers every time zone.
    first = (query.start - timedelta(days=1)).date().isoformat()
    last = (query.end + timedelta(days=1)).date().isoformat()
    parameters = {
        "_format": "json",
        "country": name,
        "event_date": f"{first}|{last}",
        "event_date_where": "BETWEEN",
        "event_type": "|".join(_types(query)),
        "fields": _FIELDS,
        "limit": str(PAGE),
        **({"page": str(number)} if cursor is None else {"cursor": cursor}),
    }
    about = f"events of {name} from {first} to {last}, page {number}"
    return Request(SERVICE.name, "/api/acled/read", tuple(parameters.items()), about)


def _types(query: Query) -> tuple[str, ...]:
    return tuple(query.options.get("event_types", "Protests").split("|"))


def _is_file(reply: Reply) -> bool:
    """Tell a CSV export a person downloaded, which has all rows, from a page of the service."""
    return reply.body.lstrip()[:1] not in (b"{", b"[")


@once_a_page
def _cursor(reply: Reply) -> str | None:
    """Return the cursor of the page after a reply: empty after the last, None without any."""
    if _is_file(reply):
        return None
    document = _document(reply)
    for part in (document, *(document.get(name) for name in ("pagination", "paging", "meta"))):
        for name in ("next_cursor", "nextCursor", "cursor"):
            if isinstance(part, dict) and name in part:
                cursor = part[name]
                if cursor in (None, "", False):
                    return ""
                if not isinstance(cursor, str | int) or len(str(cursor)) > _LONGEST_CURSOR:
                    raise reply.error("its cursor is no text", "fetch it again")
                return str(cursor)
    return None


@once_a_page
def _kept_back(reply: Reply) -> tuple[date, str, str] | None:
    """Return from which day on rows are kept back, and for how long; None if none are.

    Raises
    ------
    SourceError
        If rows are kept back and it does not say from when on.
    """
    restrictions = None if _is_file(reply) else _document(reply).get("data_query_restrictions")
    recency = restrictions.get("date_recency") if isinstance(restrictions, dict) else None
    if not recency:
        return None
    day = event_rows.day_of(str(recency.get("date"))) if isinstance(recency, dict) else None
    if day is None:
        raise reply.error(
            "rows of newer days are kept back, and it does not say from when on",
            "supply a downloaded file instead",
        )
    return day, str(recency.get("quantity") or ""), str(recency.get("unit") or "").lower()


def _embargo(query: Query, replies: list[Reply]) -> str:
    """Say which days of the window ACLED keeps back, and when they open; empty if it has all."""
    told = [one for one in map(_kept_back, replies) if one is not None]
    if not told or query.end <= pd.Timestamp(min(told)[0], tz="UTC"):
        return ""
    day, quantity, unit = min(told)
    opens = ""
    if re.fullmatch("[0-9]{1,3}", quantity) and re.fullmatch("(day|week|month|year)s?", unit):
        of_that: dict[str, Any] = {unit.removesuffix("s") + "s": int(quantity)}
        later = pd.DateOffset(**of_that)
        opens = f"; to this account the whole window is open from {query.end + later:%Y-%m-%d} on"
        quantity = f" (the newest {quantity} {unit})"
    else:
        quantity = ""
    return (
        f"ACLED keeps back all days from {day} on{quantity}, and what happened on them is not "
        f"known{opens}; until then end the window on {day}, or give a full export with --file"
    )


@once_a_page
def _is_full(reply: Reply) -> bool:
    return not _is_file(reply) and len(_rows(reply)) >= PAGE


def _rows(reply: Reply) -> list[dict[str, Any]]:
    if _is_file(reply):
        separator = ";" if b";" in reply.body.partition(b"\n")[0] else ","
        header, cells = event_rows.text_table(reply, separator=separator)
        rows: list[dict[str, Any]] = list(cells)
        lacking = [name for name in _REQUIRED if name not in header]
    else:
        document = _document(reply)
        if not isinstance(document.get("data"), list):
            status = document.get("status")
            raise reply.error(
                f"it has no data (status {event_rows.cleaned(status)})",
                "accept ACLED's terms and complete the profile of the account",
            )
        rows = [row for row in document["data"] if isinstance(row, dict)]
        if len(rows) != len(document["data"]):
            raise reply.error("an event is no object", "fetch it again")
        lacking = [name for name in _REQUIRED if any(row.get(name) is None for row in rows)]
    if lacking:
        raise reply.error(f"the field {lacking[0]} is missing", "ask for all fields of an event")
    return rows


def _document(reply: Reply) -> dict[str, Any]:
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise reply.error("it is not JSON", "fetch it again") from None
    return document if isinstance(document, dict) else {}


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read pages, or one downloaded CSV export, into one event per day and admin1.

    Options: ``time_zone`` of the place; those of :func:`requests`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`darkdays.contracts.events.COLUMNS`. ``attrs``: ``date_not_exact`` counts
        events whose day ACLED does not know (time_precision 2 or 3), ``elsewhere`` those of other
        countries or types, ``undated`` those without a readable date; none of them is kept.
        ``incomplete`` says which days of the window the account may not see, where there are any.

    Raises
    ------
    SourceError
        If a page was not fetched or cannot be read.
    """
    zone, types = event_rows.zone_of(query), {kind.casefold() for kind in _types(query)}
    counts: dict[tuple[Any, str], Counter[str]] = {}
    left_out = {"date_not_exact": 0, "elsewhere": 0, "undated": 0}
    coarse: Counter[tuple[Any, str]] = Counter()
    pages = event_rows.answered(query, requests(query, replies), replies)
    for row in _unique(pages):
        named = str(row["country"])
        here = query.options.get("country_name") == named or code_of(named) == query.country
        day = event_rows.day_of(str(row["event_date"]))
        if not here or str(row["event_type"]).casefold() not in types:
            left_out["elsewhere"] += 1
        elif day is None:
            left_out["undated"] += 1
        elif str(row.get("time_precision", "1")) not in ("1", ""):
            left_out["date_not_exact"] += 1
        else:
            key = (day, event_rows.cleaned(row["admin1"]) or NAMES.get(query.country, named))
            kind = event_rows.cleaned(row.get("sub_event_type") or "")
            counts.setdefault(key, Counter())[kind] += 1
            coarse[key] += str(row.get("geo_precision", "1")) == "3"
    rows = [
        {
            "kind": "protest",
            "start": event_rows.day_text(day, zone.name),
            "end": event_rows.day_text(day, zone.name),
            "time_zone": zone.name,
            "precision": "day",
            "place": place,
            "statement": _statement(kinds),
            "source": "ACLED",
            "conflict": event_rows.remarks(
                f"{coarse[day, place]} placed no closer than a region" * bool(coarse[day, place]),
                zone.remark,
            ),
        }
        for (day, place), kinds in counts.items()
    ]
    attrs: dict[str, Any] = {**SERVICE.terms, **left_out}
    if embargo := _embargo(query, pages):
        attrs["incomplete"] = embargo
    return event_rows.event_table(query, rows, attrs)


def _unique(replies: list[Reply]) -> list[dict[str, Any]]:
    """Return the events of all pages, one that moved to the next page meanwhile only once."""
    events: dict[str, dict[str, Any]] = {}
    for page, reply in enumerate(replies):
        for number, row in enumerate(_rows(reply)):
            events[str(row.get("event_id_cnty") or f"{page}/{number}")] = row
    return [events[key] for key in sorted(events)]


def _statement(kinds: Counter[str]) -> str:
    # Nobody without an account can count them: few are not told apart.
    whole, each = parts(kinds)
    named = ", ".join(one.lower() for one in each)
    return f"{whole} events" + (f": {named}" if named else "")
