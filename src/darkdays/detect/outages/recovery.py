"""Coming back: the stages in which a signal returns, and the one that brings back most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from darkdays.detect.outages.analysis import Analysis
from darkdays.files.writing import rows_of

STAGE_GAP: Final = pd.Timedelta(hours=3)
"""Rises closer together than this belong to one stage."""
MIN_GAIN: Final = 0.05
"""A stage brings back at least this share of the normal level."""
_FEWEST: Final = 3  # samples that show a slope
LOOKBACK: Final = pd.Timedelta(days=1)
"""A stage reaches ground that was not reached in this long; else it only ends a dip."""
_FLAT: Final = 0.5
"""Of what two stages differ by, the share that the level between them climbs if it is a ramp."""
_CLEAR: Final = 2.5  # standard deviations above the level before, to count as rising already

STAGE_COLUMNS: Final = (
    "entity",
    "datasource",
    "start",
    "start_low",
    "start_high",
    "end",
    "level_before",
    "level_after",
    "new_ground",
    "sustained",
    "apart",
)


@dataclass(frozen=True)
class Rise:
    """The beginning of a rise: sample, and the bounds of the moment."""

    sample: int
    moment: pd.Timestamp
    low: pd.Timestamp
    high: pd.Timestamp

    def as_row(self) -> dict[str, pd.Timestamp]:
        """Return the columns of an outage this fills."""
        return {"recovery": self.moment, "recovery_low": self.low, "recovery_high": self.high}


def main_recovery(analysis: Analysis, first: int, last: int, lost: float) -> Rise | None:
    """Return the beginning of the rise after which at most half of the loss is left, for good.

    Parameters
    ----------
    analysis
        Of the signal.
    first, last
        Range of segments of the outage; ``last`` is the first segment after it, if there is one.
    lost
        Median share of the normal level lost in the outage.

    Returns
    -------
    Rise or None
        None if more than half is still lost at the end of the outage's record.
    """
    levels = analysis.levels[first : last + 1]
    short = np.flatnonzero(levels < 1 - lost / 2)
    if short.size == 0 or short[-1] == levels.size - 1:
        return None
    return rise(analysis, _stage_start(analysis, first + int(short[-1]) + 1))


def rise(analysis: Analysis, number: int) -> Rise:
    """Date the rise that begins segment ``number``, back to the foot of its ramp."""
    edges = analysis.edges
    roots, noise = analysis.segments.values, analysis.segments.noise
    position = int(edges[number])
    before = slice(int(edges[number - 1]), position)
    clear = np.median(roots[before]) + _CLEAR * noise.scale
    low, high = analysis.segments.interval(number - 1)
    high = max(high, position)
    while position > before.start + 1 and roots[position - 1] > clear:
        position -= 1
    bounds = analysis.bounds(min(low, position), high)
    return Rise(position, analysis.moment(position), *bounds)


_KNOWN: Final[WeakKeyDictionary[Analysis, dict[Any, list[dict[str, object]]]]] = WeakKeyDictionary()
"""Stages of the outages of an analysis, by their beginning and end, while it lasts."""


def _stage_start(analysis: Analysis, number: int) -> int:
    levels, edges = analysis.levels, analysis.edges
    while number > 1 and levels[number - 1] > levels[number - 2]:
        if analysis.times[edges[number]] - analysis.times[edges[number - 1]] > STAGE_GAP:
            break
        number -= 1
    return number


def recovery_stages(
    analyses: Iterable[Analysis], table: pd.DataFrame, *, min_gain: float = MIN_GAIN
) -> pd.DataFrame:
    """List the stages in which each outage's signal came back.

    Parameters
    ----------
    analyses
        Of the signals, sizable ones only are used.
    table
        Outages, as :func:`darkdays.detect.outages.outages` gives them.
    min_gain
        Smallest gain of a stage, as a share of the normal level.

    Returns
    -------
    pandas.DataFrame
        A row a stage (UTC): ``start`` with bounds, ``end`` (the last rise of the stage), levels
        before and after as shares of the normal level, whether it reached ``new_ground`` (more
        than at any time of the day before), whether it was ``sustained`` (half of the gain or
        more was there at every later time until the record or the outage ended) and whether it is
        ``apart`` from the stage before: the level between them was flat. Where it climbed as fast
        as it does from one to the next they are one stage, a ramp; where noise leaves both open
        they are two that are not ``apart``.
    """
    rows: list[dict[str, object]] = []
    outages = defaultdict(list)
    for outage in rows_of(table):
        outages[outage.entity, outage.datasource].append(outage)
    for analysis in analyses:
        for outage in outages[analysis.entity, analysis.datasource]:
            rows += stages_of(analysis, outage, min_gain)
    stages = pd.DataFrame(rows, columns=list(STAGE_COLUMNS))
    for name in ("start", "start_low", "start_high", "end"):
        stages[name] = pd.to_datetime(stages[name], utc=True).dt.as_unit("s")
    return stages.sort_values(["start", "datasource", "entity"], kind="stable", ignore_index=True)


def stages_of(
    analysis: Analysis, outage: Any, min_gain: float = MIN_GAIN
) -> list[dict[str, object]]:
    """Return the stages of one outage, a row of the table, as rows of :func:`recovery_stages`."""
    onset, restored = outage.onset, outage.restored
    if not analysis.sizable or pd.isna(onset):
        return []
    # Most outages are the same whatever least depth is asked for.
    known = _KNOWN.setdefault(analysis, {})
    if (onset, restored, min_gain) not in known:
        known[onset, restored, min_gain] = _stages(analysis, onset, restored, min_gain)
    return [dict(row) for row in known[onset, restored, min_gain]]


def _stages(
    analysis: Analysis, onset: pd.Timestamp, restored: pd.Timestamp, min_gain: float
) -> list[dict[str, object]]:
    levels, edges = analysis.levels, analysis.edges
    starts = analysis.times[edges[:-1]].tz_localize("UTC")
    within = (starts > onset) & (pd.isna(restored) | (starts <= restored))
    inside = [int(number) for number in np.flatnonzero(within)]
    found: list[dict[str, object]] = []
    slopes = [_climb(analysis, number, analysis.segments.level) for number in inside]
    climbs = dict(zip(inside, slopes, strict=True))
    for group in _rising_groups(inside, levels, starts, climbs):
        before, after = levels[group[0] - 1], levels[group[-1]]
        # A segment lasts until the next begins: these are the levels of the day before.
        lately = levels[: group[0]][starts[1 : group[0] + 1] > starts[group[0]] - LOOKBACK]
        later = levels[group[-1] : inside[-1] + 1]
        if after - before < min_gain:
            continue
        begin = rise(analysis, group[0])
        found.append(
            {
                "entity": analysis.entity,
                "datasource": analysis.datasource,
                "start": begin.moment,
                "start_low": begin.low,
                "start_high": begin.high,
                "end": analysis.times[edges[group[-1]]],
                "level_before": before,
                "level_after": after,
                "new_ground": bool(after - lately.max() >= min_gain),
                "sustained": bool((later >= (before + after) / 2).all()),
                "apart": not found or climbs[group[0]][1] < _FLAT,
            }
        )
    return found


def _climb(analysis: Analysis, number: int, level: float) -> tuple[float, float]:
    """Return how much of the step into a segment the one before it climbs itself, with bounds.

    Of a ramp cut into segments each climbs as much as the next lies above it; between two stages
    the level is flat. A straight line by least squares, on the scale the signal was cut on.
    """
    begin, border, end = (int(one) for one in analysis.edges[number - 1 : number + 2])
    values, noise = analysis.segments.values, analysis.segments.noise
    before = values[begin:border]
    step = float(np.median(values[border:end]) - np.median(before))
    if before.size < _FEWEST or step <= 0:
        return -np.inf, np.inf
    places = np.arange(before.size) - (before.size - 1) / 2
    slope = float(places @ before / (places @ places))
    reach = (before.size + min(before.size, end - border)) / 2
    wide = float(special.ndtri(level)) * noise.long_run_scale / np.sqrt(places @ places)
    return float(reach * (slope - wide) / step), float(reach * (slope + wide) / step)


def _rising_groups(
    inside: list[int],
    levels: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    climbs: Mapping[int, tuple[float, float]],
) -> list[list[int]]:
    """Group the segments that begin with a rise, closer than :data:`STAGE_GAP` or of one ramp."""
    groups: list[list[int]] = []
    for number in inside:
        if levels[number] <= levels[number - 1]:
            continue
        ramp = climbs[number][0] > _FLAT and groups and groups[-1][-1] == number - 1
        if groups and (ramp or starts[number] - starts[groups[-1][-1]] <= STAGE_GAP):
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups
