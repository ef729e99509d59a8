"""Access Now's #KeepItOn STOP list of shutdowns, in every form it has been published in.

A public spreadsheet (https://www.accessnow.org/keepiton-data-spreadsheet) with a sheet for the
years 2016-2018, one a year since 2019, and one that combines them; columns were renamed and dates
written differently over the years. A shutdown that goes on is listed again every year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply, Request, SourceError
from darkdays.sources import event_rows
from darkdays.sources.countries import code_of
from darkdays.sources.query import Query
from darkdays.sources.services import service
from darkdays.sources.stop.stop_sheets import LIST_OF_ALL, cells_of, years_lacking

SERVICE: Final = service("stop")
_SERVICES: Final = ("facebook", "instagram", "telegram", "twitter", "whatsapp")
_NOTHING: Final = frozenset({"", "unknown", "unkown", "uknown", "not sure", "n/a", "none"})


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the export to ask for: the whole workbook, or sheets as CSV, by option ``gid``.

    Of the workbook the sheet that combines all years is read; ``/export?format=csv`` without a
    sheet is the newest year only. Option ``gid`` names sheets (``1,2``), option ``format``, if
    ``csv``, asks for the first. Where files of one's own
    stand in, one file is all there is, and several are called as the sheets are numbered:
    ``gid: 2018,2019`` and ``2018.csv``, ``2019.xlsx``.

    Raises
    ------
    SourceError
        If ``gid`` is not a list of numbers, or the format is neither CSV nor XLSX.
    """
    gids = query.options.get("gid", "")
    form = query.options.get("format", "csv" if gids.strip() else "xlsx")
    if form not in ("csv", "xlsx"):
        raise SourceError(f"stop: format {form!r} is not known; set format to csv or xlsx.")
    if form == "xlsx":
        return [Request(SERVICE.name, "/export", (("format", "xlsx"),), "the whole workbook")]
    if not re.fullmatch(r"[0-9, ]*", gids):
        raise SourceError(f"stop: gid {gids!r} is not known; give numbers with commas between.")
    found = [
        Request(SERVICE.name, "/export", (("format", "csv"), ("gid", gid)), f"sheet {gid}")
        for gid in dict.fromkeys(gids.replace(",", " ").split())
    ]
    return found or [Request(SERVICE.name, "/export", (("format", "csv"),), "first sheet")]


