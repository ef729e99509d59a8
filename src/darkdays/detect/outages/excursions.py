"""Short events: brief, simultaneous excursions of many signals, also in the midst of an outage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from darkdays.detect.outages.analysis import Analysis

LONGEST: Final = pd.Timedelta(hours=1)
MIN_ENTITIES: Final = 3
MIN_DATASOURCES: Final = 2
COLUMNS: Final = ("start", "start_low", "start_high", "end", "entities", "datasources", "falling")


def short_events(analyses: Iterable[Analysis]) -> pd.DataFrame:
    """Find short events that several entities show at once in more than one datasource.

    An excursion leaves the level of a signal, up or down, for two samples or more and at most
    :data:`LONGEST`, and comes back to it. What caused a short event cannot be told from it.

    Returns
    -------
    pandas.DataFrame
        A row an event (UTC): ``start`` and its bounds from the sharpest signal, ``end`` of the
        latest, the entities and datasources that show it, and how many of the signals fell.
    """
    found = sorted(
        (row for analysis in analyses for row in _excursions(analysis)),
        key=lambda row: (row["start_low"], row["datasource"], row["entity"]),
    )
    rows = []
    for group in _overlapping(found):
        entities = sorted({str(row["entity"]) for row in group})
        datasources = sorted({str(row["datasource"]) for row in group})
        if len(entities) < MIN_ENTITIES or len(datasources) < MIN_DATASOURCES:
            continue
        sharpest = min(group, key=lambda row: row["start_high"] - row["start_low"])
        rows.append(
            {
                "start": sharpest["start"],
                "start_low": sharpest["start_low"],
                "start_high": sharpest["start_high"],
                "end": max(row["end"] for row in group),
                "entities": " ".join(entities),
                "datasources": " ".join(datasources),
                "falling": sum(bool(row["falls"]) for row in group),
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("start", "start_low", "start_high", "end"):
        table[column] = pd.to_datetime(table[column], utc=True).dt.as_unit("s")
    return table


def _excursions(analysis: Analysis) -> list[dict[str, Any]]:
    levels, edges = analysis.levels, analysis.edges
    rows: list[dict[str, Any]] = []
    for number in range(1, levels.size - 1):
        start, end = int(edges[number]), int(edges[number + 1])
        before, here, after = levels[number - 1 : number + 2]
        returns = abs(after - before) < abs(here - before) / 2
        brief = analysis.times[end - 1] - analysis.times[start] + analysis.step <= LONGEST
        if end - start < 2 or not returns or not brief:
            continue
        low, high = analysis.segments.interval(number - 1)
        start_low, start_high = analysis.bounds(min(low, start), max(high, start))
        rows.append(
            {
                "entity": analysis.entity,
                "datasource": analysis.datasource,
                "start": analysis.moment(start),
                "start_low": start_low,
                "start_high": start_high,
                "end": analysis.times[end - 1] + analysis.step,
                "falls": bool(here < before),
            }
        )
    return rows


def _overlapping(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Group excursions whose spans overlap; rows come in order of their earliest beginning."""
    groups: list[list[dict[str, Any]]] = []
    until = pd.Timestamp.min
    for row in rows:
        if groups and row["start_low"] < until:
            groups[-1].append(row)
        else:
            groups.append([row])
            until = pd.Timestamp.min
        until = max(until, row["end"])
    return groups
