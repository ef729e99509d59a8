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
    return zero | _abrupt(low, blocks.values)


def _abrupt(low: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the stretches of low blocks that begin and end within the hour."""
    borders = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(np.int8), [0]])))
    kept = np.zeros(low.size, np.bool_)
    reach = np.log(ABRUPT)
    for first, after in borders.reshape(-1, 2):
        inside = values[first:after]
        # The hour in which it happens is dark in part.
        before, later = values[max(first - 2, 0) : first], values[after : after + 2]
        falls = before.size == 0 or before.max() - inside[:2].min() >= reach
        returns = later.size == 0 or later.max() - inside[-2:].min() >= reach
        kept[first:after] = falls and returns
    return kept
