"""A daily rhythm that moves by hours, as in a month of fasting, is no outage.

Where people get up and go to bed at other hours, a signal lies below its season at some hours and
as far above it at others of the same day. An outage takes; it gives nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.contracts.outages import ends
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import OUTAGE, RHYTHM
from darkdays.files.writing import rows_of

_FAR, _OFTEN = 0.25, 0.5
"""Of the depth of a fall, and of its bins: so far above normal, so often, is its other side."""
_LOWEST: Final = 0.9  # of the lowest hour of a day, and less, is below it
_CLEAR: Final = 2.5  # standard deviations above normal, at least
_DAY: Final = pd.Timedelta(days=1)
_MONTH: Final = pd.Timedelta(days=30)
_SAME_HOURS: Final = pd.Timedelta(hours=3)
_DEEPER: Final = 1.25
_FEWEST: Final = 2


def label_rhythm(table: pd.DataFrame, analyses: Iterable[Analysis]) -> pd.DataFrame:
    """Label falls whose own day rises elsewhere: they are the daily rhythm at other hours.

    Parameters
    ----------
    table
        Outages, labelled.
    analyses
        Of the same signals. Where two such falls or more lie within a month of another that is
        no deeper, at its hours of the day, that is one as well.
    """
    signals = {(one.entity, one.datasource): one for one in analyses}
    rows = list(rows_of(table.join(ends(table)["until"])))
    moved = [
        row
        for row in rows
        if row.label == OUTAGE and _moved(signals.get((row.entity, row.datasource)), row)
    ]
    labels = [RHYTHM if row.label == OUTAGE and _goes_on(row, moved) else row.label for row in rows]
    return table.assign(label=pd.Series(labels, index=table.index, dtype=object))


def _goes_on(row: Any, moved: list[Any]) -> bool:
    """Return whether a fall is one of those, or like them."""
    if row in moved:
        return True
    like = [
        one
        for one in moved
        if (one.entity, one.datasource) == (row.entity, row.datasource)
        and row.until - row.onset < _DAY
        and abs(one.onset - row.onset) < _MONTH
        and abs((one.onset - row.onset + _DAY / 2) % _DAY - _DAY / 2) <= _SAME_HOURS
        and row.depth <= _DEEPER * one.depth
    ]
    return len(like) >= _FEWEST


def _moved(analysis: Analysis | None, row: Any) -> bool:
    """Return whether half as many bins of the day around a fall rise a quarter as far."""
    if analysis is None or pd.isna(row.onset) or pd.isna(row.depth):
        return False
    onset, until = row.onset.tz_localize(None), row.until.tz_localize(None)
    if until - onset >= _DAY:
        return False
    margin = (_DAY - (until - onset)) / 2
    first, last = analysis.times.searchsorted([onset - margin, until + margin])
    begin, end = analysis.times.searchsorted([onset, until])
    ordinary = analysis.season[first:last]
    fallen = analysis.values[begin:end] / analysis.baseline * analysis.season[begin:end]
    # At other hours people do what they do at some hour: below the lowest of them is no rhythm.
    if not fallen.size or np.median(fallen) < _LOWEST * ordinary.min():
        return False
    clear = analysis.moved(1.0, _CLEAR * analysis.segments.noise.scale)
    above = analysis.values[first:last] > max(1 + _FAR * row.depth, clear) * analysis.baseline
    return bool(above.sum() >= max(_OFTEN * ((until - onset) / analysis.step), 2))
