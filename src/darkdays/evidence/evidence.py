"""What a verdict may look at: outages under every specification, events, and the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.case.case import Case
from darkdays.contracts.events import local_days, of_country, of_kind
from darkdays.contracts.moments import utc_of_local
from darkdays.contracts.outages import ended, may_be_levels
from darkdays.contracts.signals import Signal
from darkdays.detect.missed import bounds
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import CONTROL, NEIGHBOUR, trusted
from darkdays.sources import places

LEVELS: Final = (0.90, 0.95, 0.99)
MIN_DEPTHS: Final = (0.05, 0.10, 0.20)


@dataclass(frozen=True, order=True)
class Specification:
    """One defensible way to run the study: detector settings and the datasources to believe."""

    level: float
    min_depth: float
    datasources: tuple[str, ...]

    @property
    def believed(self) -> str:
        """The datasources in a few words."""
        return " + ".join(self.datasources) or "no datasource"

    def label(self) -> str:
        """Return it in a few words."""
        return f"level {self.level:g}, depth {self.min_depth:g}, {self.believed}"


@dataclass(frozen=True)
class Evidence:
    """Outages, recovery stages and events, seen through one specification.

    Attributes
    ----------
    outages, stages
        Tables of :mod:`darkdays.detect`, of the specification's datasources only. Outages that
        are the instrument's, or a control's, or may be new levels
        (:func:`darkdays.contracts.outages.may_be_levels`), are dropped: nothing may rest on them.
        When each was over stands beside it, as :func:`darkdays.contracts.outages.ends` gives it.
    events
        Event table of the case; what is dated in other countries is dropped, see
        :func:`darkdays.contracts.events.of_country`.
    record
        First and last moment at which any of the signals was measured (UTC).
    measured
        Entities with a signal long enough to judge.
    analyses
        Of the specification's datasources, under the chosen confidence.
    time_zone
        Whose days are counted; the place's if empty.
    may_be_levels
        Entities with such an outage.
    aside
        Outages of controls and neighbours, which are held against those of the case.
    bounds
        What could have been missed, from :mod:`darkdays.detect.missed.bounds`, under the chosen
        settings.
    drivers
        Signals of what the case calls drivers.
    """

    case: Case
    specification: Specification
    outages: pd.DataFrame
    stages: pd.DataFrame
    events: pd.DataFrame
    record: pd.DatetimeIndex
    measured: frozenset[str] = field(default=frozenset())
    analyses: tuple[Analysis, ...] = ()
    time_zone: str = ""
    may_be_levels: frozenset[str] = field(default=frozenset())
    aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    bounds: pd.DataFrame = field(default_factory=bounds.nothing)
    drivers: tuple[Signal, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", of_country(self.events, self.case.place))
        if self.aside.columns.empty:
            outside = self.outages["label"].isin([CONTROL, NEIGHBOUR])
            object.__setattr__(self, "aside", self.outages[outside])
        if "until" not in self.outages:  # or else these are some of another's
            seen = trusted(self.outages)
            levels = may_be_levels(seen)
            object.__setattr__(self, "may_be_levels", frozenset(seen.loc[levels, "entity"]))
            object.__setattr__(self, "outages", ended(seen[~levels]))

    @property
    def clock(self) -> str:
        """The time zone whose days are counted."""
        return self.time_zone or self.case.time_zone

    def members(self, network: str) -> list[str]:
        """Return the entities of a kind of network."""
        return [entity.id for entity in self.case.entities if entity.network == network]

    @property
    def donors(self) -> list[str]:
        """The donors of the case that were measured."""
        return [donor.id for donor in self.case.donors if donor.id in self.measured]

    def measured_members(self, *networks: str) -> tuple[list[str], ...]:
        """Return the entities of each kind of network that were measured."""
        return tuple(
            [one for one in self.members(network) if one in self.measured] for network in networks
        )

    def window_of(self, kind: str, entity: str) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """Return when the first local day of an event of an entity begins, and the last ends.

        None without such an event, or where they lie wholly outside of the record.
        """
        days = local_days(events_at(self.events, kind, self.case, entity), self.clock)
        if days.empty:
            return None
        start = utc_of_local(days[0], self.clock)
        end = utc_of_local(days[-1] + pd.Timedelta(days=1), self.clock)
        start, end = max(start, self.record[0]), min(end, self.record[-1])
        return (start, end) if start < end else None

    def dated(self, entity: str) -> pd.DataFrame:
        """Return the outages of an entity whose beginning was observed."""
        return self.outages[(self.outages["entity"] == entity) & self.outages["onset"].notna()]

    def first_outage(self, entity: str) -> pd.Series | None:
        """Return the earliest dated outage of an entity."""
        mine = self.dated(entity)
        return None if mine.empty else mine.sort_values("onset", kind="stable").iloc[0]


def events_at(events: pd.DataFrame, kind: str, case: Case, entity: str) -> pd.DataFrame:
    """Return the events of a kind in a region, or anywhere if the entity is no region.

    Parameters
    ----------
    events
        Their ``place`` is ``IR/Khuzestan``, in any spelling the table of places knows.
    kind
        Of the events.
    case
        Its place is the country.
    entity
        ``region/Khuzestan``; networks and countries are in no region.
    """
    found = of_kind(events, kind)
    if not entity.startswith("region/"):
        return found
    return found[in_region(found, case, entity)]


def in_region(events: pd.DataFrame, case: Case, entity: str) -> NDArray[np.bool_]:
    """Return which events name a region, by its id or what the case calls it."""
    names = (entity.removeprefix("region/").partition(".")[0], case.name_of(entity))
    known = set().union(*(places.spellings(case.place, name) for name in names))
    inside = [
        any(places.plain(part) in known for part in str(place).split("/")[1:])
        for place in events["place"]
    ]
    return np.array(inside, bool)


def grid(level: float, min_depth: float) -> list[tuple[float, float]]:
    """Return the detector settings to try, the chosen ones included, in order."""
    levels = sorted({*LEVELS, level})
    depths = sorted({*MIN_DEPTHS, min_depth})
    return list(product(levels, depths))


def specifications(level: float, min_depth: float, datasources: list[str]) -> list[Specification]:
    """Return every specification of the study, the chosen one first.

    All datasources together, and each alone: what only holds in one of them should say so.
    """
    everything = tuple(sorted(datasources))
    sets = [everything, *((name,) for name in everything if len(everything) > 1)]
    chosen = Specification(level, min_depth, everything)
    others = {Specification(*pair, names) for pair in grid(level, min_depth) for names in sets}
    return [chosen, *sorted(others - {chosen})]
