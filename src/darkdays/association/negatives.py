"""Negative controls: an exposure, or an outcome, that cannot be involved, in the same test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.association.calendar import event_days, outage_days
from darkdays.association.control import Control, not_possible
from darkdays.association.directions import Calendar
from darkdays.association.places import outages_of_places
from darkdays.contracts.events import of_kind
from darkdays.correlate.exposure import days_around
from darkdays.correlate.shifts.controls import negative_controls
from darkdays.correlate.shifts.strata import strata_of_places, time_strata
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import events_elsewhere

DAYS_BEFORE: Final = 3


def negative_control_tests(
    evidence: Evidence, calendar: Calendar, kind: str, *, days_after: int, alpha: float
) -> list[Control]:
    """Run the test on days before events, on events elsewhere, and on places outside."""
    days, entities = calendar.days, calendar.entities
    exposed = calendar.events.exposed(days_after)
    before = days_around(calendar.events.begins, days_after=0, days_before=DAYS_BEFORE) & ~exposed
    exposures = {f"the {DAYS_BEFORE} days before an event": before}
    events = of_kind(evidence.events, kind)
    elsewhere = [events_elsewhere(evidence.case, events, entity) for entity in entities]
    missing = []
    if any(len(one) for one in elsewhere):
        found = [
            event_days(evidence, one.assign(place=evidence.case.place), [entity], days).possible
            for one, entity in zip(elsewhere, entities, strict=True)
        ]
        exposures["events in other regions"] = days_around(
            np.concatenate(found), days_after=days_after
        )
    else:
        missing.append(
            not_possible(
                "negative_exposure",
                "events in other regions",
                "no event names another region than the place itself.",
            )
        )
    outside = [
        one.id
        for one in evidence.case.controls
        if one.id in evidence.measured and one.id not in entities
    ]
    theirs = outage_days(outages_of_places(evidence, outside), outside, days).onsets
    outcomes = {
        f"onsets of {evidence.case.name_of(one)}": theirs[place]
        for place, one in enumerate(outside)
    }
    if not outside:
        missing.append(
            not_possible("negative_outcome", "onsets of controls", "the case measures no controls.")
        )
    months = time_strata(days, "month")
    onsets = calendar.outages.onsets
    of_exposures = negative_controls(
        onsets.ravel(),
        exposed.ravel(),
        strata_of_places(months, len(entities)).ravel(),
        exposures={name: one.ravel() for name, one in exposures.items()},
        alpha=alpha,
    )
    of_outcomes = negative_controls(
        onsets.sum(axis=0),
        calendar.events.exposed_anywhere(days_after),
        months,
        outcomes=outcomes,
        alpha=alpha,
    )
    # The first row of each is the study itself.
    rows = [*of_exposures.to_dict("records")[1:], *of_outcomes.to_dict("records")[1:]]
    return [_negative(row) for row in rows] + missing


def _negative(row: Mapping[Any, Any]) -> Control:
    kind = f"negative_{row['kind']}"
    speaks = None if pd.isna(row["speaks"]) else bool(row["speaks"])
    counted = (
        f"{row['coincidences']} of {row['outcomes']} onsets on {row['exposed_days']} such days, "
        f"{row['expected']:.2g} expected, p = {row['p']:.2g}"
    )
    told = {
        None: "it could not have shown anything, so its silence says nothing.",
        True: "it coincides too, which speaks against the protests as the reason.",
        False: "it does not coincide, as it should not.",
    }[speaks]
    slug = "".join(letter if letter.isalnum() else "_" for letter in str(row["control"]).lower())
    return Control(
        f"{kind}.{slug}",
        kind,
        str(row["control"]),
        f"{counted}: {told}",
        value=float(row["coincidences"]) - float(row["expected"]),
        unit="coincidences beyond chance",
        p_value=float(row["p"]),
        smallest_p=float(row["smallest_p"]),
        n=int(row["outcomes"]),
        speaks=speaks,
    )
