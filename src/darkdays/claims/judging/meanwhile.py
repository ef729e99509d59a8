"""What was measured of a network meanwhile: what it lost, and where nobody looked."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.detect.outages.agreement import MEASURED_SHARE
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.sizes import depth
from darkdays.evidence.evidence import Evidence

_FEW_BINS: Final = 3
_MOST: Final = 0.5
_BEYOND_NOISE: Final = 4.0
"""Spreads of the level of an outage that a bin must lie above it to be no chance."""


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


def hours_lost(evidence: Evidence, outage: Any, begin: pd.Timestamp, until: pd.Timestamp) -> float:
    """Return how many hours of nothing a loss amounts to, at least, in a stretch of time (UTC).

    No bin can lose more than all of itself: an outage lasts as long as that, however little of its
    first and last bin it takes. Bins that lost less than half may be a later stage, or noise, and a
    bin is taken off, for a sample may stand for one moment of its bin.
    """
    for one in evidence.analyses:
        if (one.entity, one.datasource) == (outage.entity, outage.datasource) and one.sizable:
            stamps = [moment.tz_localize(None) for moment in (begin, until)]
            first, last = (int(place) for place in one.times.searchsorted(stamps))
            share = np.clip(1 - one.values[first:last] / one.baseline, 0.0, 1.0)
            lost = share[share >= _MOST].sum()
            return float((lost - 1) * one.step / pd.Timedelta(hours=1))
    return 0.0


def pauses(
    evidence: Evidence, outage: Any, begin: pd.Timestamp, until: pd.Timestamp
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the bins (UTC) in which more than half of the loss of an outage was back meanwhile."""
    found = []
    for one in evidence.analyses:
        if (one.entity, one.datasource) == (outage.entity, outage.datasource) and one.sizable:
            stamps = [moment.tz_localize(None) for moment in (begin, until)]
            first, last = (int(place) for place in one.times.searchsorted(stamps))
            inside = one.values[first:last]
            level = np.median(inside) if inside.size else 0.0
            spread = _BEYOND_NOISE * 1.4826 * np.median(abs(inside - level)) if inside.size else 0.0
            half = (1 - outage.depth / 2) * one.baseline
            back = inside > max(half, level + spread)
            down = np.flatnonzero(~back)
            for place in np.flatnonzero(back).tolist():
                if not down[0] < place < down[-1]:
                    continue  # a slow fall, or a slow return
                start = one.times[first + place].tz_localize("UTC")
                found.append((start, start + one.step))
    return found


def holes(
    evidence: Evidence, entity: str, datasource: str, longest: pd.Timedelta
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the stretches (UTC) of a record longer than this in which nothing was measured.

    Three bins are none: what fell and came back within them is told by what lies beside them.
    """
    found = []
    for one in evidence.analyses:
        if (one.entity, one.datasource) == (entity, datasource):
            wide = np.diff(one.times) > max(longest, _FEW_BINS * one.step) + one.step
            for place in np.flatnonzero(wide).tolist():
                begin, end = one.times[place] + one.step, one.times[place + 1]
                found.append((begin.tz_localize("UTC"), end.tz_localize("UTC")))
    return found
