"""Whether a stretch of low samples is more than the noise of its signal gives by itself."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.noise.noise import Noise
from darkdays.detect.noise.uncertainty import SMALLEST_P, change_p_value

_SURE: Final = 0.95
_SHORT: Final = 6
"""Stretches up to this many samples are held against how often single samples dip so low."""


def p_of_stretch(
    values: NDArray[np.float64], noise: Noise, inside: slice, normal: NDArray[np.bool_]
) -> float:
    """Return the p-value of a stretch being down, corrected for the search over all positions.

    The larger of two. One is that of its mean against the normal samples, on the long-run noise
    (:func:`darkdays.detect.noise.uncertainty.change_p_value`). The other, for short stretches, does
    not believe in a normal tail: where single samples dip now and then, two dips will one day stand
    side by side, and the share ``q`` of normal samples as low as the highest of ``m`` makes that
    happen with probability at most ``n q ** m``, times ``2 ** (m - 1)`` because stretches of other
    lengths were looked at too. ``q`` is an upper confidence bound (Clopper & Pearson 1934,
    Biometrika 26).

    Parameters
    ----------
    values
        Samples on the scale the signal was cut on, shape ``(n,)``.
    noise
        Of the signal.
    inside
        The stretch.
    normal
        Which samples belong to no stretch that is down, shape ``(n,)``.
    """
    low, usual = values[inside], values[normal]
    if usual.size == 0:
        return 1.0
    p_value = change_p_value(usual, low, noise, values.size)
    if low.size <= _SHORT:
        count = int((usual <= low.max()).sum())
        as_low = float(special.betaincinv(count + 1, max(usual.size - count, 1), _SURE))
        p_value = max(p_value, values.size * (2 * as_low) ** low.size / 2)
    return min(1.0, max(SMALLEST_P, p_value))
