"""What a case knows beside the place itself: neighbours, controls, exams, hours that come again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.sources import Entity
from darkdays.contracts.events import local_days, of_kind
from darkdays.correlate.rivals.rival_observation import Surroundings, main_outage
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import CONTROL, NEIGHBOUR, trusted
from darkdays.detect.outages.recurrence import EVERY_DAY, IRREGULAR, SAME_WEEKDAYS, recurrences
from darkdays.files.writing import rows_of

_SAME_EVENT: Final = pd.Timedelta(hours=12)
_AGAIN: Final = {EVERY_DAY: "daily", SAME_WEEKDAYS: "weekly", IRREGULAR: "daily"}


def surroundings_of(
    case: Case,
    entity: str,
    outages: pd.DataFrame,
    analyses: Sequence[Analysis],
    events: pd.DataFrame,
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
    """
    measured = {one.entity for one in analyses}
    believed = trusted(outages)
    main = main_outage(believed, entity)
    here = {one.entity for one in analyses if one.datasource == main.datasource}
    same = outages[outages["datasource"] == main.datasource]
    return Surroundings(
        networks={one.id: one.network for one in case.entities if one.id in measured},
        neighbours=_onsets(case.neighbours, NEIGHBOUR, measured, outages, main.onset),
        # The instrument is one datasource's.
        controls=_onsets(case.controls, CONTROL, here, same, main.onset),
        exams=exam_days(case, events),
        recurring=_recurring(believed, main, case.time_zone),
    )


def exam_days(case: Case, events: pd.DataFrame) -> list[date]:
    """Return the local days of exams, in order."""
    return [day.date() for day in local_days(of_kind(events, "exam"), case.time_zone)]


def rivals_reported(events: pd.DataFrame, onset: pd.Timestamp) -> list[str]:
    """Return what else is reported of the time an outage began: rival events and exams."""
    rivals = events[events["kind"].isin(["rival", "exam"])]
    if rivals.empty:
        # A case that reads no events has a table whose times have no type yet.
        return []
    around = rivals[(rivals["start_low"] <= onset) & (rivals["end_high"] >= onset)]
    return [f"{one.statement} ({one.source})" for one in rows_of(around)]


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


def _recurring(outages: pd.DataFrame, main: Any, time_zone: str) -> dict[tuple[str, str], str]:
    """Return the pattern the main outage is part of, if there is one."""
    found = {}
    for pattern, rows in recurrences(outages, time_zone=time_zone):
        key = (pattern["entity"], pattern["datasource"])
        if (
            key == (main.entity, main.datasource)
            and outages.loc[rows, "onset"].eq(main.onset).any()
        ):
            found[key] = _AGAIN[pattern["pattern"]]
    return found
