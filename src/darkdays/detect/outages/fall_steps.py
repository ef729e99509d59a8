"""Going down: the steps in which a signal fell at the beginning of an outage."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.lasting import LASTING, shift_dated
from darkdays.files.writing import rows_of

MIN_STEP: Final = 0.05
"""A step takes at least this share of the normal level."""
COLUMNS: Final = ("entity", "datasource", "time", "low", "high", "level_before", "level_after")


def descents(analyses: Iterable[Analysis], table: pd.DataFrame) -> pd.DataFrame:
    """List the falls from each outage's onset until its signal is as low as it mostly was.

    Parameters
    ----------
    analyses
        Of the signals; those that count too few units to be sized are left out.
    table
        Outages, as :func:`darkdays.detect.outages.outages` gives them.

    Returns
    -------
    pandas.DataFrame
        A row a fall of at least :data:`MIN_STEP` (UTC), with the bounds of the moment and the
        levels before and after as shares of the normal level.
    """
    rows: list[dict[str, Any]] = []
    for analysis in analyses:
        mine = table[
            (table["entity"] == analysis.entity) & (table["datasource"] == analysis.datasource)
        ]
        for outage in rows_of(mine):
            rows += falls_of(analysis, outage)
    steps = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("time", "low", "high"):
        steps[name] = pd.to_datetime(steps[name], utc=True).dt.as_unit("s")
    return steps.sort_values(["time", "datasource", "entity"], kind="stable", ignore_index=True)


def falls_of(analysis: Analysis, outage: Any) -> list[dict[str, Any]]:
    """Return the falls of one outage, a row of the table, as rows of :func:`descents`."""
    if not analysis.sizable or pd.isna(outage.onset):
        return []
    if outage.label == LASTING:
        return _levels_left(analysis, outage)
    levels, edges = analysis.levels, analysis.edges
    starts = analysis.times[edges[:-1]].tz_localize("UTC")
    rows: list[dict[str, Any]] = []
    end = outage.last_seen if pd.isna(outage.restored) else outage.restored
    # Before the first segment nothing fell.
    for number in 1 + np.flatnonzero((starts[1:] >= outage.onset_low) & (starts[1:] <= end)):
        if levels[number - 1] - levels[number] >= MIN_STEP:
            rows.append(_into(analysis, int(number), 1.0))
        if levels[number] <= 1 - outage.depth:
            break
    return rows


def falls_between(
    analysis: Analysis, begin: pd.Timestamp, until: pd.Timestamp, least: float
) -> list[dict[str, Any]]:
    """Return the falls of at least so much of the normal level in a stretch of time (UTC).

    As rows of :func:`descents`, of a signal that counts enough to be sized, by when they are first
    seen.
    """
    starts, levels = analysis.times[analysis.edges[:-1]].tz_localize("UTC"), analysis.levels
    inside = (starts[1:] >= begin) & (starts[1:] <= until) & (levels[:-1] - levels[1:] >= least)
    found = 1 + np.flatnonzero(inside & analysis.sizable)
    return [_into(analysis, int(number), 1.0) for number in found]


def _row(
    analysis: Analysis, time: pd.Timestamp, bounds: tuple[pd.Timestamp, pd.Timestamp],
    before: float, after: float,
) -> dict[str, Any]:  # fmt: skip
    """Return a fall from one level to another as a row of :func:`descents`."""
    return {
        "entity": analysis.entity,
        "datasource": analysis.datasource,
        "time": time,
        "low": bounds[0],
        "high": bounds[1],
        "level_before": before,
        "level_after": after,
    }


def _into(analysis: Analysis, number: int, share: float) -> dict[str, Any]:
    """Return the fall into a segment, whose levels are a share of the level before it all."""
    time = analysis.moment(int(analysis.edges[number]))
    bounds = analysis.bounds(*analysis.segments.interval(number - 1))
    before, after = (share * analysis.levels[one] for one in (number - 1, number))
    return _row(analysis, time, bounds, before, after)


def _levels_left(analysis: Analysis, outage: Any) -> list[dict[str, Any]]:
    """Return the steps of a fall that lasts: levels left for the next, and what never came back."""
    rows: list[dict[str, Any]] = []
    level = 1.0
    end = outage.last_seen if pd.isna(outage.recovery) else outage.recovery
    for number, ratio in enumerate(analysis.shift_ratios):
        dated = shift_dated(analysis, number, "time")
        if not outage.onset <= dated["time"].tz_localize("UTC") < end:
            continue
        before, level = level, level * float(ratio)
        if before - level >= MIN_STEP:
            bounds = dated["time_low"], dated["time_high"]
            rows.append(_row(analysis, dated["time"], bounds, before, level))
    levels = analysis.levels
    for number in range(1, levels.size):
        before, here = levels[number - 1], levels[number]
        inside = analysis.moment(int(analysis.edges[number])).tz_localize("UTC") > outage.onset
        lasts = pd.isna(outage.recovery) and (levels[number:] <= (before + here) / 2).all()
        if inside and lasts and level * (before - here) >= MIN_STEP:
            rows.append(_into(analysis, number, level))
    return sorted(rows, key=itemgetter("time"))
