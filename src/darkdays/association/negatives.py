"""Negative controls: an exposure, or an outcome, that cannot be involved, in the same test.

Lipsitch, Tchetgen Tchetgen & Cohen 2010, Epidemiology 21, 383.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.association.calendar import EventDays, event_days, outage_days
from darkdays.association.control import Control, not_possible
from darkdays.association.directions import Calendar
from darkdays.association.drivers import NO_DRIVER
from darkdays.association.places import outages_of_places
from darkdays.contracts.events import of_kind
from darkdays.correlate.exposure import nearness_of_days
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import events_elsewhere

DAYS_BEFORE: Final = 3


def negative_control_tests(
    evidence: Evidence, calendar: Calendar, kind: str, *, days_after: int, alpha: float
) -> list[Control]:
    """Run the test on days before events, on events elsewhere, and on places outside."""
    days, entities = calendar.days, calendar.entities
    nearness = calendar.events.nearness(days_after)
    before = days_before(calendar.events, days_after)
    exposures = {f"the {DAYS_BEFORE} days before an event": before}
    events = of_kind(evidence.events, kind)
    elsewhere = [events_elsewhere(evidence.case, events, entity) for entity in entities]
    missing = []
    if any(len(one) for one in elsewhere):
        away = [
            event_days(evidence, one.assign(place=evidence.case.place), [entity], days)
            for one, entity in zip(elsewhere, entities, strict=True)
        ]
        exposures["events in other regions"] = np.concatenate(
            [one.nearness(days_after) for one in away]
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
    listed = outage_days(outages_of_places(evidence, outside), outside, days).onsets
    outcomes = dict(zip(outside, listed[:, None], strict=True))
    if not outside:
        missing.append(
            not_possible("negative_outcome", "onsets of controls", "the case measures no controls.")
        )
    onsets, anywhere = calendar.outages.onsets, nearness.max(axis=0, keepdims=True)
    design = calendar.driven(onsets)
    found = [
        _negative("exposure", name, onsets, one, design, alpha) for name, one in exposures.items()
    ]
    for one, theirs in outcomes.items():
        name, there = f"onsets of {evidence.case.name_of(one)}", calendar.elsewhere(evidence, one)
        found.append(_negative("outcome", name, theirs, anywhere, there.driven(theirs), alpha))
    return found + missing


def days_before(events: EventDays, days_after: int) -> NDArray[np.int64]:
    """Return how near days are to the beginning of an event after them, 0 from the event on."""
    backwards = nearness_of_days(events.begins[:, ::-1], days_after=DAYS_BEFORE)
    return np.where(events.exposed(days_after), 0, backwards[:, ::-1])


def _negative(
    kind: str,
    name: str,
    onsets: NDArray[np.int64],
    nearness: NDArray[np.int64],
    design: ShiftDesign | None,
    alpha: float,
) -> Control:
    """Return a control; one that could not have reached ``alpha`` says nothing by its silence."""
    if design is None:
        return not_possible(f"negative_{kind}", name, NO_DRIVER)
    test, happened = design.test(onsets, nearness), int(onsets.sum())
    speaks = test.p_value <= alpha if test.smallest_p <= alpha else None
    counted = (
        f"{test.coincidences} of {happened} onsets on {(nearness > 0).sum()} such days, "
        f"{test.expected:.2g} expected, p = {test.p_value:.2g}"
    )
    told = {
        None: "it could not have shown anything, so its silence says nothing.",
        True: "it coincides too, which speaks against the protests as the reason.",
        False: "it does not coincide, as it should not.",
    }[speaks]
    slug = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
    return Control(
        f"negative_{kind}.{slug}",
        f"negative_{kind}",
        name,
        f"{counted}: {told}",
        value=test.coincidences - test.expected,
        unit="coincidences beyond chance",
        p_value=test.p_value,
        smallest_p=test.smallest_p,
        n=happened,
        speaks=speaks,
    )
