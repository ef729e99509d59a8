"""How often intervals hold the truth where few days are compared with others.

Run ``python benchmarks/few_days.py [--pairs 4000] [--seed 1] [--save]`` from the project's root.
Stretches of three, four and five days are held against four weeks that differ in nothing but in how
much days scatter: the interval of ``throughput_drop`` (Cliff's delta of speed tests by day) and
that of daily medians on which ``throttled`` rests. ``--save`` writes
``benchmarks/results/few_days.md``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from darkdays.detect.speeds.day_ratios import day_ratio
from darkdays.detect.speeds.slowdowns import slowdown
from darkdays.detect.speeds.speed_days import SpeedDays

RESULTS = Path(__file__).parent / "results" / "few_days.md"
LIMIT, LEVEL = 0.94, 0.95
OTHERS, TESTS, DRAWS = 28, 200, 199
DAYS = pd.date_range("2021-03-01", periods=OTHERS + 5)
EDGES = np.log(9.0) + np.linspace(-2.0, 2.0, 11)
SPREADS = {
    "gauss": (0.15, 0.15),
    "lognormal": (0.15, 0.15),
    "days in question twice as spread": (0.3, 0.15),
    "days in question half as spread": (0.1, 0.2),
}
"""Standard deviation of the days in question and of the others, on the scale of logarithms."""


def centres(shape: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the centres of the days in question, first, and of the others."""
    drawn = rng.normal(size=count + OTHERS)
    if shape == "lognormal":
        drawn = (np.exp(drawn) - np.exp(0.5)) / 2.16  # mean 0, standard deviation 1
    mine, others = SPREADS[shape]
    return np.where(np.arange(drawn.size) < count, mine, others) * drawn


def holds(shape: str, count: int, rng: np.random.Generator) -> tuple[bool, bool]:
    """Say whether either interval holds what is true: no difference."""
    days, middle = DAYS[: count + OTHERS], centres(shape, count, rng)
    below = stats.norm.cdf((EDGES - np.log(9.0) - middle[:, None]) / 0.8)
    shares = np.diff(below, prepend=0.0, append=1.0, axis=1)
    tests = rng.multinomial(TESTS, shares).astype(np.float64)
    each = tests.sum(axis=1)
    record = SpeedDays(days, tests, each, np.zeros(each.size), np.zeros((each.size, 3)))
    start, end = days[0], days[count]
    found = slowdown(record, start, end, level=LEVEL, same_weekdays=False, draws=DRAWS, rng=rng)
    ratio = day_ratio(
        pd.Series(np.exp(middle), days),
        (start.tz_localize("UTC"), end.tz_localize("UTC")),
        level=LEVEL,
    )
    assert found is not None
    assert ratio is not None
    return found.low <= 0 <= found.high, ratio.low <= 1 <= ratio.high


def main() -> int:
    """Simulate, print, and fail where an interval holds the truth too rarely."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    lines = ["| days | scatter of days | speed tests by day | daily medians |"]
    lines += ["| ---: | --- | ---: | ---: |"]
    missed = False
    for row, shape in enumerate(SPREADS):
        for count in (3, 4, 5):
            rng = np.random.default_rng([stated.seed, row, count])
            found = np.array([holds(shape, count, rng) for _ in range(stated.pairs)]).sum(axis=0)
            cells = []
            for hit in found.tolist():
                low, high = stats.binomtest(hit, stated.pairs).proportion_ci(method="exact")
                cells.append(f"{hit / stated.pairs:.3f} ({low:.3f}-{high:.3f})")
                missed |= hit / stated.pairs < LIMIT
            lines.append(f"| {count} | {shape} | {cells[0]} | {cells[1]} |")
            print(lines[-1], flush=True)
    if stated.save:
        command = f"python benchmarks/few_days.py --pairs {stated.pairs} --seed {stated.seed}"
        text = "\n".join(lines)
        RESULTS.write_text(
            f"# Few days against others\n\n`{command} --save`\n\nSIMULATED stretches of days "
            f"against {OTHERS} others, between which there is no difference. Share of intervals "
            f"of {LEVEL:.0%} that hold it, with the exact 95 % interval: of Cliff's delta of "
            f"{TESTS} speed tests a day ({DRAWS} resamples), and of the ratio of daily medians.\n\n"
            f"{text}\n",
            encoding="utf-8",
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
