#!/usr/bin/env python3
"""What is said of worlds, whose truth is known: by ours, and by peers on the same series.

The tables of ``benchmarks/detection.py`` that need ``darkdays.simulate.worlds``; each function
makes one row of one, in a process of its own.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from darkdays.detect import answer, change_points
from darkdays.simulate.worlds import WORLDS, Made, World, draw

Series = NDArray[np.float64]
Peer = Callable[[Series], Sequence[int]]
LENGTHS = (30, 100, 300, 1000)
SEASON_STEPS = (1, 2, 5, 10, 15, 30, 60)
DAYS = (7, 14, 28)
WALK_LENGTHS = (50, 100, 150, 300, 1000, 5000)
STEPS: dict[str, Callable[[np.random.Generator, int], Series]] = {
    "gauss": lambda rng, n: rng.normal(size=n),
    "t3": lambda rng, n: rng.standard_t(3, size=n),
    "laplace": lambda rng, n: rng.laplace(size=n),
    "lognormal": lambda rng, n: rng.lognormal(size=n) - np.exp(0.5),
}
_ADDED = World(level=1000.0, scale=10.0, daily=20.0, weekly=6.0)
_SHARES = World(level=1000.0, scale=0.02, daily=0.3, weekly=0.06, relative=True)


def generator(*key: object) -> np.random.Generator:
    """Return the generator of a row, the same in every process."""
    return np.random.default_rng([zlib.crc32(str(part).encode()) for part in key])


def peers() -> dict[str, Peer]:
    """Return what finds changes in standardised values with its defaults, as far as installed."""
    found: dict[str, Peer] = {}
    try:
        from ruptures import KernelCPD

        def kernel(name: str) -> Callable[[Series], Sequence[int]]:
            return lambda values: (
                KernelCPD(name, min_size=2)
                .fit(values[:, None])
                .predict(pen=2 * np.log(values.size))[:-1]
            )

        found["ruptures PELT, squares"] = kernel("linear")
        found["ruptures KernelCPD, rbf"] = kernel("rbf")
    except ImportError:
        pass
    try:
        from skchange.detectors import SeededBinarySegmentation

        found["skchange SBS"] = lambda values: list(
            SeededBinarySegmentation().fit(values[:, None]).predict(values[:, None])
        )
    except ImportError:
        pass
    return found


def standardised(values: Series) -> Series:
    """Return values of mean 0 and variance 1; of a constant, zeros."""
    return np.asarray((values - values.mean()) / (values.std() or 1.0))


def matched(made: Made, found: Sequence[int], within: int) -> tuple[int, int]:
    """Return how many changes were found, and how many of those found are none."""
    left = list(found)
    met = 0
    for place in made.changes:
        near = [one for one in left if abs(int(one) - int(place)) <= within]
        if near:
            left.remove(min(near, key=lambda one: abs(int(one) - int(place))))
            met += 1
    return met, len(left)


def quiet(job: tuple[str, int, int, int]) -> list[object]:
    """Return what is said of a world without a change, and how often peers see one."""
    name, length, count, seed = job
    return [
        name,
        f"{length:,}",
        *_said_of_quiet(WORLDS[name], length, count, ("quiet", name, seed), peers()),
    ]


def season(job: tuple[int, int, bool, int, int]) -> list[object]:
    """Return the same of days, and from two weeks on weeks, by their step, without peers."""
    step, days, relative, count, seed = job
    world = replace(_SHARES if relative else _ADDED, every=f"{step}min")
    if days <= 7:
        world = replace(world, weekly=0.0)  # a weekend that nobody saw twice is a change
    key = ("season", step, days, relative, seed)
    kind = "shares of the level" if relative else "added"
    told = _said_of_quiet(world, days * 1440 // step, count, key, {})
    return [f"{step} min", str(days), kind, f"{count:,}", *told]


def _said_of_quiet(
    world: World, length: int, count: int, key: tuple[object, ...], others: dict[str, Peer]
) -> list[object]:
    rng = generator(*key)
    words: Counter[str] = Counter()
    down = 0
    fired = dict.fromkeys(others, 0)
    for _ in range(count):
        made = draw(world, length, rng)
        said = answer(made.values, times=made.times)
        words[said.verdict] += 1
        words["changed"] += len(said.changes) > 0
        down += len(said.outages) > 0
        for name, peer in others.items():
            fired[name] += len(peer(standardised(made.values))) > 0
    ours = [words[word] for word in ("changed", "cannot tell", "no change")]
    theirs = [f"{fires / count:.2f}" for fires in fired.values()]
    return [*(f"{one / count:.3f}" for one in (*ours, down)), *theirs]


def changing(job: tuple[str, int, int, int]) -> list[object]:
    """Return how many changes of a world are found, and how many more, by ours and by peers."""
    name, length, count, seed = job
    world = WORLDS[name]
    rng = generator("changing", name, length, seed)
    within = 0 if world.tail == "none" else max(5, length // 100) + world.ramp - 1
    tools: dict[str, Callable[[Made], Sequence[int]]] = {
        "ours": lambda made: change_points(made.values, times=made.times).index.tolist()
    }
    for title, peer in peers().items():
        tools[title] = lambda made, peer=peer: peer(standardised(made.values))  # type: ignore[misc]
    met, more = dict.fromkeys(tools, 0), dict.fromkeys(tools, 0)
    there = 0
    for _ in range(count):
        made = draw(world, length, rng)
        there += made.changes.size
        for title, tool in tools.items():
            hits, others = matched(made, tool(made), within)
            met[title] += hits
            more[title] += others
    cells = (f"{met[one] / max(there, 1):.2f}, {more[one] / count:.2f}" for one in tools)
    return [name, f"{length:,}", *cells]


def walks(job: tuple[str, int, int, int]) -> list[object]:
    """Return how often a walk without a jump seems to change, to ours and to peers."""
    tail, length, count, seed = job
    rng = generator("walks", tail, length, seed)
    draw_steps = STEPS[tail]
    tools = peers()
    ours = 0
    fired = dict.fromkeys(tools, 0)
    for _ in range(count):
        walk = np.cumsum(draw_steps(rng, length))
        ours += len(change_points(walk)) > 0
        for name, peer in tools.items():
            fired[name] += len(peer(standardised(walk))) > 0
    shares = (f"{one / count:.3f}" for one in (ours, *fired.values()))
    return [tail, f"{length:,}", str(count), *shares]


def trend_and_step(job: tuple[int, int, int]) -> list[object]:
    """Return false changes beside a trend with one step, and errors of the levels beside it."""
    length, count, seed = job
    rng = generator("trend and step", length, seed)
    found = false = near = 0
    for _ in range(count):
        made = draw(World(trend=10.0, steps=(-5.0,)), length, rng)
        said = change_points(made.values, times=made.times)
        hits, others = matched(made, said.index.tolist(), max(5, length // 100))
        found += hits
        false += others > 0
        if len(said) == 1:
            place = int(made.changes[0])
            line = 10.0 * place / (length - 1)
            wrong = max(abs(said.before[0] - line), abs(said.after[0] - line + 5.0))
            near += wrong <= 1.0
    return [f"{length:,}", *(f"{one / count:.3f}" for one in (found, false, near))]
