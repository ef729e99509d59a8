"""Whether a series was smoothed before it was published, told by its differences.

The mean over a window of ``w`` samples moves by what comes in less what goes out: its differences
come back with the other sign ``w`` samples later, as those of nothing else do (the differences of
an unsmoothed signal do so at once). Between two known values an interpolation is straight, and its
second differences are nothing. What changed when is known to a window then, or from one value that
was measured to the next, and no better.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_LEAST: Final = 3
"""Shorter windows cannot be told from autocorrelation."""
_LONGEST: Final = 200
_WINDOWS: Final = 6  # that a record has to be long
_ENOUGH: Final = 60
_BACK: Final = -0.25
_KINK: Final = 0.1
_TURNED: Final = 0.12
_SURE: Final = 4.0  # standard errors
_CLIP: Final = 5.0  # robust standard deviations
_STRAIGHT: Final = 0.6
_REGULAR: Final = 0.8


def smoothing_window(rest: NDArray[np.float64]) -> int:
    """Return over how many samples a series is a running mean, 1 where nothing tells that it is.

    It is the lag at which its differences come back with the other sign.

    Parameters
    ----------
    rest
        Samples without their season and level, evenly spaced, NaN where there is none, shape
        ``(n,)``.
    """
    moves = np.diff(rest)
    seen = np.isfinite(moves)
    if seen.sum() < _ENOUGH:
        return 1
    scale = float(np.median(np.abs(moves[seen]))) / 0.6745
    if scale == 0:
        return 1
    # A change of level is no part of what comes and goes.
    seen &= np.abs(moves) <= _CLIP * scale
    moves[~seen] = 0.0
    longest = min(_LONGEST, int(seen.sum()) // _WINDOWS)
    if longest <= _LEAST:
        return 1
    lags = [(slice(lag, None), slice(moves.size - lag)) for lag in range(longest + 2)]
    sums = np.array([np.einsum("i,i", moves[late], moves[early]) for late, early in lags])
    pairs = np.array([max(np.count_nonzero(seen[late] & seen[early]), 1) for late, early in lags])
    back = sums / pairs / (sums[0] / pairs[0])
    lag = _LEAST + int(np.argmin(back[_LEAST : longest + 1]))
    error = float(_SURE / np.sqrt(pairs[lag]))
    sharp = min(back[lag - 1], back[lag + 1]) - back[lag] >= max(_KINK, error / 2)
    clear = back[lag] <= -max(-_BACK, error) and back[lag] < back[1:_LEAST].min()
    # A few large moves make a correlation; all of them make a window.
    turned = float(np.sum(np.sign(moves[lag:] * moves[:-lag]))) / pairs[lag]
    often = pairs[lag] >= _ENOUGH and turned <= -max(_TURNED, error)
    return lag if clear and sharp and often else 1


def known_samples(values: NDArray[np.float64], unit: float) -> tuple[int, int]:
    """Return every how many samples a series has a value of its own, and the first that is one.

    Those between are filled in: as the last one known, or on a straight line to the next. ``(1,
    0)`` is a series in which nothing tells of that.

    Parameters
    ----------
    values
        Samples as published, evenly spaced, NaN where there is none, shape ``(n,)``.
    unit
        Step of their rounding; lines are no straighter.
    """
    if np.isfinite(values).sum() < _ENOUGH:
        return 1, 0
    finest = 2.01 * unit + 1e-9 * float(np.nanmax(np.abs(values)))
    moves, bends = np.diff(values), np.diff(values, 2)
    for differences, least in ((moves, 0.0), (bends, finest)):
        known = np.isfinite(differences)
        straight = known & (np.abs(differences) <= least)
        if straight.sum() < _STRAIGHT * known.sum():
            continue
        places = np.flatnonzero(known & ~straight) + 1
        apart = np.diff(places)
        apart = apart[apart >= _LEAST]
        # Rounding bends a line now and then, and a value may stay what it was.
        usual = int(np.bincount(apart).argmax()) if apart.size >= _WINDOWS else 1
        if usual < _LEAST:
            continue
        phases = np.bincount(places % usual, minlength=usual)
        if phases.max() >= _REGULAR * places.size:
            return usual, int(phases.argmax())
    return 1, 0
