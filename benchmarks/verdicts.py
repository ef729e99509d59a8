"""Measure how often verdicts are wrong, on generated studies whose truth is known.

    python benchmarks/verdicts.py [--worlds 200] [--seconds 0] [--save]
        [--only TYPE TYPE/WORLD ...]

Goes the way of every study from case, signals and events to the verdict under the default
settings. With ``--seconds`` a kind gets as many worlds as fit into them, twelve or more and no more
than are asked for. ``--save`` writes ``benchmarks/results/verdicts.md``; with ``--only`` rows of
other claims stay there as they were.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np
from scipy import stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from record_worlds import TRUE, UNDECIDABLE  # noqa: E402
from situations import ALL as WORLDS  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "verdicts.md"
COLUMNS = ("claim", "truth", "world", "worlds", "supported", "contradicted", "open", "wrong",
           "95 %", "decided")  # fmt: skip


LEAST = 12
SEED = 1


Kind = tuple[str, str, str]


def judged(kind: Kind, most: int, seconds: float) -> tuple[object, ...]:
    """Judge so many worlds of a kind, or what the time allows; return their row."""
    rng = np.random.default_rng([zlib.crc32(" ".join(kind).encode()), SEED])
    counts: Counter[str] = Counter()
    began = time.monotonic()
    while (worlds := counts.total()) < most:
        if seconds and worlds >= LEAST and time.monotonic() - began > seconds:
            break
        counts[WORLDS[kind](rng).verdict(rng)] += 1
    yes, no = counts["supported"], counts["contradicted"]
    wrong = {TRUE: no, UNDECIDABLE: yes + no}.get(kind[1], yes)
    low, high = stats.binomtest(wrong, worlds).proportion_ci(0.95, "exact")
    return (*kind, worlds, yes, no, worlds - yes - no, f"{wrong / worlds:.3f}",
            f"{low:.3f} to {high:.3f}", f"{(yes + no) / worlds:.2f}")  # fmt: skip


def measured(only: Collection[str], most: int, seconds: float) -> Iterator[tuple[object, ...]]:
    """Give a row a kind as it comes, a kind a core at a time."""
    kinds = [
        kind for kind in WORLDS if not only or {kind[0], "/".join(kind[::2])}.intersection(only)
    ]
    with ProcessPoolExecutor() as pool:
        for row in pool.map(judged, kinds, repeat(most), repeat(seconds)):
            print(*row, sep=" | ", flush=True)
            yield row


def stored() -> list[tuple[object, ...]]:
    """Return the rows of the table as it stands, of kinds that there still are."""
    cells = [tuple(line.strip("| ").split(" | ")) for line in RESULTS.read_text().splitlines()]
    return [row for row in cells if row[:3] in WORLDS]


def main() -> None:
    """Print, and with ``--save`` store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--only", nargs="+", default=(), metavar="TYPE[/WORLD]")
    parser.add_argument("--save", action="store_true")
    asked = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    before = stored() if asked.only else []
    for row in measured(asked.only, asked.worlds, asked.seconds):
        rows.append(row)
        if asked.save:
            write([*rows, *before], asked)


def write(rows: list[tuple[object, ...]], asked: argparse.Namespace) -> None:
    """Store the table, the first of rows of one kind."""
    first = {row[:3]: row for row in reversed(rows)}
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(first[kind] for kind in WORLDS if kind in first)]
    table = "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
    RESULTS.write_text(
        "# How often verdicts are wrong\n\nGenerated studies of known truth (SIMULATED), "
        f"`python benchmarks/verdicts.py --worlds {asked.worlds} --seconds {asked.seconds:g} "
        f"--save`, seed {SEED}. 200 worlds a kind are meant (600 where a test or an interval at "
        "5 % decides); how many there are stands in the table, and with few of them the upper "
        "limit is no proof. Rows of claims that were not asked are of an earlier run, and kinds "
        "that are missing were not measured. *Wrong* is supported where the claim is false, "
        "contradicted where it is true, decided where nobody can tell; the interval is Clopper "
        f"and Pearson's.\n\n{table}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
