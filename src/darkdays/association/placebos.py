"""Placebo places and dates: a rank among others where the answer should be no."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from darkdays.association.calendar import outage_days
from darkdays.association.control import Control, not_possible
from darkdays.association.directions import Calendar
from darkdays.association.drivers import NO_DRIVER
from darkdays.association.places import outages_of_places, places_like
from darkdays.correlate.shifts.controls import RankTest, placebo_dates, placebo_places
from darkdays.evidence.evidence import Evidence


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
    nearness = calendar.events.nearness(days_after).max(axis=0, keepdims=True)
    theirs = outage_days(outages_of_places(evidence, others), others, calendar.days).onsets

    def excess(onsets: NDArray[np.int64], entity: str) -> float | None:
        if not onsets.any():
            return 0.0
        design = calendar.elsewhere(evidence, entity).driven(onsets[None])
        if design is None:
            return None
        found = design.test(onsets[None], nearness)
        return found.coincidences - found.expected

    effects = {entity: excess(theirs[place], entity) for place, entity in enumerate(others)}
    case = " and ".join(calendar.entities)
    own = [excess(*one) for one in zip(calendar.outages.onsets, calendar.entities, strict=True)]
    effects[case] = None if None in own else float(np.mean([one for one in own if one is not None]))
    rank = placebo_places(effects, case)
    if rank.p_value is None:
        return not_possible("placebo_places", about, NO_DRIVER)
    apart = f" {len(touched)} that had events of their own are left out." if touched else ""
    return Control(
        "placebo_places",
        "placebo_places",
        about,
        f"{_ranked(rank, 'other place')} with as many onsets on those days beyond what chance "
        f"gives.{apart}",
        value=rank.value,
        unit="coincidences beyond chance",
        p_value=rank.p_value,
        smallest_p=rank.smallest_p,
        n=len(rank.placebos),
        more={"places with events of their own": len(touched)},
    )


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
    exposed = calendar.events.exposed(days_after).any(axis=0)
    inside = np.flatnonzero(exposed)
    if not inside.size:
        return not_possible("placebo_dates", about, "no event falls into the record.")
    start, length = int(inside[0]), int(inside[-1] - inside[0] + 1)
    design = calendar.driven(calendar.outages.onsets)
    if design is None:
        return not_possible("placebo_dates", about, NO_DRIVER)
    onsets = calendar.outages.onsets.sum(axis=0, dtype=np.float64)
    if design.log_intensity is not None:
        # What the driver brings anyway is no more unusual here than elsewhere.
        onsets -= onsets.sum() * softmax(design.log_intensity).sum(axis=0)
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
