"""What a sweep says as a whole: how often, where, for how long, and on which days.

The unit is the *event*: what is left of an entity's outages when those that overlap in time, in
whatever datasource, are put together (:func:`darkdays.detect.outages.agreement.agreement`). Times
are local to the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from darkdays.detect.outages.agreement import DOWN, NOT_MEASURED

_YEAR: Final = 365.25 * 86_400
_EVENT: Final = ["study", "entity", "event"]
# Of what has no begin or no end on record.
_BEFORE: Final = pd.Timestamp("1900-01-01", tz="UTC").as_unit("s")
_AFTER: Final = pd.Timestamp("2200-01-01", tz="UTC").as_unit("s")


@dataclass(frozen=True)
class Watched:
    """How long each entity of each study was on record, in any datasource.

    Attributes
    ----------
    table
        ``study``, ``place``, ``entity``, ``first``, ``last`` (local, naive), ``years``.
    """

    table: pd.DataFrame

    @property
    def years(self) -> float:
        """Entity-years."""
        return float(self.table["years"].sum())


def watched(signals: pd.DataFrame, zones: Mapping[str, str]) -> Watched:
    """Return how long each entity was watched by a signal that could be judged.

    Parameters
    ----------
    signals
        Rows of ``signals.parquet``.
    zones
        Time zone of each study.
    """
    judged = signals[signals["assessed"]]
    spans = judged.groupby(["study", "place", "entity"], sort=True).agg(
        first=("first", "min"), last=("last", "max")
    )
    table = spans.reset_index()
    table["years"] = (table["last"] - table["first"]).dt.total_seconds() / _YEAR
    for name in ("first", "last"):
        table[name] = _local(table[name], table["study"], zones)
    return Watched(table)


def events_of(sides: pd.DataFrame, zones: Mapping[str, str]) -> pd.DataFrame:
    """Return the events, a row each.

    Parameters
    ----------
    sides
        Rows of ``agreement.parquet`` under one setting.
    zones
        Time zone of each study.

    Returns
    -------
    pandas.DataFrame
        ``study``, ``place``, ``entity``, ``event``, ``onset`` and ``end`` (UTC; NaT where no
        datasource shows it), ``local`` (the onset by the clock of the place), ``hours`` (NaN where
        begin or end were not seen), and how many datasources were ``down`` of those that
        ``measured``.
    """
    down = sides[sides["state"] == DOWN]
    found = down.groupby(["study", "place", "entity", "event"], sort=True).agg(
        onset=("onset", "min"), end=("recovery", "max"), down=("state", "size")
    )
    seen = sides[sides["state"] != NOT_MEASURED].groupby(_EVENT).size().rename("measured")
    table = found.reset_index().merge(seen, on=_EVENT, how="left")
    table["hours"] = (table["end"] - table["onset"]).dt.total_seconds() / 3600
    table["local"] = _local(table["onset"], table["study"], zones)
    return table


def ranking(events: pd.DataFrame, of: Watched, by: str) -> pd.DataFrame:
    """Return entities, or places, in order of their events a year.

    Parameters
    ----------
    events, of
        What happened, and how long it was watched.
    by
        ``entity`` or ``place``.
    """
    keys = ["place"] if by == "place" else ["place", "entity"]
    years = of.table.groupby(keys, sort=True).agg(
        entities=("entity", "nunique"), years=("years", "sum")
    )
    found = events.groupby(keys).agg(
        events=("event", "size"), hours=("hours", "sum"), longest=("hours", "max")
    )
    table = years.join(found).fillna({"events": 0, "hours": 0.0})
    table["events"] = table["events"].astype(np.int64)
    table["events_a_year"] = table["events"] / table["years"]
    table["hours_a_year"] = table["hours"] / table["years"]
    order = ["events_a_year", "hours_a_year", *keys]
    ascending = [False, False, *[True for _ in keys]]
    return table.reset_index().sort_values(order, ascending=ascending, ignore_index=True)


def calendar(events: pd.DataFrame, of: Watched) -> pd.DataFrame:
    """Return on how many entities an event began, each local day that was watched.

    Returns
    -------
    pandas.DataFrame
        ``day`` (ISO 8601), ``events``, and how many entities were ``watched``.
    """
    if of.table.empty:
        return pd.DataFrame({"day": [], "events": [], "watched": []})
    first, last = of.table["first"].dt.normalize(), of.table["last"].dt.normalize()
    days = pd.date_range(first.min(), last.max(), freq="D")
    begun = np.searchsorted(np.sort(first.to_numpy()), days.to_numpy(), side="right")
    over = np.searchsorted(np.sort(last.to_numpy()), days.to_numpy(), side="left")
    counts = events["local"].dropna().dt.normalize().value_counts().reindex(days, fill_value=0)
    table = pd.DataFrame(
        {
            "day": days.strftime("%Y-%m-%d"),
            "events": counts.to_numpy(np.int64),
            "watched": begun - over,
        }
    )
    return table[table["watched"] > 0].reset_index(drop=True)


def recall(events: pd.DataFrame, truth: pd.DataFrame, least: float) -> dict[str, float]:
    """Return how many of the outages that were put in were found, and how many events are none.

    Parameters
    ----------
    events
        What was found.
    truth
        Rows of ``truth.parquet``.
    least
        Least depth of an outage that should be found.
    """
    known = truth[truth["depth"] >= least]
    found = matched = 0
    by_entity = dict(iter(events.groupby(["study", "entity"])))
    for key, rows in truth.groupby(["study", "entity"]):
        mine = by_entity.get(key)
        if mine is None:
            continue
        begins = mine["onset"].fillna(_BEFORE).to_numpy()
        ends = mine["end"].fillna(_AFTER).to_numpy()
        hits = (begins[:, None] < rows["end"].to_numpy()) & (
            ends[:, None] > rows["start"].to_numpy()
        )
        matched += int(hits.any(axis=1).sum())
        found += int(hits[:, (rows["depth"] >= least).to_numpy()].any(axis=0).sum())
    return {
        "put_in": len(known),
        "found": found,
        "false": len(events) - matched,
    }


def _local(times: pd.Series, studies: pd.Series, zones: Mapping[str, str]) -> pd.Series:
    local = pd.Series(pd.NaT, index=times.index, dtype="datetime64[s]")
    named = studies.map(dict(zones))
    for zone in sorted(set(named)):
        mine = times[named == zone]
        local.loc[mine.index] = mine.dt.tz_convert(zone).dt.tz_localize(None)
    return local
