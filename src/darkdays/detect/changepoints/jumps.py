"""Jumps of a walk: single steps that stand out from all the other steps.

How large a step of a walk is, is told by its steps. The largest ones are judged from the inside
out (Rosner 1983, Technometrics 25, 165-172), each against Student's t with the heaviest tail that
the others do not rule out, as the largest of all of them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.noise.uncertainty import SMALLEST_P
from darkdays.detect.segmentation.likelihood import GAUSSIAN, cost_of, scale_of

_TAILS: Final = (1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 40.0)
_RULED_OUT: Final = 3.84  # twice a log-likelihood, the 95 % point of chi-square with one degree
_MOST: Final = 12
_SHARE: Final = 20  # one step in so many may be a jump

Floats = NDArray[np.float64]


def stand_out(steps: Floats, error: float) -> tuple[NDArray[np.intp], Floats]:
    """Return which steps are jumps, ascending, and the p-value of each among all steps.

    Parameters
    ----------
    steps
        From sample to sample, without the drift, shape ``(n,)``.
    error
        Probability of any jump where there is none.
    """
    away = np.abs(steps - np.median(steps))
    order = np.argsort(-away, kind="stable")
    most = min(_MOST, steps.size // _SHARE + 1)
    for held in range(most, 0, -1):
        p_values = _p_values(away[order[:held]], (steps - np.median(steps))[order[held:]])
        if p_values[-1] <= error:
            ascending = np.argsort(order[:held])
            return order[:held][ascending], p_values[ascending]
    return np.empty(0, np.intp), np.empty(0)


def single_samples(values: Floats, error: float) -> NDArray[np.intp]:
    """Return samples that are left as suddenly as they are reached, ascending.

    Both steps stand out from all others, and lead back to where the series was, within half of
    the lesser one: no level, no jump, and nothing that the noise around it would make.

    Parameters
    ----------
    values
        Shape ``(n,)``.
    error
        Probability of any such sample where there is none.
    """
    steps = np.diff(values)
    where, _ = stand_out(steps, error)
    first = where[np.isin(where + 1, where)]
    there, back = steps[first], steps[first + 1]
    lesser = np.minimum(np.abs(there), np.abs(back))
    return first[(there * back < 0) & (np.abs(there + back) <= lesser / 2)] + 1


def _p_values(sizes: Floats, others: Floats) -> Floats:
    """Return how probable a step of each size is among all of them, given the others."""
    if others.size < 8 or not others.any():
        return np.full(sizes.size, 1.0 if others.size < 8 else SMALLEST_P)
    least = 1e-12 * float(np.mean(others**2))
    costs = np.array([cost_of(others, tail, least) for tail in (*_TAILS, GAUSSIAN)])
    heaviest = int(np.flatnonzero(costs <= costs.min() + _RULED_OUT)[0])
    tail = (*_TAILS, GAUSSIAN)[heaviest]
    scale = np.sqrt(scale_of(others, tail, least))
    # Of normal steps the scale is told by so many of them.
    freedom = others.size - 1.0 if tail == GAUSSIAN else tail
    alone = 2 * special.stdtr(freedom, -sizes / scale)
    among_all = -np.expm1((others.size + 1) * np.log1p(-np.minimum(alone, 0.5)))
    return np.asarray(np.clip(among_all, SMALLEST_P, 1.0))
