"""Access Now's #KeepItOn STOP list of shutdowns, in every form it has been published in.

A public spreadsheet (https://www.accessnow.org/keepiton-data-spreadsheet) with a sheet for the
years 2016-2018, one a year since 2019, and one that combines them; columns were renamed and dates
written differently over the years. A shutdown that goes on is listed again every year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply, Request, Service, SourceError
from darkdays.sources.countries import code_of
from darkdays.sources.event_rows import (
    answered,
    cleaned,
    day_of,
    day_text,
    event_table,
    remarks,
    text_rows,
    zone_of,
)
from darkdays.sources.query import Query

SERVICE: Final = Service(
    name="stop",
    base_url="https://docs.google.com/spreadsheets/d/1DvPAuHNLp5BXGb0nnZDGNoiIwEeu2ogdXEIDvT4Hyfk",
    licence="CC BY 4.0 according to third parties; Access Now states none in the sheet",
    redistributable=False,
    citation="Access Now and the #KeepItOn coalition: Shutdown Tracker Optimization Project (STOP)",
)
# Column by what it was called over the years, letters and digits only, the newest name first.
_CALLED: Final = {
    "start": ("startdate",),
    "end": ("enddate",),
    "country": ("country",),
    "start_type": ("startdatetype",),
    "status": ("shutdownstatus",),
    "area": ("areaname", "areasaffected"),
    "scope": ("geoscope",),
    "type": ("shutdowntype", "shutdowntypenew", "shutdowntypegroup"),
    "network": ("affectednetwork",),
    "extent": ("shutdownextent", "fullorservicebased", "servicesaffected"),
    "cause": ("actualcause",),
    "event": ("event",),
    "by": ("orderedby",),
    "telcos": ("telcosinvolved",),
    "year": ("countyear",),
    **{
        name: (f"{name}affected",)
        for name in ("facebook", "twitter", "whatsapp", "instagram", "telegram")
    },
}
_SERVICES: Final = ("facebook", "instagram", "telegram", "twitter", "whatsapp")
_REQUIRED: Final = ("start", "end", "country", "extent")
# Extents and networks of the sheet of 2019 in the words of all later ones.
_NOW_CALLED: Final = {
    "full": "Full network",
    "full & service-based": "Full network, Service-based",
    "full and service-based": "Full network, Service-based",
    "mobile and broadband": "Broadband, Mobile",
    "broadband and mobile": "Broadband, Mobile",
}
_NOTHING: Final = frozenset({"", "unknown", "unkown", "uknown", "not sure", "n/a", "none"})


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the sheets to export as CSV: the first, or those of option ``gid`` (``1,2``).

    Raises
    ------
    SourceError
        If ``gid`` is not a list of numbers.
    """
    gids = query.options.get("gid", "")
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
    """Read exported sheets into shutdown labels, each shutdown once.

    Rows with the same country, start, extent and area are one shutdown: repeated for every year
    it went on, or listed twice with different ends. The latest end is given and the others are
    remarked on. A shutdown without an end that is listed as ongoing lasts to the end of the last
    year it is listed under. ``duration`` is not read: it holds negative and written-out numbers.
    Option ``time_zone`` of the place.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`darkdays.events.COLUMNS`, kind ``shutdown-label``. ``attrs``:
        ``repeated`` counts rows joined with another, ``undated`` those without a readable
        start, ``unknown_countries`` lists names no country is known by.

    Raises
    ------
    SourceError
        If a sheet was not fetched, is no table or lacks a column it needs.
    """
    zone = zone_of(query)
    same: dict[tuple[object, ...], list[_Listed]] = {}
    undated, listed, unknown = 0, 0, set()
    for reply in answered(query, requests(query, replies), replies):
        for cells in cells_of(reply):
            # A shutdown of several countries is one of each.
            codes = {name: code_of(name) for name in cells["country"].split(";")}
            unknown |= {cleaned(name) for name, code in codes.items() if code is None}
            if query.country not in codes.values():
                continue
            start = day_of(cells["start"])
            if start is None:
                undated += 1
                continue
            row = _listed(start, cells)
            same.setdefault(row.same, []).append(row)
            listed += 1
    attrs = {
        "licence": SERVICE.licence,
        "citation": SERVICE.citation,
        "repeated": listed - len(same),
        "undated": undated,
        "unknown_countries": sorted(unknown - {""}),
    }
    labels = (_label(rows, zone.name, zone.remark) for rows in same.values())
    return event_table(query, labels, attrs)


def cells_of(reply: Reply) -> Iterable[dict[str, str]]:
    """Go through the rows of a sheet, its columns by what they are called here.

    ``event`` is prose, handed over whole; every other cell is cleaned.

    Raises
    ------
    SourceError
        If it is no table or lacks a column it needs.
    """
    rows = text_rows(reply)
    if not rows:
        return
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in rows[0]}
    columns = {
        ours: next((plain[theirs] for theirs in called if theirs in plain), None)
        for ours, called in _CALLED.items()
    }
    missing = [name for name in _REQUIRED if columns[name] is None]
    if missing:
        raise reply.error(
            f"the column {_CALLED[missing[0]][0]!r} is missing",
            "export the sheet of the list itself, with its header in the first line",
        )
    for row in rows:
        cells = {ours: cleaned(row[name]) if name else "" for ours, name in columns.items()}
        if columns["event"]:
            cells["event"] = " ".join(row[columns["event"]].split())
        for name in ("extent", "network"):
            cells[name] = _NOW_CALLED.get(cells[name].casefold(), cells[name])
        yield cells


def _listed(start: date, cells: Mapping[str, str]) -> _Listed:
    end = day_of(cells["end"])
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
        "start": day_text(rows[0].start, zone),
        "end": day_text(end, zone) if end else "",
        "time_zone": zone,
        "precision": "day",
        "place": cells["area"] or cells["scope"],
        "network": _network(cells),
        "statement": _statement(cells),
        "source": "Access Now #KeepItOn STOP",
        "conflict": remarks(
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
    return row.end is None and day_of(row.cells["end"]) is not None


def _network(cells: Mapping[str, str]) -> str:
    return remarks(*(cells[name] for name in ("network", "telcos") if _says(cells[name])))


def _statement(cells: Mapping[str, str]) -> str:
    cut = [name.capitalize() for name in _SERVICES if cells[name].casefold() in ("yes", "true")]
    return remarks(
        *(cells[name] for name in ("type", "extent") if _says(cells[name])),
        f"of {', '.join(cut)}" if cut else "",
        f"cause: {cells['cause']}" if _says(cells["cause"]) else "",
        f"ordered by: {cells['by']}" if _says(cells["by"]) else "",
    )


def _says(text: str) -> bool:
    return text.casefold() not in _NOTHING
