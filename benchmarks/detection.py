#!/usr/bin/env python3
"""Change-points: speed, false alarms, power, intervals and agreement with people, beside peers.

``python benchmarks/detection.py`` prints everything, ``--tables`` some of it; ``--series`` sets how
many series a row is made of, ``--save`` stores the tables in ``benchmarks/results/detection.md``,
each with how many series it was made of. Peers that are
installed (``uv sync --group bench``) run in the same run; the Turing series are read from the
folder ``--turing`` names, if it is there.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import metadata
from multiprocessing.pool import Pool
from pathlib import Path

import detection_worlds as worlds
import numpy as np
import pandas as pd
from change_scores import covering, f1_score
from detection_worlds import generator, standardised
from numpy.typing import NDArray
from scipy.signal import lfilter

from darkdays.detect import change_points, changes_at
from darkdays.detect.compiled.kernel import use_machine_code
from darkdays.detect.segmentation.segment import optimal_partition
from darkdays.simulate.worlds import WORLDS, long_memory

Series = NDArray[np.float64]
Noise = Callable[[np.random.Generator, int], Series]
LENGTH = 300
RESULTS = Path(__file__).parent / "results" / "detection.md"


def ar1(rng: np.random.Generator, count: int, phi: float) -> Series:
    """Return autoregressive noise of unit variance."""
    shocks = rng.normal(size=count + 300) * np.sqrt(1 - phi**2)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks)[300:])


def _wave(count: int, period: int, height: float) -> Series:
    return np.asarray(height * np.sin(2 * np.pi * np.arange(count) / period))


# The eight noises of the published comparison, then rounding, saturation and a slow trend.
NOISES: dict[str, Noise] = {
    "gauss": lambda rng, n: rng.normal(size=n),
    "t3": lambda rng, n: rng.standard_t(3, size=n) / np.sqrt(3),
    "lognormal": lambda rng, n: (rng.lognormal(size=n) - np.exp(0.5)) / 2.1612,
    "ar 0.5": lambda rng, n: ar1(rng, n, 0.5),
    "ar 0.8": lambda rng, n: ar1(rng, n, 0.8),
    "weekly season": lambda rng, n: rng.normal(size=n) + _wave(n, 7, 1.0),
    "daily season": lambda rng, n: rng.normal(size=n) + _wave(n, 24, 2.0),
    "trend, 3 sd": lambda rng, n: rng.normal(size=n) + np.linspace(0, 3, n),
    "trend, 1 sd": lambda rng, n: rng.normal(size=n) + np.linspace(0, 1, n),
    "trend, 10 sd": lambda rng, n: rng.normal(size=n) + np.linspace(0, 10, n),
    "rounded to 1 sd": lambda rng, n: np.round(rng.normal(size=n)),
    "saturated, a quarter": lambda rng, n: np.minimum(rng.normal(size=n), 0.67),
    "saturated, a half, ar 0.5": lambda rng, n: np.minimum(ar1(rng, n, 0.5), 0.0),
}
# Noise that no AR(1) describes: what happens is printed, no level is promised.
STRANGE: dict[str, Noise] = {
    "moving average 0.8": lambda rng, n: (
        np.convolve(rng.normal(size=n + 1), [1, 0.8], "valid") / np.sqrt(1.64)
    ),
    "long memory 0.3": lambda rng, n: long_memory(n, 0.3, rng),
    "variance doubles": lambda rng, n: (
        rng.normal(size=n) * np.repeat([0.7, 1.4], [n // 2, n - n // 2])
    ),
    "ar 0.95": lambda rng, n: ar1(rng, n, 0.95),
    "random walk": lambda rng, n: np.cumsum(rng.normal(size=n)),
}


def alarms_and_power(job: tuple[str, int, int]) -> list[object]:
    """Return the share of series with a change reported, without one and with one of 2 sd."""
    name, count, seed = job
    noise = (NOISES | STRANGE)[name]
    rng = generator("alarms", name, seed)
    alarms = found = extra = 0
    for _ in range(count):
        values = noise(rng, LENGTH)
        alarms += len(change_points(values)) > 0
        values[LENGTH // 2 :] -= 2.0
        changes = len(change_points(values))
        found += changes > 0
        extra += max(changes - 1, 0)
    return [name, *(f"{one / count:.3f}" for one in (alarms, found)), f"{extra / count:.2f}"]


def fixed_date(job: tuple[str, int, int]) -> list[object]:
    """Return size, power and coverage of the test at a date fixed beforehand."""
    name, count, seed = job
    noise = (NOISES | STRANGE)[name]
    rng = generator("fixed date", name, seed)
    every = "1D" if name == "weekly season" else "1h"
    times = pd.date_range("2021-01-04", periods=LENGTH, freq=every)
    date = [times[LENGTH // 2]]
    alarms = found = covered = 0
    widths = []
    for number in range(count):
        values = noise(rng, LENGTH)
        alarms += int(changes_at(values, date, times=times, rng=number)["p"][0] <= 0.05)
        values[LENGTH // 2 :] -= 2.0
        row = changes_at(values, date, times=times, rng=number).iloc[0]
        found += int(row["p"] <= 0.05)
        covered += int(row["low"] <= -2.0 <= row["high"])
        widths.append(row["high"] - row["low"])
    shares = (f"{one / count:.3f}" for one in (alarms, found, covered))
    return [name, *shares, f"{np.median(widths):.2f}"]


def interval_cell(job: tuple[str, float, int, int]) -> list[object]:
    """Return coverage and width of the 95 % interval for the date of one change."""
    name, jump, count, seed = job
    noise = (NOISES | STRANGE)[name]
    rng = generator("intervals", name, jump, seed)
    covered = found = 0
    widths = []
    for _ in range(count):
        values = noise(rng, LENGTH)
        place = int(rng.integers(LENGTH // 3, 2 * LENGTH // 3))
        values[place:] += jump
        result = change_points(values)
        if len(result):
            low, high = result.intervals[np.argmin(np.abs(result.index - place))]
            found += 1
            covered += low <= place <= high
            widths.append(high - low + 1)
    return [
        name,
        f"{jump:g} sd",
        f"{found / count:.2f}",
        f"{covered / max(found, 1):.3f}",
        f"{statistics.median(widths) if widths else 0:.0f}",
        f"{statistics.mean(widths) if widths else 0:.1f}",
    ]


def several(job: tuple[str, int, int]) -> list[object]:
    """Return what is found of five changes in one record of 1,000 samples."""
    name, count, seed = job
    rng = generator("several", name, seed)
    covered = found = extra = 0
    places = np.array([150, 300, 500, 540, 800])
    levels = np.repeat([0.0, 3.0, -1.0, 2.5, -2.0, 1.0], np.diff([0, *places, 1000]))
    for _ in range(count):
        result = change_points(NOISES[name](rng, 1000) + levels)
        for place in places:
            near = np.flatnonzero(np.abs(result.index - place) <= 10) if len(result) else []
            if len(near):
                found += 1
                low, high = result.intervals[near[0]]
                covered += low <= place <= high
        extra += max(len(result) - places.size, 0)
    total = count * places.size
    return [name, f"{found / total:.3f}", f"{covered / max(found, 1):.3f}", f"{extra / count:.2f}"]


def steps(count: int, changes: int) -> Series:
    """Return levels of spread 3 in white noise of unit variance."""
    rng = generator("steps", count, changes)
    places = np.sort(rng.choice(np.arange(1, count), changes, replace=False))
    levels = rng.normal(0, 3, changes + 1)
    return np.asarray(rng.normal(size=count) + np.repeat(levels, np.diff([0, *places, count])))


def segmenters() -> dict[str, Callable[[Series], object]]:
    """Return what cuts a series into levels, ours and the peers that are installed."""
    found: dict[str, Callable[[Series], object]] = {
        "ours, squares, exact": optimal_partition,
        "ours, biweight, exact": lambda values: optimal_partition(values, loss="biweight"),
        "ours, whole chain": change_points,
    }
    try:
        from skchange.detectors import FPOP

        found["skchange FPOP, exact"] = lambda values: (
            FPOP().fit(values[:, None]).predict(values[:, None])
        )
    except ImportError:
        pass
    try:
        from fastcpd.segmentation import mean

        found["fastcpd mean, approximate"] = lambda values: mean(values[:, None])
    except ImportError:
        pass
    try:
        from ruptures import KernelCPD

        found["ruptures KernelCPD linear"] = lambda values: (
            KernelCPD("linear", min_size=1)
            .fit(values[:, None])
            .predict(pen=3 * np.log(values.size))
            if values.size <= 100_000
            else None
        )
    except ImportError:
        pass
    return found


def speed(rounds: int) -> Iterator[list[object]]:
    """Time every segmenter on the same series, one after the other, round by round."""
    for count, changes in ((100_000, 10), (100_000, 100), (1_000_000, 10), (1_000_000, 1000)):
        values = steps(count, changes)
        tools = segmenters()
        times: dict[str, list[float]] = {name: [] for name in tools}
        for _ in range(rounds):
            for name, tool in tools.items():
                if "ruptures" in name and (count > 100_000 or times[name]):
                    continue
                begin = time.perf_counter()
                tool(values)
                times[name].append(time.perf_counter() - begin)
        peer = times.get("skchange FPOP, exact")
        for name, spent in times.items():
            if spent:
                best = statistics.median(spent[1:] or spent)
                ratio = statistics.median(peer[1:]) / best if peer else float("nan")
                yield [
                    f"{count:,}",
                    f"{changes:,}",
                    name,
                    f"{best:.3f}",
                    f"{best / count * 1e9:.0f}",
                    f"{ratio:.2f}",
                ]


def growth() -> Iterator[list[object]]:
    """Time and memory of the kernels as series grow, each in a process of its own."""
    for loss in ("l2", "biweight"):
        before = 0.0
        for count in (100_000, 1_000_000, 10_000_000):
            code = (
                "import sys; sys.path.insert(0, sys.argv[1]); import detection as d\n"
                f"d.growth_of({loss!r}, {count})"
            )
            done = subprocess.run(
                [sys.executable, "-c", code, str(Path(__file__).parent)],
                check=True,
                capture_output=True,
                text=True,
            )
            spent, memory = map(float, done.stdout.split())
            ratio = f"{spent / before:.1f}" if before else ""
            yield [loss, f"{count:,}", f"{spent:.3f}", ratio, f"{memory:.1f}"]
            before = spent


def growth_of(loss: str, count: int) -> None:
    """Print seconds, and peak memory beyond the start as a multiple of the input (Linux)."""
    use_machine_code()  # or what it takes to load would count
    optimal_partition(steps(1000, 3), loss=loss)  # type: ignore[arg-type]
    values = steps(count, 10)
    start = peak_bytes(reset=True)
    begin = time.perf_counter()
    optimal_partition(values, loss=loss)  # type: ignore[arg-type]
    spent = time.perf_counter() - begin
    sys.stdout.write(f"{spent} {(peak_bytes() - start) / values.nbytes}\n")


def peak_bytes(*, reset: bool = False) -> int:
    """Return the most memory this process has held, since the last reset of the count."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def turing(folder: Path) -> Iterator[list[object]]:
    """Score the defaults on the Turing series that are there."""
    annotations = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    scores: dict[str, list[tuple[float, float]]] = {"ours": [], "no change at all": []}
    peers: dict[str, Callable[[Series], Sequence[int]]] = worlds.peers()
    try:
        from skchange.detectors import FPOP

        peers["skchange FPOP"] = lambda values: list(
            FPOP().fit(values[:, None]).predict(values[:, None])
        )
    except ImportError:
        pass
    for name in peers:
        scores[name] = []
    rows = []
    for file in sorted((folder / "series").glob("*.json")):
        raw = json.loads(file.read_text(encoding="utf-8"))["series"][0]["raw"]
        values = np.array([np.nan if one is None else one for one in raw], dtype=float)
        marked = list(annotations[file.stem].values())
        found = change_points(values).index.tolist()
        kept = values[np.isfinite(values)]
        results = {"ours": found, "no change at all": []}
        for name, peer in peers.items():
            results[name] = list(peer(standardised(kept)))
        for name, changes in results.items():
            pair = f1_score(marked, changes), covering(marked, changes, values.size)
            scores[name].append(pair)
        first, second = scores["ours"][-1]
        rows.append([file.stem, f"{first:.3f}", f"{second:.3f}", " ".join(map(str, found))])
    for name, pairs in scores.items():
        means = np.mean(pairs, axis=0)
        yield [f"**{name}**, mean of {len(pairs)}", f"{means[0]:.3f}", f"{means[1]:.3f}", ""]
    yield from rows


