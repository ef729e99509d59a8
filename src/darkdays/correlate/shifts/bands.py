"""What chance would draw: bands round a curve from its values under shifted calendars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Band:
    """Bands of a curve under chance, arrays of shape ``(points,)``.

    Attributes
    ----------
    expected
        Mean over draws.
    low, high
        Pointwise: each point by itself is outside with the stated probability at most.
    low_all, high_all
        Simultaneous: the curve is outside anywhere with that probability.
    p_any
        Probability that chance draws a curve as far out somewhere, two-sided.
    """

    expected: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    low_all: NDArray[np.float64]
    high_all: NDArray[np.float64]
    p_any: float

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Return the bands by their names."""
        return {name: values for name, values in vars(self).items() if name != "p_any"}


def chance_band(
    observed: NDArray[np.float64], null: NDArray[np.float64], *, level: float = 0.95
) -> Band:
    """Return pointwise and simultaneous bands.

    The simultaneous one is as many standard deviations wide at every point as the largest
    deviation of a draw is with probability ``level`` (Westfall & Young 1993's maximum, in units
    of each point's own spread).

    Parameters
    ----------
    observed
        The curve, shape ``(points,)``.
    null
        The curve under each draw, shape ``(draws, points)``, no missing values.
    level
        Of both bands.
    """
    expected, spread = null.mean(axis=0), null.std(axis=0)
    scale = np.where(spread > 0, spread, np.inf)
    farthest = (np.abs(null - expected) / scale).max(axis=1, initial=0.0)
    reached = (np.abs(observed - expected) / scale).max(initial=0.0)
    width = float(np.quantile(farthest, level, method="inverted_cdf")) * spread
    low, high = np.quantile(null, [(1 - level) / 2, (1 + level) / 2], axis=0, method="inverted_cdf")
    # A draw that is the observed curve may differ from it in the last digits.
    as_far = int((farthest >= reached - 1e-9).sum())
    return Band(
        expected=expected,
        low=low,
        high=high,
        low_all=expected - width,
        high_all=expected + width,
        p_any=(as_far + 1) / (farthest.size + 1),
    )
