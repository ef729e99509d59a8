"""Incidents of known cause, counted by what is known of them: what rivals are weighed by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.rivals.rival_counts import Counts
from darkdays.correlate.rivals.rival_features import (
    CAUSES,
    COUNTED,
    FEATURES,
    clock,
    duration_classes,
    minute_of_hour,
    neighbours,
    repetition,
)
from darkdays.files.writing import rows_of
from darkdays.labels.zones import first_zones

CAUSE_OF: Final[Mapping[str, str]] = {
    "Government-Ordered": "shutdown",
    "Exams": "exam",
    "Cable-Cut": "cable cut",
    "Power-Outage": "power cut",
    "Equipment-Failure": "maintenance",
    "Misc-Routing-Problem": "maintenance",
    "Generic-Technical": "maintenance",
    "Route-Leak": "maintenance",
}
"""Causes of the list that are counted. Maintenance stands for planned work and for an operator's
own faults, of which the list has some; weather and earthquakes are none of the rivals."""
_QUIET: Final = pd.Timedelta(days=7)
_SAME: Final = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Incident:
    """Outages that one decision, cut or failure brought about.

    Attributes
    ----------
    cause
        One of :data:`darkdays.correlate.rivals.rival_features.CAUSES`.
    countries
        Every country it touched.
    outages
        What is known of each of its outages, value by feature.
    """

    cause: str
    countries: frozenset[str]
    outages: tuple[Mapping[str, str | frozenset[str] | None], ...]


def incidents(outages: pd.DataFrame) -> list[Incident]:
    """Group the outages of known cause into incidents.

    Outages of one cause belong together if they are in one country at most seven days apart, or
    begin within an hour of each other anywhere.

    Parameters
    ----------
    outages
        The curated list: columns ``country``, ``start``, ``end`` (UTC) and ``cause``.
    """
    zones = first_zones()
    known = outages[outages["cause"].isin(list(CAUSE_OF)) & outages["country"].isin(list(zones))]
    known = known.assign(cause=known["cause"].map(CAUSE_OF)).sort_values(
        ["cause", "start", "country"], ignore_index=True
    )
    seen = dict(_observed(known, outages, zones))
    groups = pd.Series(_joined(known), index=known.index)
    return [
        Incident(
            cause=str(members["cause"].iloc[0]),
            countries=frozenset(members["country"]),
            outages=tuple(seen[row] for row in members.index),
        )
        for _, members in known.groupby(groups)
    ]


def counted(found: list[Incident], temper: float) -> Counts:
    """Count incidents by cause, feature and value, each as one.

    An outage of an incident counts for its share of it, and for nothing in a feature that is not
    known of it.
    """
    total = _empty()
    countries: dict[str, dict[str, dict[str, NDArray[np.float64]]]] = {}
    for incident in found:
        shares = _shares(incident)
        for feature, numbers in shares.items():
            total[incident.cause][feature] += numbers
            for country in incident.countries:
                causes = countries.setdefault(country, {})
                mine = causes.setdefault(incident.cause, {})
                mine[feature] = mine.get(feature, np.zeros(len(numbers))) + numbers
    present = {cause: total[cause] for cause in CAUSES if _any(total[cause])}
    return Counts(present, countries, temper)


def _empty() -> dict[str, dict[str, NDArray[np.float64]]]:
    return {
        cause: {feature: np.zeros(len(FEATURES[feature])) for feature in COUNTED}
        for cause in CAUSES
    }


def _any(features: Mapping[str, NDArray[np.float64]]) -> bool:
    return any(numbers.any() for numbers in features.values())


def _shares(incident: Incident) -> dict[str, NDArray[np.float64]]:
    found = {}
    for feature in COUNTED:
        names = FEATURES[feature]
        numbers = np.zeros(len(names))
        for outage in incident.outages:
            value = outage[feature]
            stated = {value} if isinstance(value, str) else set(value or ())
            for name in stated:
                numbers[names.index(name)] += 1 / len(stated)
        found[feature] = numbers / max(numbers.sum(), 1.0)
    return found


def _joined(known: pd.DataFrame) -> list[int]:
    """Return the number of the incident of every row; rows are in order of cause and start."""
    rows = list(rows_of(known))
    parent = list(range(len(rows)))

    def root(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    for place, row in enumerate(rows):
        for earlier in range(place - 1, -1, -1):
            other = rows[earlier]
            apart = row.start - other.start
            if other.cause != row.cause or apart > _QUIET:
                break
            if other.country == row.country or apart <= _SAME:
                parent[root(place)] = root(earlier)
    return [root(place) for place in range(len(rows))]


def _observed(
    known: pd.DataFrame, outages: pd.DataFrame, zones: Mapping[str, str]
) -> Iterator[tuple[int, Mapping[str, str | frozenset[str] | None]]]:
    # Neighbours are every other country of the list, whatever the cause of its outages.
    everywhere = outages[["country", "start"]].drop_duplicates()
    record = (everywhere["start"].min(), everywhere["start"].max())
    for row in rows_of(known):
        zone = zones[row.country]
        same = everywhere["country"] == row.country
        near = everywhere[(everywhere["start"] - row.start).abs() <= _QUIET * 2]
        hours = (row.end - row.start) / pd.Timedelta(hours=1)
        ended = not pd.isna(row.end) and hours > 0
        yield (
            row.Index,
            {
                "minute": minute_of_hour(row.start, row.start, zone),
                "hours": duration_classes(hours, hours) if ended else None,
                "repetition": repetition(
                    row.start, list(near.loc[same.loc[near.index], "start"]), record
                ),
                "clock": clock(row.start, zone),
                "neighbours": neighbours(
                    row.start, list(near.loc[~same.loc[near.index], "start"]), len(near)
                ),
            },
        )
