"""What was measured of a network meanwhile: what it lost, and where nobody looked."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.detect.missed.limits import found_from
from darkdays.detect.outages.agreement import MEASURED_SHARE
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.fall_steps import falls_between
from darkdays.detect.outages.sizes import depth
from darkdays.evidence.evidence import Evidence

_FEW_BINS: Final = 3
_MOST: Final = 0.5
_BEYOND_NOISE: Final = 4.0
"""Spreads of the level of an outage that a bin must lie above it to be no chance."""


def analysis_of(evidence: Evidence, entity: str, datasource: str) -> Analysis | None:
    """Return the analysis of a signal; None of one that was not analysed, as of a listed outage."""
    wanted = (entity, datasource)
    return next((one for one in evidence.analyses if (one.entity, one.datasource) == wanted), None)


def fell_meanwhile(
    evidence: Evidence, outage: Any, begin: pd.Timestamp, until: pd.Timestamp
) -> list[pd.Timestamp]:
    """Return when a signal that was down fell by as much again as an outage takes (UTC).

    A bin that starts before ``begin`` may hold a fall after it.
    """
    signal = analysis_of(evidence, outage.entity, outage.datasource)
    if signal is None:
        return []
    least = evidence.specification.min_depth
    return [fall["time"] for fall in falls_between(signal, begin - signal.step, until, least)]


def would_show(evidence: Evidence, rows: pd.DataFrame, hours: float) -> bool:
    """Return whether one more outage, half as deep as the least of one datasource, would be found.

    In theory, at its noise. What a list holds that was not analysed is taken to be all.
    """
    signal = analysis_of(evidence, *rows[["entity", "datasource"]].iloc[0])
    half = rows["depth"].min() / 2
    return signal is None or found_from(signal, hours, min_depth=0.0) <= half


def _between(analysis: Analysis, begin: pd.Timestamp, until: pd.Timestamp) -> tuple[int, int]:
    """Return the place of the first sample of a stretch of time (UTC), and of the one after it."""
    stamps = [moment.tz_localize(None) for moment in (begin, until)]
    first, last = analysis.times.searchsorted(stamps)
    return int(first), int(last)


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
    first, last = _between(analysis, begin, until)
    wanted = max(MEASURED_SHARE * ((until - begin) / analysis.step), 1)
    if not analysis.sizable or last - first < wanted:
        return {}
    worst = float(1 - np.min(analysis.values[first:last]) / analysis.baseline)
    return depth(analysis, first, last) | {"worst": worst, "bins": last - first}


def hours_lost(analysis: Analysis, begin: pd.Timestamp, until: pd.Timestamp) -> float:
    """Return how many hours of nothing a loss amounts to, at least, in a stretch of time (UTC).

    No bin can lose more than all of itself: an outage lasts as long as that, however little of its
    first and last bin it takes. Bins that lost less than half may be a later stage, or noise, and a
    bin is taken off, for a sample may stand for one moment of its bin.
    """
    if not analysis.sizable:
        return 0.0
    first, last = _between(analysis, begin, until)
    share = np.clip(1 - analysis.values[first:last] / analysis.baseline, 0.0, 1.0)
    lost = share[share >= _MOST].sum()
    return float((lost - 1) * analysis.step / pd.Timedelta(hours=1))


def pauses(
    analysis: Analysis, loss: float, begin: pd.Timestamp, until: pd.Timestamp
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the bins (UTC) in which more than half of what an outage took was back meanwhile."""
    first, last = _between(analysis, begin, until)
    if not analysis.sizable or first >= last:
        return []
    inside = analysis.values[first:last]
    level = np.median(inside)
    spread = _BEYOND_NOISE * 1.4826 * np.median(abs(inside - level))
    back = inside > max((1 - loss / 2) * analysis.baseline, level + spread)
    down = np.flatnonzero(~back)
    starts = analysis.times[first:last].tz_localize("UTC")
    return [
        (starts[place], starts[place] + analysis.step)
        for place in np.flatnonzero(back).tolist()
        if down[0] < place < down[-1]  # or else a slow fall, or a slow return
    ]


def holes(analysis: Analysis, longest: pd.Timedelta) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the stretches (UTC) of a record longer than this in which nothing was measured.

    Three bins are none: what fell and came back within them is told by what lies beside them.
    """
    times = analysis.times.tz_localize("UTC")
    wide = np.diff(analysis.times) > max(longest, _FEW_BINS * analysis.step) + analysis.step
    return [
        (times[place] + analysis.step, times[place + 1]) for place in np.flatnonzero(wide).tolist()
    ]
