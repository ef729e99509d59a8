"""Anyone's own files of dated events, with a map of their columns in the case.

See :mod:`darkdays.sources.own.user_rows` for how columns are mapped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from darkdays.archive.request import Reply, Request, Service
from darkdays.contracts.events import COLUMNS, KINDS, PRECISIONS
from darkdays.errors import InputError
from darkdays.sources import event_rows
from darkdays.sources.countries import code_of
from darkdays.sources.own import columns, formats, user_rows
from darkdays.sources.own.column_names import listed, refuse_unknown
from darkdays.sources.own.table import Form, Table
from darkdays.sources.own.times.times import iso_texts
from darkdays.sources.query import Query

SERVICE: Final[Service] = user_rows.SERVICE
_WANTED: Final = ("country", *(name for name in COLUMNS if name != "time_zone"))
_HOUR: Final = timedelta(hours=1)


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the requests that files have to stand in for.

    Option ``file`` is the name of the first, ``events.csv`` if not given.

    Raises
    ------
    SourceError
        If a file is named by more than its name.
    """
    return user_rows.requests_of(query, "events", replies)


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read the files into events.

    Options for each of :data:`darkdays.contracts.events.COLUMNS` and ``country`` (names or ISO
    codes; without it every row is of the query's country). ``start`` is found by what is in the
    columns where none is called so; ``kind`` is needed, but for downloads that are known by their
    header. Times are local to option ``time_zone`` (an IANA name, for all rows) unless they state
    an offset. ``precision`` is ``day`` for dates and ``hour`` for times unless stated. Further
    options are those of :class:`darkdays.sources.own.table.Form`.

    Returns
    -------
    pandas.DataFrame
        Events with columns :data:`darkdays.contracts.events.COLUMNS`. Attributes ``rows`` and
        ``read_as`` say what became of every row, and how the files were understood; ``used`` how
        many rows count.

    Raises
    ------
    SourceError
        If a file is not there, lacks a column, or a cell cannot be read; the sentence names the
        line.
    """
    zone = event_rows.zone_of(query)
    events: list[dict[str, str]] = []
    said, count, elsewhere, others = [], 0, 0, 0
    for reply in event_rows.answered(query, requests(query, replies), replies):
        with user_rows.told(reply):
            form = user_rows.form_of(query, reply, zone.name)
            try:
                table = formats.read(reply.body, user_rows.name_of(reply), exact=True)
                rows, words = _rows(query, table, form)
            except OverflowError:
                raise InputError(
                    f"{user_rows.name_of(reply)} holds a time of another age."
                ) from None
            said.append(words)
            count += len(table.cells)
            for row in rows:
                if row["kind"] == _OTHER:
                    others += 1
                elif row["country"] and code_of(row["country"]) != query.country:
                    elsewhere += 1
                else:
                    placed = {"place": _within(row["place"], query.country)}
                    noted = {"conflict": event_rows.remarks(row["conflict"], zone.remark)}
                    events.append(row | placed | noted)
    found = event_rows.event_table(query, events, user_rows.terms_of(query))
    left = {
        "of other countries": elsewhere,
        "of kinds that are none": others,
        "outside the window": len(events) - len(found),
    }
    found.attrs |= {
        "rows": user_rows.account(query, count, len(found), left),
        "used": len(found),
        "read_as": "; ".join(said),
    }
    return found


_OTHER: Final = "\0"
"""Kind of a row of a download that is of no kind that is asked about."""


def _rows(query: Query, table: Table, form: Form) -> tuple[list[dict[str, str]], str]:
    """Return the events of a table, and how it was understood."""
    called = columns.known_download(table)
    known: Mapping[str, Any] = columns.DOWNLOADS.get(called, {}).get("events", {})
    options: dict[str, str] = {
        **{k: v for k, v in known.items() if isinstance(v, str)},
        **query.options,
    }
    names = table.columns
    cells: dict[str, list[str]] = {}
    for name in _WANTED:
        stated = options.get(name, "")
        column = stated or name
        if stated.startswith("="):
            cells[name] = [event_rows.cleaned(stated[1:])] * len(table.cells)
        elif column in names:
            cells[name] = [event_rows.cleaned(one) for one in table.cells[column].astype(str)]
        elif stated:
            refuse_unknown(column, names, f"{table.name} has no column", "The columns are")
        elif name == "start":
            column = columns.time_column(table)
            cells[name] = [event_rows.cleaned(one) for one in table.cells[column].astype(str)]
        elif name == "kind":
            raise InputError(
                f"{table.name}: there is no column 'kind', but {listed(names)}; state the "
                "option kind, a column or = and one of " + ", ".join(KINDS) + "."
            )
        else:
            cells[name] = [""] * len(table.cells)
        if name in {"start", "end"} and any(cells[name]):
            cells[name], words = _moments(table, column, form)
            if name == "start":
                said = [*([called] if called else []), *table.said, *words]
    kinds = known.get("kinds")
    if kinds and "kind" not in query.options:
        cells["kind"] = [kinds.get(one, _OTHER) for one in cells["kind"]]
    rows = [
        _event(table, at, dict(zip(cells, row, strict=True)), form)
        for at, row in enumerate(zip(*cells.values(), strict=True))
    ]
    return rows, f"read as: {', '.join([*said, f'{len(rows)} rows'])}"


def _moments(table: Table, column: str, form: Form) -> tuple[list[str], list[str]]:
    """Return the times of a column as ISO 8601, empty where a cell is."""
    filled = table.cells[column].astype(str).str.strip() != ""
    part = Table(table.name, table.cells[filled], unit=table.unit)
    iso, said = iso_texts(part, column, form)
    first = next((one for one in iso if "T" in one), iso.iloc[0])
    said.append(f"{'times' if 'T' in first else 'days'} {iso.iloc[0]} in {form.time_zone}")
    return iso.reindex(table.cells.index, fill_value="").tolist(), said


def _event(table: Table, at: int, row: dict[str, str], form: Form) -> dict[str, str]:
    if row["kind"] == _OTHER:
        return row
    line = f"{table.name}, {table.unit} {table.cells.index[at]}"
    if not row["start"]:
        raise InputError(f"{line} has no time; give it one, or leave it out.")
    start, end = (_local(row[name], form.time_zone) for name in ("start", "end"))
    precision = row["precision"] or ("hour" if "T" in row["start"] else "day")
    for column, value, known in (
        ("kind", row["kind"], KINDS),
        ("precision", precision, PRECISIONS),
    ):
        if value not in known:
            raise InputError(f"{line} has the {column} {value!r}; use one of {', '.join(known)}.")
    assert start is not None
    if end is not None and end < start:
        raise InputError(f"{line}: the event ends before it starts; correct the file.")
    return {
        **row,
        "start": _text(start, precision, form.time_zone),
        "end": "" if end is None else _text(end, precision, form.time_zone),
        "time_zone": form.time_zone,
        "precision": precision,
        "source": row["source"] or table.name,
    }


def _within(place: str, country: str) -> str:
    """Return a place as one in the country: files name regions alone, or several of them."""
    if not place or "/" in place or code_of(place) == country:
        return place
    return "/".join([country, *(one.strip() for one in re.split(r"[,;]", place) if one.strip())])


def _local(text: str, zone: str) -> datetime | None:
    """Return a local time without its zone, None where there is none."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return (
        moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    )


def _text(moment: datetime, precision: str, zone: str) -> str:
    if precision == "day":
        return event_rows.day_text(moment.date(), zone)
    here = moment.replace(tzinfo=ZoneInfo(zone))
    if here.utcoffset() == here.replace(fold=1).utcoffset():
        return moment.isoformat()
    # In the hour that clocks skip or repeat: the next that is there once.
    return (moment.replace(minute=0, second=0, microsecond=0) + _HOUR).isoformat()
