"""How deep and how long an outage was, each with an interval, and how it came about."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from darkdays.contracts.outages import ends
from darkdays.detect.baseline.clock import about_midnight
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.low_runs import Spell

CUT: Final = "cut"
DEGRADATION: Final = "degradation"
UNKNOWN: Final = "unknown"
SLOW: Final = pd.Timedelta(hours=6)
"""A fall that takes longer than this, and more than :data:`SLOW_BINS`, is no cut."""
SLOW_BINS: Final = 3
PARTIAL: Final = 0.3
"""A loss of less than this share throttles a network, or cuts a small part of it."""
LONGEST_HOLIDAY: Final = pd.Timedelta(days=14)
_HALF_DAY: Final = pd.Timedelta(hours=12)
_STAGE: Final = 0.05
_STAGE_LASTS: Final = pd.Timedelta(days=1)
_MOST: Final = 0.75  # of the loss; then the fall is over
_LEVEL_DAYS: Final = 21.0
_WINDOWS: Final = 4  # of a smoothed signal; half of a longer outage is as deep as it was


def depth(analysis: Analysis, start: int, until: int, *, unseen: float = 0.0) -> dict[str, float]:
    """Return the median share lost in samples ``start..until`` with its interval.

    Order statistics of the samples, as many as they are worth under their autocorrelation
    (Conover 1999, *Practical Nonparametric Statistics*, section 3.2), but never narrower than the
    long-run noise of their mean; and, on top, the error of the normal level itself, which may have
    gone on drifting in the days that it was ``unseen`` since.
    """
    shares = np.sort(analysis.values[start:until]) / analysis.baseline
    noise, count = analysis.segments.noise, shares.size
    wide = float(special.ndtri((1 + analysis.segments.level) / 2))
    worth = max(noise.effective_samples(count), 1.0)
    middle = float(np.median(shares))
    reach = min(wide / (2 * np.sqrt(worth)), 0.5)
    ranks = [0.5 - reach, 0.5 + reach]
    low, high = np.quantile(shares, ranks, method="inverted_cdf")
    error = wide * noise.long_run_scale / np.sqrt(count)
    low, high = min(low, analysis.moved(middle, -error)), max(high, analysis.moved(middle, error))
    known = min(_LEVEL_DAYS * (pd.Timedelta(days=1) / analysis.step), analysis.values.size)
    blur = wide * noise.long_run_scale / np.sqrt(max(known - count, count))
    unsure = abs(analysis.moved(1.0, blur) - 1.0) + unseen * analysis.drift
    low, high = low - analysis.finest / 2, high + analysis.finest / 2
    lost = max(1 - middle, 0.0)
    if analysis.window > 1 and count < _WINDOWS * analysis.window:
        # Smoothing makes a short outage shallow, and nobody knows by how much.
        low = 0.0
    return {
        "depth": lost,
        "depth_low": float(np.clip(1 - high * (1 + unsure), 0.0, lost)),
        "depth_high": float(np.clip(1 - low * (1 - unsure), lost, 1.0)),
    }


def durations(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return hours from the onsets of a table to :func:`~darkdays.contracts.outages.ends`.

    What the record does not show is open: one that was not over has no upper bound, and lasted at
    least until the record ended; one without an onset, at least from its beginning.
    """
    over = ends(table)
    first = table["onset_high"].fillna(table["first_seen"])
    return {
        "duration": (over["end"] - table["onset"]).dt.total_seconds() / 3600,
        "duration_low": ((over["end_low"] - first).dt.total_seconds() / 3600).clip(lower=0.0),
        "duration_high": (over["end_high"] - table["onset_low"]).dt.total_seconds() / 3600,
    }


def last_stage(analysis: Analysis, spell: Spell) -> int:
    """Return the sample from which on an outage that never came back is as deep as it ended.

    A fall in stages is sized by the last, if that lasted a day and nothing of it came back.
    """
    levels, edges = analysis.levels, analysis.edges
    start = spell.start
    for number in range(spell.first + 1, spell.last):
        before, here = levels[number - 1], levels[number]
        length = (spell.end - int(edges[number])) * analysis.step
        lasts = bool((levels[number : spell.last] <= (before + here) / 2).all())
        begun = (int(edges[number]) - spell.start) * analysis.step
        if before - here >= _STAGE and lasts and min(length, begun) >= _STAGE_LASTS:
            start = int(edges[number])
    return start


def kind_of_depth(lost: float) -> str:
    """Return what a fall is that came at once and stayed."""
    return DEGRADATION if lost < PARTIAL else CUT


def like_a_holiday(row: dict[str, Any], time_zone: str) -> bool:
    """Say whether an outage is no more than what holidays make: a part of whole local days.

    It takes less than :data:`PARTIAL`, and begins and ends about midnight within a fortnight.
    """
    if pd.isna(row["onset"]) or pd.isna(row["recovery"]) or not row["depth"] < PARTIAL:
        return False
    length = row["recovery"] - row["onset"]
    return _HALF_DAY < length <= LONGEST_HOLIDAY and all(
        about_midnight(row[f"{edge}_low"], row[f"{edge}_high"], time_zone)
        for edge in ("onset", "recovery")
    )


def kind(analysis: Analysis, spell: Spell, row: dict[str, Any]) -> str:
    """Tell a cut from a degradation by how far and how fast a signal fell.

    A cut takes at least :data:`PARTIAL` of the normal level, and three quarters of what it takes
    within :data:`SLOW`. Throttling leaves more, or comes slowly. Unknown where the fall was not
    seen or cannot be sized.
    """
    if pd.isna(row["onset"]) or pd.isna(row["depth"]):
        return UNKNOWN
    if row["depth"] < PARTIAL:
        return DEGRADATION
    levels = analysis.levels[spell.first : spell.last]
    deep = int(np.argmax(levels <= 1 - _MOST * row["depth"]))
    if levels[deep] > 1 - _MOST * row["depth"]:
        deep = int(np.argmin(levels))
    took = analysis.times[analysis.edges[spell.first + deep]] - row["onset"]
    return DEGRADATION if took > max(SLOW, SLOW_BINS * analysis.step) else CUT
