"""Chance as circular shifts: what would coincide had the events come on other days.

Shifting a series keeps its bursts; shifting it inside a stratum (a place and a month) keeps the
season. Of the usual null models only this one held its level in every simulation without a
shared driver (``benchmarks/calibration.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log10, prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.shifts.strata import rows_of_strata

Numbers: TypeAlias = NDArray[np.bool_] | NDArray[np.integer] | NDArray[np.floating]


@dataclass(frozen=True)
class ShiftTest:
    """Result of a stratified circular-shift test.

    Attributes
    ----------
    coincidences
        Outcomes on exposed days.
    shifts
        Number of admissible shift combinations, the unshifted one included.
    p_value
        Share of shift combinations with at least as many coincidences, or, where ties are broken,
        with more or with as many and at least as near; their probability, where a driver is given.
    smallest_p
        The smallest p-value these series could have given at all.
    expected
        Mean number of coincidences over the combinations.
    p_fewer
        The test in the other direction: at most as many coincidences, or as near.
    chances
        Probability of 0, 1, 2, ... coincidences over the combinations, a column each nearness,
        from the least: in order of row and column from the least extreme to the most.
    """

    coincidences: int
    # Of thousands of strata they have more digits than Python prints.
    shifts: int = field(repr=False)
    p_value: float
    smallest_p: float
    expected: float
    p_fewer: float
    chances: NDArray[np.float64] = field(repr=False, compare=False)

    def combinations(self) -> str:
        """Return the number of shift combinations in print: in full, or as a power of ten."""
        if self.shifts < 10**9:
            return f"{self.shifts:,}"
        return f"about 10^{log10(self.shifts):.0f}"


@dataclass(frozen=True)
class _Block:
    """A stratum of all places: what each shift of it gives, shape ``(shifts,)``."""

    counts: NDArray[np.int64]
    nearness: NDArray[np.int64]
    log_weights: NDArray[np.float64]


def circular_shift_test(
    outcome: NDArray[np.bool_] | NDArray[np.integer],
    exposure: NDArray[np.bool_],
    strata: NDArray[np.integer],
    *,
    nearness: NDArray[np.integer] | None = None,
    step: int = 1,
    log_intensity: NDArray[np.float64] | None = None,
) -> ShiftTest:
    """Test whether outcomes fall on exposed days more often than after circular shifts.

    Every stratum is shifted on its own by each of its lengths; the distribution of the sum over
    strata is exact, by convolution, not sampled, however many combinations there are.

    Parameters
    ----------
    outcome
        Flag or number of onsets of each day, shape ``(n,)``, or ``(places, n)`` for places that
        are shifted together by the same days, which keeps what ties them to each other.
    exposure
        Flag of each day, same shape.
    strata
        Stratum of each day, shape ``(n,)``; days of a stratum are in order.
    nearness
        Breaks ties: of combinations with as many coincidences, those count as more extreme whose
        onsets have the larger sum of this, such as
        :func:`darkdays.correlate.exposure.nearness_of_days`. 0 or more, same shape. A handful
        of coincidences takes few values, and a test that may only reject at 0.03 wastes power;
        any order fixed beforehand is as exact.
    step
        Shift by multiples of so many days only: 7 in strata of whole weeks compares Fridays with
        Fridays and still keeps bursts. A stratum of fewer days is not shifted.
    log_intensity
        Logarithm of the expected onsets of each day given a measured driver, up to a constant,
        same shape; see :func:`darkdays.correlate.crossover.conditional.fit_driver`. Shifts are
        then as probable as the driver makes onsets on the days they would move to: the conditional
        permutation test of Berrett, Wang, Barber & Samworth 2020 (JRSS B 82, 175), over shifts.

    Returns
    -------
    ShiftTest

    Raises
    ------
    ValueError
        If the series are empty or differ in shape, strata do not fit ``step``, or a nearness is
        negative.
    """
    near = np.zeros(outcome.shape, dtype=np.int64) if nearness is None else nearness
    expected = np.zeros(outcome.shape) if log_intensity is None else log_intensity
    shapes = {one.shape for one in (outcome, exposure, near, expected)}
    if len(shapes) > 1 or not outcome.size or outcome.shape[-1:] != strata.shape:
        raise ValueError("outcome, exposure and strata must be of one length above 0")
    if (near < 0).any():
        raise ValueError("a nearness is negative")
    blocks = [
        _block(outcome[..., rows], exposure[..., rows], near[..., rows], expected[..., rows], step)
        for rows in rows_of_strata(strata)
    ]
    observed = sum(int(block.counts[0]) for block in blocks)
    as_near = sum(int(block.nearness[0]) for block in blocks)
    chances = _convolved(blocks)
    equal = float(chances[observed, as_near])
    above = float(chances[observed + 1 :].sum() + chances[observed, as_near + 1 :].sum())
    below = float(chances[:observed].sum() + chances[observed, :as_near].sum())
    by_count = chances.sum(axis=1)
    return ShiftTest(
        coincidences=observed,
        shifts=prod(block.counts.size for block in blocks),
        p_value=min(1.0, equal + above),
        # Of very many strata the last probability is too small for a float: the last that is not.
        smallest_p=float(chances[chances > 0][-1]),
        expected=float(by_count @ np.arange(by_count.size)),
        p_fewer=min(1.0, below + equal),
        chances=chances,
    )


def _convolved(blocks: list[_Block]) -> NDArray[np.float64]:
    """Return the probability of each sum of counts, and of nearness, over blocks shifted apart."""
    chances = np.ones((1, 1))
    for block in blocks:
        if not block.counts.any() and not block.nearness.any():
            continue
        weights = np.exp(block.log_weights - block.log_weights.max())
        pairs, at = np.unique(np.stack([block.counts, block.nearness]), axis=1, return_inverse=True)
        shares = np.bincount(at.ravel(), weights=weights / weights.sum())
        height, width = chances.shape
        wider = np.zeros((height + int(pairs[0].max()), width + int(pairs[1].max())))
        for count, near, share in zip(*pairs.tolist(), shares, strict=True):
            wider[count : count + height, near : near + width] += share * chances
        chances = wider
    return chances


def shift_table(outcome: Numbers, exposure: Numbers) -> NDArray[np.float64]:
    """Return the sum of outcome times exposure after each circular shift of the exposure.

    Parameters
    ----------
    outcome, exposure
        Shape ``(..., n)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(..., n)``; place ``s`` belongs to ``numpy.roll(exposure, s)``.
    """
    days = outcome.shape[-1]
    spectrum = np.fft.rfft(outcome.astype(np.float64)) * np.conj(
        np.fft.rfft(exposure.astype(np.float64))
    )
    return np.fft.irfft(spectrum, n=days)


def _block(
    outcome: NDArray[np.bool_] | NDArray[np.integer],
    exposure: NDArray[np.bool_],
    nearness: NDArray[np.integer],
    log_intensity: NDArray[np.float64],
    step: int,
) -> _Block:
    days = outcome.shape[-1]
    if days > step and days % step:
        raise ValueError(f"a stratum of {days} days cannot be shifted by multiples of {step}")

    def of_every_shift(one: Numbers, other: Numbers) -> NDArray[np.float64]:
        if not one.any() or not other.any():
            return np.zeros(-(-days // step))
        table = shift_table(one, other).reshape(-1, days).sum(axis=0)
        return np.asarray(table[::step], dtype=np.float64)

    return _Block(
        counts=np.rint(of_every_shift(outcome, exposure)).astype(np.int64),
        nearness=np.rint(of_every_shift(outcome, nearness)).astype(np.int64),
        # The days an outcome would move to, seen from an exposure and a driver that stay.
        log_weights=of_every_shift(outcome, log_intensity),
    )
