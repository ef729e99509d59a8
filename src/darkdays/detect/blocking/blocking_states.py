"""The state of a site over time: blocked and how, not blocked, or not enough measurements to say.

A site's units are cut where the mixture of ways changes
(:mod:`darkdays.detect.blocking.category_changes`) and where nothing was measured for long; each
stretch has the state its own counts show. Before its first measurement, after its last one and
between stretches nothing is known of a site: a stretch that begins with the record has no observed
beginning, one that begins after a gap may have begun in it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.blocking.blocking import NOT_BLOCKED, OK, Counting, units
from darkdays.detect.blocking.category_changes import best_cut, bounds, p_value

COLUMNS: Final = (
    "network", "site", "stretch", "begins", "state", "method", "start_low", "start_high", "first",
    "last", "end_low", "end_high", "blocked_first", "blocked_last", "measurements", "units",
    "blocked", "share", "low", "high", "longest_gap_hours", "p",
)  # fmt: skip
TIMES: Final = (
    "start_low", "start_high", "first", "last", "end_low", "end_high", "blocked_first",
    "blocked_last",
)  # fmt: skip
MIXED: Final = "mixed"
"""The way of a stretch in which no way has more than half of the blocked units."""
RECORD: Final = "record"
CHANGE: Final = "change"
GAP: Final = "gap"
"""What a stretch begins with: the record, a change-point, or a gap without one."""
PATIENCE: Final = pd.Timedelta(days=10)
"""Time without a measurement after which a state is not carried on; OONI's detector forgets what it
knew of a site after as long."""
DRAWS: Final = 999
_HOUR: Final = pd.Timedelta(hours=1)
_HALF: Final = 0.5
_CLOSE: Final = 1e-9


def stretches(
    observed: pd.DataFrame,
    counting: Counting,
    *,
    patience: pd.Timedelta = PATIENCE,
    draws: int = DRAWS,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Cut the record of every network and site into stretches of one state.

    Parameters
    ----------
    observed
        As :func:`darkdays.detect.blocking.blocking.observations` gives it.
    counting
        Unit, interval and level. A change whose p-value is above 1 - level is not made.
    patience
        Longest time without a measurement within a stretch.
    draws
        Permutations for each p-value.
    rng
        Where they come from.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS` (UTC), in order of network, site and time. ``begins`` is :data:`RECORD`,
        :data:`CHANGE` or :data:`GAP`. ``method`` is the way that has
        more than half of what was blocked, or :data:`MIXED`; empty if nothing was, or the state is
        "ok". ``start_low`` is the last measurement that can still belong to the stretch before,
        ``start_high`` the first that has to belong to this one; both are missing for the first
        stretch, as are the bounds of the end for the last. ``first`` and ``last`` are its own
        measurements, ``blocked_first`` and ``blocked_last`` those that were blocked.
        ``longest_gap_hours`` is how long nothing was measured within. ``p`` is that of the change
        the stretch begins with, missing where it begins with none.
    """
    rows: list[dict[str, Any]] = []
    marked = observed.assign(unit=units(observed, counting.unit).to_numpy())
    for (network, site), mine in marked.groupby(["network", "site"], sort=True):
        if counting.unit == "measurement":
            mine = mine.sort_values("time", kind="stable")
        found = _stretches_of(mine, counting, patience, draws, rng)
        for number, row in enumerate(found, 1):
            rows.append({"network": network, "site": site, "stretch": number, **row})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in TIMES:
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    return table


def _stretches_of(
    mine: pd.DataFrame,
    counting: Counting,
    patience: pd.Timedelta,
    draws: int,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    weights = pd.crosstab(mine["unit"], mine["method"], normalize="index")
    spans = mine.groupby("unit", sort=True)["time"].agg(["min", "max"])
    numbers = weights.to_numpy(np.float64)
    cuts, chances = _significant(numbers, counting.level, draws, rng)
    edges = [0, *cuts, len(numbers)]
    changes = {}
    for before, cut, after, chance in zip(edges[:-2], cuts, edges[2:], chances, strict=True):
        first, last = bounds(numbers[before:after], counting.level)
        changes[cut] = (*_moments(spans, before + first, before + last), chance)
    silence = spans["min"].iloc[1:].to_numpy() - spans["max"].iloc[:-1].to_numpy()
    gaps = {int(place) + 1 for place in np.flatnonzero(silence > patience)}
    rows = []
    for start, end in pairwise(sorted({*edges, *gaps})):
        row = _state_of(weights.iloc[start:end], spans.iloc[start:end], mine, counting)
        row["begins"] = CHANGE if start in changes else GAP if start in gaps else RECORD
        for edge, names in ((start, ("start_low", "start_high")), (end, ("end_low", "end_high"))):
            if edge in changes:
                row |= dict(zip(names, changes[edge][:2], strict=True))
            elif edge in gaps:
                row |= dict(zip(names, _moments(spans, edge, edge), strict=True))
        row["p"] = changes[start][2] if start in changes else np.nan
        rows.append(row)
    return rows


def _significant(
    weights: NDArray[np.float64], level: float, draws: int, rng: np.random.Generator
) -> tuple[list[int], list[float]]:
    """Return the changes that are no chance, the weakest taken out first, and their p-values."""
    cuts = best_cut(weights)
    while cuts:
        edges = [0, *cuts, len(weights)]
        chances = [
            p_value(weights[before:after], draws, rng)
            for before, after in zip(edges[:-2], edges[2:], strict=True)
        ]
        weakest = int(np.argmax(chances))
        if chances[weakest] <= 1 - level:
            return cuts, chances
        del cuts[weakest]
    return [], []


def _moments(spans: pd.DataFrame, first: int, last: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the last time before the first place and the first time at the last place."""
    return spans["max"].iloc[first - 1], spans["min"].iloc[last]


def _state_of(
    weights: pd.DataFrame, spans: pd.DataFrame, mine: pd.DataFrame, counting: Counting
) -> dict[str, Any]:
    ways = weights.drop(columns=NOT_BLOCKED, errors="ignore")
    hit = ways.sum(axis=1).to_numpy()
    # Sums of thirds are not exactly what they should be.
    blocked, counted = int((hit > _HALF + _CLOSE).sum()), int((abs(hit - _HALF) > _CLOSE).sum())
    state = counting.state(blocked, counted)
    low, high = counting.bounds(blocked, counted)
    gaps = (spans["min"].iloc[1:].to_numpy() - spans["max"].iloc[:-1].to_numpy()) / _HOUR
    own = mine[mine["unit"].isin(weights.index)]
    times = own["time"][own["method"] != NOT_BLOCKED]
    row: dict[str, Any] = dict.fromkeys(TIMES, pd.NaT)
    return row | {
        "state": state,
        "method": "" if state == OK else _prevailing(ways.sum()),
        "first": spans["min"].iloc[0],
        "last": spans["max"].iloc[-1],
        "blocked_first": times.min(),
        "blocked_last": times.max(),
        "measurements": len(own),
        "units": counted,
        "blocked": blocked,
        "share": blocked / counted if counted else np.nan,
        "low": low,
        "high": high,
        "longest_gap_hours": float(gaps.max(initial=0.0)),
    }


def _prevailing(sums: pd.Series) -> str:
    """Return the way with more than half of what was blocked."""
    total = float(sums.sum())
    if total <= _CLOSE:
        return ""
    most = str(sums.idxmax())
    return most if float(sums.max()) > (_HALF + _CLOSE) * total else MIXED
