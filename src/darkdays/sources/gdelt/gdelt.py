"""GDELT event exports: news coverage coded as protest, counted per day and province.

Every day (GDELT 1.0) or every 15 minutes (2.0) a zip of one tab-separated file without a header
is published. A row is an event as a program read it from the news: rows count coverage, not
protests, and coverage itself falls where a country is offline. Rows, places and articles are
therefore never handed on: one event stands for a day and a first-level division (or the country
where no division is given) and says how much coverage there was. Contract: see
:mod:`darkdays.sources.gdelt.gdelt_rows`. Codes of countries are FIPS 10-4.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply, Request, SourceError
from darkdays.sources.countries import FIPS
from darkdays.sources.event_rows import day_text, event_table, remarks, zone_of
from darkdays.sources.gdelt.gdelt_rows import protests
from darkdays.sources.query import Query
from darkdays.sources.services import service

SERVICE: Final = service("gdelt")
# The parser of GDELT dates some rows a year off; what is further than this from the day the row
# was added is not believed.
FARTHEST: Final = timedelta(days=7)
# A file that is not there so soon may still come.
_LATE: Final = pd.Timedelta(days=2)
_TITLE: Final = {"gdelt": "GDELT 1.0", "gdelt2": "GDELT 2.0"}
_STEP: Final = {"gdelt": pd.Timedelta(days=1), "gdelt2": pd.Timedelta(minutes=15)}
_FIRST: Final = {
    "gdelt": pd.Timestamp("2013-04-01", tz="UTC"),
    "gdelt2": pd.Timestamp("2015-02-18T23:00", tz="UTC"),
}
_MOST_FILES: Final = {"gdelt": 1200, "gdelt2": 62 * 96}


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the export files of a window, whatever came back so far.

    Options: ``time_zone`` of the place; ``lag_days`` (default 1), how long after the last local
    day files are still read, because news tell of a day on the next; for GDELT 2.0
    ``translated`` = ``yes`` adds the stream of news in other languages than English.

    Raises
    ------
    SourceError
        If the window asks for too many files, or ends before the first one.
    """
    name = _name(query)
    zone = zone_of(query).name
    # A local day that the window touches is counted whole, or it would seem a quiet one.
    first_day = pd.Timestamp(query.start.tz_convert(zone).date(), tz="UTC")
    last_day = pd.Timestamp((query.end - pd.Timedelta("1ns")).tz_convert(zone).date(), tz="UTC")
    first = max(first_day, _FIRST[name])
    after = last_day + pd.Timedelta(days=1 + _whole(query, "lag_days", 1))
    if query.end <= _FIRST[name]:
        raise SourceError(
            f"{name}: its files begin on {_FIRST[name]:%Y-%m-%d}; choose a later window."
        )
    if (after - first) / _STEP[name] > _MOST_FILES[name]:
        instead = " or use gdelt, which has a file a day" if name == "gdelt2" else ""
        raise SourceError(
            f"{name}: the window asks for more than {_MOST_FILES[name]} files; shorten it{instead}."
        )
    stamps = pd.date_range(first, after, freq=_STEP[name], inclusive="left")
    endings = ("", ".translation") if query.options.get("translated") == "yes" else ("",)
    if name == "gdelt":
        stems = [f"{at:%Y%m%d}" for at in stamps]
    else:
        stems = [f"{at:%Y%m%d%H%M%S}{ending}" for at in stamps for ending in endings]
    return [
        Request(name, f"/{stem}.export.CSV.zip", about=f"events added {stem}") for stem in stems
    ]


