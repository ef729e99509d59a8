"""What the stages of a study hand on, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from darkdays.case.case import Case
from darkdays.claims import Verdict
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE, NOT_READ, Signal, each
from darkdays.detect.blocking.sites import Sites, sites_of
from darkdays.detect.missed.bounds import nothing
from darkdays.detect.outages.agreement import agreement
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import level_shifts
from darkdays.detect.outages.recurrence import recurring
from darkdays.evidence.explanations import Explained
from darkdays.studies import Results


@dataclass(frozen=True)
class Fetched:
    """What a case has to work with: signals, events, lists and tables, and where they were put."""

    case: Case
    folder: Path
    signals: xr.DataTree
    events: pd.DataFrame
    lists: dict[str, pd.DataFrame]
    inputs: dict[str, Any]
    unread: dict[str, str]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    origins: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def simulated(self) -> bool:
        """Whether the case says so, or any of the signals or tables was generated: no evidence."""
        read: list[Any] = [*self.signals.children.values(), *self.tables.values()]
        return self.case.simulated or any(bool(one.attrs.get("simulated", False)) for one in read)

    @property
    def connectivity(self) -> xr.DataTree:
        """The signals in which outages are looked for: all but those of drivers."""
        driving = {one.datasource for one in self.case.drivers}
        kept = {name: one for name, one in self.signals.children.items() if name not in driving}
        return xr.DataTree(children=kept) if driving else self.signals

    @property
    def drivers(self) -> tuple[Signal, ...]:
        """The signals of what the case calls drivers."""
        driving = {one.datasource for one in self.case.drivers}
        kept = {name: one for name, one in self.signals.children.items() if name in driving}
        return tuple(each(xr.DataTree(children=kept)))

    def overview(self) -> pd.DataFrame:
        """Return a row a datasource: entities, bins, and the share of bins measured."""
        rows = []
        for name in sorted(self.signals.children):
            node = self.signals[name].to_dataset()
            coverage = node["coverage"].values
            rows.append(
                {
                    "datasource": name,
                    "unit": node.attrs["unit"],
                    "entities": node.sizes["entity"],
                    "first bin (UTC)": f"{pd.Timestamp(node['time'].values[0]):%Y-%m-%d %H:%M}",
                    "last bin (UTC)": f"{pd.Timestamp(node['time'].values[-1]):%Y-%m-%d %H:%M}",
                    "measured": round(float((coverage == MEASURED).mean()), 3),
                    "missing at source": round(float((coverage == MISSING_AT_SOURCE).mean()), 3),
                    "not read": round(float((coverage == NOT_READ).mean()), 3),
                }
            )
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class Detected:
    """What the detector found, before any protest was looked at."""

    fetched: Fetched
    level: float
    min_depth: float
    analyses: list[Analysis]
    not_assessed: list[str]
    outages: pd.DataFrame
    stages: pd.DataFrame
    steps: pd.DataFrame
    gaps: pd.DataFrame
    short: pd.DataFrame

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The outages a report goes through one by one: all but those of donors."""
        donors = [donor.id for donor in self.fetched.case.donors]
        kept = ~self.outages["entity"].isin(donors)
        return self.outages if kept.all() else self.outages[kept].reset_index(drop=True)

    @cached_property
    def shifts(self) -> pd.DataFrame:
        """Levels that were never left again, the instrument's among them."""
        controls = {control.id for control in self.fetched.case.controls}
        return level_shifts(self.analyses, controls)

    @cached_property
    def recurring(self) -> pd.DataFrame:
        """Outages at the same hours again, on the clock of the place."""
        return recurring(self.shown, time_zone=self.fetched.case.time_zone)

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """The datasources of each entity side by side, outage by outage."""
        return agreement(self.shown, self.analyses)

    @cached_property
    def sites(self) -> Sites:
        """What the tables of measurements say of sites and apps, and how they were blocked."""
        return sites_of(self.fetched.tables, self.level)

    @cached_property
    def record(self) -> pd.DatetimeIndex:
        """First and last measured moment of the signals that were judged (UTC).

        The window of the case where none was.
        """
        times = [time for one in self.analyses for time in (one.times[0], one.times[-1])]
        if not times:
            window = self.fetched.case.window
            return pd.DatetimeIndex([window.start, window.end]).tz_convert("UTC")
        return pd.DatetimeIndex([min(times), max(times)]).tz_localize("UTC")


@dataclass(frozen=True)
class Correlated:
    """Verdicts on the claims, with the tables behind them, and what studies of lists gave."""

    detected: Detected
    verdicts: list[Verdict]
    order: pd.DataFrame
    results: Results
    explained: Explained | None
    bounds: pd.DataFrame = field(default_factory=nothing)
