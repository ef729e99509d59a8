"""What else the main outage of a case could have been: its features, weighed against rivals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.sources import Entity
from darkdays.contracts.events import ORDERED, RIVAL_KINDS, local_days, of_kind
from darkdays.contracts.signals import Signal
from darkdays.correlate.rivals.rival_features import repetition
from darkdays.correlate.rivals.rival_observation import Shape, Surroundings, main_outage, observe
from darkdays.correlate.rivals.rivals import Weighing, weigh
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import CONTROL, NEIGHBOUR, trusted
from darkdays.detect.outages.recurrence import EVERY_DAY, SAME_WEEKDAYS, TOLERANCE, recurrences
from darkdays.evidence.variations import events_elsewhere
from darkdays.files.writing import rows_of

_SAME_EVENT: Final = pd.Timedelta(hours=12)
LISTED_AS: Final = {ORDERED: "order", "power-cut": "power cut", "cable-cut": "cable cut"}
"""What an event of a kind says an outage was."""
_AGAIN: Final = {EVERY_DAY: "daily", SAME_WEEKDAYS: "weekly"}


@dataclass(frozen=True)
class Explained:
    """The main outage of a case, and what its features say of its cause.

    ``reported`` is what else is reported of the time it began, in the words of the events;
    ``unknown`` what the case holds nothing on, by feature.
    """

    entity: str
    weighing: Weighing
    reported: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


WOULD_TELL: Final = {
    "neighbours": "places under other governments (neighbours of the case)",
    "controls": "places that have nothing to do with this one (controls of the case)",
    "exam day": "a calendar of exams (events of the kind exam)",
}
"""What a case can add for a feature to be known."""


def explain(
    case: Case,
    outages: pd.DataFrame,
    analyses: Sequence[Analysis],
    record: tuple[pd.Timestamp, pd.Timestamp],
    events: pd.DataFrame,
    stages: pd.DataFrame | None = None,
    drivers: Sequence[Signal] = (),
) -> Explained | None:
    """Weigh the main outage of the country or region a case is about.

    Incidents of the case's own country are left out of what it is weighed by.

    Parameters
    ----------
    case
        Its entities say which networks are of what kind.
    outages
        Of every signal, as the detector gives them, controls and neighbours included.
    analyses
        Of the same signals; an entity without one was not measured.
    record
        First and last moment measured (UTC).
    events
        Of the case: exams, and what else is reported.
    stages
        Of the return of every signal, as the report tells them.
    drivers
        Signals of measured common causes: how high each was when the outage began.

    Returns
    -------
    Explained or None
        None if no country or region has a dated outage.
    """
    believed = trusted(outages)
    places = [one.id for one in case.entities if one.network in ("country", "region")]
    entity = next((name for name in places if main_outage(believed, name) is not None), None)
    if entity is None:
        return None
    shapes = {
        (one.entity, one.datasource): Shape(one.times, one.values, one.baseline) for one in analyses
    }
    surroundings = surroundings_of(case, entity, outages, analyses, events, stages)
    observed = observe(believed, entity, case.time_zone, record, surroundings, shapes)
    return Explained(
        entity,
        weigh(observed, left_out=(case.place,)),
        (
            *rivals_reported(case, events, entity, main_outage(believed, entity).onset),
            *_drivers_then(case, drivers, entity, main_outage(believed, entity).onset),
        ),
        tuple(name for name in WOULD_TELL if observed[name] is None),
    )


def surroundings_of(
    case: Case,
    entity: str,
    outages: pd.DataFrame,
    analyses: Sequence[Analysis],
    events: pd.DataFrame,
    stages: pd.DataFrame | None = None,
) -> Surroundings:
    """Return what is known beside an entity's main outage.

    Parameters
    ----------
    case
        Its entities say which networks are of what kind.
    entity
        Whose main outage; it has to have one.
    outages
        Of every signal, labelled, controls and neighbours included.
    analyses
        Of the same signals; an entity without one was not measured.
    events
        Of the case; those of the kind ``exam`` are a calendar.
    stages
        Of the return of every signal.
    """
    measured = {one.entity for one in analyses}
    believed = trusted(outages)
    main = main_outage(believed, entity)
    here = {one.entity for one in analyses if one.datasource == main.datasource}
    again, pattern = _recurring(believed, main, case.time_zone)
    same = outages[outages["datasource"] == main.datasource]
    return Surroundings(
        networks={one.id: one.network for one in case.entities if one.id in measured},
        neighbours=_onsets(case.neighbours, NEIGHBOUR, measured, outages, main.onset),
        # The instrument is one datasource's.
        controls=_onsets(case.controls, CONTROL, here, same, main.onset),
        exams=exam_days(case, events),
        recurring={} if again is None else {(main.entity, main.datasource): again},
        pattern=pattern,
        stages=None if stages is None else _lasting_stages(stages, main),
        listed=frozenset(
            LISTED_AS.get(str(kind), "other")
            for kind in reported_at(case, events, entity, main.onset)["kind"]
            if kind != "exam"
        ),
    )


def exam_days(case: Case, events: pd.DataFrame) -> list[date]:
    """Return the local days of exams, in order."""
    return [day.date() for day in local_days(of_kind(events, "exam"), case.time_zone)]


def reported_at(
    case: Case, events: pd.DataFrame, entity: str, moment: pd.Timestamp
) -> pd.DataFrame:
    """Return the events of an entity's place and of a moment (UTC) that name a cause."""
    naming = events[events["kind"].isin([*RIVAL_KINDS, ORDERED])]
    if naming.empty:
        # A case that reads no events has a table whose times have no type yet.
        return naming
    naming = naming[(naming["start_low"] <= moment) & (naming["end_high"] >= moment)]
    return naming.drop(events_elsewhere(case, naming, entity).index)


