"""Sheets of the STOP list, CSV or XLSX, in every schema it has had, as rows of one schema.

The list has had four: 2016-2018 in one sheet, 2019, 2020, and from 2021 on, which the combined
sheet shares with ``count_year`` beside it. Columns were renamed, and written with spaces around
them; the first schema says in one column what later ones say in three (which networks, full or
service-based, shutdown or throttling).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from darkdays.archive.request import Reply
from darkdays.files.packaged import toml_of
from darkdays.sources import workbook
from darkdays.sources.event_rows import cleaned, printable, text_table

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
    sheets = [_under_header(sheet) for sheet in workbook.sheets(reply)]
    # Beside the list there may be sheets that explain it.
    lists = [sheet for sheet in sheets if sheet and not _missing(sheet[0])]
    if not lists:
        raise _lacking(reply, _missing(sheets[0][0] if sheets and sheets[0] else {})[0])
    for sheet in lists:
        yield from _cells(sheet)


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
