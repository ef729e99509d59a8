"""How large an outage could have been and not be found: the answer where nothing was found.

"We saw nothing" is worth as much as what would have been seen. Outages of known depth and length
are put into the record itself, at places drawn inside the window that is asked about, and the
detector runs on each with the settings of the study. A depth counts as found if it was found at
all of :data:`PLACES` places: then it is found at 95 % of all places or more, with 95 % confidence
(0.95 to the 59th is under 0.05; Wilks 1941, Annals of Mathematical Statistics 12, 91). Where the
detector did report something, that something bounds what can hide behind it: an outage took no
more than the stretch it filled lost.

Only what a signal measures is bounded. Probing and routing see few blocks of mobile networks, and
a bound on a province's blocks is none on its people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.signals import Signal
from darkdays.detect.missed.injection import Detector, is_found
from darkdays.detect.missed.limits import found_from, most_lost
from darkdays.detect.outages.prepared import prepare

HOURS: Final = (1.0, 3.0, 6.0, 12.0, 24.0, 72.0, 168.0)
DEPTHS: Final = (
    0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.17, 0.20,
    0.25, 0.30, 0.35, 0.40, 0.45, 0.50, 0.60, 0.70, 0.80, 0.90, 1.00,
)  # fmt: skip
"""Depths that are tried."""
PLACES: Final = 59
_BELOW_THEORY: Final = 3  # of DEPTHS
COLUMNS: Final = (
    "entity",
    "datasource",
    "hours",
    "found_from",
    "found_from_theory",
    "seen",
    "limit",
    "excluded_from",
    "places",
    "level",
)


@dataclass(frozen=True)
class Window:
    """The stretch of time that is asked about, naive UTC."""

    start: pd.Timestamp
    end: pd.Timestamp


def outage_bounds(
    signal: Signal,
    window: Window,
    detector: Detector,
    *,
    rng: np.random.Generator,
    hours: Sequence[float] = HOURS,
) -> pd.DataFrame:
    """Return, for each length, from which depth on an outage in a window is excluded.

    Parameters
    ----------
    signal
        As it was measured; of a kind that an outage makes fall.
    window
        Where outages are put.
    detector
        The settings of the study; its confidence is that of the limits.
    rng
        Draws the places.
    hours
        Lengths to try, those that fit into the window.

    Returns
    -------
    pandas.DataFrame
        A row a length: ``found_from``, the least depth found at all of ``places`` places, and
        ``found_from_theory`` (:func:`darkdays.detect.missed.limits.found_from`); ``seen`` and
        ``limit``, the most that any stretch of that length lost, and its upper limit
        (:func:`~darkdays.detect.missed.limits.most_lost`); ``excluded_from``, the larger of
        ``found_from`` and ``limit``, and never less than for any longer outage: outages of that
        depth or more are excluded for so many hours *or more*, up to the longest row. NaN where no
        depth is excluded. Empty if the signal cannot be judged or sized.
    """
    rows: list[dict[str, Any]] = []
    prepared = prepare(signal, detector.time_zone)
    kind = DATASOURCES.get(signal.datasource)
    analysis = prepared.analyse(detector.level) if prepared is not None else None
    falls = kind is None or kind.outage == "fall"
    if analysis is None or not analysis.sizable or not falls:
        return nothing()
    known = detector.down(signal)
    length = (window.end - window.start) / pd.Timedelta(hours=1)
    for one in sorted(hours):
        # A length keeps its places whatever other lengths are tried.
        draws = np.random.default_rng([int(rng.integers(2**31)), round(60 * one)])
        lost = most_lost(analysis, window.start, window.end, one)
        if one >= length or lost is None:
            continue
        theory = found_from(analysis, one, min_depth=detector.min_depth, family=detector.family)
        starts = [
            window.start + pd.Timedelta(seconds=round(3600 * float(late)))
            for late in draws.uniform(0, length - one, PLACES)
        ]
        rows.append(
            {
                "entity": signal.entity,
                "datasource": signal.datasource,
                "hours": one,
                "found_from": _least_found(signal, known, starts, one, detector, theory),
                "found_from_theory": theory,
                "seen": lost.seen,
                "limit": lost.limit,
                "places": PLACES,
                "level": detector.level,
            }
        )
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "excluded_from"])
    both = table[["found_from", "limit"]].max(axis=1, skipna=False)
    from_longest = both[::-1].cummax(skipna=False)[::-1]
    return table.assign(excluded_from=from_longest)[list(COLUMNS)]


def excluded(table: pd.DataFrame, hours: float) -> float:
    """Return the depth from which on outages of so many hours or more are excluded.

    Parameters
    ----------
    table
        Of one signal, from :func:`outage_bounds`.
    hours
        A length between two rows counts as the shorter one.

    Returns
    -------
    float
        NaN if none is excluded: the length is shorter than every row, or longer than the last.
    """
    fitting = table[table["hours"] <= hours]
    if fitting.empty or hours > table["hours"].max():
        return np.nan
    return float(fitting.sort_values("hours")["excluded_from"].iloc[-1])


def nothing() -> pd.DataFrame:
    """Return the table of no bounds."""
    return pd.DataFrame(columns=list(COLUMNS))


def joined(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the bounds of several signals into one table, also where there are none."""
    kept = [one for one in tables if len(one)]
    return pd.concat(kept, ignore_index=True) if kept else nothing()


def _least_found(
    signal: Signal,
    known: NDArray[np.float64],
    starts: Sequence[pd.Timestamp],
    hours: float,
    detector: Detector,
    theory: float,
) -> float:
    """Return the least of :data:`DEPTHS` that is found at every place; NaN if even all is not.

    Search begins a little below where theory expects the answer, and takes it that what is found
    at a depth is found deeper too: a depth that is missed is missed at one of the first places, and
    only one that is found takes all of them.
    """
    expected = 1.0 if np.isnan(theory) else theory
    place = min(int(np.searchsorted(DEPTHS, expected)), len(DEPTHS) - 1)
    place = max(place - _BELOW_THEORY, 0)

    def everywhere(depth: float) -> bool:
        return all(is_found(signal, known, start, hours, depth, detector) for start in starts)

    if everywhere(DEPTHS[place]):
        while place > 0 and everywhere(DEPTHS[place - 1]):
            place -= 1
        return DEPTHS[place]
    return next((depth for depth in DEPTHS[place + 1 :] if everywhere(depth)), np.nan)
