"""What is the instrument's: gaps of every entity at once, and hours in which the controls fall."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE, step_of
from darkdays.detect.outages.analysis import Analysis
from darkdays.files.writing import rows_of

MIN_ENTITIES: Final = 3
"""With fewer entities, a gap of all of them says nothing about the instrument."""
SHARED: Final = 0.5
"""A control shares an outage if it is down for this share of it, and loses this share of it."""
_CLEAR: Final = 4.0  # standard deviations below normal, for one sample of a control to be down
EDGES: Final = ("onset", "onset_high", "recovery_low")
"""Columns that the instrument's hours move."""
_HOURS: Final = ("datasource", "time", "after", "lost")
COLUMNS: Final = ("datasource", "start", "end", "bins", "entities", "label")


def instrument_gaps(signals: xr.DataTree) -> pd.DataFrame:
    """Find the gaps that are the instrument's, not the networks'.

    Parameters
    ----------
    signals
        A node a datasource. Only bins the source itself has no value for count (``coverage``);
        bins that merely were not read do not. Without ``coverage`` every NaN counts.

    Returns
    -------
    pandas.DataFrame
        A row a gap (UTC): ``[start, end)``, its bins, how many entities it hit, and the label
        ``instrument``.
    """
    rows = []
    for name in sorted(signals.children):
        node = signals[name].to_dataset()
        if "coverage" in node:
            flags = node["coverage"].values
            blind, seen = flags == MISSING_AT_SOURCE, flags == MEASURED
        else:
            blind = np.isnan(node["value"].values)
            seen = ~blind
        counted = blind.sum(axis=0)
        all_blind = (counted >= MIN_ENTITIES) & ~seen.any(axis=0)
        times, step = pd.DatetimeIndex(node["time"].values), step_of(node)
        borders = np.flatnonzero(np.diff(np.concatenate([[0], all_blind.astype(np.int8), [0]])))
        for first, after in borders.reshape(-1, 2):
            rows.append(
                {
                    "datasource": name,
                    "start": times[first],
                    "end": times[after - 1] + step,
                    "bins": int(after - first),
                    "entities": int(counted[first:after].max()),
                    "label": "instrument",
                }
            )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("start", "end"):
        table[column] = pd.to_datetime(table[column], utc=True).dt.as_unit("s")
    return table


def instrument_hours(
    analyses: Iterable[Analysis], controls: Collection[str], min_depth: float
) -> pd.DataFrame:
    """Find the samples in which more than half of the controls are down, be it only one sample.

    Returns
    -------
    pandas.DataFrame
        A row a sample of a datasource (UTC): its ``time``, the time ``after`` it, and the share
        ``lost`` that more than half of the controls lose.
    """
    falls: dict[str, list[pd.Series]] = {}
    steps: dict[str, pd.Timedelta] = {}
    for one in analyses:
        if one.entity in controls:
            scale, cut_values = one.segments.noise.scale, one.segments.values
            usual = np.sqrt(one.baseline) if one.counted else one.baseline
            low = (one.values < one.floor_of_normal(min_depth)) & (
                cut_values < usual - _CLEAR * scale
            )
            lost = np.where(low, 1 - one.values / one.baseline, 0.0)
            falls.setdefault(one.datasource, []).append(pd.Series(lost, one.times))
            steps[one.datasource] = one.step
    tables = [pd.DataFrame(columns=list(_HOURS))]
    for datasource, theirs in falls.items():
        table = pd.concat(theirs, axis=1)
        losses = table.to_numpy()
        # The least of the losses that more than half of those on record have.
        ordered = np.sort(-losses, axis=1)
        most = (~np.isnan(losses)).sum(axis=1) // 2
        shared = -ordered[np.arange(len(ordered)), most]
        down = shared > 0
        when = table.index[down].tz_localize("UTC").as_unit("s")
        tables.append(
            pd.DataFrame(
                {
                    "datasource": datasource,
                    "time": when,
                    "after": when + steps[datasource],
                    "lost": shared[down],
                }
            )
        )
    kept = [one for one in tables if len(one)]
    return pd.concat(kept or tables, ignore_index=True)


def own_edges(table: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """Take the instrument's hours off the edges of outages.

    The onset of one that begins with them is the first sample after them; whether the network fell
    before cannot be told, so the bounds reach over them. One that has less than two samples of its
    own is the instrument's.

    Parameters
    ----------
    table
        Outages, controls' not among them.
    hours
        As :func:`instrument_hours` gives them.

    Returns
    -------
    pandas.DataFrame
        With ``own``, whether something of an outage is left.
    """
    rows = []
    for row in rows_of(table):
        end = row.last_seen if pd.isna(row.recovery) else row.recovery
        enough = SHARED * (0.0 if pd.isna(row.depth) else row.depth)
        here = hours[(hours["datasource"] == row.datasource) & (hours["lost"] >= enough)]
        rows.append({"own": True} if pd.isna(row.onset) else _own(row, end, here))
    moved = pd.DataFrame(rows, index=table.index, columns=["own", *EDGES])
    found = table.assign(own=moved["own"].astype(bool))
    for name in EDGES:
        changed = pd.to_datetime(moved[name], utc=True).dt.as_unit("s")
        found[name] = changed.fillna(table[name])
    return found


def _own(row: Any, end: pd.Timestamp, hours: pd.DataFrame) -> dict[str, Any]:
    """Return what of the edges of an outage is not the network's own, as it is without it."""
    after = dict(zip(hours["time"], hours["after"], strict=True))
    before = {one: time for time, one in after.items()}
    step = next((one - time for time, one in after.items()), pd.Timedelta(0))
    # Controls that were down before say nothing of why a network falls.
    if row.onset - step in after:
        return {"own": True}
    begin, last = row.onset, end
    while begin in after and begin < end:
        begin = after[begin]
    while last in before and last > begin:
        last = before[last]
    found: dict[str, Any] = {"own": begin < end and end - begin >= 2 * step}
    if begin > row.onset:
        found |= {"onset": begin, "onset_high": max(row.onset_high, begin + step)}
    if last < end and not pd.isna(row.recovery):
        found["recovery_low"] = min(row.recovery_low, last - step)
    return found
