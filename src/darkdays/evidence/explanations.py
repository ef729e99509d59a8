"""What else the main outage of a case could have been: its features, weighed against rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.correlate.rivals.rival_observation import Shape, main_outage, observe
from darkdays.correlate.rivals.rivals import Weighing, weigh
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import trusted
from darkdays.evidence.rival_context import rivals_reported, surroundings_of


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
    surroundings = surroundings_of(case, entity, outages, analyses, events)
    observed = observe(believed, entity, case.time_zone, record, surroundings, shapes)
    return Explained(
        entity,
        weigh(observed, left_out=(case.place,)),
        tuple(rivals_reported(events, main_outage(believed, entity).onset)),
        tuple(name for name in WOULD_TELL if observed[name] is None),
    )
