"""What else the main outage of a case could have been: its features, weighed against rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from darkdays.case import Case
from darkdays.correlate.rival_observation import Shape, Surroundings, main_outage, observe
from darkdays.correlate.rivals import Weighing, weigh
from darkdays.detect.analysis import Analysis


@dataclass(frozen=True)
class Explained:
    """The main outage of a case, and what its features say of its cause."""

    entity: str
    weighing: Weighing


def explain(
    case: Case,
    outages: pd.DataFrame,
    analyses: Sequence[Analysis],
    record: tuple[pd.Timestamp, pd.Timestamp],
) -> Explained | None:
    """Weigh the main outage of the country or region a case is about.

    Incidents of the case's own country are left out of what it is weighed by.

    Parameters
    ----------
    case
        Its entities say which networks are of what kind.
    outages
        Of every signal, as the detector gives them.
    analyses
        Of the same signals; an entity without one was not measured.
    record
        First and last moment measured (UTC).

    Returns
    -------
    Explained or None
        None if no country or region has a dated outage.
    """
    measured = {one.entity for one in analyses}
    networks = {one.id: one.network for one in case.entities if one.id in measured}
    places = [one.id for one in case.entities if one.network in ("country", "region")]
    entity = next((name for name in places if main_outage(outages, name) is not None), None)
    if entity is None:
        return None
    shapes = {
        (one.entity, one.datasource): Shape(one.times, one.values, one.baseline) for one in analyses
    }
    observed = observe(outages, entity, case.time_zone, record, Surroundings(networks), shapes)
    return Explained(entity, weigh(observed, left_out=(case.place,)))
