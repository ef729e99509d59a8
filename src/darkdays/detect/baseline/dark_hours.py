"""Hours that are dark whatever the season: down to nothing, or within the hour next to nothing.

No season does that, so they are left out before one is read, however many nights they fill.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.baseline.blocks import Blocks
from darkdays.detect.baseline.quantiles import by_group, running_medians
from darkdays.detect.noise.noise import resolution

LEAST_COUNT: Final = 10.0
"""A count of this many or more is not 0 by chance, not even once in a thousand days of hours."""
LEFT: Final = 0.25
"""Next to nothing is less than this share of what most hours of the week around it reach."""
ABRUPT: Final = 3.0
"""And a fall, and a return, by this factor from one hour to the next but one."""
MOST: Final = 2 / 3
"""And by so much of the logarithm of all that is lost: nights of little traffic come slowly."""
_UPPER: Final = 0.75
_REACH: Final = 3.5  # days


def dark_blocks(blocks: Blocks, counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which blocks are dark, shape ``(m,)``.

    Parameters
    ----------
    blocks
        Of the logarithms of the counts.
    counts
        Measured samples, shape ``(n,)``, not negative.
    """
    positive = counts[counts > 0]
    if positive.size == 0:
        return np.zeros(blocks.values.size, np.bool_)
    zero = np.zeros(blocks.values.size, np.bool_)
    if float(np.median(positive)) >= LEAST_COUNT * resolution(counts):
        zero = by_group(counts, blocks.edges, 0.5) == 0
    lit = np.where(zero, np.nan, blocks.values)
    noons = np.arange(blocks.day[-1] + 1, dtype=np.float64)
    usual = running_medians(blocks.by_day(lit, _UPPER), noons, noons, _REACH)
    low = zero | (blocks.values < usual[blocks.day] + np.log(LEFT))
    return zero | _abrupt(low, blocks.values, usual[blocks.day])


def _abrupt(
    low: NDArray[np.bool_], values: NDArray[np.float64], usual: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return the stretches of low blocks that begin and end within the hour."""
    borders = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(np.int8), [0]])))
    kept = np.zeros(low.size, np.bool_)
    for first, after in borders.reshape(-1, 2):
        inside = values[first:after]
        least = max(np.log(ABRUPT), MOST * float(usual[first] - np.median(inside)))
        falls = _step(values[max(first - 2, 0) : first], inside[:2]) >= least
        returns = _step(values[after : after + 2][::-1], inside[::-1][:2]) >= least
        kept[first:after] = falls and returns
    return kept


def _step(outside: NDArray[np.float64], inside: NDArray[np.float64]) -> float:
    """Return the largest step from a block to the next but one; the one between is dark in part."""
    if outside.size == 0:
        return np.inf
    return float((np.resize(outside, 2) - np.resize(inside, 2)).max())
