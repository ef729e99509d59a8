"""How many outages of known place are found, how many are made up, and what is found in real data.

Run ``python benchmarks/outages.py [--series 200] [--peers 40] [--kinds 40] [--save]`` from the
project's root; ``--data`` says where real records are. Parts: simulated half years of hourly data
with a shutdown, throttling and a short cut each, and without; records of less than two weeks; every
kind of record; the same for other packages, where they are installed; and outages of known depth
put into real records, where these are there. ``--save`` writes the tables to
``benchmarks/results/outages.md``. Times are those of the processor, of one thread.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
import pandas as pd
from outage_baselines import sensitivities
from outage_peers import METHODS
from record_kinds import HEAD as KINDS_HEAD
from record_kinds import measured
from short_records import CORRELATIONS
from short_records import HEAD as SHORT_HEAD
from short_records import measured as measured_short

from darkdays.detect.outages.outages import outages
from darkdays.simulate.signals import simulated_tree
from outage_kinds import KINDS as RECORD_KINDS
from simulated_outages import KINDS, Event, World, scattered, simulated_signal, times_of

_KINDS_SEED = 777_003
Span = tuple[pd.Timestamp, pd.Timestamp]
RESULTS = Path(__file__).parent / "results" / "outages.md"
WORLDS = {
    "as stated": World(),
    "AR 0.3": World(autocorrelation=0.3),
    "AR 0.8": World(autocorrelation=0.8),
    "AR 0.8, t(3) innovations": World(autocorrelation=0.8, tail="innovations"),
    "AR 0.3, t(3) innovations": World(autocorrelation=0.3, tail="innovations"),
    "noise 6 %": World(noise=0.06),
    "season twice as strong": World(daily=0.6, weekly=0.2),
    "doubles in half a year": World(trend=0.7),
    "halves in half a year": World(trend=-0.7),
    "a tenth missing, 8 days of gaps": World(missing=0.1, gaps=8),
    "five dips a week": World(dips_a_week=5),
    "1,000 units, not 20,000": World(level=1000.0),
}


@dataclass
class Score:
    """What one method made of many series."""

    series: int = 0
    unmeasured: int = 0
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    events: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    false_beside: int = 0
    false_alone: int = 0
    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        """Return the row of a table."""
        shares = [self.found[kind] / max(self.events[kind], 1) for kind in KINDS]
        middle = f"{np.median(self.errors):.2f}" if self.errors else "-"
        cells = [
            *(f"{share:.3f}" for share in shares),
            f"{self.false_beside / self.series:.3f}",
            f"{self.false_alone / self.series:.3f}",
            middle,
            f"{1e3 * np.median(self.seconds):.1f}",
        ]
        return f"| {name} | {' | '.join(cells)} |"


HEAD = (
    "| {} | full | throttling | short | false, with events | false, without | onset error, bins "
    "| ms |\n|---|---|---|---|---|---|---|---|"
)


def ours(times: pd.DatetimeIndex, values: np.ndarray) -> list[Span]:
    """Return what this project finds."""
    table = outages(simulated_tree({"asn/1": values}, times))
    begins = table["onset"].fillna(table["first_seen"]).dt.tz_localize(None)
    ends = table["recovery"].fillna(table["last_seen"]).dt.tz_localize(None)
    return list(zip(begins, ends, strict=True))


def scored(
    method: Callable[[pd.DatetimeIndex, np.ndarray], Sequence[Span]], world: World, series: int
) -> Score:
    """Run a method over simulated series, each with its events and again without any."""
    score, times = Score(), times_of()
    step = times[1] - times[0]
    for number in range(series):
        rng = np.random.default_rng([20_211, number])
        events = scattered(times, rng=rng)
        for here in (events, []):
            values = simulated_signal(world, times, here, rng=rng)
            began = time.thread_time()
            spans = method(times, values)
            score.seconds.append(time.thread_time() - began)
            _count(score, here, spans, times, values, step)
        score.series += 1
    return score


def _count(
    score: Score, events: Sequence[Event], spans: Sequence[Span], times: pd.DatetimeIndex,
    values: np.ndarray, step: pd.Timedelta,
) -> None:  # fmt: skip
    matched = 0
    for event in events:
        inside = (times >= event.start) & (times < event.end)
        if np.isfinite(values[inside]).mean() < 0.5:
            score.unmeasured += 1
            matched += sum(start < event.end and end > event.start for start, end in spans)
            continue
        score.events[event.kind] += 1
        hits = [one for one in spans if _overlap(one, (event.start, event.end)) >= 0.5]
        if hits:
            score.found[event.kind] += 1
            score.errors.append(abs((hits[0][0] - event.start) / step))
            matched += len(hits)
    if events:
        score.false_beside += len(spans) - matched
    else:
        score.false_alone += len(spans)


def _overlap(one: Span, other: Span) -> float:
    both = min(one[1], other[1]) - max(one[0], other[0])
    either = max(one[1], other[1]) - min(one[0], other[0])
    return max(both / either, 0.0) if either > pd.Timedelta(0) else 0.0


def speed() -> str:
    """Time the whole chain on a year of 5-minute bins."""
    times = times_of(weeks=365 / 7, step="5min")
    rng = np.random.default_rng(1)
    events = scattered(times, rng=rng)
    lines = []
    for name, entities in (("one signal", 1), ("eight signals", 8)):
        rows = {
            f"asn/{number}": simulated_signal(World(autocorrelation=0.9), times, events, rng=rng)
            for number in range(entities)
        }
        tree = simulated_tree(rows, times)
        best = np.inf
        for _ in range(7):
            began = time.thread_time()
            outages(tree)
            best = min(best, time.thread_time() - began)
        count = entities * times.size
        lines.append(f"| {name} | {count:,} | {1e3 * best:.0f} | {count / best / 1e6:.1f} |")
    head = "| | samples | ms | million samples a second |\n|---|---|---|---|"
    return "\n".join([head, *lines])


def machine() -> str:
    """Return processor and versions."""
    names = ("darkdays", "numpy", "numba", "pandas", "ruptures", "skchange", "fastcpd")
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    kind = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        kind = named[0].partition(":")[2].strip() if named else kind
    return f"{kind}, CPython {platform.python_version()}, {', '.join(versions)}"


def main() -> int:
    """Measure, print the tables, and store them if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--peers", type=int, default=40)
    parser.add_argument("--kinds", type=int, default=40)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    scored(ours, World(), 1)  # compiles
    parts = [f"{machine()}.", "## Simulated half years", HEAD.format("world")]
    unmeasured = 0
    for name, world in WORLDS.items():
        score = scored(ours, world, stated.series)
        unmeasured += score.unmeasured
        parts[-1] += "\n" + score.row(name)
        print(score.row(name), flush=True)
    parts.append(
        f"{stated.series} series a world, each with its three events and again without any. Found: "
        "an outage whose overlap with the event is half of both together or more. "
        f"{unmeasured} events of which less than half was measured count neither way. A false "
        "outage is one that matches no event, over 26 weeks."
    )
    parts += ["## Records of less than two weeks", SHORT_HEAD]
    for phi in CORRELATIONS:
        parts[-1] += "\n" + (row := measured_short(phi, stated.series))
        print(row, flush=True)
    parts.append(
        f"{stated.series} hourly records a cell, noise of 6 %, no season: the share in which an "
        "outage is found that there is not, and that of falls found, by overlap as above, in 7, 10 "
        "and 13 days in turn."
    )
    parts += ["## Kinds of records", KINDS_HEAD]
    for name in RECORD_KINDS:
        row = measured(name, stated.kinds, _KINDS_SEED).row(name)
        parts[-1] += "\n" + row
        print(row, flush=True)
    parts.append(
        f"{stated.kinds} records a kind (`benchmarks/record_kinds.py --seed {_KINDS_SEED}`), each "
        "with outages of a quarter or more and three hours or more. Held: the share of intervals "
        "that hold the truth, of those found."
    )
    parts += ["## Other packages, in the first world", HEAD.format("method")]
    for name, method in METHODS.items():
        score = scored(method, World(), stated.peers)
        parts[-1] += "\n" + score.row(name)
        print(score.row(name), flush=True)
    parts.append(
        f"{stated.peers} series. Their change-points cut the series; a piece of two samples or "
        "more whose median is more than 10 % below the usual level is taken for an outage. *raw*: "
        "the logarithm of the counts; *on our baseline*: relative to the baseline of this project. "
        "The scale is that of differences, as if noise were independent."
    )
    parts += ["## Speed of the whole chain, a year of 5-minute bins", speed()]
    parts += ["## Outages of known depth in real records", sensitivities(stated.data)]
    text = "\n\n".join(parts)
    print(text)
    if stated.save:
        command = f"python benchmarks/outages.py --series {stated.series} --peers {stated.peers}"
        RESULTS.write_text(f"# Outages\n\n`{command} --save`\n\n{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
