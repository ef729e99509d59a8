"""How often the test that reports quote cries wolf: it looks at weekdays before it chooses shifts.

Run ``python benchmarks/quoted_test.py [--series 2000] [--seed 1] [--save]`` from the project's
root. Records are those of ``calibration.py``, in one place and in many. A report shifts by whole
weeks where onsets or protests keep to a weekday and by days within months otherwise, moves all
places together, and calls a record inconclusive that has fewer than three onsets or could not have
rejected. Controls and the joint test are held against the same shifts. ``--save`` writes
``benchmarks/results/quoted_test.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from calibration import ALPHA, share, table

from darkdays.association.calendar import EventDays, OutageDays
from darkdays.association.directions import Calendar
from darkdays.association.negatives import days_before
from darkdays.correlate.crossover.primary import FEWEST_ONSETS
from darkdays.correlate.multiverse import joint_test
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import strata_of_places
from simulated_protests import FRIDAYS, NULLS, WINDOW, Record, Truth, raised, simulate

RESULTS = Path(__file__).parent / "results" / "quoted_test.md"
LIMIT = 0.055
PLACES = (1, 10, 31)
SHARED = ("", "national", "national and local", "national, a day apart")
"""What ties places together: nothing, or one calendar of protests and one of outages for all, each
place with some of its own besides, or some of them with the next day in its place."""
DRAWS = 199


def worlds() -> Iterator[tuple[str, Truth, int, str]]:
    """Go through what is true, in how many places, and what these share."""
    for places in PLACES:
        for truth in (*NULLS, FRIDAYS):
            yield f"null, {truth.name}", truth, places, ""
        for shared in SHARED[1:] if places > 1 else ():
            yield f"null, {shared}", NULLS[0], places, shared
    for places in PLACES[:2]:
        for ratio in (3.0, 5.0, 9.0):
            yield f"RR = {ratio:g}", raised(ratio), places, ""
        yield "RR = 5, shared Fridays", raised(5.0, FRIDAYS), places, ""


def calendar_of(truth: Truth, places: int, shared: str, rng: np.random.Generator) -> Calendar:
    """Return the calendar of a simulated record of some places, as long as its shortest."""
    if shared:
        whole = simulate(truth, rng)
        onsets, protests = (np.tile(one, (places, 1)) for one in (whole.onsets, whole.protests))
        if shared == "national and local":
            own = simulate(truth, np.random.default_rng(rng.integers(2**32)))
            n, place = min(len(own.days), len(whole.days)), int(rng.integers(places))
            onsets[place, :n] |= own.onsets[:n]
            protests[place, :n] |= own.protests[:n]
        if shared == "national, a day apart":
            for one in (onsets, protests):
                later = rng.random(places) < 0.5
                one[later] = np.roll(one[later], 1, axis=1)
        days = whole.days
    else:
        records = [simulate(truth, rng) for _ in range(places)]
        shortest = min(records, key=lambda one: len(one.days))
        days = shortest.days

        def middle(record: Record, name: str) -> np.ndarray:
            first = record.days.get_loc(days[0])
            return getattr(record, name)[first : first + len(days)]

        onsets = np.stack([middle(one, "onsets") for one in records])
        protests = np.stack([middle(one, "protests") for one in records])
    begins = protests.copy()
    begins[:, 1:] &= ~protests[:, :-1]
    names = tuple(f"region/{number}" for number in range(places))
    down = OutageDays((), onsets.astype(np.int64), onsets)
    return Calendar(names, days, down, EventDays(protests, protests, begins))


def quoted(calendar: Calendar, rng: np.random.Generator) -> list[float]:
    """Return the p-values of the quoted test, the control and the joint test, and what is told.

    Then 0 if it is by weeks, and 0 if it is inconclusive; last the p-value of places shifted apart.
    """
    onsets, events, design = calendar.outages.onsets, calendar.events, calendar.design
    near = events.nearness(WINDOW)
    test = design.test(onsets, near)
    unable = onsets.sum() < FEWEST_ONSETS or test.smallest_p > ALPHA
    exposures = np.stack([events.exposed(width) for width in range(4)])
    found = shift_counts(onsets[None], exposures, design, draws=DRAWS, rng=rng)
    apart = circular_shift_test(
        onsets.ravel(),
        near.ravel() > 0,
        strata_of_places(design.strata, len(onsets)).ravel(),
        nearness=near.ravel(),
        step=design.step,
    )
    return [
        1.0 if unable else test.p_value,
        design.test(onsets, days_before(events, WINDOW)).p_value,
        joint_test(found.observed, found.shifted).p_significant,
        0.0 if design.weekly else 1.0,
        0.0 if unable else 1.0,
        apart.p_value,
    ]


def _count(world: tuple[Truth, int, str], seed: int, row: int, numbers: list[int]) -> np.ndarray:
    found = []
    for number in numbers:
        rng = np.random.default_rng([seed, row, number])
        found.append(quoted(calendar_of(*world, rng), rng))
    return np.asarray((np.array(found) <= ALPHA).sum(axis=0))


HEAD = (
    "places", "**quoted**", "days before", "joint", "by weeks", "inconclusive", "places apart",
)  # fmt: skip


def main() -> int:
    """Simulate, print the table, and fail if a null is rejected too often."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    rows, missed = [], []
    with ProcessPoolExecutor(stated.workers) as pool:
        for row, (label, *world) in enumerate(worlds(), start=300):
            parts = [list(part) for part in np.array_split(range(stated.series), 8)]
            one = partial(_count, tuple(world), stated.seed, row)
            found = np.sum(list(pool.map(one, parts)), axis=0)
            cells = [share(int(count), stated.series) for count in found]
            rows.append([label, str(world[1]), *cells])
            print(rows[-1], flush=True)
            if world[0].ratio == 1 and max(found[:3]) / stated.series > LIMIT:
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

SIMULATED records, drawn as in [calibration.md](calibration.md), of one place or of several. Share
in which the quoted p-value is at most 0.05; the same of the control "days before an event" and of
the joint test of four windows, on the same shifts; share that is by whole weeks, share that is
inconclusive whatever comes out, and what places shifted apart would reject; in brackets the exact
95 % interval.

{text}

Shifts are chosen after looking at weekdays of onsets and of protests, not at whether they
coincide. Inconclusive records count as not rejecting. National: all places see the protests of one
record and have its outages; with local ones, one place has those of another record besides; a day
apart, half of the places have them a day later.
"""


if __name__ == "__main__":
    sys.exit(main())
