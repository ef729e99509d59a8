"""Incidents of known cause, counted by what is known of them: what rivals are weighed by.

And how far the causes come out again in countries that were not learned from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

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
    rest,
    school_hours,
    season,
)
from darkdays.correlate.rivals.rivals import weigh
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
_DAY: Final = pd.Timedelta(days=1)
TEMPERS: Final = tuple(round(0.1 * step, 1) for step in range(1, 11))
"""Tempers that are tried."""
_AS_GOOD: Final = 1.01
_WIDTH: Final = 0.2


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
            causes = countries.setdefault(" ".join(sorted(incident.countries)), {})
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
                    row.start, list(near.loc[same.loc[near.index], "start"]), record, zone
                ),
                "clock": clock(row.start, zone),
                "school hours": school_hours(row.start, row.end, zone) if ended else None,
                "rest": rest(_pattern(row, known), zone) if ended else None,
                "season": season(row.start, zone),
                "neighbours": neighbours(
                    row.start, list(near.loc[~same.loc[near.index], "start"]), len(near)
                ),
            },
        )


def _pattern(row: Any, known: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return an outage and those of the country, for its cause, at this time of days nearby."""
    same = known[(known["country"] == row.country) & (known["cause"] == row.cause)]
    apart = (same["start"] - row.start).abs()
    off = (apart + _SAME) % _DAY
    lasted = same["end"] - same["start"]
    near = same[(apart <= 2 * _QUIET) & (off <= 2 * _SAME) & (lasted > 0 * _DAY) & (lasted < _DAY)]
    return [(row.start, row.end), *zip(near["start"], near["end"], strict=True)]


def left_out(found: list[Incident], counts: Counts) -> pd.DataFrame:
    """Weigh every outage by incidents of other countries only.

    Parameters
    ----------
    found
        Incidents.
    counts
        Of the same incidents; each is taken out again with all countries it touches.

    Returns
    -------
    pandas.DataFrame
        A row an outage: ``cause``, ``verdict``, ``fits_best``, the logarithm of how likely each
        cause makes what is known (one of them 0), and ``weight``, by which the outages of an
        incident make up one.
    """
    rows = []
    for incident in found:
        for outage in incident.outages:
            # People checked every outage of the list: it is none of the instrument.
            observed = {**outage, "controls": "up"}
            found_here = weigh(observed, left_out=incident.countries, counts=counts)
            fits = {"shutdown": 0.0} | {one: -odds for one, odds in found_here.against.items()}
            rows.append(
                {
                    "cause": incident.cause,
                    "verdict": found_here.verdict,
                    "fits_best": max(fits, key=lambda cause: fits[cause]),
                    **fits,
                    "weight": 1 / len(incident.outages),
                }
            )
    return pd.DataFrame(rows)


def even_odds(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the weights of a shutdown against each rival come to at even odds.

    Parameters
    ----------
    table
        Of :func:`left_out`.

    Returns
    -------
    pandas.DataFrame
        A row an outage and rival, of outages that are one or the other: ``rival``, ``said`` (the
        probability of a shutdown if it and the rival were equally likely beforehand), ``is_so``
        and ``share``, by which shutdowns and the rival count the same and all rivals too.
    """
    parts = []
    for rival in table["cause"].unique():
        if rival == "shutdown":
            continue
        mine = table[table["cause"].isin(["shutdown", rival])]
        each = mine.groupby("cause")["weight"].transform("sum")
        said = 1 / (1 + np.exp(mine[rival] - mine["shutdown"]))
        parts.append(
            pd.DataFrame(
                {
                    "rival": rival,
                    "said": said,
                    "is_so": mine["cause"] == "shutdown",
                    "share": mine["weight"] / each,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def pair_loss(table: pd.DataFrame) -> float:
    """Return the mean logarithmic loss of shutdown against rival at even odds."""
    pairs = even_odds(table)
    right = np.where(pairs["is_so"], pairs["said"], 1 - pairs["said"])
    return float(np.average(-np.log(right), weights=pairs["share"]))


def tempered(found: list[Incident]) -> tuple[Counts, pd.DataFrame]:
    """Return counts with their temper, and the loss of every temper tried.

    The most cautious one is taken whose loss is within a hundredth of the smallest.
    """
    plain = counted(found, 1.0)
    losses = [pair_loss(left_out(found, replace(plain, temper=temper))) for temper in TEMPERS]
    close = np.asarray(losses) <= _AS_GOOD * min(losses)
    best = TEMPERS[int(np.argmax(close))]
    return replace(plain, temper=best), pd.DataFrame({"temper": TEMPERS, "loss": losses})


def calibration(pairs: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Return how often it was a shutdown by what the weights said, and the expected error.

    Parameters
    ----------
    pairs
        Of :func:`even_odds`.

    Returns
    -------
    (pandas.DataFrame, float)
        A row a fifth of the scale, and the mean distance between what was said and what was so,
        weighted by how much of the pairs is in each (expected calibration error).
    """
    bins = np.minimum(pairs["said"] // _WIDTH, 1 / _WIDTH - 1).astype(int)
    rows = [
        {
            "said at even odds": _between(int(str(number))),
            "share of pairs": float(group["share"].sum() / pairs["share"].sum()),
            "mean said": float(np.average(group["said"], weights=group["share"])),
            "was a shutdown": float(np.average(group["is_so"], weights=group["share"])),
        }
        for number, group in pairs.groupby(bins)
    ]
    table = pd.DataFrame(rows)
    off = (table["mean said"] - table["was a shutdown"]).abs()
    return table, float((off * table["share of pairs"]).sum())


def to_document(counts: Counts) -> dict[str, Any]:
    """Return counts in the form they are stored in, rounded to four decimals."""

    def lists(causes: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> dict[str, Any]:
        return {
            cause: {
                feature: [round(float(one), 4) for one in causes[cause][feature]]
                for feature in COUNTED
                if feature in causes[cause]
            }
            for cause in CAUSES
            if cause in causes
        }

    return {
        "temper": round(counts.temper, 2),
        "total": lists(counts.total),
        "countries": {name: lists(counts.countries[name]) for name in sorted(counts.countries)},
    }


def _between(number: int) -> str:
    return f"{number * _WIDTH:.0%} to {(number + 1) * _WIDTH:.0%}"
