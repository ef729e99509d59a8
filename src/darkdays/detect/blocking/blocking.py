"""Sites and apps: how many measurements of which network were blocked, and in which way.

A measurement that failed says nothing and is left out; one that OONI calls anomalous or confirmed
was blocked, in the way OONI names. An anomaly is a sign of blocking, not proof: a site that is down
everywhere looks the same. Measurements of one hour are mostly one person's one run and no
independent witnesses; the unit that is counted is therefore the hour, as in OONI's own detector.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
import scipy

BLOCKED: Final = "blocked"
OK: Final = "ok"
INSUFFICIENT: Final = "insufficient"
"""There are measurements, and too few to say which of the two it is."""
NOT_BLOCKED: Final = ""
"""The way of a measurement that was not blocked."""
UNSTATED: Final = "unstated"
"""The way of one that was blocked without OONI saying how, as in tests of apps."""
OBSERVED: Final = ("network", "site", "time", "method")
SHARES: Final = (
    "network", "site", "measurements", "measurements_blocked", "units", "blocked", "undecided",
    "first", "last", "share", "low", "high", "state",
)  # fmt: skip

Unit = Literal["measurement", "hour", "day"]
Interval = Literal["wilson", "exact"]
_HALF: Final = 0.5
_WIDTH: Final = {"hour": "1h", "day": "1D"}


@dataclass(frozen=True, order=True)
class Counting:
    """One defensible way to count.

    Attributes
    ----------
    level
        Confidence of the interval of a share.
    unit
        What counts once: a measurement, or all measurements of a site in an hour or day (UTC).
    interval
        ``wilson`` (Wilson 1927, JASA 22, 209) or ``exact`` (Clopper & Pearson 1934, Biometrika
        26, 404), which is never too short and often too long.
    """

    level: float = 0.95
    unit: Unit = "hour"
    interval: Interval = "wilson"

    def label(self) -> str:
        """Return it in a few words."""
        return f"level {self.level:g}, counted by the {self.unit}, {self.interval} interval"

    def bounds(self, blocked: int, units: int) -> tuple[float, float]:
        """Return the bounds of a share; 0 and 1 where nothing was counted."""
        if not units:
            return 0.0, 1.0
        found = scipy.stats.binomtest(blocked, units).proportion_ci(
            self.level, method=self.interval
        )
        return float(found.low), float(found.high)

    def state(self, blocked: int, units: int) -> str:
        """Return which side of a half the whole interval is on, if it is on one."""
        low, high = self.bounds(blocked, units)
        return BLOCKED if low > _HALF else OK if high < _HALF else INSUFFICIENT


def observations(table: pd.DataFrame) -> pd.DataFrame:
    """Return what single measurements say of sites.

    Parameters
    ----------
    table
        Columns ``measurement_start_time`` (UTC), ``probe_asn``, ``test_name``, ``domain``,
        ``anomaly``, ``confirmed``, ``failure`` and ``blocking_type``, as OONI lists them.

    Returns
    -------
    pandas.DataFrame
        :data:`OBSERVED`, in order of network, site and time: ``network`` as ``asn/27725``;
        ``site`` the domain without a leading ``www.``, or the test of an app; ``method``
        :data:`NOT_BLOCKED`, OONI's word or :data:`UNSTATED`. Measurements that failed, and those
        of which it is not said whether they were anomalous, are left out.
    """
    flags = {name: table[name].astype("boolean") for name in ("anomaly", "confirmed", "failure")}
    blocked = flags["anomaly"].fillna(False) | flags["confirmed"].fillna(False)
    told = (flags["anomaly"].notna() | flags["confirmed"].notna()) & ~flags["failure"].fillna(False)
    site = table["domain"].str.removeprefix("www.").where(table["domain"].notna())
    way = table["blocking_type"].where(table["blocking_type"].notna(), UNSTATED)
    number = table["probe_asn"].astype("Int64").fillna(0)
    found = pd.DataFrame(
        {
            "network": ("asn/" + number.astype(str)).where(number > 0, "asn/unknown"),
            "site": site.where(site.notna(), table["test_name"]),
            "time": pd.DatetimeIndex(table["measurement_start_time"]).as_unit("ns"),
            "method": way.where(blocked, NOT_BLOCKED),
        }
    )
    kept = found[told.to_numpy(bool) & found["site"].notna().to_numpy()]
    return kept.sort_values(list(OBSERVED), kind="stable").reset_index(drop=True)


def units(observed: pd.DataFrame, unit: Unit) -> pd.Series:
    """Return the unit each observation belongs to, as a time (of a measurement, its own place)."""
    if unit == "measurement":
        return pd.Series(np.arange(len(observed)), index=observed.index)
    floored: pd.Series = observed["time"].dt.floor(_WIDTH[unit])
    return floored


def shares(
    observed: pd.DataFrame, counting: Counting, methods: Collection[str] = ()
) -> pd.DataFrame:
    """Count for each network and site in how many units it was blocked.

    Parameters
    ----------
    observed
        As :func:`observations` gives it.
    counting
        Unit, interval and level.
    methods
        Ways that count as blocked; any way if there are none. Blocked in another way is then not
        blocked.

    Returns
    -------
    pandas.DataFrame
        :data:`SHARES`, in order of network and site. A unit counts as what more than half of its
        measurements say; one that is torn in half is ``undecided`` and in neither. ``share`` is
        ``blocked`` of ``units`` with its interval (0 to 1 where no unit decides), ``state`` one of
        :data:`BLOCKED`, :data:`OK`, :data:`INSUFFICIENT`.
    """
    ways = observed["method"]
    hit = ways.isin(list(methods)) if methods else ways != NOT_BLOCKED
    marked = observed.assign(hit=hit.to_numpy(), unit=units(observed, counting.unit).to_numpy())
    rows = []
    for (network, site), mine in marked.groupby(["network", "site"], sort=True):
        decided = mine.groupby("unit", sort=True)["hit"].mean()
        blocked, torn = int((decided > _HALF).sum()), int((decided == _HALF).sum())
        counted = len(decided) - torn
        low, high = counting.bounds(blocked, counted)
        rows.append(
            (
                network, site, len(mine), int(mine["hit"].sum()), counted, blocked, torn,
                mine["time"].min(), mine["time"].max(),
                blocked / counted if counted else np.nan, low, high,
                counting.state(blocked, counted),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(SHARES))
