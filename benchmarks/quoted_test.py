"""How often the test that reports quote cries wolf: it looks at weekdays before it chooses shifts.

Run ``python benchmarks/quoted_test.py [--series 2000] [--seed 1] [--save]`` from the project's
root. Records are those of ``calibration.py``. A report shifts by whole weeks where onsets or
protests keep to a weekday and by days within months otherwise, and calls a record inconclusive
that has fewer than three onsets or could not have rejected. ``--save`` writes
``benchmarks/results/quoted_test.md``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from calibration import ALPHA, rejections, share, table

from darkdays.correlate.crossover.primary import FEWEST_ONSETS, primary_test
from darkdays.correlate.shifts.strata import bound_to_weekdays
from simulated_protests import FRIDAYS, NULLS, WINDOW, Record, Truth, raised

RESULTS = Path(__file__).parent / "results" / "quoted_test.md"
LIMIT = 0.055
ROWS: tuple[tuple[str, Truth], ...] = (
    *((f"null, {truth.name}", truth) for truth in NULLS),
    ("null, shared Fridays", FRIDAYS),
    *((f"RR = {ratio:g}", raised(ratio)) for ratio in (5.0, 9.0)),
    *((f"RR = {ratio:g}, shared Fridays", raised(ratio, FRIDAYS)) for ratio in (5.0, 9.0)),
)
HEAD = ("**quoted**", "by weeks", "inconclusive")


def quoted(record: Record) -> list[float]:
    """Return the quoted p-value; then 0 if it is by weeks, and 0 if it is inconclusive."""
    begins = record.protests.copy()
    begins[1:] &= ~record.protests[:-1]
    weekly = bound_to_weekdays(record.onsets[None], begins[None], days=record.days)
    test, _ = primary_test(
        record.onsets[None], record.protests[None], record.days, days_after=WINDOW, weekly=weekly
    )
    unable = test is None or record.onsets.sum() < FEWEST_ONSETS or test.smallest_p > ALPHA
    p_value = 1.0 if unable or test is None else test.p_value
    return [p_value, 0.0 if weekly else 1.0, 0.0 if unable else 1.0]


def main() -> int:
    """Simulate, print the table, and fail if a null is rejected too often."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    rows, missed = [], []
    for number, (label, truth) in enumerate(ROWS, start=300):
        found = rejections(
            truth, quoted, number, series=stated.series, seed=stated.seed, workers=stated.workers
        )
        rows.append([label, *(share(int(one), stated.series) for one in found)])
        if truth.ratio == 1 and found[0] / stated.series > LIMIT:
            missed.append(label)
    text = table(HEAD, rows)
    print(text)
    if stated.save:
        command = f"python benchmarks/quoted_test.py --series {stated.series} --seed {stated.seed}"
        RESULTS.write_text(_document(f"{command} --save", text), encoding="utf-8")
    return int(bool(missed))


def _document(command: str, text: str) -> str:
    return f"""# The test that reports quote

`{command}`

SIMULATED records, drawn as in [calibration.md](calibration.md). Share in which the quoted p-value
is at most 0.05, share in which it is by whole weeks, and share that is inconclusive whatever comes
out; in brackets the exact 95 % interval.

{text}

Shifts are chosen after looking at weekdays of onsets and of protests, not at whether they
coincide. Inconclusive records count as not rejecting.
"""


if __name__ == "__main__":
    sys.exit(main())
