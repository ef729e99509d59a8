"""Difference in differences over donor places, with a permutation p-value.

One case, described: a signal's change in the treated places less its change in the others. With
one treated province of 31 no p-value below 1/31 = 0.032 is attainable, which is said beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from darkdays.errors import InputError


@dataclass(frozen=True)
class Differences:
    """The effect on treated places, as far as the others tell what would have been.

    Attributes
    ----------
    effect
        Change of the treated less change of the donors; None where it cannot be estimated.
    treated_change, donor_change
        Mean change from before to after, of either.
    p_value
        Share of assignments of the treatment to as many places that give as large an effect, the
        true one included.
    p_other
        The same for an effect as far on the other side.
    smallest_p
        The smallest p-value so many places could have given.
    before_effect
        The same difference within the time before, its second half less its first: away from 0,
        the places were already drifting apart.
    before_p
        Its two-sided permutation p-value.
    donors
        Number of donors.
    donors_alike
        Donors with at least half of the treated places' change: where there are many, the event
        reached the donors, and the effect is understated.
    left_out
        Places without a value before or after.
    reason
        Why there is no estimate; empty if there is one.
    """

    effect: float | None
    treated_change: float | None = None
    donor_change: float | None = None
    p_value: float | None = None
    p_other: float | None = None
    smallest_p: float | None = None
    before_effect: float | None = None
    before_p: float | None = None
    donors: int = 0
    donors_alike: int = 0
    left_out: int = 0
    reason: str = ""


def difference_in_differences(
    values: NDArray[np.floating],
    treated: NDArray[np.bool_],
    start: int,
    *,
    end: int | None = None,
    draws: int = 9_999,
    rng: np.random.Generator,
) -> Differences:
    """Compare the change of treated places with that of donors.

    Parameters
    ----------
    values
        Signal, as a share of each place's normal level or its logarithm, shape
        ``(places, steps)``; NaN is missing.
    treated
        Shape ``(places,)``.
    start, end
        First step of the event, and the step after its last; to the end of the record if None.
    draws
        Assignments to draw where there are more than that; otherwise every one is tried.
    rng
        Where they come from.

    Returns
    -------
    Differences

    Raises
    ------
    InputError
        If there is no step before or in the event.
    """
    steps = values.shape[1]
    last = steps if end is None else end
    if not 0 < start < last <= steps:
        raise InputError(
            f"an event from step {start} to {last} leaves nothing before or after it in {steps}."
        )
    before, after = _mean(values[:, :start]), _mean(values[:, start:last])
    known = np.isfinite(before) & np.isfinite(after)
    left_out = int((~known).sum())
    change, chosen = (after - before)[known], treated[known]
    number, donors = int(chosen.sum()), int((~chosen).sum())
    if not number or not donors:
        lacking = "treated place" if not number else "donor"
        return Differences(
            None, donors=donors, left_out=left_out, reason=f"there is no {lacking} with values."
        )
    effect = _effect(change, chosen)
    p_value, smallest = _permuted(change, chosen, draws, rng)
    p_other, _ = _permuted(-change, chosen, draws, rng)
    treated_change = float(change[chosen].mean())
    alike = change[~chosen] / treated_change >= 0.5 if treated_change else np.zeros(0, dtype=bool)
    half = start // 2
    early, late = _mean(values[:, :half]), _mean(values[:, half:start])
    drift, drifting = late - early, np.isfinite(early) & np.isfinite(late)
    before_effect = before_p = None
    if treated[drifting].any() and (~treated[drifting]).any():
        before_effect = _effect(drift[drifting], treated[drifting])
        before_p, _ = _permuted(drift[drifting], treated[drifting], draws, rng, two_sided=True)
    return Differences(
        effect=effect,
        treated_change=treated_change,
        donor_change=float(change[~chosen].mean()),
        p_value=p_value,
        p_other=p_other,
        smallest_p=smallest,
        before_effect=before_effect,
        before_p=before_p,
        donors=donors,
        donors_alike=int(alike.sum()),
        left_out=left_out,
    )


def _mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return each place's mean, NaN without a value."""
    known = np.isfinite(values)
    sums, numbers = np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1)
    means = np.full(len(values), np.nan)
    np.divide(sums, numbers, out=means, where=numbers > 0)
    return means


def _effect(change: NDArray[np.float64], treated: NDArray[np.bool_]) -> float:
    return float(change[treated].mean() - change[~treated].mean())


def _permuted(
    change: NDArray[np.float64],
    treated: NDArray[np.bool_],
    draws: int,
    rng: np.random.Generator,
    *,
    two_sided: bool = False,
) -> tuple[float, float]:
    """Return the permutation p-value and the smallest one there could have been."""
    places, number = change.size, int(treated.sum())
    exact = comb(places, number) <= draws
    assignments: Iterable[tuple[int, ...]] | Iterable[NDArray[np.intp]] = (
        combinations(range(places), number)
        if exact
        else (rng.permutation(places)[:number] for _ in range(draws))
    )
    total = float(change.sum())
    sums = np.array([change[list(chosen)].sum() for chosen in assignments])
    effects = sums / number - (total - sums) / (places - number)
    value = _effect(change, treated)
    if two_sided:
        effects, value = np.abs(effects), abs(value)
    else:  # a fall of connectivity
        effects, value = -effects, -value
    reached = int((effects >= value - 1e-9 * abs(value)).sum())
    if exact:
        # With as many treated as donors, an assignment and its opposite differ by the sign only.
        mirrored = two_sided and 2 * number == places
        return reached / effects.size, (2 if mirrored else 1) / effects.size
    return (reached + 1) / (draws + 1), 1 / (draws + 1)
