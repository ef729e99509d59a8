"""Mass Mobilization: protests against governments, 162 countries, 1990 to March 2020.

Contract: Harvard Dataverse, https://doi.org/10.7910/DVN/HTTWYL, and its API guide
(https://guides.dataverse.org/en/latest/api/dataaccess.html). First the list of files is asked
for, then the one with the events, which Dataverse hands out as tab-separated text. A person's
own file, from there or a cleaned copy of it, may stand in for the list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.sources import event_rows
from darkdays.sources.countries import NAMES, code_of
from darkdays.sources.query import Query
from darkdays.sources.services import service

DOI: Final = "doi:10.7910/DVN/HTTWYL"
SERVICE: Final = service("mass-mobilization")
_NO: Final = frozenset({"", ".", "na", "nan", "0", "0.0", "none", "null"})
# A cleaned copy has a column of 0 and 1 for each response; `accomodation` is so at the source.
_RESPONSES: Final = (
    *("accomodation", "accommodation", "arrests", "beatings", "crowd dispersal", "ignore"),
    *("killings", "shootings"),
)
_DEMANDS: Final = (
    *("labor wage dispute", "land farm issue", "police brutality", "political behavior process"),
    *("price increases tax policy", "removal of politician", "social restrictions"),
)


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the request for the list of files and, once it is there, for the file of events.

    Raises
    ------
    SourceError
        If the list cannot be read or names no file of events.
    """
    listing = Request(
        SERVICE.name,
        "/api/datasets/:persistentId/versions/:latest/files",
        (("persistentId", DOI),),
        "list of files",
    )
    reply = replies.get(listing.key)
    # A file of a person's own answers instead of the listing.
    if reply is None or reply.body.lstrip()[:1] not in (b"{", b"[", b"<", b""):
        return [listing]
    number, name = _chosen(reply)
    return [listing, Request(SERVICE.name, f"/api/access/datafile/{number}", (), name)]


def _chosen(reply: Reply) -> tuple[int, str]:
    remedy = "download the file of events by hand and supply it"
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise reply.error("it is not JSON", remedy) from None
    entries = document.get("data") if isinstance(document, dict) else None
    files = [
        (event_rows.cleaned(file.get("filename", "")), file.get("id"))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(file := entry.get("dataFile"), dict)
    ]
    tables = sorted(
        (name, number)
        for name, number in files
        if isinstance(number, int)
        and not isinstance(number, bool)
        and re.search(r"\.(tab|csv|tsv)$", name, re.IGNORECASE)
    )
    if not tables:
        raise reply.error("it names no table", remedy)
    # Beside the events there may be tables about countries; the events are called mmALL.
    name, number = min(tables, key=lambda table: ("mmall" not in table[0].lower(), table))
    return number, name


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read the file of events into protests, one row each, several days where they lasted.

    Option ``time_zone`` of the place. Who protested, sources and notes are not read.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`darkdays.contracts.events.COLUMNS`. ``attrs``: ``without_protest`` counts
        rows that state a year without any, ``undated`` protests without a readable first day.

    Raises
    ------
    SourceError
        If nothing was fetched, or it is no such table.
    """
    zone = event_rows.zone_of(query)
    reply = event_rows.answered(query, requests(query, replies), replies)[-1]
    rows, without, undated = [], 0, 0
    for row in rows_of(reply):
        if code_of(row["country"]) != query.country:
            continue
        if row.get("protest", "1").strip() in ("0", "0.0"):
            without += 1
            continue
        start, end = day_stated(row, "start"), day_stated(row, "end")
        if start is None:
            undated += 1
            continue
        backwards = end is not None and end < start
        rows.append(
            {
                "kind": "protest",
                "start": event_rows.day_text(start, zone.name),
                "end": "" if end is None or backwards else event_rows.day_text(end, zone.name),
                "time_zone": zone.name,
                "precision": "day",
                "place": _text(row, "location") or NAMES.get(query.country, query.country),
                "statement": _statement(row),
                "source": "Mass Mobilization",
                "conflict": event_rows.remarks(
                    "ends before it starts at the source" * backwards,
                    "end not known" * (end is None),
                    zone.remark,
                ),
            }
        )
    attrs = {
        **SERVICE.terms,
        "without_protest": without,
        "undated": undated,
    }
    return event_rows.event_table(query, rows, attrs)


def rows_of(reply: Reply) -> Iterator[dict[str, str]]:
    """Go through the rows of a file of events, names of columns in letters and digits only.

    Raises
    ------
    SourceError
        If it is no such file.
    """
    header = reply.body.partition(b"\n")[0]
    columns, rows = event_rows.text_table(reply, separator="\t" if b"\t" in header else ",")
    names = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in columns}
    have = set(names.values())
    dated = {"startdate"} <= have or {"startday", "startmonth", "startyear"} <= have
    if not ("country" in have and dated):
        raise reply.error(
            f"the column {'startdate' if 'country' in have else 'country'!r} is missing",
            "supply the file of events of Mass Mobilization",
        )
    for row in rows:
        yield {names[name]: cell for name, cell in row.items()}


def day_stated(row: Mapping[str, str], which: str) -> date | None:
    """Return the first (``start``) or last (``end``) day of a row, None if it states none."""
    if f"{which}date" in row:
        return event_rows.day_of(row[f"{which}date"])
    parts = [row.get(f"{which}{part}", "").strip() for part in ("year", "month", "day")]
    numbers = [re.fullmatch(r"([0-9]{1,4})(?:\.0)?", part) for part in parts]
    if not all(numbers):
        return None
    year, month, day = (int(number[1]) for number in numbers if number)
    return event_rows.day_of(f"{year:04}-{month:02}-{day:02}")


def _text(row: Mapping[str, str], name: str) -> str:
    text = event_rows.cleaned(row.get(name, ""))
    return "" if text.lower() in _NO else text


def _statement(row: Mapping[str, Any]) -> str:
    size = _text(row, "participantscategory") or _text(row, "participants")
    demands = [_text(row, f"protesterdemand{number}") for number in range(1, 5)]
    demands += [name for name in _DEMANDS if _text(row, name.replace(" ", ""))]
    answers = [_text(row, f"stateresponse{number}") for number in range(1, 8)]
    answers += [name for name in _RESPONSES if _text(row, name.replace(" ", ""))]
    return event_rows.remarks(
        f"protest of {size}" if size else "protest",
        "violent" * bool(_text(row, "protesterviolence")),
        f"demands: {', '.join(filter(None, demands))}" * any(demands),
        f"response of the state: {', '.join(filter(None, answers))}" * any(answers),
    )