def rivals_reported(
    case: Case, events: pd.DataFrame, entity: str, onset: pd.Timestamp
) -> list[str]:
    """Return what is reported of the cause where and when an outage began, in sentences."""
    named = reported_at(case, events, entity, onset)
    return [f"{one.statement} ({one.source})" for one in rows_of(named)]


def _onsets(
    entities: Collection[Entity],
    label: str,
    measured: Collection[str],
    outages: pd.DataFrame,
    moment: pd.Timestamp,
) -> pd.DatetimeIndex:
    """Return the onset nearest to a moment of each that was measured, missing if there is none."""
    theirs = outages[(outages["label"] == label) & outages["onset"].notna()]
    theirs = theirs.assign(apart=(theirs["onset"] - moment).abs())
    theirs = theirs[theirs["apart"] <= _SAME_EVENT].sort_values("apart", kind="stable")
    nearest = theirs.drop_duplicates("entity").set_index("entity")["onset"]
    found = [nearest.get(one.id, pd.NaT) for one in entities if one.id in measured]
    return pd.DatetimeIndex(found, dtype="datetime64[s, UTC]")


def _drivers_then(
    case: Case, drivers: Sequence[Signal], entity: str, onset: pd.Timestamp
) -> list[str]:
    """Say how high the drivers of an entity, or of the country, were when an outage began."""
    told = []
    for one in drivers:
        times, values = one.observed()
        place = int(times.searchsorted(onset.tz_localize(None), side="right")) - 1
        if one.entity in (entity, f"country/{case.place}") and place >= 0:
            below = float((values < values[place]).mean())
            told.append(
                f"{one.datasource} of {case.name_of(one.entity)} was {values[place]:,.4g} then, "
                f"more than at {below:.0%} of the times it was measured"
            )
    return told


def _recurring(
    outages: pd.DataFrame, main: Any, time_zone: str
) -> tuple[str | None, list[tuple[pd.Timestamp, pd.Timestamp]]]:
    """Return how the main outage comes again, and when that pattern was down; else None.

    On irregular days it is as the days between tell, and nothing where they are weeks.
    """
    mine = outages[(outages["entity"] == main.entity) & (outages["datasource"] == main.datasource)]
    for pattern, rows in recurrences(mine, time_zone=time_zone):
        members = mine.loc[rows]
        if members["onset"].eq(main.onset).any():
            spans = zip(members["onset"], members["recovery"], strict=True)
            others = members["onset"].drop(members.index[members["onset"].eq(main.onset)])
            # Each is as near as this to one of them, and so twice to another.
            told = repetition(main.onset, others, (main.onset,) * 2, time_zone, 2 * TOLERANCE)
            return _AGAIN.get(pattern["pattern"], told), list(spans)
    return None, []


def _lasting_stages(stages: pd.DataFrame, main: Any) -> int:
    """Return in how many lasting stages the place of an outage came back from it."""
    mine = stages[(stages["entity"] == main.entity) & (stages["start"] > main.onset)]
    if not pd.isna(main.restored):
        mine = mine[mine["start"] <= main.restored]
    lasting = mine[mine["new_ground"].astype(bool) & mine["sustained"].astype(bool)]
    return int(lasting.groupby("datasource").size().max()) if len(lasting) else 0
