"""How a signal fell and how it came back, as features that tell a shutdown from its rivals."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_COARSEST_HOURS: Final = 1.0
_STAGED_HOURS: Final = 2.0
_GRADUAL_HOURS: Final = 3.0
_STEP_HOURS: Final = 1.0


def fall_shape(times: pd.DatetimeIndex, values: NDArray[np.float64], baseline: float) -> str | None:
    """Return how a signal fell: in a step, over hours, or gradually.

    Parameters
    ----------
    times, values
        Measured bins from before the fall to the end of the outage, in order.
    baseline
        Its normal level.

    Returns
    -------
    str or None
        By the hours from the last bin with less than a tenth of the loss to the first with more
        than nine tenths. None where bins, or a gap on the way, are longer than an hour, or it did
        not fall.
    """
    hours = _crossing_hours(times, values, baseline)
    if hours is None:
        return None
    return "step" if hours <= _STEP_HOURS else "hours" if hours <= _GRADUAL_HOURS else "gradual"


def recovery_shape(
    times: pd.DatetimeIndex, values: NDArray[np.float64], baseline: float
) -> str | None:
    """Return how a signal came back: in a step of at most two hours, or staged.

    Parameters
    ----------
    times, values
        Measured bins from within the outage to after it, in order.
    baseline
        Its normal level.

    Returns
    -------
    str or None
        None where bins, or a gap on the way, are longer than an hour, or it did not come back.
    """
    hours = _crossing_hours(times[::-1], values[::-1], baseline)
    return None if hours is None else "step" if hours <= _STAGED_HOURS else "staged"


def _crossing_hours(
    times: pd.DatetimeIndex, values: NDArray[np.float64], baseline: float
) -> float | None:
    """Return the hours between one tenth and nine tenths of a loss, in the order given."""
    if len(values) < 3 or not baseline > 0:
        return None
    steps = np.abs(np.diff(times.to_numpy()) / np.timedelta64(1, "h"))
    if np.median(steps) > _COARSEST_HOURS:
        return None
    loss = baseline - float(values.min())
    high, low = baseline - 0.1 * loss, baseline - 0.9 * loss
    down = np.flatnonzero(values <= low)
    up = np.flatnonzero(values[: down[0]] >= high) if down.size else down
    if loss <= 0.1 * baseline or down.size == 0 or up.size == 0:
        return None
    crossed = steps[up[-1] : down[0]]
    # Nobody saw how it crossed a gap.
    return None if crossed.max() > _COARSEST_HOURS else float(crossed.sum())
