"""How fast calendars are shifted: 10,000 shifts of 36 specifications in 30 places.

Run ``python benchmarks/shifts.py [--draws 10000] [--years 3] [--save]`` from the project's root.
Onsets and protests are made up. What is timed: the random shifts of all specifications together,
the same for sparse and for crowded calendars, and the exact distribution of one specification;
beside them, one specification shifted the plain way, by ``numpy.roll``, with the counts compared.
``--save`` writes ``benchmarks/results/shifts.md``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.exposure import days_around
from darkdays.correlate.multiverse import joint_test
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import rows_of_strata, time_strata

RESULTS = Path(__file__).parent / "results" / "shifts.md"
PLACES, WINDOWS, SOURCES = 30, 6, 6
LIMIT_SECONDS = 10.0
Flags = NDArray[np.bool_]


def made_up(days: int, onsets_a_year: float, rng: np.random.Generator) -> tuple[Flags, Flags]:
    """Return outcomes and exposures: windows of 1 to 6 days by six sources of onsets."""
    protests = rng.random((PLACES, days)) < 0.05
    outcomes = rng.random((SOURCES, PLACES, days)) < onsets_a_year / 365
    exposures = np.stack([days_around(protests, days_after=width) for width in range(WINDOWS)])
    return np.repeat(outcomes, WINDOWS, axis=0), np.tile(exposures, (SOURCES, 1, 1))


def plainly(outcome: Flags, exposure: Flags, strata: NDArray[np.intp], draws: int) -> float:
    """Return the seconds of shifting one specification by rolling every stratum in a loop."""
    rng = np.random.default_rng(3)
    rows = rows_of_strata(strata)
    began = time.perf_counter()
    for _ in range(draws):
        for place in range(PLACES):
            moved = exposure[place].copy()
            for one in rows:
                moved[one] = np.roll(moved[one], rng.integers(one.size))
            int((outcome[place] & moved).sum())
    return time.perf_counter() - began


def checked(draws: int) -> bool:
    """Say whether looked-up counts are those of rolling, shift by shift, on a small example."""
    rng = np.random.default_rng(5)
    days = pd.date_range("2021-01-01", periods=90)
    outcome, exposure = rng.random((1, 2, 90)) < 0.2, rng.random((1, 2, 90)) < 0.3
    design = ShiftDesign(days)
    found = shift_counts(outcome, exposure, design, draws=draws, rng=np.random.default_rng(6))
    again = np.random.default_rng(6)
    counts = np.zeros(draws, dtype=np.int64)
    for one, shifts in design.blocks:
        for draw, shift in enumerate(again.integers(shifts.size, size=draws)):
            moved = np.roll(exposure[0][:, one], shift, axis=1)
            counts[draw] += (outcome[0][:, one] & moved).sum()
    return bool((found.shifted[0] == counts).all())


def main() -> int:
    """Measure, print a table, and fail beyond the limit or where counts disagree."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    days = pd.date_range("2019-01-01", periods=365 * stated.years)
    strata = time_strata(days, "month")
    rows = []
    slowest = 0.0
    for name, rate in (("10 onsets a year and place", 10.0), ("60 onsets a year and place", 60.0)):
        rng = np.random.default_rng(1)
        outcomes, exposures = made_up(days.size, rate, rng)
        began = time.perf_counter()
        found = shift_counts(outcomes, exposures, ShiftDesign(days), draws=stated.draws, rng=rng)
        joint_test(found.observed, found.shifted)
        took = time.perf_counter() - began
        slowest = max(slowest, took)
        rows.append((f"all specifications and the joint test, {name}, s", f"{took:.2f}"))
        began = time.perf_counter()
        circular_shift_test(outcomes[0], exposures[0], strata)
        rows.append((f"one exact distribution, {name}, s", f"{time.perf_counter() - began:.3f}"))
    some = max(1, stated.draws // 500)
    plain = plainly(outcomes[0], exposures[0], strata, some) * stated.draws / some
    rows.append(("one specification by numpy.roll, from a part, s", f"{plain:.0f}"))
    rows.append(("all specifications that way, from a part, s", f"{plain * len(outcomes):.0f}"))
    agrees = checked(200)
    rows.append(("counts are those of numpy.roll", "yes" if agrees else "NO"))
    width = max(len(name) for name, _ in rows)
    text = "\n".join(
        [
            f"| {'measure':{width}} | {'value':>8} |",
            f"| {'-' * width} | {'-' * 7}: |",
            *(f"| {name:{width}} | {value:>8} |" for name, value in rows),
        ]
    )
    print(text)
    if stated.save:
        command = f"python benchmarks/shifts.py --draws {stated.draws} --years {stated.years}"
        RESULTS.write_text(
            f"# Shifting calendars\n\n`{command} --save`\n\n{text}\n\n"
            f"{stated.draws:,} shifts, {len(outcomes)} specifications, {PLACES} places, "
            f"{days.size:,} days in strata of calendar months; one core. The limit is "
            f"{LIMIT_SECONDS:g} s.\n",
            encoding="utf-8",
        )
    return int(slowest > LIMIT_SECONDS or not agrees)


if __name__ == "__main__":
    sys.exit(main())
