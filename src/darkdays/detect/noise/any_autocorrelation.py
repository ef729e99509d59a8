"""Whether a stretch of a short record is off its level, whatever the autocorrelation of the noise.

A week of strongly autocorrelated noise is worth a handful of independent samples. What its lagged
differences tell of the autocorrelation is off by a tenth or two, and where it is taken for less
than it is, slow noise passes for an outage. Here it is not estimated: the stages of the stretch
are fitted by generalised least squares at every autocorrelation, and the p-values are averaged by
how likely each is, levels and scale integrated out (Harville 1974, "Bayesian inference for
variance components using only error contrasts", Biometrika 61(2)). Slow noise has no sudden step;
an outage of two samples has hardly anything else.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

# Closer together towards one, where little more is a mean worth much less.
_CORRELATIONS: Final = 1 - np.geomspace(1.0, 0.002, 32)
_WIDTHS: Final = np.gradient(_CORRELATIONS)
# So small a share of the squares is rounding.
_ROUNDING: Final = 1e-12
_SMALLEST: Final = 1e-250
LEFT_OUT: Final = -1
"""The stage of samples that are not looked at."""


def stages_p_value(values: Floats, stages: NDArray[np.intp]) -> float:
    """Return the p-value of a stretch off the level of the rest, corrected for the search.

    Parameters
    ----------
    values
        Samples in order of time, shape ``(n,)``.
    stages
        Shape ``(n,)``: 0 for what the stretch is held against, 1 to k for its stages, each of a
        level of its own, and :data:`LEFT_OUT`.

    Returns
    -------
    float
        In ``[0, 1]``: that of an F test of all stages, times ``n ** k`` for their places.
    """
    if not (stages == 0).any():
        return 1.0
    count, stage_count = values.size, int(stages.max())
    squares, usual_squares, log_likely, rows = _fits(values, stages)
    half, halves = (rows - stage_count - 1) / 2, stage_count / 2
    share = squares / usual_squares
    # The F test, as a beta distribution of what is left of the squares, and its far tail.
    near = special.betainc(half, halves, share)
    far = half * np.log(share) + (halves - 1) * np.log1p(-np.minimum(share, 0.5))
    far -= np.log(half) + special.betaln(half, halves)
    log_p = np.where(near > _SMALLEST, np.log(np.maximum(near, _SMALLEST)), far)
    p_values = np.exp(np.minimum(log_p + stage_count * np.log(count), 0.0))
    return float(np.average(p_values, weights=_WIDTHS * np.exp(log_likely - log_likely.max())))


def _fits(values: Floats, stages: NDArray[np.intp]) -> tuple[Floats, Floats, Floats, int]:
    """Return what levels of stages leave of the squares, and one level, at each autocorrelation.

    Also the logarithm of the restricted likelihood of the former, and how many rows were fitted.
    What is new in a sample after the one before is ``x[t] - phi x[t-1]``, so that sums over
    products of neighbours serve every ``phi``.
    """
    kept = stages != LEFT_OUT
    table = np.zeros((values.size, int(stages.max()) + 2))
    table[kept, stages[kept]] = 1.0
    table[:, -1] = np.where(kept, values - np.median(values[stages == 0]), 0.0)
    both = np.flatnonzero(kept[1:] & kept[:-1])
    first, before, after = table[int(np.argmax(kept))], table[both], table[both + 1]
    phi = _CORRELATIONS[:, None, None]
    across = after.T @ before
    sums = after.T @ after - phi * (across + across.T) + phi**2 * (before.T @ before)
    sums = sums + (1 - phi**2) * np.outer(first, first)
    # A stage none of whose samples stands beside one that is kept tells nothing.
    design = sums[:, :-1, :-1] + _ROUNDING * np.eye(table.shape[1] - 1)
    given, total = sums[:, :-1, -1], sums[:, -1, -1]
    one_level = total - given.sum(axis=1) ** 2 / design.sum(axis=(1, 2))
    fitted = (given * np.linalg.solve(design, given[..., None])[..., 0]).sum(axis=1)
    left = np.clip(total - fitted, _ROUNDING * one_level, one_level)
    rows = both.size + 1
    log_likely = np.log(1 - _CORRELATIONS**2) - np.linalg.slogdet(design)[1]
    log_likely -= (rows - design.shape[1]) * np.log(left)
    return left, one_level, log_likely / 2, rows
