"""A summer like Khuzestan's in 2021 of which the truth is known: SIMULATED, never evidence.

Thirty-one provinces lose two fifths of their fixed-line blocks for some hours every day, one
after the other, as under rolling power cuts. In one of them mobile networks are cut for hours on
days of protest, deep enough to take three to four percent of the country's mobile traffic, while
its fixed lines stay up. Probing sees few blocks of mobile networks, because thousands of people
share an address: how few is a parameter, for nobody knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.sources.places import code_of, places
from simulated_outages import Event, World, simulated_signal

Schedule = Literal["same hour", "rota", "any hour"]

PLACE: Final = "region/Khuzestan"
TIME_ZONE: Final = "Asia/Tehran"
DATASOURCE: Final = "ioda.ping-slash24"
MOBILE: Final = ("asn/197207", "asn/44244")
FIXED: Final = ("asn/58224", "asn/31549")
COUNTRY: Final = "country/IR"
POWER_CUT: Final = "power cut"
SHUTDOWN: Final = "shutdown"
_CALM: Final = World(
    noise=0.012, autocorrelation=0.6, daily=0.02, weekly=0.005, trend=0.02, dips_a_week=0.2,
    missing=0.005, gaps=0,
)  # fmt: skip
_ROTA: Final = (11, 13, 15, 17, 19, 21)


@dataclass(frozen=True)
class Summer:
    """What is true of a simulated summer.

    Attributes
    ----------
    start, end
        First local day, and first after the last.
    first_protest, last_protest
        Local days between which mobile networks are cut.
    national
        Least and largest share of the country's mobile traffic that a cut takes.
    people
        Share of the country's mobile traffic that is the province's.
    mobile_blocks
        Share of the blocks that answer in a province that belong to mobile networks.
    power_cut
        Share of fixed-line blocks that a power cut takes.
    schedule
        Whether power cuts of a province come at the ``same hour`` every day, go round by a
        ``rota``, or come at ``any hour``.
    blocks
        That answer in a province, on average.
    step
        Bin width.
    world
        Season, noise and gaps; its level is not used.
    """

    start: str = "2021-06-15"
    end: str = "2021-08-08"
    first_protest: str = "2021-07-15"
    last_protest: str = "2021-07-24"
    national: tuple[float, float] = (0.03, 0.04)
    people: float = 0.06
    mobile_blocks: float = 0.05
    power_cut: float = 0.4
    schedule: Schedule = "rota"
    blocks: float = 450.0
    step: str = "30min"
    world: World = _CALM


@dataclass(frozen=True)
class Replay:
    """Simulated signals, and what is true of them.

    Attributes
    ----------
    signals
        As a case has them, stamped ``simulated``.
    provinces
        Entities, the one with the cuts first.
    truth
        A row a cut of mobile networks: ``start``, ``end`` (UTC), and the share of the province's
        blocks (``depth``), of its mobile traffic (``mobile``) and of the country's (``national``)
        that was gone.
    window
        First moment of the first day of protest, and the last of the last (UTC).
    """

    signals: xr.DataTree
    provinces: tuple[str, ...]
    truth: pd.DataFrame
    window: tuple[pd.Timestamp, pd.Timestamp]


def replayed(summer: Summer, *, rng: np.random.Generator) -> Replay:
    """Simulate a summer.

    Parameters
    ----------
    summer
        What is true.
    rng
        Source of every random number.
    """
    first, last = (_local(day) for day in (summer.start, summer.end))
    times = pd.date_range(first, last, freq=summer.step, inclusive="left").tz_localize(None)
    national = float(rng.uniform(*summer.national))
    cuts = _cuts(summer, min(national / summer.people, 1.0), rng)
    provinces = (PLACE, *(name for name in _provinces() if name != PLACE))
    rows: dict[str, NDArray[np.float64]] = {}
    for name in provinces:
        level = summer.blocks * float(rng.lognormal(0.0, 0.5))
        events = _power_cuts(summer, times, 1 - summer.mobile_blocks, rng)
        if name == PLACE:
            level = summer.blocks
            events += [_scaled(cut, summer.mobile_blocks) for cut in cuts]
        rows[name] = _signal(summer, level, times, events, rng)
    everyone = 31 * summer.blocks
    for name in MOBILE:
        level = everyone * summer.mobile_blocks / len(MOBILE)
        rows[name] = _signal(summer, level, times, [_scaled(c, summer.people) for c in cuts], rng)
    for name in FIXED:
        rows[name] = _signal(summer, everyone * 0.4, times, [], rng)
    inside = [_scaled(cut, summer.people * summer.mobile_blocks) for cut in cuts]
    rows[COUNTRY] = _signal(summer, everyone, times, inside, rng)
    truth = pd.DataFrame(
        {
            "start": [cut.start.tz_localize("UTC") for cut in cuts],
            "end": [cut.end.tz_localize("UTC") for cut in cuts],
            "depth": [cut.depth * summer.mobile_blocks for cut in cuts],
            "mobile": [cut.depth for cut in cuts],
            "national": [cut.depth * summer.people for cut in cuts],
        }
    )
    window = (_local(summer.first_protest), _local(summer.last_protest) + pd.Timedelta(days=1))
    return Replay(_tree(rows, times), provinces, truth, window)


def _cuts(summer: Summer, depth: float, rng: np.random.Generator) -> list[Event]:
    """Return cuts of mobile networks: evenings of most days, some of them all night and longer."""
    events = []
    for day in pd.date_range(summer.first_protest, summer.last_protest):
        if rng.random() < 0.2:
            continue
        start = day + pd.Timedelta(minutes=int(rng.integers(16 * 60, 22 * 60)))
        hours = float(rng.choice([3, 5, 8, 16])) * float(rng.uniform(0.8, 1.2))
        begin = start.tz_localize(TIME_ZONE).tz_convert("UTC").tz_localize(None)
        events.append(Event(SHUTDOWN, begin, begin + pd.Timedelta(hours=round(hours, 2)), depth))
    return events


def _power_cuts(
    summer: Summer, times: pd.DatetimeIndex, fixed: float, rng: np.random.Generator
) -> list[Event]:
    """Return a power cut a day, of blocks that are fixed lines."""
    events = []
    turn = int(rng.integers(0, len(_ROTA)))
    for number, day in enumerate(pd.date_range(summer.start, summer.end, inclusive="left")):
        hour = float(rng.uniform(8, 22))
        if summer.schedule != "any hour":
            moves = number if summer.schedule == "rota" else 0
            hour = _ROTA[(turn + moves) % len(_ROTA)] + float(rng.uniform(-0.25, 0.25))
        local = day + pd.Timedelta(minutes=round(60 * hour))
        begin = local.tz_localize(TIME_ZONE).tz_convert("UTC").tz_localize(None)
        hours = float(rng.uniform(1.5, 3.0))
        depth = summer.power_cut * float(rng.uniform(0.85, 1.15)) * fixed
        if times[0] <= begin <= times[-1]:
            events.append(Event(POWER_CUT, begin, begin + pd.Timedelta(minutes=60 * hours), depth))
    return events


def _scaled(event: Event, share: float) -> Event:
    return Event(event.kind, event.start, event.end, event.depth * share)


def _signal(
    summer: Summer,
    level: float,
    times: pd.DatetimeIndex,
    events: list[Event],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    world = World(**{**vars(summer.world), "level": level})
    return np.asarray(simulated_signal(world, times, events, rng=rng, time_zone=TIME_ZONE))


def _tree(rows: dict[str, NDArray[np.float64]], times: pd.DatetimeIndex) -> xr.DataTree:
    names = sorted(rows)
    node = xr.Dataset(
        {"value": (("entity", "time"), np.array([rows[name] for name in names], np.float64))},
        coords={"entity": np.array(names, dtype=object), "time": times},
        attrs={
            "datasource": DATASOURCE,
            "title": "SIMULATED",
            "unit": "/24 blocks",
            "simulated": 1,  # netCDF has no booleans
            "step_seconds": int((times[1] - times[0]).total_seconds()),
        },
    )
    return xr.DataTree.from_dict({DATASOURCE: node})


def _provinces() -> list[str]:
    return [f"region/{code_of(place, 'name').code}" for place in places("IR")]


def _local(day: str) -> pd.Timestamp:
    return pd.Timestamp(day, tz=TIME_ZONE).tz_convert("UTC")
