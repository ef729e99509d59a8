"""How often tests of coincidence cry wolf, and how often they notice: simulated records.

Run ``python benchmarks/calibration.py [--series 2000] [--seed 1] [--save]`` from the project's
root. Records of one place, 120 to 365 days long, are ``simulated_protests``; every test
is one-sided at the level 0.05. ``--save`` writes ``benchmarks/results/calibration.md``. The same
seed gives the same table on any number of cores.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
from calibration_tests import (
    DRIVER_TESTS,
    FRIDAY_TESTS,
    PEERS,
    peers,
    with_driver,
    with_fridays,
)
from numpy.typing import NDArray
from scipy import stats

import simulated_protests as truths
from simulated_protests import (
    DRIVEN,
    FRIDAYS,
    NULLS,
    ROUGHLY_MEASURED,
    Record,
    Truth,
    raised,
    simulate,
)

RESULTS = Path(__file__).parent / "results" / "calibration.md"
ALPHA = 0.05
NULL_LIMIT, DRIVER_LIMIT = 0.055, 0.06
LEAST_POWER = {5.0: 0.44, 9.0: 0.78}
SINGLE, BURSTY, SEASON = NULLS
# What the peers look at; the primary test looks at onsets always.
ROWS: tuple[tuple[str, Truth, str], ...] = (
    ("null, bursty protests, Poisson outages", SINGLE, "days"),
    ("null, both bursty (outage days)", BURSTY, "days"),
    ("null, both bursty (onsets)", BURSTY, "onsets"),
    ("null, shared Jun-Jul season", SEASON, "days"),
    ("null, shared daily driver, days", DRIVEN, "days"),
    ("null, shared daily driver, onsets", DRIVEN, "onsets"),
    *((f"RR = {ratio:g}", raised(ratio), "days") for ratio in (2.0, 3.0, 5.0, 9.0)),
)
DRIVER_ROWS = (
    ("null, shared daily driver", DRIVEN),
    ("null, shared driver measured roughly", ROUGHLY_MEASURED),
    *((f"RR = {ratio:g}, shared daily driver", raised(ratio, DRIVEN)) for ratio in (5.0, 9.0)),
)
FRIDAY_ROWS = (
    ("null, shared Fridays", FRIDAYS),
    *((f"RR = {ratio:g}, shared Fridays", raised(ratio, FRIDAYS)) for ratio in (5.0, 9.0)),
)


def rejections(
    truth: Truth,
    tests: Callable[[Record], list[float]],
    row: int,
    *,
    series: int,
    seed: int,
    workers: int,
) -> NDArray[np.int64]:
    """Return how many of the records of a row each test rejects."""
    parts = np.array_split(np.arange(series), workers * 4)
    one = partial(_count, truth, tests, seed, row)
    if workers == 1:
        return np.sum([one(part) for part in parts], axis=0)
    with ProcessPoolExecutor(workers) as pool:
        return np.sum(list(pool.map(one, parts)), axis=0)


def _count(
    truth: Truth,
    tests: Callable[[Record], list[float]],
    seed: int,
    row: int,
    numbers: NDArray[np.intp],
) -> NDArray[np.int64]:
    found = [
        tests(simulate(truth, np.random.default_rng([seed, row, int(number)])))
        for number in numbers
    ]
    return np.asarray((np.array(found) <= ALPHA).sum(axis=0))


def share(rejected: int, series: int) -> str:
    """Return a share with its exact 95 % interval."""
    interval = stats.binomtest(rejected, series).proportion_ci()
    return f"{rejected / series:.3f} ({interval.low:.3f}-{interval.high:.3f})"


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [["truth", *head], ["---", *("---:" for _ in head)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdicts(rejected: dict[str, int], series: int) -> list[str]:
    """Return what was demanded of the primary test and what came out, one line each."""
    lines = []
    for label, truth, _ in ROWS:
        found = rejected[label] / series
        if truth.ratio in LEAST_POWER:
            least = LEAST_POWER[truth.ratio]
            lines.append(f"{'ok' if found >= least else 'MISSED'}: {label}, {found:.3f} >= {least}")
        elif truth.ratio == 1:
            most = DRIVER_LIMIT if truth.shared == "driver" else NULL_LIMIT
            lines.append(f"{'ok' if found <= most else 'MISSED'}: {label}, {found:.3f} <= {most}")
    return lines


def main() -> int:
    """Simulate, print the tables, and fail if the primary test misses what is demanded."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    options = {"series": stated.series, "seed": stated.seed, "workers": stated.workers}
    began = time.perf_counter()
    rows, found_by_primary = [], {}
    for number, (label, truth, unit) in enumerate(ROWS):
        found = rejections(truth, partial(peers, unit=unit), number, **options)
        found_by_primary[label] = int(found[len(PEERS)])
        cells = [f"{one / stated.series:.3f}" for one in found]
        cells[len(PEERS)] = share(found_by_primary[label], stated.series)
        rows.append([label, *cells])
    texts = [table((*PEERS, "**primary**"), rows)]
    for tests, head, listed, first in (
        (with_driver, DRIVER_TESTS, DRIVER_ROWS, 100),
        (with_fridays, FRIDAY_TESTS, FRIDAY_ROWS, 200),
    ):
        rows = []
        for number, (label, truth) in enumerate(listed, start=first):
            found = rejections(truth, tests, number, **options)
            rows.append([label, *(share(int(one), stated.series) for one in found)])
        texts.append(table(head, rows))
    lines = verdicts(found_by_primary, stated.series)
    print("\n\n".join([*texts, "\n".join(lines)]))
    print(f"\n{time.perf_counter() - began:.0f} s")
    if stated.save:
        command = f"python benchmarks/calibration.py --series {stated.series} --seed {stated.seed}"
        RESULTS.write_text(_document(f"{command} --save", texts, lines), encoding="utf-8")
    return int(any(line.startswith("MISSED") for line in lines))


