"""Where datasources agree about an outage of one place and where they do not: never an average."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.contracts.outages import ends
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.sizes import depth

DOWN: Final = "down"
NOT_DOWN: Final = "not down"
NOT_MEASURED: Final = "not measured"
COLUMNS: Final = (
    "event",
    "entity",
    "datasource",
    "state",
    "outages",
    "onset",
    "onset_low",
    "onset_high",
    "recovery",
    "recovery_low",
    "recovery_high",
    "depth",
    "depth_low",
    "depth_high",
    "kind",
    "overlap",
    "later",
    "later_low",
    "later_high",
    "shallower",
    "disagrees",
)
TIMES: Final = COLUMNS[COLUMNS.index("onset") : COLUMNS.index("depth")]
MEASURED_SHARE: Final = 0.5
"""A datasource that measured less of an event than this says nothing about it."""
_HOUR: Final = pd.Timedelta(hours=1)


def agreement(table: pd.DataFrame, analyses: Iterable[Analysis]) -> pd.DataFrame:
    """Hold the datasources of each entity side by side, event by event.

    An event is what is left of an entity's outages when those that overlap in time, in whatever
    datasource, are put together; outages of the instrument make none.

    Parameters
    ----------
    table
        Outages, as :func:`darkdays.detect.outages.outages` gives them.
    analyses
        Of all signals, those without an outage too; where a datasource has none, only that it
        was down can be told.

    Returns
    -------
    pandas.DataFrame
        A row an event and datasource (UTC), with the ``onset`` of its first outage in the event,
        the ``recovery`` from its last, the ``depth`` of its longest, each with its own interval,
        and how many ``outages`` it has there. ``state`` is ``down``, ``not down`` (then ``depth``
        is what it lost over the event all the same) or ``not measured``. ``overlap`` is the share
        of the event for which it was down. ``later`` is how many hours after the earliest of
        them, with bounds, ``shallower`` how much less it lost than the deepest. ``disagrees``
        names what its intervals exclude: the ``onset`` of the earliest, the ``recovery`` of the
        latest, the ``depth`` of the deepest, or that there was an ``outage`` at all.
    """
    listed = list(analyses)
    rows: list[dict[str, Any]] = []
    seen = trusted(table)
    begins = seen["onset"].fillna(seen["first_seen"])
    spans = seen.assign(begin=begins, end=ends(seen)["until"])
    for entity, mine in spans.groupby("entity", sort=True):
        signals = [one for one in listed if one.entity == entity]
        for number, event in enumerate(_events(mine), 1):
            rows += _side_by_side(number, str(entity), event, signals)
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in TIMES:
        found[name] = pd.to_datetime(found[name], utc=True).dt.as_unit("s")
    return found


def _events(mine: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Put together outages that overlap."""
    ordered = mine.sort_values(["begin", "datasource"], kind="stable")
    reached = ordered["end"].cummax().shift()
    yield from (group for _, group in ordered.groupby((ordered["begin"] >= reached).cumsum()))


def _side_by_side(
    number: int, entity: str, event: pd.DataFrame, signals: list[Analysis]
) -> list[dict[str, Any]]:
    begin, end = event["begin"].min(), event["end"].max()
    rows = []
    known = {one.datasource: one for one in signals}
    for name in sorted({*known, *event["datasource"]}):
        its = event[event["datasource"] == name]
        row: dict[str, Any] = dict.fromkeys(COLUMNS, np.nan) | dict.fromkeys(TIMES, pd.NaT)
        row |= {"event": number, "entity": entity, "datasource": name}
        row |= _as_down(its, begin, end) if len(its) else _as_not_down(known[name], begin, end)
        rows.append(row)
    _compare(rows)
    return rows


def _as_down(its: pd.DataFrame, begin: pd.Timestamp, end: pd.Timestamp) -> dict[str, Any]:
    """Describe a datasource that was down; the event counts as far as its record goes."""
    first = its.iloc[0]
    last = its.iloc[int(np.argmax(its["end"].to_numpy()))]
    lengths = (its["end"] - its["begin"]).dt.total_seconds().to_numpy(np.float64)
    longest = its.iloc[int(np.argmax(lengths))]
    record = min(end, first["last_seen"]) - max(begin, first["first_seen"])
    return {
        "state": DOWN,
        "outages": len(its),
        **{name: first[name] for name in TIMES if name.startswith("onset")},
        **{name: last[name] for name in TIMES if name.startswith("recovery")},
        **{name: longest[name] for name in ("depth", "depth_low", "depth_high", "kind")},
        "overlap": min(float(lengths.sum()) / max(record.total_seconds(), 1.0), 1.0),
    }


def _as_not_down(one: Analysis, begin: pd.Timestamp, end: pd.Timestamp) -> dict[str, Any]:
    times = one.times.tz_localize("UTC")
    start, until = (int(place) for place in times.searchsorted([begin, end]))
    bins = max((end - begin) / one.step, 1.0)
    if until - start < MEASURED_SHARE * bins:
        return {"state": NOT_MEASURED, "outages": 0, "kind": ""}
    lost = depth(one, start, until) if one.sizable else {}
    return {"state": NOT_DOWN, "outages": 0, "kind": "", "overlap": 0.0, **lost}


def _compare(rows: list[dict[str, Any]]) -> None:
    """Say of each datasource of an event what it disagrees about, and by how much."""
    down = [row for row in rows if row["state"] == DOWN]
    dated = [row for row in down if not pd.isna(row["onset"])]
    sized = [row for row in down if not pd.isna(row["depth"])]
    earliest = min(dated, key=lambda row: row["onset"], default=None)
    deepest = max(sized, key=lambda row: row["depth"], default=None)
    ended = [row for row in down if not pd.isna(row["recovery"])]
    latest = max(ended, key=lambda row: row["recovery"], default=None)
    for row in rows:
        about = []
        if row in dated and earliest is not None:
            row["later"] = (row["onset"] - earliest["onset"]) / _HOUR
            row["later_low"] = (row["onset_low"] - earliest["onset_high"]) / _HOUR
            row["later_high"] = (row["onset_high"] - earliest["onset_low"]) / _HOUR
            about += ["onset"] if row["onset_low"] > earliest["onset_high"] else []
        if row in ended and latest is not None and row["recovery_high"] < latest["recovery_low"]:
            about.append("recovery")
        if deepest is not None and not pd.isna(row["depth"]):
            row["shallower"] = deepest["depth"] - row["depth"]
            less = row["depth_high"] < deepest["depth_low"]
            about += ["depth"] if less and row["state"] == DOWN else []
        about += ["outage"] if row["state"] == NOT_DOWN else []
        row["disagrees"] = " ".join(about)
