"""Descriptions beside the tests: coincidences, onsets by lag, and signals around events.

No claim rests on them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from darkdays.association.directions import Calendar
from darkdays.association.drivers import NO_DRIVER
from darkdays.association.excess import daily_shares
from darkdays.correlate.coincidence import EventCoincidence, event_coincidence
from darkdays.correlate.crossover.dates import FEWEST_DATES, separate_dates
from darkdays.correlate.crossover.primary import WINDOW
from darkdays.correlate.epochs import EpochCurve, superposed_epochs
from darkdays.correlate.lag_profile import LAGS, LagProfile, lag_profile
from darkdays.errors import InputError
from darkdays.evidence.evidence import Evidence

DRAWS: Final = 1_999
SEED: Final = 1


def event_coincidences(calendar: Calendar) -> dict[str, EventCoincidence]:
    """Return how many onsets came after exposed days, and how many of these days had one after.

    By direction, without those in which too few dates began for a share. Places are laid end to
    end, so far apart that no window reaches from one into the next.
    """
    found = {}
    for direction, (outcomes, exposures) in calendar.pairs(0).items():
        if separate_dates(outcomes).max(initial=0) >= FEWEST_DATES and exposures.any():
            began, exposed = (
                np.pad(flags > 0, ((0, 0), (0, WINDOW))).ravel() for flags in (outcomes, exposures)
            )
            found[direction] = event_coincidence(
                np.flatnonzero(began), np.flatnonzero(exposed), window=WINDOW, length=began.size
            )
    return found


def lags_of(days: int) -> range:
    """Return the lags a record leaves room for, at most a week after and three days before.

    Of a short record they take no more than three eighths, so that most days have all of them.
    """
    return range(-min(-LAGS[0], days // 8), min(LAGS[-1], days // 4) + 1)


def lag_profiles(calendar: Calendar, *, level: float) -> tuple[dict[str, LagProfile], str]:
    """Return onsets by lag in both directions.

    Parameters
    ----------
    calendar
        Outages and events of the places.
    level
        Of the bands.

    Returns
    -------
    (dict, str)
        By direction; empty, with the reason, for a record too short for the lags.
    """
    found = {}
    for direction, (outcomes, exposures) in calendar.pairs(0).items():
        design = calendar.driven(outcomes)
        if design is None:
            return {}, NO_DRIVER
        try:
            found[direction] = lag_profile(
                outcomes,
                exposures > 0,
                design,
                lags=lags_of(len(calendar.days)),
                draws=DRAWS,
                rng=np.random.default_rng(SEED),
                level=level,
            )
        except InputError as error:
            return {}, str(error)
    return found, ""


def epoch_curves(
    evidence: Evidence, calendar: Calendar, *, level: float
) -> tuple[dict[str, EpochCurve], str]:
    """Return the mean share of the normal level around the first day of events.

    Parameters
    ----------
    evidence
        With its analyses; each datasource is averaged by itself.
    calendar
        Outages and events of the places.
    level
        Of the bands.

    Returns
    -------
    (dict, str)
        By datasource, and why there is none.
    """
    lags = lags_of(len(calendar.days))
    found: dict[str, EpochCurve] = {}
    design = calendar.driven(calendar.events.begins)
    if design is None:
        return {}, NO_DRIVER
    why = "no signal of the place was analysed."
    for datasource in evidence.specification.datasources:
        shares = daily_shares(evidence, calendar.entities, datasource, calendar.days)
        if not np.isfinite(shares).any():
            continue
        try:
            found[datasource] = superposed_epochs(
                shares,
                calendar.events.begins,
                design,
                before=-lags[0],
                after=lags[-1],
                draws=DRAWS,
                rng=np.random.default_rng(SEED),
                level=level,
            )
        except InputError as error:
            why = str(error)
    return found, "" if found else why
