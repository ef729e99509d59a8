"""Whether a stretch of a short record is lower, whatever the autocorrelation of the noise is.

A week of strongly autocorrelated noise is worth a handful of independent samples. What its lagged
differences tell of the autocorrelation is off by a tenth or two, and where it is taken for less
than it is, slow noise passes for an outage. Here it is not estimated: the step into the stretch
and out of it is fitted by generalised least squares at every autocorrelation, and the p-values
are averaged by how likely each is, levels and scale integrated out (Harville 1974, "Bayesian
inference for variance components using only error contrasts", Biometrika 61(2)). Slow noise has
no sudden step; an outage of two samples has hardly anything else.
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


def step_p_value(values: Floats, inside: NDArray[np.bool_], usual: NDArray[np.bool_]) -> float:
    """Return the p-value of a stretch at another level, corrected for having searched its place.

    Parameters
    ----------
    values
        Samples in order of time, shape ``(n,)``.
    inside
        Which samples are the stretch, shape ``(n,)``.
    usual
        Which of the others it is held against, shape ``(n,)``; one of them at least.

    Returns
    -------
    float
        In ``[0, 1]``: Student's t at each autocorrelation, Bonferroni-corrected over all places.
    """
    kept = usual | inside
    centred = values - float(np.median(values[usual]))
    level = _whitened(np.ones(values.size), kept)
    step, rest = (
        _without(level, _whitened(row, kept)) for row in (inside.astype(np.float64), centred)
    )
    weight = (step**2).sum(axis=1)
    if not weight.all():  # no sample of it stands beside another that is looked at
        return 1.0
    left = _without(step, rest)
    freedom = max(left.shape[1] - 2, 1)
    squares = np.maximum((left**2).sum(axis=1), _ROUNDING * (rest**2).sum(axis=1))
    size = (step * rest).sum(axis=1) / weight
    p_values = special.stdtr(freedom, -np.abs(size) * np.sqrt(weight * freedom / squares))
    likely = np.log(1 - _CORRELATIONS**2) - np.log((level**2).sum(axis=1) * weight)
    likely = (likely - freedom * np.log(squares)) / 2
    shares = _WIDTHS * np.exp(likely - likely.max())
    return float(np.average(np.minimum(2 * values.size * p_values, 1.0), weights=shares))


def _whitened(row: Floats, kept: NDArray[np.bool_]) -> Floats:
    """Return what is new in each sample after the one before, a row an autocorrelation."""
    phi = _CORRELATIONS[:, None]
    first = int(np.argmax(kept))
    later = first + 1 + np.flatnonzero(kept[first + 1 :] & kept[first:-1])
    return np.hstack([np.sqrt(1 - phi**2) * row[first], row[later] - phi * row[later - 1]])


def _without(columns: Floats, rows: Floats) -> Floats:
    """Return what a regression on one column leaves of each row."""
    along = (columns * rows).sum(axis=1) / (columns**2).sum(axis=1)
    return np.asarray(rows - along[:, None] * columns)
