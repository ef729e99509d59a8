"""Where the mixture of categories in a sequence of units changes: exact cut, bounds, p-value.

A segment of units has unknown chances of the categories, with Jeffreys' prior (half a count each);
what it costs is its marginal likelihood, the chances integrated out (Dirichlet-multinomial), so
that a segment of one unit is dear and needs no least length. The best cut is found exactly by
optimal partitioning (Jackson et al. 2005, IEEE Signal Process. Lett. 12, 105) at the price of one
place among n, log n, for every change. Under no change the order of units tells nothing: p-values
are those of permutations, exact if units are exchangeable, and too small where they follow one
another in bursts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

_PRIOR: Final = 0.5
_CLOSE: Final = 1e-9

Floats = NDArray[np.float64]


def evidence(counts: Floats) -> Floats:
    """Return the log marginal likelihood of segments by their counts, shape ``(..., categories)``.

    Of the sequence and not of its counts, without the multinomial coefficient, so that segments
    add up.
    """
    prior = _PRIOR * counts.shape[-1]
    within = (gammaln(counts + _PRIOR) - gammaln(_PRIOR)).sum(axis=-1)
    total: Floats = gammaln(prior) - gammaln(counts.sum(axis=-1) + prior) + within
    return total


def best_cut(weights: Floats) -> list[int]:
    """Return the first unit of every segment but the first, of the cut with the most evidence.

    Parameters
    ----------
    weights
        Shape ``(units, categories)``, in order of time; a unit's measurements sum to 1.
    """
    n = len(weights)
    sums = np.vstack([np.zeros(weights.shape[1]), weights.cumsum(axis=0)])
    price = np.log(max(n, 2))
    best, back = np.zeros(n + 1), np.zeros(n + 1, dtype=np.intp)
    for end in range(1, n + 1):
        gains = best[:end] + evidence(sums[end] - sums[:end])
        gains[1:] -= price
        back[end] = int(np.argmax(gains))
        best[end] = gains[back[end]]
    cuts: list[int] = []
    place = int(back[n])
    while place > 0:
        cuts.append(place)
        place = int(back[place])
    return cuts[::-1]


def gains(weights: Floats) -> Floats:
    """Return how much evidence a change at each place 1 … n-1 adds to none."""
    left = weights.cumsum(axis=0)
    total = left[-1]
    return evidence(left[:-1]) + evidence(total - left[:-1]) - evidence(total)


def bounds(weights: Floats, level: float) -> tuple[int, int]:
    """Return the first and last place in the smallest set that holds the change.

    Parameters
    ----------
    weights
        Of the units between the neighbouring changes.
    level
        Posterior probability of the set; places are equally likely beforehand.
    """
    found = gains(weights)
    chances = np.exp(found - found.max())
    chances /= chances.sum()
    order = np.argsort(-chances, kind="stable")
    enough = int(np.searchsorted(chances[order].cumsum(), level - _CLOSE)) + 1
    # Places that are as likely as the last one in the set belong to it too.
    least = chances[order[min(enough, len(order)) - 1]]
    inside = np.flatnonzero(chances >= least * (1 - _CLOSE)) + 1
    return int(inside[0]), int(inside[-1])


def p_value(weights: Floats, draws: int, rng: np.random.Generator) -> float:
    """Return how often units in any other order show a change as clear, at the best place.

    Parameters
    ----------
    weights
        Of the units between the neighbouring changes.
    draws
        Permutations; the order observed counts as one more, so that p is at least 1/(draws+1).
    rng
        Where they come from.
    """
    if len(weights) < 2:
        return 1.0
    seen = gains(weights).max()
    as_clear = sum(
        bool(gains(weights[rng.permutation(len(weights))]).max() >= seen - _CLOSE)
        for _ in range(draws)
    )
    return (1 + as_clear) / (draws + 1)
