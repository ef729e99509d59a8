"""Signals of many places at the full shape of IODA's, with outages whose truth is known: SIMULATED.

Everything drawn for an entity depends on the seed and its number only: the same entity is the same
signal in a sweep of ten and of ten thousand, and in whatever block it is made. Block by block
arrays of shape ``(entities, bins)`` are made at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import signal as filters

from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE

_DAY: Final = 86_400
_YEAR: Final = 365 * _DAY
_BURN_IN: Final = 300
_LEVELS: Final = (50.0, 30_000.0)
_HOURS: Final = (0.5, 240.0)
_OWN, _SHARED = 2.0, 1.0
TRUTH: Final = ("entity", "start", "end", "depth", "shared")


@dataclass(frozen=True)
class Instrument:
    """How a datasource shows a place.

    Attributes
    ----------
    noise
        Standard deviation as a share of the level, a quarter of its variance heavy-tailed.
    autocorrelation
        Of successive bins.
    daily, weekly
        Half the swing of the season, on the log scale.
    share
        Of the loss of an outage that this datasource shows.
    dips
        Single bins a year in which 30 to 80 % are gone.
    missing
        Share of bins missing at random; ``gaps`` stretches a year of up to a day are missing whole.
    """

    noise: float
    autocorrelation: float
    daily: float
    weekly: float
    share: float
    dips: float = 20.0
    missing: float = 0.01
    gaps: float = 2.0


INSTRUMENTS: Final = {
    "ioda.bgp": Instrument(0.01, 0.95, 0.0, 0.0, 0.8, dips=5.0),
    "ioda.merit-nt": Instrument(0.12, 0.5, 0.4, 0.1, 1.0, missing=0.02),
    "ioda.ping-slash24": Instrument(0.03, 0.8, 0.08, 0.02, 1.0),
}
"""The three datasources of a rehearsal."""


@dataclass(frozen=True)
class Place:
    """A made-up place over one window.

    Attributes
    ----------
    number
        Sets it apart from the other places of a sweep.
    time_zone
        Whose clock its season keeps.
    times
        Bins, naive UTC, of one step.
    seed
        Of everything drawn.
    """

    number: int
    time_zone: str
    times: pd.DatetimeIndex
    seed: int


def simulated_node(
    place: Place, entities: Sequence[str], numbers: Sequence[int], datasource: str
) -> xr.Dataset:
    """Simulate one datasource of several entities of a place.

    Parameters
    ----------
    place
        Its outages are shared by all its entities.
    entities, numbers
        Names, and numbers that set an entity apart from every other of the sweep.
    datasource
        One of :data:`INSTRUMENTS`.

    Returns
    -------
    xarray.Dataset
        As every node of signals (:mod:`darkdays.contracts.signals`): ``value`` and ``coverage``,
        dims ``(entity, time)``, attribute ``simulated``.
    """
    kind, step = INSTRUMENTS[datasource], place.times[1] - place.times[0]
    years = place.times.size * step / pd.Timedelta(_YEAR, unit="s")
    rngs = [_rng(place, number, datasource) for number in numbers]
    count = place.times.size
    shown = _noise(kind, rngs, count)
    shown += _season(place, kind)
    shown += np.array([[rng.uniform(-0.3, 0.3)] for rng in rngs]) * np.linspace(-0.5, 0.5, count)
    np.exp(shown, out=shown)
    for row, (number, rng) in enumerate(zip(numbers, rngs, strict=True)):
        for start, end, depth, _ in _outages(place, number):
            _take(shown[row], place.times, step, start, end, kind.share * depth)
        dips = rng.integers(0, count, rng.poisson(kind.dips * years))
        shown[row, dips] *= 1 - rng.uniform(0.3, 0.8, dips.size)
        shown[row] *= _level(place, number)
    np.round(shown, out=shown)
    for row, rng in enumerate(rngs):
        shown[row, rng.random(count, np.float32) < kind.missing] = np.nan
        for first in rng.integers(0, count, rng.poisson(kind.gaps * years)):
            length = int(rng.integers(1, pd.Timedelta(days=1) // step + 1))
            shown[row, first : first + length] = np.nan
    coverage = np.where(np.isnan(shown), MISSING_AT_SOURCE, MEASURED).astype(np.int8)
    return xr.Dataset(
        {"value": (("entity", "time"), shown), "coverage": (("entity", "time"), coverage)},
        coords={"entity": np.array(entities, dtype=object), "time": place.times},
        attrs={
            "datasource": datasource,
            "title": f"SIMULATED {DATASOURCES[datasource].title}",
            "unit": DATASOURCES[datasource].unit,
            "simulated": 1,
            "step_seconds": int(step.total_seconds()),
        },
    )


def truth_of(place: Place, entities: Sequence[str], numbers: Sequence[int]) -> pd.DataFrame:
    """Return the outages that were put in, a row an entity and outage (UTC).

    ``depth`` is the share that is gone, of which a datasource shows its own share; ``shared``
    whether the whole place went down.
    """
    rows = [
        (entity, *outage)
        for entity, number in zip(entities, numbers, strict=True)
        for outage in _outages(place, number)
    ]
    table = pd.DataFrame(rows, columns=list(TRUTH))
    for name in ("start", "end"):
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    return table


def _rng(place: Place, number: int, what: str, *, always: bool = False) -> np.random.Generator:
    """Return the generator of one thing drawn for an entity, anew in every window unless always."""
    window = 0 if always else int(place.times[0].timestamp())
    return np.random.default_rng([place.seed, number, zlib.crc32(what.encode()), window])


def _level(place: Place, number: int) -> float:
    low, high = np.log(_LEVELS)
    return float(np.exp(_rng(place, number, "level", always=True).uniform(low, high)))


def _outages(place: Place, number: int) -> list[tuple[pd.Timestamp, pd.Timestamp, float, bool]]:
    """Return begin, end, depth and whether it is the whole place's, in order of time."""
    own = _drawn(place, _rng(place, number, "outages"), _OWN, shared=False)
    whole = _drawn(place, _rng(place, place.number, "whole place"), _SHARED, shared=True)
    return sorted(own + whole)


