"""What all tables of measurements of a case say of sites, and what OONI's rules would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from darkdays.detect.blocking import blocking_states
from darkdays.detect.blocking.blocking import NOT_BLOCKED, OBSERVED, Counting, observations
from darkdays.detect.blocking.cusum import UNKNOWN, cusum, hourly_medians

ANY: Final = "any"
NEEDED: Final = frozenset(
    {
        "measurement_start_time",
        "probe_asn",
        "test_name",
        "domain",
        "anomaly",
        "confirmed",
        "failure",
        "blocking_type",
    }
)
"""Columns by which a table is known as one of measurements of sites."""
BY_RULES: Final = (
    "table", "network", "site", "method", "hours", "changes", "state", "since",
)  # fmt: skip
_SEED: Final = 1


@dataclass(frozen=True)
class Sites:
    """Records of sites and apps, before any event was looked at.

    Attributes
    ----------
    observed
        Every measurement that says something: ``table`` and the columns of
        :func:`darkdays.detect.blocking.blocking.observations`.
    stretches
        ``table`` and the columns of :func:`darkdays.detect.blocking.blocking_states.stretches`.
    by_rules
        :data:`BY_RULES`: the state at the end of each record and since which hour, by the rules of
        OONI's detector, for every way of blocking that occurs and for :data:`ANY`.
    """

    observed: pd.DataFrame
    stretches: pd.DataFrame
    by_rules: pd.DataFrame


def sites_of(tables: Mapping[str, pd.DataFrame], level: float) -> Sites:
    """Go through every table of a case that holds measurements of sites.

    Parameters
    ----------
    tables
        By name; those without the columns :data:`NEEDED` are passed over.
    level
        Confidence of intervals and tests; one count an hour, Wilson's interval.
    """
    rng = np.random.default_rng(_SEED)
    observed, cut, ruled = [], [], []
    for name, table in tables.items():
        if not set(table.columns) >= NEEDED:
            continue
        mine = observations(table)
        observed.append(mine.assign(table=name))
        stretches = blocking_states.stretches(mine, Counting(level), rng=rng)
        cut.append(stretches.assign(table=name))
        ruled.append(_by_rules(mine).assign(table=name))
    return Sites(
        _together(observed, ("table", *OBSERVED)),
        _together(cut, ("table", *blocking_states.COLUMNS)),
        _together(ruled, BY_RULES),
    )


def _together(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [part[list(columns)] for part in parts if len(part)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    # Of measurements that all failed none is left; times are times all the same.
    return parts[0][list(columns)] if parts else pd.DataFrame(columns=list(columns))


def _by_rules(observed: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (network, site), mine in observed.groupby(["network", "site"], sort=True):
        ways = sorted(set(mine["method"]) - {NOT_BLOCKED})
        for way in (ANY, *ways):
            hit = mine["method"] != NOT_BLOCKED if way == ANY else mine["method"] == way
            hours, scores = hourly_medians(mine["time"], hit.astype(float))
            found = cusum(hours, scores.to_numpy(np.float64))
            # A state that was told without a change is known since the hour that told it.
            since = (
                pd.NaT
                if found.memory.state == UNKNOWN
                else found.changes[-1].time
                if found.changes
                else hours[found.states.index(found.memory.state)]
            )
            rows.append(
                (network, site, way, len(hours), len(found.changes), found.memory.state, since)
            )
    return pd.DataFrame(rows, columns=list(BY_RULES[1:])).assign(
        since=lambda table: pd.to_datetime(table["since"], utc=True).dt.as_unit("s")
    )
