"""Count the causes of a curated list of outages anew, and test them on countries left out.

    python benchmarks/rivals.py LIST.csv [--save]

LIST.csv is IODA's curated list (https://github.com/InetIntel/internet_outages). ``--save`` puts the
counts into the package and what is printed into ``benchmarks/results/rivals.md``; without it the
counts are only compared with what is there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
from incident_causes import (
    Incident,
    calibration,
    even_odds,
    incidents,
    left_out,
    pair_loss,
    tempered,
    to_document,
)

from darkdays.archive.request import USER_SUPPLIED, Reply
from darkdays.correlate.rivals.rival_counts import Counts, chances
from darkdays.correlate.rivals.rival_features import CAUSES, COUNTED, FEATURES
from darkdays.files.writing import json_text, write_text
from darkdays.sources.ioda import ioda_curated_rows
from darkdays.sources.query import Query

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "rivals.md"
STORED = ROOT / "src" / "darkdays" / "correlate" / "rivals" / "rival_counts.json"


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


def document(found: list[Incident], counts: Counts, losses: pd.DataFrame) -> str:
    """Return what is stored in ``benchmarks/results/rivals.md``."""
    table = left_out(found, counts)
    sizes = pd.Series([one.cause for one in found]).value_counts()
    best = table.pivot_table(
        index="cause", columns="fits_best", values="weight", aggfunc="sum", fill_value=0.0
    )
    verdicts = table.groupby(["cause", "verdict"])["weight"].sum().reset_index(name="incidents")
    pairs = even_odds(table)
    shown, error = calibration(pairs)
    by_rival = {str(one): calibration(mine)[1] for one, mine in pairs.groupby("rival")}
    parts = [
        "# Rivals of a shutdown: what is counted, and how well it tells causes apart",
        (
            "`python benchmarks/rivals.py LIST.csv --save`, of IODA's curated list; its terms are "
            "in `data/SOURCES.md`."
        ),
        f"{len(found)} incidents: "
        + ", ".join(f"{sizes[cause]} {cause}" for cause in CAUSES if cause in sizes)
        + ". A season of exams, a curfew or a cable cut counts as one.",
        "## Chances of every value, by cause",
        *(markdown(shares(counts, feature)) for feature in COUNTED),
        "## Temper: how much of the counted weights is believed",
        (
            "Logarithmic loss in countries left out, of a shutdown against each rival at even "
            "odds, every cause counting the same; a guess is 0.69."
        ),
        markdown(losses),
        (
            f"Taken: {counts.temper:g}, the most cautious within a hundredth of the least loss; "
            f"its own is {pair_loss(table):.2f}."
        ),
        "## Cause that fits best in countries left out, incidents",
        markdown(best.reindex(columns=list(CAUSES), fill_value=0.0).reset_index()),
        (
            "What looks like an exam and is called a shutdown are the orders of 2018 in Syria and "
            "Iraq, which were for exams, and Myanmar's nightly curfew."
        ),
        "## Verdicts on the counted features alone",
        markdown(verdicts),
        (
            "The counted features do not name a cause; what would tell, such as which kind of "
            "network went down first, is not in the list."
        ),
        "## Calibration",
        (
            "In countries left out: what the weight for a shutdown against a rival comes to if "
            "both were equally likely beforehand, and how often it was a shutdown."
        ),
        markdown(shown),
        f"Expected calibration error {error:.3f}, all pairs; "
        + ", ".join(f"{one} {off:.3f}" for one, off in by_rival.items())
        + ".",
    ]
    return "\n\n".join(parts) + "\n"


def shares(counts: Counts, feature: str) -> pd.DataFrame:
    """Return the chances of a feature's values, a row a cause."""
    rows = []
    for cause in CAUSES:
        known = chances(counts, cause, feature)
        rows.append([cause, *map(float, known.values), known.n, known.basis])
    return pd.DataFrame(rows, columns=[feature, *FEATURES[feature], "incidents", "basis"])


def main() -> int:
    """Count, test, print; store what was counted and printed if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path, help="IODA's curated list, CSV")
    parser.add_argument("--save", action="store_true", help="store counts and results")
    given = parser.parse_args()
    found = incidents(listed(given.list))
    counts, losses = tempered(found)
    text, told = json_text(to_document(counts)), document(found, counts, losses)
    print(told)
    if given.save:
        write_text(STORED, text)
        write_text(RESULTS, told)
    elif STORED.read_text(encoding="utf-8") != text:
        sys.stderr.write("the counts differ from those in the package; --save replaces them\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
