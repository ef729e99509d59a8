"""Sheets of the STOP list, CSV or XLSX, in every schema it has had, as rows of one schema.

The list has had four: 2016-2018 in one sheet, 2019, 2020, and from 2021 on, which the combined
sheet shares with ``count_year`` beside it. Columns were renamed, and written with spaces around
them; the first schema says in one column what later ones say in three (which networks, full or
service-based, shutdown or throttling).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply
from darkdays.files.packaged import toml_of
from darkdays.sources import workbook
from darkdays.sources.event_rows import cleaned, day_of, printable, text_table
from darkdays.sources.query import Query

_STATED: Final = toml_of("sources/stop/columns.toml")
_CALLED: Final[Mapping[str, Sequence[str]]] = _STATED["called"]
_NOW_CALLED: Final[Mapping[str, str]] = _STATED["now_called"]
# The schema of 2016-2018 has these instead of extent and network.
_OLDEST: Final = ("shutdowntypegroup", "servicesaffected", "shutdowntype")
_REQUIRED: Final = ("start", "end", "country", "extent")
_HEADER_WITHIN: Final = 10


def cells_of(reply: Reply) -> Iterator[dict[str, str]]:
    """Go through the rows of a reply, whichever schema its sheets have.

    Yields
    ------
    dict
        Text by our names: ``start``, ``end``, ``country``, ``start_type``, ``status``, ``area``,
        ``scope``, ``type``, ``network``, ``extent``, ``cause``, ``event``, ``by``, ``telcos``,
        ``year`` and ``facebook`` to ``telegram``; what a schema lacks is empty. ``event`` is prose
        and whole, whatever its length.

    Raises
    ------
    SourceError
        If it is no table or workbook, or no sheet has the columns it needs.
    """
    if not workbook.is_one(reply.body):
        header, rows = text_table(reply)
        if lacking := _missing(dict.fromkeys(header, "")):
            raise _lacking(reply, lacking[0])
        yield from _cells(rows)
        return
    sheets = [(name, _under_header(sheet)) for name, sheet in workbook.sheets(reply)]
    # Beside the list there may be sheets that explain it.
    lists = [(name, sheet) for name, sheet in sheets if sheet and not _missing(sheet[0])]
    if not lists:
        raise _lacking(reply, _missing(sheets[0][1][0] if sheets and sheets[0][1] else {})[0])
    combined = next((name for name, _ in reversed(lists) if "combined" in name.casefold()), None)
    for name, sheet in lists:
        # The sheets of single years are in the combined one, but for years that came later.
        if combined is None or name == combined or not _within(name, combined):
            yield from _cells(sheet)


def years_held(rows: Iterable[Mapping[str, str]]) -> range:
    """Return the years that rows of :func:`cells_of` are the list of, first to last.

    A sheet of a year also lists what began years before and goes on; a year is held if something
    was counted in it, or where that is not said, began in it and did not go on beyond.
    """
    starts, held = set(), set()
    for row in rows:
        if re.fullmatch("20[0-9]{2}", row["year"]):
            held.add(int(row["year"]))
        if (start := day_of(row["start"])) is not None:
            starts.add(start.year)
            end = day_of(row["end"])
            goes_on = "ongoing" in (row["status"].casefold(), row["end"].casefold())
            if not (row["year"] or goes_on or (end is not None and end.year > start.year)):
                held.add(start.year)
    held = held or starts
    return range(min(held), max(held) + 1) if held else range(0)


def years_lacking(query: Query, rows: Iterable[Mapping[str, str]]) -> tuple[str, bool]:
    """Say which years of a window the rows are not the list of, and whether it is all of them.

    Empty if they are the list of every year.
    """
    held = years_held(rows)
    wanted = range(query.start.year, (query.end - pd.Timedelta(1, "us")).year + 1)
    lacking = [str(year) for year in wanted if year not in held]
    if not lacking:
        return "", False
    span = "no year" if not held else f"{held[0]}" + f" to {held[-1]}" * (len(held) > 1)
    told = f"the list that was read is of {span}, not of {', '.join(lacking)}"
    return f"{told}: what is not in it may well have happened", len(lacking) == len(wanted)


LIST_OF_ALL: Final = "leave the option gid out, or give the combined sheet with --file stop="
"""How to get the list of every year."""


def _within(name: str, combined: str) -> bool:
    """Whether a sheet is of years that the combined one has, by what both are called."""
    mine, all_ = (
        [int(year) for year in re.findall(r"(?<![0-9])20[0-9]{2}(?![0-9])", one)]
        for one in (name, combined)
    )
    return not mine or not all_ or max(mine) <= max(all_)


def _under_header(rows: Sequence[Sequence[Any]]) -> list[dict[str, str]]:
    """Return the rows below a header, which may stand below a title."""
    texts = [[_text(cell) for cell in row] for row in rows]
    at = next(
        (
            place
            for place, row in enumerate(texts[:_HEADER_WITHIN])
            if not _missing(dict.fromkeys(row, ""))
        ),
        0,
    )
    if not texts:
        return []
    return [
        dict(zip(texts[at], row, strict=False))
        for row in texts[at + 1 :]
        if any(cell.strip() for cell in row)
    ]


def _text(cell: Any) -> str:
    """Return a cell as the same sheet saved as CSV would have it; days as ISO 8601."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()


def _columns(row: Mapping[str, str]) -> dict[str, str | None]:
    """Return the column of each of our names, None where a sheet has none."""
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in row}
    found = {
        ours: next((plain[theirs] for theirs in called if theirs in plain), None)
        for ours, called in _CALLED.items()
    }
    if found["extent"] is None:
        found |= {f"oldest {name}": plain[name] for name in _OLDEST if name in plain}
    return found


def _missing(row: Mapping[str, str]) -> list[str]:
    columns = _columns(row)
    oldest = any(name.startswith("oldest") for name in columns)
    return [
        name for name in _REQUIRED if columns[name] is None and not (oldest and name == "extent")
    ]


def _lacking(reply: Reply, name: str) -> Exception:
    return reply.error(
        f"the column {_CALLED[name][0]!r} is missing",
        "export the sheet of the list itself, with its header in the first line",
    )


def _cells(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    if not rows:
        return
    columns = _columns(rows[0])
    for row in rows:
        cells = {ours: cleaned(row.get(name, "")) if name else "" for ours, name in columns.items()}
        cells["event"] = printable(row.get(columns["event"] or "", ""))
        if oldest := {name: cells.pop(name) for name in columns if name.startswith("oldest")}:
            cells |= _of_the_oldest(" ".join(oldest.values()).casefold(), cells["type"])
        for name in ("extent", "network", "scope"):
            cells[name] = _NOW_CALLED.get(cells[name].casefold(), cells[name])
        yield cells


def _of_the_oldest(told: str, kind: str) -> dict[str, str]:
    """Return type, network and extent as later schemas say them, from what 2016-2018 says."""
    networks = [name for name in ("Broadband", "Mobile") if name.casefold() in told]
    throttled = "throttl" in told
    return {
        "type": "Throttle" if throttled else kind or "Shutdown",
        "network": ", ".join(networks),
        "extent": "Service-based" if "service-based" in told else "Full network",
    }
