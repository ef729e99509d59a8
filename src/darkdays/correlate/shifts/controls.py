"""Controls: the same question where the answer should be no.

Placebo places and dates rank the case among others that were not treated. Every rank states the
smallest p-value it could have given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from darkdays.errors import InputError


@dataclass(frozen=True)
class RankTest:
    """An effect among placebo effects.

    Attributes
    ----------
    value
        Of the case; None where it is not known.
    p_value
        (1 + placebos at least as large) / (placebos + 1); None without a value or placebos.
    smallest_p
        The p-value of the largest of all: 1 / (placebos + 1).
    placebos
        Effects of the placebos, by name.
    reason
        Why there is no p-value; empty if there is one.
    """

    value: float | None
    p_value: float | None
    smallest_p: float
    placebos: dict[str, float]
    reason: str = ""


def rank_among(value: float | None, placebos: Mapping[str, float | None]) -> RankTest:
    """Rank an effect among those of placebos; large values speak for an effect.

    Parameters
    ----------
    value
        Effect of the case; None, or NaN, where it could not be estimated.
    placebos
        Effects by name; those that could not be estimated are left out of the rank.
    """
    known = {
        name: float(one) for name, one in placebos.items() if one is not None and not np.isnan(one)
    }
    smallest = 1 / (len(known) + 1)
    if value is None or np.isnan(value):
        return RankTest(None, None, smallest, known, "the effect of the case is not known.")
    if not known:
        return RankTest(value, None, smallest, known, "there is no placebo to rank it among.")
    reached = sum(one >= value for one in known.values())
    return RankTest(value, (1 + reached) * smallest, smallest, known)


def placebo_places(effects: Mapping[str, float | None], case: str) -> RankTest:
    """Rank the effect in the place of the case among the same in places that had no event.

    Parameters
    ----------
    effects
        By place, estimated alike everywhere, at the dates of the case.
    case
        Which of them is the case.

    Raises
    ------
    InputError
        If the case is not among the places.
    """
    if case not in effects:
        raise InputError(f"there is no effect of {case!r} to compare; estimate it like the others.")
    return rank_among(
        effects[case], {place: one for place, one in effects.items() if place != case}
    )


def placebo_windows(days: int, start: int, length: int) -> list[tuple[int, int]]:
    """Return windows of the case's length that overlap neither it nor each other.

    Parameters
    ----------
    days
        Length of the record.
    start, length
        Of the window of the case.

    Returns
    -------
    list of (int, int)
        First day and the day after the last of each, in order of time.

    Raises
    ------
    InputError
        If the window is not inside the record.
    """
    if length < 1 or start < 0 or start + length > days:
        raise InputError(
            f"a window of {length} days from day {start} is not inside a record of {days} days."
        )
    before = range(start - length, -1, -length)
    after = range(start + length, days - length + 1, length)
    return [(first, first + length) for first in sorted([*before, *after])]


def placebo_dates(
    statistic: Callable[[int, int], float | None],
    days: int,
    start: int,
    length: int,
) -> RankTest:
    """Rank the effect in the window of the case among all other windows of its place.

    Parameters
    ----------
    statistic
        Effect in a window, given its first day and the day after its last; large is strong.
    days, start, length
        As for :func:`placebo_windows`.
    """
    placebos = {
        f"day {first} to {last - 1}": statistic(first, last)
        for first, last in placebo_windows(days, start, length)
    }
    return rank_among(statistic(start, start + length), placebos)
