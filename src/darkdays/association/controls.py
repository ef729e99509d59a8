"""Controls of a rate ratio: the same question where the answer should be no.

Each says what it found, what it can and what it cannot say; one the case has no data for says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.association.calendar import event_days, outage_days
from darkdays.association.directions import Calendar
from darkdays.association.places import outages_of_places, places_like
from darkdays.correlate.controls import (
    RankTest,
    negative_controls,
    placebo_dates,
    placebo_places,
)
from darkdays.correlate.exposure import days_around
from darkdays.correlate.shifts import circular_shift_test
from darkdays.correlate.strata import strata_of_places, time_strata
from darkdays.events import of_kind
from darkdays.evidence import Evidence
from darkdays.variations import events_elsewhere

DAYS_BEFORE: Final = 3
CANNOT: Final[Mapping[str, str]] = {
    "placebo_places": (
        "It cannot tell more than the order of so many places, and takes them for exchangeable."
    ),
    "placebo_dates": (
        "It cannot tell a time of protests from any other unusual time, and one episode more or "
        "less decides."
    ),
    "negative_exposure": (
        "It cannot show that nothing else ties outages to protests, only that this does not."
    ),
    "negative_outcome": (
        "It cannot show that the instrument was sound, only that these places show no such thing."
    ),
    "difference_in_differences": (
        "It cannot tell why the region lost more, and understates an event that reached the others."
    ),
}
"""What no outcome of a control can say."""


@dataclass(frozen=True)
class Control:
    """One control.

    Attributes
    ----------
    id
        Kind, and what it is of.
    kind
        A key of :data:`CANNOT`.
    about
        What was put in the place of what.
    says
        What came out, in a sentence; why nothing could, if ``possible`` is false.
    possible
        Whether the case has what it takes.
    value, unit
        The effect compared.
    p_value, smallest_p
        Of the comparison, and the smallest there could have been.
    n
        Placebos, donors or outcomes.
    speaks
        Whether it speaks against the claim; None where it could not have.
    more
        What else a reader needs to check it.
    """

    id: str
    kind: str
    about: str
    says: str
    possible: bool = True
    value: float | None = None
    unit: str = ""
    p_value: float | None = None
    smallest_p: float | None = None
    n: int | None = None
    speaks: bool | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cannot(self) -> str:
        """What it cannot say, whatever came out."""
        return CANNOT[self.kind]


def not_possible(kind: str, about: str, why: str) -> Control:
    """Return a control the case has no data for."""
    return Control(kind, kind, about, f"Not possible: {why}", possible=False)


def placebo_place_control(
    evidence: Evidence, calendar: Calendar, kind: str, *, days_after: int
) -> Control:
    """Rank the place among others that had no event, at the dates of the case."""
    about = "other places at the same dates"
    others, touched = places_like(evidence, calendar.entities, kind)
    if not others:
        why = "the case measures no other place of the kind"
        if touched:
            why = f"all {len(touched)} other places had events of their own"
        return not_possible("placebo_places", about, f"{why}.")
    exposed = calendar.events.exposed_anywhere(days_after)
    theirs = outage_days(outages_of_places(evidence, others), others, calendar.days).onsets
    months = time_strata(calendar.days, "month")

    def excess(onsets: NDArray[np.int64]) -> float:
        found = circular_shift_test(onsets, exposed, months)
        return found.coincidences - found.expected

    effects: dict[str, float | None] = {
        entity: excess(theirs[place]) for place, entity in enumerate(others)
    }
    case = " and ".join(calendar.entities)
    effects[case] = excess(calendar.outages.onsets.sum(axis=0)) / len(calendar.entities)
    rank = placebo_places(effects, case)
    return Control(
        "placebo_places",
        "placebo_places",
        about,
        f"{_ranked(rank, 'other place')} with as many onsets on those days beyond what chance "
        f"gives.{_left_out(touched)}",
        value=rank.value,
        unit="coincidences beyond chance",
        p_value=rank.p_value,
        smallest_p=rank.smallest_p,
        n=len(rank.placebos),
        more={"places with events of their own": len(touched)},
    )


def _left_out(touched: list[str]) -> str:
    return f" {len(touched)} that had events of their own are left out." if touched else ""


def _ranked(rank: RankTest, what: str) -> str:
    n = len(rank.placebos)
    reached = sum(one >= (rank.value or 0.0) for one in rank.placebos.values())
    return (
        f"p = {rank.p_value:.2g} (no smaller than {rank.smallest_p:.2g} with {n} to compare): "
        f"{reached} of {n} {what}{'' if n == 1 else 's'}"
    )


def placebo_date_control(calendar: Calendar, *, days_after: int) -> Control:
    """Rank the time of the events among other windows of the same length."""
    about = "other dates at the same place"
    exposed = calendar.events.exposed_anywhere(days_after)
    inside = np.flatnonzero(exposed)
    if not inside.size:
        return not_possible("placebo_dates", about, "no event falls into the record.")
    start, length = int(inside[0]), int(inside[-1] - inside[0] + 1)
    onsets = calendar.outages.onsets.sum(axis=0)
    rank = placebo_dates(
        lambda first, last: float(onsets[first:last].sum()), exposed.size, start, length
    )
    if not rank.placebos:
        return not_possible(
            "placebo_dates",
            about,
            f"the record of {exposed.size} days has no room for a window of {length} days, the "
            "length of the time of the events, beside it.",
        )
    return Control(
        "placebo_dates",
        "placebo_dates",
        about,
        f"{_ranked(rank, 'other window')} of {length} days with as many onsets.",
        value=rank.value,
        unit="onsets",
        p_value=rank.p_value,
        smallest_p=rank.smallest_p,
        n=len(rank.placebos),
        more={"days of the window": length},
    )


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
