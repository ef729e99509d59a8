"""When a change happened, and whether it did: intervals and p-values on the long-run noise."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.noise.noise import Noise

SMALLEST_P: Final = 1e-15
"""Smaller p-values would pretend to know the far tail of the noise."""


def location_interval(
    values: NDArray[np.float64], noise: Noise, level: float
) -> tuple[int, int, int]:
    """Locate one change of level in a stretch that holds just one.

    The posterior of the position under a flat prior, with both levels integrated out and the
    likelihood tempered to the *long-run* variance, which keeps its coverage under
    autocorrelation where an i.i.d. likelihood is several times too narrow.

    Parameters
    ----------
    values
        Finite samples of the two neighbouring segments, shape ``(n,)``.
    noise
        Of the whole signal, in the unit of ``values``.
    level
        Probability that the interval holds the first sample of the second segment.

    Returns
    -------
    low, best, high : int
        Positions in ``1..n-1`` of the first sample of the second segment: the ends of the
        shortest credible set's hull, and the most probable one.
    """
    count = values.size
    centred = values - values.mean()
    total = np.cumsum(centred)[:-1]
    left = np.arange(1, count)
    right = count - left
    explained = total**2 / left + total**2 / right
    log_weight = explained / (2 * noise.long_run_scale**2) - 0.5 * np.log(left * right)
    weight = np.exp(log_weight - special.logsumexp(log_weight))
    order = np.argsort(-weight, kind="stable")
    enough = int(np.searchsorted(np.cumsum(weight[order]), level)) + 1
    chosen = order[: min(enough, order.size)]
    return int(chosen.min()) + 1, int(order[0]) + 1, int(chosen.max()) + 1


def change_p_value(
    before: NDArray[np.float64], after: NDArray[np.float64], noise: Noise, searched: int
) -> float:
    """Return the p-value of a change of mean, corrected for having searched its place.

    A t statistic on the long-run variance, Bonferroni-corrected over all ``searched``
    positions: valid whatever position looks best, and conservative.

    Parameters
    ----------
    before, after
        Samples of the two segments.
    noise
        Of the whole signal.
    searched
        Number of positions a change could have been placed at.

    Returns
    -------
    float
        In ``[0, 1]``.
    """
    error = noise.long_run_scale * np.sqrt(1 / before.size + 1 / after.size)
    if error == 0:
        return SMALLEST_P if after.mean() != before.mean() else 1.0
    statistic = abs(after.mean() - before.mean()) / error
    freedom = max(noise.effective_samples(searched) - 2, 1.0)
    p_value = 2 * searched * float(special.stdtr(freedom, -statistic))
    return min(1.0, max(SMALLEST_P, p_value))


def shortest_interval(log_weights: NDArray[np.float64], level: float) -> tuple[int, int]:
    """Return the first and last place of the shortest stretch that holds a change at a level.

    In autocorrelated noise a posterior is a row of spikes; a stretch that is as sure as the hull
    of the highest of them is much shorter.

    Parameters
    ----------
    log_weights
        Logarithm of how probable each place is, up to a constant, shape ``(n,)``.
    level
        Probability of the stretch.
    """
    total = np.concatenate([[0.0], np.cumsum(np.exp(log_weights - log_weights.max()))])
    total /= total[-1]
    ends = np.searchsorted(total, np.minimum(total + level, 1.0))
    lengths = ends - np.arange(total.size)
    held = np.where(total + level <= 1.0, total[np.minimum(ends, total.size - 1)] - total, -1.0)
    lengths[held < 0] = total.size
    # Of those as short the surest, to so many digits that rounding does not choose.
    short = np.flatnonzero(lengths == lengths.min())
    first = int(short[np.argmax(np.round(held[short], 9))])
    return first, first + int(lengths[first]) - 1