@dataclass
class _Tally:
    """Coverage of one day and division."""

    rows: int = 0
    articles: int = 0
    names: Counter[str] = field(default_factory=Counter)

    def name(self) -> str:
        """Return the commonest name; of equally common ones the first in the alphabet."""
        return min(self.names, key=lambda name: (not name, -self.names[name], name))


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read export files into one protest event per day and first-level division.

    Options: ``least_events`` (default 1), rows that a day and division needs to be handed on;
    those of :func:`requests`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`darkdays.contracts.events.COLUMNS`. ``attrs``: ``dated_far_off`` counts
        protests left out because their date is more than :data:`FARTHEST` from the day they were
        added, ``never_published`` lists files that GDELT says it has not, ``not_read`` those
        without a reply.

    Raises
    ------
    SourceError
        If no file was fetched, GDELT has none of them, or lacks one that may still come; if one
        is damaged, too large or not in the documented form.
    """
    name, zone, least = _name(query), zone_of(query), _whole(query, "least_events", 1)
    codes = frozenset(FIPS.get(query.country, ()))
    if not codes:
        raise SourceError(f"{name}: no country has the code {query.country!r}; give ISO 3166-1.")
    wanted = requests(query, replies)
    here = [replies[request.key] for request in wanted if request.key in replies]
    if not here:
        raise SourceError(f"{name}: no export file was fetched; fetch the case first.")
    files = [reply for reply in here if not reply.is_absence]
    absent = [reply for reply in here if reply.is_absence]
    for reply in absent:
        _refuse_early(reply, only=not files)
    tallies, far_off = _tallied(files, codes)
    rows = [
        {
            "kind": "protest",
            "start": day_text(day, zone.name),
            "end": day_text(day, zone.name),
            "time_zone": zone.name,
            "precision": "day",
            "place": f"{tally.name()} (FIPS {division})".strip(),
            "statement": f"coded as protest: {tally.rows} rows from {tally.articles} articles",
            "source": _TITLE[name],
            "conflict": remarks("counts news coverage, not protests", zone.remark),
        }
        for (day, division), tally in tallies.items()
        if tally.rows >= least
    ]
    return event_table(
        query,
        rows,
        {
            **SERVICE.terms,
            "dated_far_off": far_off,
            "never_published": [reply.request.about for reply in absent],
            "not_read": [one.about for one in wanted if one.key not in replies],
        },
    )


def _refuse_early(reply: Reply, *, only: bool) -> None:
    """Refuse an absence that may not be one: of a file that may still come, or of all files."""
    if only:
        raise reply.error(
            "none of the files is there", "check the base URL of gdelt, or shorten the window"
        )
    stamp = pd.Timestamp(reply.request.file.partition(".")[0]).tz_localize("UTC")
    fetched = pd.to_datetime(reply.fetched or "NaT", errors="coerce", utc=True)
    if not pd.isna(fetched) and fetched < stamp + _LATE:
        raise reply.error("it is not published yet", "fetch it again in two days")


def _tallied(
    replies: list[Reply], codes: frozenset[str]
) -> tuple[dict[tuple[date, str], _Tally], int]:
    tallies: dict[tuple[date, str], _Tally] = {}
    seen: set[bytes] = set()
    far_off = 0
    # One file that answers for every day is read once.
    for reply in {reply.digest: reply for reply in replies}.values():
        of_file = date.fromisoformat(reply.request.path[1:9])
        for protest in protests(reply, codes, SERVICE.largest):
            if protest.number in seen:
                continue
            seen.add(protest.number)
            # A person's own file may hold many days: what a row says of itself goes first.
            day, added = protest.day, protest.added or of_file
            if day is None or abs(day - added) > FARTHEST:
                far_off += 1
                continue
            tally = tallies.setdefault((day, protest.division), _Tally())
            tally.rows += 1
            tally.articles += protest.articles
            tally.names[protest.name] += 1
    return tallies, far_off


def _name(query: Query) -> str:
    return query.datasource if query.datasource in _FIRST else SERVICE.name


def _whole(query: Query, option: str, default: int) -> int:
    text = query.options.get(option, str(default))
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise SourceError(f"{_name(query)}: option {option} is {text!r}; give a whole number.")
    return int(text)
