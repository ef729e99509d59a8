"""The same evidence read otherwise: whose events, by whose days, with or without curfews.

These are choices beside those of the detector, each of which somebody could defend.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.case.case import Case
from darkdays.contracts.events import COLUMNS, local_days, read_csv
from darkdays.detect.outages.recurrence import part_of_pattern
from darkdays.evidence.evidence import Evidence, in_region
from darkdays.files.writing import csv_text
from darkdays.sources.places import find

ALL: Final = "all"
FEWEST_DAYS: Final = 2
"""Local days of events below which a source is no choice by itself."""
COUNTED: Final = "counted"
LEFT_OUT: Final = "left out"


def source_names(events: pd.DataFrame) -> pd.Series:
    """Return who reports each event: the service, or what a dated fact cites.

    A citation is a name, a comma, and where to find it.
    """
    cited = events["source"].astype(str).str.split(",").str[0].str.strip()
    if "origin" not in events:
        return cited
    return cited.where(events["origin"] == "facts", events["origin"])


def sources_of(events: pd.DataFrame, time_zone: str) -> list[str]:
    """Return the sources that are a choice by themselves, in order of their names.

    Those that report events of two local days or more, and not all there are.
    """
    return [
        str(name)
        for name, mine in events.groupby(source_names(events), sort=True)
        if len(mine) < len(events) and len(local_days(mine, time_zone)) >= FEWEST_DAYS
    ]


def events_of_place(
    case: Case, events: pd.DataFrame, entity: str, *, countrywide: bool | None = None
) -> pd.DataFrame:
    """Return the events a place can have seen.

    The country and the networks in it see all of them, a region those that name it. Of one that
    names no place in the country nobody knows where it was: it counts in every region if no other
    event is known any closer, and otherwise in none.

    Parameters
    ----------
    case
        Names its entities.
    events
        ``place`` is a country, or ``IR/Khuzestan``: a country and a place in it.
    entity
        Whose events.
    countrywide
        Whether events without a place in the country count in a region; the rule above if None.
    """
    if case.network_of(entity) != "region":
        return events
    nowhere = unplaced(events)
    if countrywide is None:
        countrywide = bool(nowhere.all())
    mine = in_region(events, case, entity)
    counted: pd.DataFrame = events[mine | nowhere if countrywide else mine]
    return counted


def events_elsewhere(case: Case, events: pd.DataFrame, entity: str) -> pd.DataFrame:
    """Return the events that name another region of the country than this.

    Cities are in no table here: they may be in the region, and are not among these.
    """
    if case.network_of(entity) != "region":
        return events.iloc[:0]
    others = [one.id for one in case.measured if one.network == "region" and one.id != entity]
    theirs = [in_region(events, case, other) for other in others]
    known = [
        any(find(case.place, part) for part in str(place).split("/")[1:])
        for place in events["place"]
    ]
    another: NDArray[np.bool_] = np.logical_or.reduce([np.array(known, bool), *theirs])
    elsewhere: pd.DataFrame = events[another & ~in_region(events, case, entity)]
    return elsewhere


def unplaced(events: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which events name the country and no place in it."""
    where = events["place"].str.partition("/")[2].str.strip()
    return (where == "").to_numpy(dtype=bool)


def read_in(events: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """Read events known to a day as days of another time zone; the others stay as they are.

    Whose day a source means is often its reader's guess, and many published counts take the date
    as it stands for a day of UTC.
    """
    whole = events["precision"] == "day"
    zones = events["time_zone"].mask(whole, time_zone)
    again = read_csv(csv_text(events[list(COLUMNS)].assign(time_zone=zones)).encode(), "events")
    kept = [name for name in events.columns if name not in again]
    return again.set_axis(events.index).join(events[kept])


def events_read(evidence: Evidence, source: str, time_zone: str) -> pd.DataFrame:
    """Return the events as a source has them, their days read as days of a time zone.

    Parameters
    ----------
    evidence
        With events of all sources.
    source
        Whose events to believe; :data:`ALL` for everybody's.
    time_zone
        Whose days are meant by events known to the day; as the sources say for the place's own.
    """
    events = evidence.events
    if source != ALL:
        events = events[source_names(events) == source]
    if time_zone in ("", evidence.case.time_zone) or events.empty:
        return events
    return read_in(events, time_zone)


def outages_counted(
    evidence: Evidence, recurring: str, entities: Collection[str] = ()
) -> pd.DataFrame:
    """Return the outages with or without those at the same hours again.

    Parameters
    ----------
    evidence
        Under some specification of the detector.
    recurring
        :data:`LEFT_OUT` to leave out what curfews and exams look like.
    entities
        Whose outages to look for patterns in; all if empty.
    """
    outages = evidence.outages
    if recurring != LEFT_OUT:
        return outages
    mine = outages[outages["entity"].isin(list(entities))] if entities else outages
    flags = part_of_pattern(mine, time_zone=evidence.case.time_zone)
    return outages.drop(index=mine.index[flags])


def varied(
    evidence: Evidence,
    *,
    source: str = ALL,
    time_zone: str = "",
    recurring: str = COUNTED,
    entities: Collection[str] = (),
) -> Evidence:
    """Return the evidence under other choices: see the two functions above.

    Days are counted by the time zone as well.
    """
    return replace(
        evidence,
        events=events_read(evidence, source, time_zone),
        outages=outages_counted(evidence, recurring, entities),
        time_zone=time_zone,
    )