def table(title: str, columns: list[str], rows: Iterable[list[object]], of: str = "") -> str:
    """Print a table row by row, and return it as Markdown; ``of`` says what a row is made of."""
    lines = [f"## {title}", "", *([of, ""] if of else [])]
    lines += [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    print("\n".join(lines), flush=True)
    for row in rows:
        lines.append(f"| {' | '.join(str(cell) for cell in row)} |")
        print(lines[-1], flush=True)
    print()
    return "\n".join(lines) + "\n"


Told = tuple[str, list[str], Iterable[list[object]], str]


def of_noises(pool: Pool, count: int, seed: int) -> dict[str, Callable[[], Told]]:
    """Return the tables of 300 samples of each noise, by name."""
    of = f"{count} series a row, seed {seed}."
    columns = ["noise", "jump", "found", "coverage", "median width", "mean width"]
    every = [(name, count, seed) for name in NOISES | STRANGE]

    def intervals() -> Iterator[list[object]]:
        cells = [
            (name, jump, count, seed)
            for name in ("gauss", "t3", "lognormal", "ar 0.5", "ar 0.8")
            for jump in (1.0, 2.0, 3.0)
        ]
        rows = []
        for row in pool.imap(interval_cell, cells):
            rows.append(row)
            yield row
        least = min(str(row[3]) for row in rows)
        widths = np.mean([float(str(row[4])) for row in rows])
        yield ["**all 15**", "", "", f"least {least}", f"mean {widths:.1f}", ""]

    few = max(count // 5, 1)
    return {
        "alarms": lambda: (
            f"False alarms and power, nominal 5 %, {LENGTH} samples",
            ["noise", "false alarms", "a jump of 2 sd found", "further changes beside it"],
            pool.imap(alarms_and_power, every),
            of,
        ),
        "intervals": lambda: (
            "Intervals of 95 % for the date of one change", columns, intervals(), of
        ),
        "strange": lambda: (
            "The same where noise is no AR(1)",
            columns,
            pool.imap(interval_cell, [(name, 2.0, count, seed) for name in STRANGE]),
            of,
        ),
        "several": lambda: (
            "Five changes in 1,000 samples",
            ["noise", "found within 10", "coverage", "further changes"],
            pool.imap(several, [(name, few, seed) for name in ("gauss", "t3", "ar 0.5", "ar 0.8")]),
            f"{few} series a row, seed {seed}.",
        ),
        "fixed": lambda: (
            "A date fixed beforehand, the middle of 300 samples",
            ["noise", "false alarms", "a step of 2 sd found", "coverage", "median width, sd"],
            pool.imap(fixed_date, every),
            of,
        ),
    }  # fmt: skip


def fewer(count: int, samples: int, most: int) -> int:
    """Return how many series of so many samples cost as much as `count` of `most`, two or more."""
    return max(count * min(samples, most) // samples, 2)


def of_worlds(pool: Pool, count: int, seed: int) -> dict[str, Callable[[], Told]]:
    """Return the tables of :mod:`detection_worlds`, by name; long series are fewer."""
    others = list(worlds.peers())
    said = ["any change", "cannot tell", "no change", "any outage"]
    theirs = [f"{name}: any change" for name in others]
    cells = [
        (length, max(count * min(length, 300) // (length * 3), 1)) for length in worlds.LENGTHS
    ]
    of_cells = f"{', '.join(f'{runs} of {length:,}' for length, runs in cells)} samples."

    def jobs(*, changing: bool) -> list[tuple[str, int, int, int]]:
        return [
            (name, length, runs, seed)
            for name, world in WORLDS.items()
            for length, runs in cells
            # A weekend that nobody saw twice is a change.
            if (world.truth == "changes") == changing and not (world.weekly and 120 < length < 360)
        ]

    some = max(count // 5, 2)
    seasons = [
        (step, days, relative, fewer(count, days * 1440 // step, 2016), seed)
        for relative in (False, True)
        for days in worlds.DAYS
        for step in reversed(worlds.SEASON_STEPS)
    ]
    wandering = [
        (tail, length, fewer(count, length, 50), seed)
        for length in worlds.WALK_LENGTHS
        for tail in worlds.STEPS
    ]
    return {
        "quiet": lambda: (
            "Worlds without a change",
            ["world", "samples", *said, *theirs],
            pool.imap(worlds.quiet, jobs(changing=False)),
            of_cells,
        ),
        "changing": lambda: (
            "Worlds with changes: share found, further ones a series",
            ["world", "samples", "ours", *others],
            pool.imap(worlds.changing, jobs(changing=True)),
            of_cells,
        ),
        "seasons": lambda: (
            "Days and weeks and nothing else",
            ["step", "days", "season and noise", "series", *said],
            pool.imap(worlds.season, seasons),
            f"Seed {seed}.",
        ),
        "walks": lambda: (
            "Walks without a jump: share with any change",
            ["steps", "samples", "series", "ours", *others],
            pool.imap(worlds.walks, wandering),
            f"Seed {seed}.",
        ),
        "trends": lambda: (
            "A trend of 10 sd and one step of 5 sd against it",
            ["samples", "found", "with a false change", "levels within 1 sd"],
            pool.imap(worlds.trend_and_step, [(n, some, seed) for n in (900, 1500, 3000, 5000)]),
            f"{some} series a row, seed {seed}.",
        ),
    }


def machine() -> str:
    """Return what the figures were measured with."""
    names = ("numpy", "scipy", "numba", "skchange", "fastcpd", "ruptures")
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        processor = next(
            line.split(":")[1].strip()
            for line in text.splitlines()
            if line.startswith("model name")
        )
    except (OSError, StopIteration):
        processor = platform.processor()
    cores = os.cpu_count()
    return f"{processor}, {cores} cores; Python {platform.python_version()}, {', '.join(versions)}."


def stored(title: str) -> str:
    """Return the part of a heading that names a table of the stored results."""
    return title.partition("\n")[0].strip()


def save(parts: Sequence[str]) -> None:
    """Put tables in place of those of the same heading, and leave the others as they are."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
    held = {stored(one): one.strip() for one in text.split("\n## ")[1:]}
    held |= {stored(one): one.strip() for one in (part.removeprefix("## ") for part in parts)}
    tables = (f"\n## {one}\n" for one in held.values())
    head = f"# Change-points, measured\n\n{machine()}\n"
    RESULTS.write_text(head + "".join(tables), encoding="utf-8")


def main() -> None:
    """Run the tables asked for, and store them if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--series", type=int, default=1000, help="series a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=6, help="timed rounds")
    parser.add_argument("--tables", nargs="*", help="only these, by name; all if not given")
    parser.add_argument("--processes", type=int, help="at once; one a core if not given")
    parser.add_argument("--turing", type=Path, default=Path("../shared/data/tcpd"))
    parser.add_argument("--save", action="store_true", help=f"put them into {RESULTS.name}")
    arguments = parser.parse_args()
    count, seed = arguments.series, arguments.seed
    with multiprocessing.Pool(arguments.processes) as pool:
        known: dict[str, Callable[[], Told]] = {
            "speed": lambda: (
                "Speed",
                ["samples", "changes", "method", "s", "ns a sample",
                 "skchange FPOP's time over this"],
                speed(arguments.rounds),
                f"Medians of {arguments.rounds} rounds.",
            ),
            "growth": lambda: (
                "Growth",
                ["loss", "samples", "s", "over a tenth of it", "peak memory over input"],
                growth(),
                "",
            ),
            **of_noises(pool, count, seed),
            **of_worlds(pool, count, seed),
        }  # fmt: skip
        if (arguments.turing / "annotations.json").is_file():
            known["turing"] = lambda: (
                "Turing Change Point Dataset, development half, defaults",
                ["series", "F1", "cover", "found"],
                turing(arguments.turing),
                "",
            )
        wanted = known if arguments.tables is None else arguments.tables
        if unknown := sorted(set(wanted) - set(known)):
            parser.error(f"no table {unknown[0]!r}; there are {', '.join(known)}")
        for name in wanted:
            made = table(*known[name]())
            if arguments.save:
                save([made])


if __name__ == "__main__":
    main()