@dataclass(frozen=True)
class _Listed:
    """One row of the list, as far as it is used."""

    start: date
    end: date | None
    ongoing: bool
    year: int
    cells: Mapping[str, str]

    @property
    def same(self) -> tuple[object, ...]:
        """What rows of one shutdown share, whatever year they are listed under."""
        extent, area = (self.cells[name].casefold() for name in ("extent", "area"))
        return (self.start, extent, area or self.cells["scope"].casefold())


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read exported sheets, CSV or XLSX, into shutdown labels, each shutdown once.

    Rows with the same country, start, extent and area are one shutdown: repeated for every year
    it went on, or listed twice with different ends. The latest end is given and the others are
    remarked on. A shutdown without an end that is listed as ongoing lasts to the end of the last
    year it is listed under. ``duration`` is not read: it holds negative and written-out numbers.
    Option ``time_zone`` of the place.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`darkdays.contracts.events.COLUMNS`, kind ``shutdown-label``. ``attrs``:
        ``repeated`` counts rows joined with another, ``undated`` those without a readable
        start, ``unknown_countries`` lists names no country is known by, ``incomplete`` says which
        years of the window the list is not of, if any.

    Raises
    ------
    SourceError
        If a sheet was not fetched, is no table or lacks a column it needs, or the sheets are of
        no year of the window.
    """
    zone = event_rows.zone_of(query)
    same: dict[tuple[object, ...], list[_Listed]] = {}
    undated, listed, unknown = 0, 0, set()
    sheets = event_rows.answered(query, requests(query, replies), replies)
    rows_of = [list(cells_of(reply)) for reply in sheets]
    lacking, every = years_lacking(query, chain.from_iterable(rows_of))
    if every:
        raise sheets[0].error(lacking, LIST_OF_ALL)
    for rows in rows_of:
        for cells in rows:
            # A shutdown of several countries is one of each.
            codes = {name: code_of(name) for name in cells["country"].split(";")}
            unknown |= {event_rows.cleaned(name) for name, code in codes.items() if code is None}
            if query.country not in codes.values():
                continue
            start = event_rows.day_of(cells["start"])
            if start is None:
                undated += 1
                continue
            row = _listed(start, cells)
            same.setdefault(row.same, []).append(row)
            listed += 1
    attrs = {
        **SERVICE.terms,
        "repeated": listed - len(same),
        "undated": undated,
        "unknown_countries": sorted(unknown - {""}),
        **({"incomplete": f"{lacking}; {LIST_OF_ALL}"} if lacking else {}),
    }
    labels = (_label(rows, zone.name, zone.remark) for rows in same.values())
    return event_rows.event_table(query, labels, attrs)


def _listed(start: date, cells: Mapping[str, str]) -> _Listed:
    end = event_rows.day_of(cells["end"])
    if end is not None and end < start:
        end = None
    ongoing = "ongoing" in (cells["status"].casefold(), cells["end"].casefold())
    year = int(cells["year"]) if re.fullmatch(r"20[0-9]{2}", cells["year"]) else start.year
    return _Listed(start, end, ongoing, max(year, start.year), cells)


def _label(rows: list[_Listed], zone: str, remark: str) -> dict[str, str]:
    # What came later knows more; equal years are told apart by content, never by order.
    rows = sorted(rows, key=lambda row: (row.year, sorted(row.cells.items())))
    cells = rows[-1].cells
    ends = sorted({row.end for row in rows if row.end is not None})
    end, doubt = (ends[-1], "") if ends else (None, "end not known")
    year = max((row.year for row in rows if row.ongoing), default=0)
    if end is None and year:
        end, doubt = date(year, 12, 31), f"no end: listed as ongoing in {year}"
    elif end is not None and year > end.year:
        doubt = f"also listed as ongoing in {year}"
    networks = sorted({_network(row.cells) for row in rows} - {_network(cells), ""})
    return {
        "kind": "shutdown-label",
        "start": event_rows.day_text(rows[0].start, zone),
        "end": event_rows.day_text(end, zone) if end else "",
        "time_zone": zone,
        "precision": "day",
        "place": cells["area"] or cells["scope"],
        "network": _network(cells),
        "statement": _statement(cells),
        "source": "Access Now #KeepItOn STOP",
        "conflict": event_rows.remarks(
            "start is estimated" * any(_is(row, "start_type", "estimated") for row in rows),
            doubt,
            *(f"also listed with end {other}" for other in ends[:-1]),
            "ends before it starts in the list" * any(_ends_early(row) for row in rows),
            *(f"also listed for {other}" for other in networks),
            remark,
        ),
    }


def _is(row: _Listed, column: str, value: str) -> bool:
    return row.cells[column].casefold() == value


def _ends_early(row: _Listed) -> bool:
    return row.end is None and event_rows.day_of(row.cells["end"]) is not None


def _network(cells: Mapping[str, str]) -> str:
    named = (cells[name] for name in ("network", "telcos") if _says(cells[name]))
    return event_rows.remarks(*named)


def _statement(cells: Mapping[str, str]) -> str:
    cut = [name.capitalize() for name in _SERVICES if cells[name].casefold() in ("yes", "true")]
    return event_rows.remarks(
        *(cells[name] for name in ("type", "extent") if _says(cells[name])),
        f"of {', '.join(cut)}" if cut else "",
        f"cause: {cells['cause']}" if _says(cells["cause"]) else "",
        f"ordered by: {cells['by']}" if _says(cells["by"]) else "",
    )


def _says(text: str) -> bool:
    return text.casefold() not in _NOTHING