def _document(command: str, texts: list[str], lines: list[str]) -> str:
    demanded = "\n".join(f"- {line}" for line in lines)
    return f"""# Calibration and power of tests of coincidence

`{command}`

SIMULATED records. Share of records in which a one-sided test at 0.05 rejects; in brackets the
exact 95 % interval.

{texts[0]}

The peers look at days of outage or at onsets, as the row says: Poisson-ECA is CoinCalc's precursor
p-value, a shuffle is the hypergeometric test, a circular shift is exact, all over the whole record
or within calendar months. The primary test looks at onsets always, shifts them within calendar
months, breaks ties by nearness to the protest, and, where the driver is measured, gives each shift
its probability under the driver.

{demanded}

## What was drawn

{_generator()}

## A driver that is measured

{texts[1]}

The test that ignores the driver has no power to speak of: what it shows is its error. Terciles
leave part of the driver inside them. Of a driver measured with an error of half its own standard
deviation no test can remove the whole. `no fit`: onsets so few that their dependence on the
driver has no finite estimate; the weighted test then says so and counts as not rejecting.

## Protests and outages on the same day of the week

{texts[2]}

Comparing a Friday with the Wednesday beside it is not enough where both come on Fridays. Shifting
by whole weeks compares Fridays only, and pays with power.
"""


def _generator() -> str:
    """Return how records are drawn, from the very numbers that draw them."""
    lines = [
        f"One place, {truths.SHORTEST} to {truths.LONGEST} days, uniformly, centred on 1 July.",
        (
            f"Protests begin with probability {truths.PROTEST_START:g} a day and last "
            f"{truths.PROTEST_DAYS:g} days in the mean, geometrically. A day is exposed if a "
            f"protest was on it or on one of the {truths.WINDOW} days before."
        ),
    ]
    for truth in (*NULLS, DRIVEN, FRIDAYS):
        length = (
            "single days" if truth.outage_days == 1 else f"{truth.outage_days:g} days in the mean"
        )
        lines.append(
            f"{truth.name}: outages begin with probability {truth.outage_start:g} a day, {length}."
        )
    lines += [
        "Rate ratios: as bursty protests with single outages, times the ratio on exposed days.",
        f"Season: both rates times {truths.SEASON_RATIO:g} in June and July.",
        (
            f"Driver: a Gaussian autoregression z of memory {truths.DRIVER_MEMORY:g} and variance "
            f"1; both rates times exp({truths.DRIVER_EFFECT:g} z - "
            f"{truths.DRIVER_EFFECT**2 / 2:g}), probabilities at most 1. "
            "Measured roughly: z and an independent error of "
            f"{ROUGHLY_MEASURED.driver_noise:g} standard deviations."
        ),
        (
            f"Fridays: both rates times {truths.FRIDAY_RATIO:g} on Fridays, protests of single "
            "days; only the day of the protest is exposed."
        ),
    ]
    return "\n".join(f"- {line[0].upper()}{line[1:]}" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
