"""How often tests of coincidence cry wolf, and how often they notice: simulated records.

Run ``python benchmarks/calibration.py [--series 2000] [--seed 1] [--save]`` from the project's
root. Records of one place, 120 to 365 days long, are drawn by ``darkdays.simulate``; every test
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

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from darkdays.correlate.coincidence import event_coincidence
from darkdays.correlate.conditional import fit_conditional
from darkdays.correlate.drivers import fit_driver
from darkdays.correlate.exact import exposed_onsets
from darkdays.correlate.primary import primary_test
from darkdays.correlate.shifts import circular_shift_test
from darkdays.correlate.strata import time_strata
from darkdays.correlate.stratified import count_by_stratum
from darkdays.simulate import (
    DRIVEN,
    FRIDAYS,
    NULLS,
    ROUGHLY_MEASURED,
    WINDOW,
    Record,
    Truth,
    raised,
    simulate,
)

RESULTS = Path(__file__).parent / "results" / "calibration.md"
ALPHA = 0.05
Flags = NDArray[np.bool_]
NULL_LIMIT, DRIVER_LIMIT = 0.055, 0.06
LEAST_POWER = {5.0: 0.44, 9.0: 0.78}
PEERS = ("Poisson-ECA", "shuffle", "circular shift", "month shuffle", "month circ. shift")
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
DRIVER_TESTS = (
    "month circ. shift, driver ignored",
    "month x driver tercile",
    "conditional Poisson, Wald",
    "**shifts weighted by driver**",
    "no fit",
)
FRIDAY_ROWS = (
    ("null, shared Fridays", FRIDAYS),
    *((f"RR = {ratio:g}, shared Fridays", raised(ratio, FRIDAYS)) for ratio in (5.0, 9.0)),
)
FRIDAY_TESTS = ("month circ. shift", "**whole weeks in 28 days**")


def peers(record: Record, unit: str) -> list[float]:
    """Return the p-values of the usual tests, and of the primary one."""
    outcome = record.outages if unit == "days" else record.onsets
    months = time_strata(record.days, "month")
    whole = np.zeros(months.size, dtype=np.intp)
    exposed = record.exposed
    return [
        poisson_eca(outcome, record.protests),
        hypergeometric(outcome, exposed, whole),
        circular_shift_test(outcome, exposed, whole).p_value,
        hypergeometric(outcome, exposed, months),
        circular_shift_test(outcome, exposed, months).p_value,
        primary(record),
    ]


def primary(record: Record, *, weekly: bool = False) -> float:
    """Return the p-value of the primary test, given the driver where one is measured."""
    test, _ = primary_test(
        record.onsets[None],
        record.protests[None],
        record.days,
        days_after=0 if weekly else WINDOW,
        drivers=record.driver[None] if record.driver.any() else None,
        weekly=weekly,
    )
    return 1.0 if test is None else test.p_value


def with_driver(record: Record) -> list[float]:
    """Return the p-values of ways to account for a measured driver; last, 0 for no fit."""
    months = time_strata(record.days, "month")
    onsets, exposed = record.onsets, record.exposed
    terciles = np.searchsorted(np.quantile(record.driver, [1 / 3, 2 / 3]), record.driver)
    columns = np.column_stack([exposed, record.driver]).astype(np.float64)
    fitted = fit_conditional("poisson", onsets, columns, months)
    wald = 1.0 if fitted.reason else float(stats.norm.sf(fitted.coefficients[0] / fitted.errors[0]))
    unfitted = fit_driver(onsets, record.driver, months).log_intensity is None
    return [
        circular_shift_test(onsets, exposed, months).p_value,
        circular_shift_test(onsets, exposed, months * 3 + terciles).p_value,
        wald,
        primary(record),
        0.0 if unfitted else 1.0,
    ]


def with_fridays(record: Record) -> list[float]:
    """Return the p-values of shifts by any days and by whole weeks; the day itself is exposed."""
    months = time_strata(record.days, "month")
    return [
        circular_shift_test(record.onsets, record.protests, months).p_value,
        primary(record, weekly=True),
    ]


def poisson_eca(outcome: Flags, protests: Flags) -> float:
    """Return CoinCalc's precursor p-value; 1 without events."""
    if not outcome.any() or not protests.any():
        return 1.0
    at, others = np.flatnonzero(outcome), np.flatnonzero(protests)
    return event_coincidence(at, others, window=WINDOW, length=outcome.size).p_precursor


def hypergeometric(outcome: Flags, exposed: Flags, strata: NDArray[np.intp]) -> float:
    """Return the exact p-value of shuffling the days of each stratum."""
    counts = count_by_stratum(outcome, exposed, strata)
    return exposed_onsets(counts, "odds").p_more() if counts.informative.any() else 1.0


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

The peers look at days of outage or at onsets, as the row says. The primary test looks at onsets
always, shifts them within calendar months, breaks ties by nearness to the protest, and, where the
driver is measured, gives each shift its probability under the driver.

{demanded}

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


if __name__ == "__main__":
    sys.exit(main())
