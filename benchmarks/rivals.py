"""Count the causes of a curated list of outages anew, and test them on countries left out.

    .venv/bin/python benchmarks/rivals.py LIST.csv [--write]

LIST.csv is IODA's curated list (https://github.com/InetIntel/internet_outages). ``--write`` puts
the counts into the package; without it they are only compared with what is there. What is printed
is stored in ``benchmarks/results/rivals.md``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from darkdays.archive.request import USER_SUPPLIED, Reply
from darkdays.correlate.rival_counts import chances, embedded, to_document
from darkdays.correlate.rival_features import CAUSES, COUNTED, FEATURES
from darkdays.files import json_text, write_text
from darkdays.labels.causes import incidents
from darkdays.labels.causes_validation import balanced_loss, calibration, left_out, tempered
from darkdays.sources import ioda_curated_rows
from darkdays.sources.query import Query

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "src" / "darkdays" / "correlate" / "rival_counts.json"


def listed(path: Path) -> pd.DataFrame:
    """Read the curated list."""
    start, end = pd.Timestamp("2018-01-01", tz="UTC"), pd.Timestamp("2023-01-01", tz="UTC")
    query = Query("ioda-curated", start, end, "world")
    (request,) = ioda_curated_rows.requests(query, {})
    reply = Reply(request, path.read_bytes(), origin=USER_SUPPLIED)
    return ioda_curated_rows.read(query, {request.key: reply})


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown, numbers to two decimals."""

    def cell(value: object) -> str:
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    lines = [list(table.columns), ["---"] * len(table.columns)]
    lines += [[cell(value) for value in row] for row in table.itertuples(index=False)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> int:
    """Count, test, print; write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    found = incidents(listed(given.list))
    counts, losses = tempered(found)
    text = json_text(to_document(counts))
    if given.write:
        write_text(STORED, text)
        embedded.cache_clear()
    same = STORED.is_file() and STORED.read_text(encoding="utf-8") == text
    table = left_out(found, embedded() if same else counts)
    sizes = pd.Series([one.cause for one in found]).value_counts()
    print("# Rivals of a shutdown: what is counted, and how well it tells causes apart\n")
    print("Written by `benchmarks/rivals.py` from IODA's curated list, whose terms are in")
    print("`data/SOURCES.md`; only counts of incidents are kept.\n")
    print(f"{len(found)} incidents: " + ", ".join(f"{sizes[c]} {c}" for c in CAUSES if c in sizes))
    print("\n## Chances of every value, by cause\n")
    for feature in COUNTED:
        rows = []
        for cause in CAUSES:
            known = chances(counts, cause, feature)
            rows.append([cause, *map(float, known.values), known.n, known.basis])
        columns = [feature, *FEATURES[feature], "incidents", "basis"]
        print(markdown(pd.DataFrame(rows, columns=columns)) + "\n")
    print("## Temper: how much of the counted weights is believed\n")
    print(
        "Logarithmic loss in countries left out, every cause counting the same; 1.79 is a guess.\n"
    )
    print(markdown(losses))
    print(f"\nLeast at {counts.temper}: loss {balanced_loss(table):.2f}.\n")
    print("## Likeliest cause in countries left out, incidents\n")
    likeliest = table.pivot_table(
        index="cause", columns="likeliest", values="weight", aggfunc="sum", fill_value=0.0
    )
    print(markdown(likeliest.reindex(columns=CAUSES, fill_value=0.0).reset_index()) + "\n")
    verdicts = table.groupby(["cause", "verdict"])["weight"].sum().reset_index(name="incidents")
    print("## Verdicts on the five counted features alone\n")
    print(markdown(verdicts) + "\n")
    print("## Calibration\n")
    print(markdown(calibration(table)) + "\n")
    if not same:
        sys.stderr.write("the counts differ from those in the package; --write replaces them\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
