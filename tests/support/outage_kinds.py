"""Kinds of records that real signals come in, each drawn at random with its truth: SIMULATED.

Whatever makes outages hard to tell is a kind: nights that are dark more often than not, falls that
last to the end of the record, levels that rise for good, days that are low as holidays are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulated_outages import Event, World, nightly, simulated_signal, times_of

_DAY: Final = pd.Timedelta(days=1)
_HOUR: Final = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Drawn:
    """A record of a kind.

    Attributes
    ----------
    times, values
        Naive UTC and counts, shape ``(n,)``.
    events
        What is to be found; one that ends with the record never came back.
    """

    times: pd.DatetimeIndex
    values: NDArray[np.float64]
    events: list[Event]


def _world(rng: np.random.Generator) -> World:
    return World(
        level=float(np.exp(rng.uniform(np.log(300), np.log(30_000)))),
        noise=float(rng.uniform(0.01, 0.06)),
        autocorrelation=float(rng.uniform(0.0, 0.7)),
        daily=float(rng.uniform(0.0, 0.35)),
        weekly=float(rng.uniform(0.0, 0.12)),
        trend=float(rng.uniform(-0.15, 0.15)),
        dips_a_week=0.5,
        gaps=0,
    )


def _times(rng: np.random.Generator, least: float = 5, most: float = 26) -> pd.DatetimeIndex:
    step = str(rng.choice(["30min", "1h"]))
    times: pd.DatetimeIndex = times_of(weeks=round(rng.uniform(least, most) * 7) / 7, step=step)
    return times


def _outages(
    times: pd.DatetimeIndex, rng: np.random.Generator, days: tuple[float, float] | None = None
) -> list[Event]:
    """Return one to three outages of a quarter and three hours or more, days apart."""
    first, last = days or (4, (times[-1] - times[0]) / _DAY - 4)
    events: list[Event] = []
    begin = times[0] + pd.Timedelta(days=first + float(rng.uniform(0, 3)))
    for _ in range(int(rng.integers(1, 4))):
        hours = round(float(np.exp(rng.uniform(np.log(3), np.log(144)))))
        start = begin.floor("1h")
        end = start + hours * _HOUR
        if end > times[0] + pd.Timedelta(days=last):
            break
        events.append(Event("outage", start, end, float(rng.uniform(0.25, 1.0))))
        begin = end + pd.Timedelta(days=float(rng.uniform(4, 12)))
    return events


def plain(rng: np.random.Generator, world: World | None = None) -> Drawn:
    """Draw a record with outages and nothing else."""
    times = _times(rng)
    events = _outages(times, rng)
    return Drawn(times, simulated_signal(world or _world(rng), times, events, rng=rng), events)


def poisson(rng: np.random.Generator) -> Drawn:
    """Draw counts of tens and hundreds, as noisy as counts are."""
    times = _times(rng)
    events = _outages(times, rng)
    world = replace(_world(rng), level=1e6, noise=0.0, missing=0.0, dips_a_week=0.0)
    shape = simulated_signal(world, times, events, rng=rng) / 1e6
    level = float(np.exp(rng.uniform(np.log(60), np.log(600))))
    return Drawn(times, rng.poisson(level * shape).astype(np.float64), events)


def heavy(rng: np.random.Generator) -> Drawn:
    """Draw a record of heavy-tailed noise."""
    return plain(rng, replace(_world(rng), tail="innovations"))


def drifting(rng: np.random.Generator) -> Drawn:
    """Draw a record that halves or doubles slowly."""
    return plain(rng, replace(_world(rng), trend=float(rng.choice([-0.7, 0.7]))))


def gappy(rng: np.random.Generator) -> Drawn:
    """Draw a record with a tenth of its samples and some days missing."""
    times = _times(rng)
    events = _outages(times, rng)
    world = replace(_world(rng), missing=float(rng.uniform(0.05, 0.2)))
    values = simulated_signal(world, times, events, rng=rng)
    day = round(_DAY / (times[1] - times[0]))
    for _ in range(int(rng.integers(1, 6))):
        first = int(rng.integers(0, times.size - day))
        gap = slice(first, first + day)
        near = [
            event.start - _DAY / 2 < times[gap][-1] and times[gap][0] < event.end + _DAY / 2
            for event in events
        ]
        if not any(near):
            values[gap] = np.nan
    return Drawn(times, values, events)


def flat(rng: np.random.Generator) -> Drawn:
    """Draw a count that hardly ever changes, as announced blocks do."""
    times = _times(rng)
    events = _outages(times, rng)
    shape = simulated_signal(
        World(level=1e6, noise=0, daily=0, weekly=0, trend=0, dips_a_week=0, missing=0, gaps=0),
        times, events, rng=rng,
    ) / 1e6  # fmt: skip
    values = float(rng.integers(40, 900)) - (rng.random(times.size) < rng.uniform(0, 0.02))
    return Drawn(times, np.round(values * shape), events)


def holidays(rng: np.random.Generator) -> Drawn:
    """Draw a record in which whole days are low by a tenth to a quarter."""
    times = _times(rng)
    events = _outages(times, rng)
    lows = []
    for day in range(2, times.size):
        start = times[0] + day * _DAY
        if start > times[-1] - 2 * _DAY:
            break
        length = int(rng.choice([1, 1, 1, 2, 3]))
        clear = all(
            start - _DAY > one.end or start + (length + 1) * _DAY < one.start for one in events
        )
        if clear and rng.random() < 0.06:
            lows.append(
                Event("holiday", start, start + length * _DAY, float(rng.uniform(0.08, 0.25)))
            )
    lows = [a for a, b in zip(lows, [*lows[1:], None], strict=False) if not b or a.end < b.start]
    values = simulated_signal(_world(rng), times, [*events, *lows], rng=rng)
    return Drawn(times, values, events)


def rising(rng: np.random.Generator) -> Drawn:
    """Draw a record whose level rises for good."""
    times = _times(rng)
    values_of = _world(rng)
    days = (times[-1] - times[0]) / _DAY
    day = float(rng.uniform(0.1, 0.9) * days)
    step = times[0] + pd.Timedelta(days=day).floor("1h")
    sides = [(4.0, day - 4), (day + 4, days - 4)]
    events = [event for side in sides for event in _outages(times, rng, side)]
    values = simulated_signal(values_of, times, events, rng=rng)
    factor = float(np.exp(rng.uniform(np.log(1.15), np.log(4))))
    values[times >= step] = np.round(values[times >= step] * factor)
    return Drawn(times, values, events)


def _curfew(rng: np.random.Generator, depth: float, share: float, first: int = 0) -> Drawn:
    times = _times(rng, 3, 14)
    days = round((times[-1] - times[0]) / _DAY)
    begin = first or int(rng.integers(3, 15))
    nights = max(3, round(share * (days - begin)))
    start = int(rng.integers(begin, max(days - nights, begin) + 1))
    hour = int(rng.choice([0, 1, 2, 22]))
    span = (hour, hour + int(rng.integers(4, 10)))
    until = min(start + nights, days - 1)
    events = nightly(times, span, (start, until), depth=depth, time_zone="UTC")
    values = simulated_signal(_world(rng), times, events, rng=rng)
    inside = [event for event in events if event.start >= times[0] and event.end <= times[-1]]
    return Drawn(times, values, inside)


def curfew_dark(rng: np.random.Generator) -> Drawn:
    """Draw nights at exactly nothing, in any share of the nights after the first days."""
    return _curfew(rng, 1.0, float(rng.uniform(0.1, 1.0)))


def curfew_deep(rng: np.random.Generator) -> Drawn:
    """Draw nights of which a twentieth to a fifth is left."""
    return _curfew(rng, float(rng.uniform(0.8, 0.98)), float(rng.uniform(0.1, 1.0)))


def curfew_partial(rng: np.random.Generator) -> Drawn:
    """Draw nights of which a part goes, in up to two thirds of the nights."""
    return _curfew(rng, float(rng.uniform(0.4, 0.8)), float(rng.uniform(0.1, 0.65)))


def curfew_all(rng: np.random.Generator) -> Drawn:
    """Draw a record that has dark nights from its first day to its last."""
    return _curfew(rng, float(rng.choice([1.0, 0.95])), 1.0, first=1)


def _lasting(rng: np.random.Generator, stages: Sequence[float], first: float) -> Drawn:
    times = _times(rng, 6, 32)
    days = (times[-1] - times[0]) / _DAY
    day = float(rng.uniform(max(first, 21 / days), 0.93)) * days
    end = times[-1] + (times[1] - times[0])
    events = _outages(times, rng, (4, day - 5))[:1]
    falls = []
    for number, depth in enumerate(stages):
        start = (times[0] + pd.Timedelta(days=day)).floor("1h")
        falls.append(Event("stage" if number else "lasting", start, end, depth))
        day += float(rng.uniform(0.1, 0.6)) * (days - day)
    values = simulated_signal(replace(_world(rng)), times, [*events, *falls], rng=rng)
    lost = 1 - float(np.prod([1 - depth for depth in stages]))
    return Drawn(times, values, [*events, Event("lasting", falls[0].start, end, lost)])


def lasting(rng: np.random.Generator) -> Drawn:
    """Draw a fall of any size that lasts to the end of the record."""
    return _lasting(rng, [float(rng.uniform(0.25, 0.95))], 0.3)


def lasting_stages(rng: np.random.Generator) -> Drawn:
    """Draw a fall in two stages that lasts to the end of the record."""
    return _lasting(rng, [float(rng.uniform(0.15, 0.5)), float(rng.uniform(0.15, 0.6))], 0.3)


def short_end(rng: np.random.Generator) -> Drawn:
    """Draw a record that goes dark in its last samples."""
    days = float(rng.uniform(11, 35))
    times = times_of(weeks=days / 7, step=str(rng.choice(["30min", "1h"])))
    start = times[-int(rng.integers(2, 8))]
    end = times[-1] + (times[1] - times[0])
    event = Event("lasting", start, end, float(rng.choice([1.0, 0.9])))
    world = replace(_world(rng), daily=0.05, missing=0.0)
    return Drawn(times, simulated_signal(world, times, [event], rng=rng), [event])


KINDS: Final[dict[str, Callable[[np.random.Generator], Drawn]]] = {
    "plain": plain,
    "Poisson": poisson,
    "heavy tails": heavy,
    "drift": drifting,
    "gaps": gappy,
    "flat counts": flat,
    "holidays": holidays,
    "rises": rising,
    "curfew, dark": curfew_dark,
    "curfew, deep": curfew_deep,
    "curfew, partial": curfew_partial,
    "curfew, from the first day to the last": curfew_all,
    "lasting fall": lasting,
    "lasting fall in two stages": lasting_stages,
    "dark in the last samples": short_end,
}
"""Each kind by its name."""
