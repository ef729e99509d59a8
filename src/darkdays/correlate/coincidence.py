"""Event coincidence analysis: how many outages follow a protest, how many protests an outage.

A description, with the p-values its authors give it: they take the events of both series for
independent draws, which outages and protests are not. The test to rely on is
:func:`darkdays.correlate.shifts.shifts.circular_shift_test`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from darkdays.errors import InputError


@dataclass(frozen=True)
class EventCoincidence:
    """Coincidences of two series of events, seen from either.

    Attributes
    ----------
    p_precursor, p_trigger
        Probability of at least as many, were both series Poisson and independent.
    precursor_coincidences
        Outages with at least one protest in the window before them.
    trigger_coincidences
        Protests with at least one outage in the window after them.
    outages, protests
        What they are of.
    window
        As asked for.
    """

    p_precursor: float
    p_trigger: float
    precursor_coincidences: int
    trigger_coincidences: int
    outages: int
    protests: int
    window: int


def event_coincidence(
    outages: ArrayLike, protests: ArrayLike, *, window: int, length: int
) -> EventCoincidence:
    """Compare two series of events on one regular time grid.

    An outage at ``t`` and a protest at ``s`` coincide if ``0 <= t - s <= window``. Every event
    counts, at the edges too. By chance a given pair does with probability (delta-T + 1) / T,
    because a window of delta-T = 2 days holds three daily slots; so CoinCalc (Siegmund, Siegmund
    & Donner 2017, Computers & Geosciences 98, 64). For times that are not rounded it would be
    delta-T / T (Donges et al. 2016, European Physical Journal Special Topics 225, 471): at
    delta-T = 2 the p-values differ by a factor of several.

    Parameters
    ----------
    outages, protests
        Index of the time step of each event, 0 to ``length - 1``, each once, in any order.
    window
        Width of the window in steps, delta-T: with 0 only events of the same step coincide.
    length
        Steps in the record, T.

    Returns
    -------
    EventCoincidence

    Raises
    ------
    InputError
        If a series is empty, has an index that is not a whole number, is outside the record or
        comes twice, or if the window does not fit into the record.
    """
    share = _share_of_record(window, length)
    at_outage = _indices(outages, "outages", length)
    at_protest = _indices(protests, "protests", length)
    gap = at_outage[:, None] - at_protest[None, :]
    met = (gap >= 0) & (gap <= window)
    preceded, followed = int(met.any(axis=1).sum()), int(met.any(axis=0).sum())
    return EventCoincidence(
        p_precursor=_at_least(preceded, at_outage.size, at_protest.size, share),
        p_trigger=_at_least(followed, at_protest.size, at_outage.size, share),
        precursor_coincidences=preceded,
        trigger_coincidences=followed,
        outages=at_outage.size,
        protests=at_protest.size,
        window=window,
    )


def _at_least(coincidences: int, events: int, others: int, share: float) -> float:
    """Return P(K >= coincidences), K binomial over ``events``, each near one of the ``others``."""
    near_one = -np.expm1(others * np.log1p(-share)) if share < 1 else 1.0
    return float(special.bdtrc(coincidences - 1, events, near_one))


def _share_of_record(window: int, length: int) -> float:
    for name, number in (("window", window), ("length", length)):
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise InputError(f"{name} is {number!r}; give a whole number of time steps.")
    if window < 0:
        raise InputError(f"window is {window}; give 0 or more time steps.")
    if window >= length:
        raise InputError(
            f"a window of {window} does not fit into {length} time steps; make it narrower."
        )
    return (window + 1) / length


def _indices(events: ArrayLike, name: str, length: int) -> NDArray[np.intp]:
    given = np.asarray(events)
    if given.size == 0:
        raise InputError(f"there are no {name}: with none there is nothing to coincide.")
    if given.ndim != 1 or not np.issubdtype(given.dtype, np.integer):
        raise InputError(
            f"{name} must be a list of whole numbers, the time step of each event counted from 0."
        )
    wrong = given[(given < 0) | (given >= length)]
    if wrong.size:
        raise InputError(
            f"{name}: {wrong[0]} is outside the record; indices run from 0 to {length - 1}."
        )
    found, counts = np.unique(given, return_counts=True)
    if found.size < given.size:
        raise InputError(
            f"{name}: {found[counts > 1][0]} comes twice; count what begins in one step once."
        )
    return found.astype(np.intp)
