"""How well changes of blocking are found and dated, beside the rules of OONI's detector.

Run ``python benchmarks/blocking.py [--runs 200] [--save]`` from the project's root. Measurements
are made up: a site is tested in one hour of ``EVERY``, once to three times, for 60 days; 5 % of the
tests of a reachable site are anomalous and 90 % of those of a blocked one. In the last scenario a
probe with a broken network adds sessions of six anomalous hours in a row, which breaks what
permutations assume. ``--save`` writes ``benchmarks/results/blocking.md``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from darkdays.detect.blocking.blocking import Counting
from darkdays.detect.blocking.blocking_states import stretches
from darkdays.detect.blocking.cusum import cusum, hourly_medians

RESULTS = Path(__file__).parent / "results" / "blocking.md"
HOURS, EVERY, BEGIN = 60 * 24, 6, pd.Timestamp("2021-06-01", tz="UTC")
MIDDLE = HOURS // 2
EARLY, LATE = pd.Timedelta("1D"), pd.Timedelta("4D")
# Ways by hour: from, until, way.
SCENARIOS: dict[str, list[tuple[int, int, str]]] = {
    "never blocked": [],
    "blocked from the middle on": [(MIDDLE, HOURS, "dns")],
    "blocked for four days": [(MIDDLE, MIDDLE + 96, "dns")],
    "blocked by HTTP, then by TCP/IP": [(0, MIDDLE, "http-diff"), (MIDDLE, HOURS, "tcp_ip")],
    "never blocked, with a broken probe": [],
}


def made_up(name: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return observations of one site."""
    rows = []
    broken = rng.integers(0, HOURS, 2) if name.endswith("probe") else ()
    for hour in np.flatnonzero(rng.random(HOURS) < 1 / EVERY):
        way = next((way for a, b, way in SCENARIOS[name] if a <= hour < b), "")
        for _ in range(rng.integers(1, 4)):
            blocked = rng.random() < (0.9 if way else 0.05)
            rows.append((hour, (way or "http-failure") if blocked else ""))
    rows += [(start + more, "http-failure") for start in broken for more in range(6)]
    rows.sort(key=lambda row: row[0])
    times = [BEGIN + pd.Timedelta(hours=int(hour)) for hour, _ in rows]
    return pd.DataFrame(
        {"network": "asn/1", "site": "a.example", "time": times, "method": [m for _, m in rows]}
    )


def ours(seen: pd.DataFrame, rng: np.random.Generator) -> list[tuple[pd.Timestamp, ...]]:
    """Return changes of state or way: first of the new, and its bounds."""
    cut = stretches(seen, Counting(), draws=199, rng=rng)
    changed = cut[cut["begins"] == "change"]
    return [(row.first, row.start_low, row.start_high) for row in changed.itertuples()]


def theirs(seen: pd.DataFrame) -> list[tuple[pd.Timestamp, ...]]:
    """Return changes by OONI's rules, of any way together."""
    hours, scores = hourly_medians(seen["time"], (seen["method"] != "").astype(float))
    return [(change.time,) for change in cusum(hours, scores.to_numpy()).changes]


def matched(
    moments: list[pd.Timestamp], changes: list[tuple[pd.Timestamp, ...]]
) -> list[tuple[pd.Timestamp, tuple[pd.Timestamp, ...]]]:
    """Return each true change with the first one told from a day before to four days after it."""
    left = list(changes)
    pairs = []
    for moment in moments:
        near = [one for one in left if -EARLY <= one[0] - moment <= LATE]
        if near:
            pairs.append((moment, near[0]))
            left.remove(near[0])
    return pairs


def scored(name: str, runs: int) -> list[str]:
    """Return a row of the table for either detector."""
    truth = sorted({edge for a, b, _ in SCENARIOS[name] for edge in (a, b) if 0 < edge < HOURS})
    moments = [BEGIN + pd.Timedelta(hours=edge) for edge in truth]
    rows = []
    for label in ("here", "OONI's rules"):
        pairs: list[tuple[pd.Timestamp, tuple[pd.Timestamp, ...]]] = []
        with_false, began = 0, time.perf_counter()
        for run in range(runs):
            rng = np.random.default_rng(1000 + run)
            seen = made_up(name, rng)
            changes = ours(seen, rng) if label == "here" else theirs(seen)
            mine = matched(moments, changes)
            pairs += mine
            with_false += len(changes) > len(mine)
        spent = (time.perf_counter() - began) / runs * 1000
        errors = [(told[0] - moment) / pd.Timedelta("1h") for moment, told in pairs]
        held = [told[1] <= moment <= told[2] for moment, told in pairs if len(told) > 1]
        cells = (
            f"{with_false / runs:.3f}",
            f"{len(pairs) / runs / len(moments):.2f}" if moments else "",
            f"{np.median(errors):+.0f}" if errors else "",
            f"{np.mean(held):.2f}" if held else "",
            f"{spent:.0f}",
        )
        rows.append(f"| {name} | {label} | {' | '.join(cells)} |")
    return rows


def main() -> int:
    """Print the table, and save it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    head = ("truth", "detector", "records with a false change", "changes found")
    head += ("median error, h", "bounds hold it", "ms")
    about = (
        f"{given.runs} records of 60 days each, tests in one hour of {EVERY}. A change counts as "
        "found from a day before it to four days after. Level 0.95, hours as units, 199 "
        "permutations. OONI's rules see blocked or not, and no change of the way; they are made "
        "for a stream and tell a change when they are sure of it, which is their error here."
    )
    lines = [
        "# Changes of blocking",
        "",
        f"`python benchmarks/blocking.py --runs {given.runs} --save`",
        "",
        f"| {' | '.join(head)} |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        *(row for name in SCENARIOS for row in scored(name, given.runs)),
        "",
        about,
        "",
    ]
    text = "\n".join(lines)
    sys.stdout.write(text)
    if given.save:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
