"""Outages and events of places as flags of local days: what every test starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.exposure import Exposure, days_around, exposure_by_day, nearness_of_days
from darkdays.correlate.onsets import TIMES, DayReadings, onsets_by_day
from darkdays.detect.outages.episodes import episodes
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import events_of_place
from darkdays.files.writing import rows_of

GAP_HOURS: Final = 24.0
"""Outages, and protests, less far apart are one episode, unless another number is asked for."""


@dataclass(frozen=True)
class OutageDays:
    """Outages of places by local day.

    Attributes
    ----------
    episodes
        A table a place, as :func:`darkdays.detect.outages.episodes.episodes` gives it.
    onsets
        Number of episodes that begin on a day by their stated moment, shape ``(places, days)``.
    down
        Days that an episode touches, same shape.
    """

    episodes: tuple[pd.DataFrame, ...]
    onsets: NDArray[np.int64]
    down: NDArray[np.bool_]


@dataclass(frozen=True)
class EventDays:
    """Events of places by local day.

    Attributes
    ----------
    possible
        Days an event can have touched, shape ``(places, before + days)``.
    certain
        Days one touched for sure, same shape.
    begins
        First days of runs of possible days, shape ``(places, days)``.
    before
        Days before the record that are known as well, for what they expose within it.
    """

    possible: NDArray[np.bool_]
    certain: NDArray[np.bool_]
    begins: NDArray[np.bool_]
    before: int = 0

    def nearness(self, days_after: int, *, surely: bool = False) -> NDArray[np.int64]:
        """Return how near each day of each place is to the latest event, 0 where not exposed.

        Exposed are days an event can have touched, or touched for sure, and so many days after.
        """
        seen = self.certain if surely else self.possible
        return nearness_of_days(seen, days_after=days_after)[:, self.before :]

    def exposed(self, days_after: int, *, surely: bool = False) -> NDArray[np.bool_]:
        """Return the days that are exposed, of each place."""
        return self.nearness(days_after, surely=surely) > 0


def record_days(evidence: Evidence, entities: Sequence[str]) -> pd.DatetimeIndex:
    """Return the local days on which any signal of the entities was measured, first to last.

    The days of the whole record where that is not known.
    """
    times = [one.times[[0, -1]] for one in evidence.analyses if one.entity in entities]
    first, last = evidence.record[0], evidence.record[-1]
    if times:
        first = min(span[0] for span in times).tz_localize("UTC")
        last = max(span[-1] for span in times).tz_localize("UTC")
    ends = [moment.tz_convert(evidence.clock).tz_localize(None) for moment in (first, last)]
    return pd.date_range(ends[0].normalize(), ends[1].normalize(), freq="D")


def outage_days(
    evidence: Evidence,
    entities: Sequence[str],
    days: pd.DatetimeIndex,
    *,
    gap_hours: float = GAP_HOURS,
) -> OutageDays:
    """Lay the episodes of some entities out on days.

    Parameters
    ----------
    evidence
        With its outages; an episode is of a place, whichever datasource shows it.
    entities
        A row each.
    days
        Consecutive local days of the evidence's clock.
    gap_hours
        Outages less far apart are one episode.
    """
    onsets = np.zeros((len(entities), len(days)), dtype=np.int64)
    down = np.zeros(onsets.shape, dtype=bool)
    tables = []
    for place, entity in enumerate(entities):
        mine = evidence.outages[evidence.outages["entity"] == entity]
        found = episodes(mine, within=pd.Timedelta(hours=gap_hours))
        tables.append(found)
        for episode in rows_of(found):
            at, last = (
                (moment.tz_convert(evidence.clock).tz_localize(None) - days[0]).days
                for moment in (episode.onset, episode.until - pd.Timedelta(seconds=1))
            )
            if 0 <= at < len(days):
                onsets[place, at] += 1
            down[place, max(at, 0) : max(last, at, -1) + 1] = True
    return OutageDays(tuple(tables), onsets, down)


def _timed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its times as times, also where it has no row."""
    if len(table):
        return table
    return table.assign(**{name: pd.to_datetime(table[name], utc=True) for name in TIMES})


def event_days(
    evidence: Evidence,
    events: pd.DataFrame,
    entities: Sequence[str],
    days: pd.DatetimeIndex,
    *,
    gap_hours: float = GAP_HOURS,
    countrywide: bool | None = None,
    before: int = 7,
) -> EventDays:
    """Lay events out on the days of each of some entities.

    Parameters
    ----------
    evidence
        For its case and clock.
    events
        Of one kind.
    entities
        A row each.
    days
        Consecutive local days.
    gap_hours
        Days of events less far apart are one run; days that follow each other always are.
    countrywide
        As :func:`darkdays.evidence.variations.events_of_place` has it.
    before
        Days before the first to look at as well: at least as many as count as exposed after an
        event.
    """
    mine = [
        events_of_place(evidence.case, events, entity, countrywide=countrywide)
        for entity in entities
    ]
    wide = pd.date_range(days[0] - pd.Timedelta(days=before), days[-1], freq="D")
    found = [exposure_by_day(one, wide, evidence.clock) for one in mine]
    possible = np.stack([one.possible for one in found])
    certain = np.stack([one.certain for one in found])
    quiet = max(ceil(gap_hours / 24), 1)
    earlier = np.zeros_like(possible)
    earlier[:, 1:] = days_around(possible, days_after=quiet - 1)[:, :-1]
    return EventDays(possible, certain, (possible & ~earlier)[:, before:], before)


def read_two_ways(
    evidence: Evidence,
    outages: OutageDays,
    events: EventDays,
    days: pd.DatetimeIndex,
    *,
    days_after: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return onsets by day read for the fewest and for the most coincidences.

    An onset whose interval straddles midnight belongs to either day.
    """
    readings: list[DayReadings] = []
    certain, possible = (events.exposed(days_after, surely=one) for one in (True, False))
    for place, table in enumerate(outages.episodes):
        exposure = Exposure(certain[place], possible[place])
        readings.append(onsets_by_day(_timed(table), days, evidence.clock, exposure))
    fewest, most = ([getattr(one, name) for one in readings] for name in ("fewest", "most"))
    return np.stack(fewest), np.stack(most)
