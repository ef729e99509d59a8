"""How outages hold in every kind of record: found, made up, and how often intervals hold.

Run ``python benchmarks/record_kinds.py [--series 40] [--kinds rises ...] [--list]``.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
import pandas as pd

from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.lasting import LASTING
from darkdays.detect.outages.outages import outages
from darkdays.files.writing import rows_of
from darkdays.simulate.signals import simulated_tree
from outage_kinds import KINDS, Drawn

HEAD = (
    "| kind | outages | found | false a signal | onset held | depth held | duration held |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass
class Held:
    """What became of the outages of a kind."""

    series: int = 0
    events: int = 0
    found: int = 0
    false: int = 0
    onset: list[bool] = field(default_factory=list)
    depth: list[bool] = field(default_factory=list)
    duration: list[bool] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def row(self, name: str) -> str:
        """Return the row of a table."""
        kept = (self.onset, self.depth, self.duration)
        held = [f"{np.mean(one):.3f}" if one else "-" for one in kept]
        found = f"{self.found / max(self.events, 1):.3f}"
        false = f"{self.false / self.series:.3f}"
        return f"| {name} | {self.events} | {found} | {false} | {' | '.join(held)} |"


def measured(name: str, series: int, seed: int = 20_261) -> Held:
    """Draw records of a kind and hold what is found against what is true."""
    held = Held()
    for number in range(series):
        rng = np.random.default_rng([seed, zlib.crc32(name.encode()), number])
        drawn = KINDS[name](rng)
        table = believed(outages(simulated_tree({"asn/1": drawn.values}, drawn.times)))
        _compare(held, drawn, table, number)
        held.series += 1
    return held


def believed(table: pd.DataFrame) -> pd.DataFrame:
    """Return outages, and what is listed because nobody can tell it from one."""
    kept = table.index.isin(trusted(table).index) | (table["label"] == LASTING)
    return table[kept]


def _compare(held: Held, drawn: Drawn, table: pd.DataFrame, number: int) -> None:
    step = drawn.times[1] - drawn.times[0]
    end = drawn.times[-1] + step
    rows = list(rows_of(table))
    spans = [_span(row, step) for row in rows]
    used = set()
    for event in drawn.events:
        inside = (drawn.times >= event.start) & (drawn.times < event.end)
        touching = {
            place
            for place, (start, stop) in enumerate(spans)
            if start < event.end and stop > event.start
        }
        used |= touching
        if np.isfinite(drawn.values[inside]).mean() < 0.5:
            continue
        held.events += 1
        best = max(touching, key=lambda place: _overlap(spans[place], event), default=None)
        if best is None or _overlap(spans[best], event) < 0.5:
            held.missed.append(f"{number}: missed {event}")
            continue
        row = rows[best]
        held.found += 1
        truth = event.start.tz_localize("UTC")
        begun = bool(row.onset_low <= truth <= row.onset_high)
        deep = bool(row.depth_low <= event.depth <= row.depth_high)
        held.onset.append(begun)
        held.depth.append(deep)
        hours = (event.end - event.start) / pd.Timedelta(hours=1)
        if event.end == end:
            long = bool(pd.isna(row.recovery))
        else:
            long = bool(row.duration_low <= hours <= row.duration_high)
        held.duration.append(long)
        if not (begun and deep and long):
            held.missed.append(f"{number}: not held {event}, but {row}")
    for place, row in enumerate(rows):
        if place not in used:
            held.false += 1
            held.missed.append(f"{number}: false {row}")


def _span(row: Any, step: pd.Timedelta) -> tuple[pd.Timestamp, pd.Timestamp]:
    start = row.first_seen if pd.isna(row.onset) else row.onset
    end = row.last_seen + step if pd.isna(row.recovery) else row.recovery
    return start.tz_localize(None), end.tz_localize(None)


def _overlap(span: tuple[pd.Timestamp, pd.Timestamp], event: Any) -> float:
    both = min(span[1], event.end) - max(span[0], event.start)
    either = max(span[1], event.end) - min(span[0], event.start)
    return max(both / either, 0.0)


def main() -> int:
    """Print a row a kind, and with ``--list`` what did not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20_261)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--list", action="store_true", help="name what did not hold")
    stated = parser.parse_args()
    print(HEAD)
    for name in [one for one in KINDS if any(one.startswith(asked) for asked in stated.kinds)]:
        held = measured(name, stated.series, stated.seed)
        print(held.row(name), flush=True)
        if stated.list:
            print("\n".join(held.missed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
