"""What one network lost while another was down."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.detect.outages.agreement import MEASURED_SHARE
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.sizes import depth


def lost_meanwhile(
    analysis: Analysis, begin: pd.Timestamp, until: pd.Timestamp
) -> dict[str, float]:
    """Return what a signal lost in a stretch of time (UTC).

    Returns
    -------
    dict
        ``depth`` with ``depth_low`` and ``depth_high``, the share lost in the ``worst`` bin, and
        how many ``bins`` there are; empty where fewer than half of them were measured, or where
        the signal counts too few units.
    """
    start, end = (one.tz_localize(None) for one in (begin, until))
    first, last = (int(one) for one in analysis.times.searchsorted([start, end]))
    wanted = max(MEASURED_SHARE * ((end - start) / analysis.step), 1)
    if not analysis.sizable or last - first < wanted:
        return {}
    worst = float(1 - np.min(analysis.values[first:last]) / analysis.baseline)
    return depth(analysis, first, last) | {"worst": worst, "bins": last - first}