def _drawn(
    place: Place, rng: np.random.Generator, rate: float, *, shared: bool
) -> list[tuple[pd.Timestamp, pd.Timestamp, float, bool]]:
    first, step = place.times[0], place.times[1] - place.times[0]
    seconds = place.times.size * step.total_seconds()
    found = []
    for _ in range(rng.poisson(rate * seconds / _YEAR)):
        start = first + pd.Timedelta(int(rng.uniform(0, seconds)), unit="s")
        hours = float(np.exp(rng.uniform(*np.log(_HOURS))))
        depth = float(rng.uniform(0.25, 1.0))
        found.append((start, start + pd.Timedelta(round(hours * 3600), unit="s"), depth, shared))
    return found


def _noise(
    kind: Instrument, rngs: Sequence[np.random.Generator], count: int
) -> NDArray[np.float64]:
    """Return noise on the log scale, a quarter of its variance heavy-tailed."""
    shocks = np.empty((len(rngs), count + _BURN_IN))
    alone = np.empty((len(rngs), count))
    for row, rng in enumerate(rngs):
        rng.standard_normal(out=shocks[row])
        # Student's t with three degrees of freedom: a normal over the root of a mean of squares.
        rng.standard_normal(out=alone[row])
        alone[row] /= np.sqrt(rng.standard_gamma(1.5, count) / 1.5) * np.sqrt(3.0)
    phi = kind.autocorrelation
    correlated = filters.lfilter([np.sqrt(1 - phi * phi)], [1.0, -phi], shocks, axis=1)
    noise = np.asarray(correlated[:, _BURN_IN:], np.float64)
    noise *= np.sqrt(0.75) * kind.noise
    alone *= 0.5 * kind.noise
    noise += alone
    return noise


def _season(place: Place, kind: Instrument) -> NDArray[np.float64]:
    local = place.times.tz_localize("UTC").tz_convert(place.time_zone).tz_localize(None)
    angle = 2 * np.pi * np.asarray((local - local.normalize()) / pd.Timedelta(days=1), np.float64)
    season = kind.daily * (np.cos(angle - 4.5) + 0.35 * np.cos(2 * angle - 1.0))
    weekend = np.asarray(local.day_of_week) >= 5
    return np.asarray(season + np.where(weekend, -kind.weekly, kind.weekly / 2), np.float64)


def _take(
    shown: NDArray[np.float64],
    times: pd.DatetimeIndex,
    step: pd.Timedelta,
    start: pd.Timestamp,
    end: pd.Timestamp,
    share: float,
) -> None:
    """Take a share away between two moments; a bin that one of them falls into, in part."""
    first, last = (start - times[0]) / step, min((end - times[0]) / step, float(times.size))
    places = np.arange(int(first), int(np.ceil(last)))
    inside = np.minimum(places + 1, last) - np.maximum(places, first)
    shown[places] *= 1 - share * inside
