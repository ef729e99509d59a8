"""How fast IODA's replies are read: a year of 5-minute data, a thousand entities.

Run ``python benchmarks/parse_ioda.py [--entities 1000] [--save]`` from the project's root. Replies
are made up on the fly, one entity at a time, and forgotten once read, so that memory is what
reading needs and not what a thousand entities hold. Three runs over the same bytes: reading whole,
decoding the JSON only, and making the replies. ``--save`` writes the table to
``benchmarks/results/parse_ioda.md``.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.sources import ioda
from darkdays.sources.query import Query

DAY = 86_400
STEP = 300
START = pd.Timestamp("2021-01-01", tz="UTC")
END = pd.Timestamp("2022-01-01", tz="UTC")
RESULTS = Path(__file__).parent / "results" / "parse_ioda.md"
LIMIT_MIB = 2048


def replies_of(query: Query, rng: np.random.Generator) -> dict[str, Reply]:
    """Return made-up replies to every request of one entity: counts, 1 in 100 of them null."""
    return {one.key: Reply(one, _body(one, rng)) for one in ioda.requests(query, {})}


def _body(request: Request, rng: np.random.Generator) -> bytes:
    stated: Mapping[str, str] = dict(request.query)
    since, until = int(stated["from"]), int(stated["until"])
    count = (until - since) // STEP
    numbers = rng.integers(10_000, 45_000, size=count).tolist()
    for at in rng.integers(0, count, size=count // 100):
        numbers[at] = None
    kind, code = request.path.split("/")[-2:]
    series = {
        "entityType": kind,
        "entityCode": code,
        "entityName": f"AS{code}",
        "entityFqid": f"asn.{code}",
        "datasource": "bgp",
        "subtype": "",
        "from": since,
        "until": until,
        "step": STEP,
        "nativeStep": STEP,
        "values": numbers,
    }
    return json.dumps({"type": "signals", "error": None, "data": [[series]]}).encode()


def measured(entities: int) -> dict[str, float]:
    """Read that many entities one after another; return seconds, bytes, values and memory."""
    rng = np.random.default_rng(1)
    found = dict.fromkeys(("making", "reading", "decoding", "bytes", "values"), 0.0)
    before = _peak_mib()
    for number in range(1, entities + 1):
        query = Query("ioda.bgp", START, END, "IR", (f"asn/{number}",))
        began = time.perf_counter()
        replies = replies_of(query, rng)
        made = time.perf_counter()
        node = ioda.read(query, replies)
        read = time.perf_counter()
        for reply in replies.values():
            json.loads(reply.body)
        decoded = time.perf_counter()
        found["making"] += made - began
        found["reading"] += read - made
        found["decoding"] += decoded - read
        found["bytes"] += sum(len(reply.body) for reply in replies.values())
        found["values"] += node["value"].size
        assert 0.985 < float(np.isfinite(node["value"].values).mean()) < 1
    return found | {"before": before, "peak": _peak_mib()}


def share_of_decoding() -> float:
    """Return the share of reading one entity spent in the JSON decoder, by the profiler."""
    query = Query("ioda.bgp", START, END, "IR", ("asn/1",))
    replies = replies_of(query, np.random.default_rng(1))
    profile = cProfile.Profile()
    profile.runcall(ioda.read, query, replies)
    stats = pstats.Stats(profile)
    spent = {name: row[3] for (_, _, name), row in stats.stats.items()}  # type: ignore[attr-defined]
    return float(spent["loads"] / spent["read"])


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def table_of(entities: int, found: Mapping[str, float], share: float) -> str:
    """Return what was measured as a table in Markdown."""
    mib = found["bytes"] / 2**20
    rows = [
        ("entities, each a year of 5-minute values", f"{entities:,}"),
        ("values", f"{found['values']:,.0f}"),
        ("replies, MiB", f"{mib:,.0f}"),
        ("reading, s", f"{found['reading']:.1f}"),
        ("reading, million values per s", f"{found['values'] / found['reading'] / 1e6:.1f}"),
        ("reading, MiB of replies per s", f"{mib / found['reading']:.0f}"),
        ("only decoding the same JSON, s", f"{found['decoding']:.1f}"),
        ("share of decoding, by that", f"{found['decoding'] / found['reading']:.0%}"),
        ("share of decoding, by cProfile on one entity", f"{share:.0%}"),
        ("memory before the first reply, MiB", f"{found['before']:.0f}"),
        ("peak memory, MiB", f"{found['peak']:.0f}"),
    ]
    width = max(len(name) for name, _ in rows)
    head = [f"| {'measure':{width}} | {'value':>12} |", f"| {'-' * width} | {'-' * 11}: |"]
    return "\n".join([*head, *(f"| {name:{width}} | {text:>12} |" for name, text in rows)])


def main() -> int:
    """Measure, print a table, and fail if memory goes beyond the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entities", type=int, default=1000)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    found = measured(stated.entities)
    text = table_of(stated.entities, found, share_of_decoding())
    print(text)
    if stated.save:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        command = f"python benchmarks/parse_ioda.py --entities {stated.entities} --save"
        RESULTS.write_text(
            f"# Reading IODA's replies\n\n`{command}`\n\n{text}\n\n"
            "Made-up replies of `ioda.bgp` in windows of 30 days, one entity in memory at a time, "
            f"one core. The limit of memory is {LIMIT_MIB} MiB.\n",
            encoding="utf-8",
        )
    return int(found["peak"] > LIMIT_MIB)


if __name__ == "__main__":
    sys.exit(main())
