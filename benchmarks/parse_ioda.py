"""How fast IODA's replies are read, and in how much memory: a year of 5-minute data, many entities.

Run ``python benchmarks/parse_ioda.py [--entities 1000] [--save]`` from the project's root. One
process makes a snapshot of made-up replies, as a fetch leaves it on disk; another one reads it in
one call, as a run does, down to the DataTree with the window of the case, and is measured whole.
Beside that the same bodies are only decompressed and verified, and only decoded as JSON.
``--save`` writes the table to ``benchmarks/results/parse_ioda.md``.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.entry import entry_of
from darkdays.archive.manifest import manifest_of
from darkdays.archive.request import Reply, Request
from darkdays.archive.snapshot import Snapshot
from darkdays.archive.store import Store
from darkdays.contracts import signals
from darkdays.sources.ioda import ioda
from darkdays.sources.query import Query

STEP = 300
START = pd.Timestamp("2021-01-01", tz="UTC")
END = pd.Timestamp("2022-01-01", tz="UTC")
RESULTS = Path(__file__).parent / "results" / "parse_ioda.md"
LIMIT_MIB = 2048


def query_of(entities: int) -> Query:
    """Return the query for a year of routes of that many networks."""
    names = tuple(f"asn/{number}" for number in range(1, entities + 1))
    return Query("ioda.bgp", START, END, "IR", names)


def made_up(request: Request, rng: np.random.Generator) -> bytes:
    """Return a reply to a request: counts, 1 in 100 of them null."""
    stated: Mapping[str, str] = dict(request.query)
    since, until = int(stated["from"]), int(stated["until"])
    count = (until - since) // STEP
    kind, codes = request.path.split("/")[-2:]
    found = []
    for code in codes.split(","):
        numbers = rng.integers(10_000, 45_000, size=count).tolist()
        for at in rng.integers(0, count, size=count // 100):
            numbers[at] = None
        found.append(
            {
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
        )
    return json.dumps({"type": "signals", "error": None, "data": [found]}).encode()


def make(folder: Path, entities: int) -> str:
    """Write a snapshot of made-up replies and return its id."""
    rng = np.random.default_rng(1)
    store, entries = Store(folder), []
    for request in ioda.requests(query_of(entities), {}):
        reply = Reply(request, made_up(request, rng))
        store.put(reply.body)
        entries.append(entry_of(reply, ioda.SERVICE))
    return Snapshot.seal(folder, manifest_of("bench", "2026-01-01T00:00:00Z", entries)).id


def measure(folder: Path, identity: str, entities: int) -> dict[str, float]:
    """Read a snapshot; return seconds of the processor, bytes, values and memory (MiB)."""
    query = query_of(entities)
    replies = Snapshot.open(folder, identity).reading()
    before = _peak_mib()
    began = time.process_time()
    node = ioda.read(query, replies)
    tree = xr.DataTree.from_dict({"ioda.bgp": signals.crop(node, START, END)})
    reading = time.process_time() - began
    peak = _peak_mib()
    values = tree["ioda.bgp"]["value"].values
    assert 0.985 < float(np.isfinite(values[::97]).mean()) < 1
    found = {"reading": reading, "values": float(values.size), "before": before, "peak": peak}
    found |= {"opening": 0.0, "decoding": 0.0, "bytes": 0.0}
    for key in replies:
        began = time.process_time()
        body = replies[key].body
        opened = time.process_time()
        json.loads(body)
        found["opening"] += opened - began
        found["decoding"] += time.process_time() - opened
        found["bytes"] += len(body)
    return found | {"share": share_of_decoding(query_of(20))}


def share_of_decoding(query: Query) -> float:
    """Return the share of ``read`` spent in the JSON decoder, by the profiler, from memory."""
    rng = np.random.default_rng(1)
    replies = {one.key: Reply(one, made_up(one, rng)) for one in ioda.requests(query, {})}
    profile = cProfile.Profile()
    profile.runcall(ioda.read, query, replies)
    stats = pstats.Stats(profile)
    spent = {name: row[3] for (_, _, name), row in stats.stats.items()}  # type: ignore[attr-defined]
    return float(spent["loads"] / spent["read"])


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def table_of(entities: int, found: Mapping[str, float]) -> str:
    """Return what was measured as a table in Markdown."""
    mib = found["bytes"] / 2**20
    parsing = found["reading"] - found["opening"]
    rows = [
        ("entities, each a year of 5-minute values", f"{entities:,}"),
        ("values", f"{found['values']:,.0f}"),
        ("replies, MiB", f"{mib:,.0f}"),
        ("reading the snapshot to a DataTree, s", f"{found['reading']:.1f}"),
        ("of which decompressing and verifying, s", f"{found['opening']:.1f}"),
        ("of which parsing, s", f"{parsing:.1f}"),
        ("parsing, million values per s", f"{found['values'] / parsing / 1e6:.1f}"),
        ("only decoding the same JSON, s", f"{found['decoding']:.1f}"),
        ("share of decoding in parsing, by that", f"{found['decoding'] / parsing:.0%}"),
        ("share of decoding in parsing, by cProfile", f"{found['share']:.0%}"),
        ("memory before the first reply, MiB", f"{found['before']:.0f}"),
        ("peak memory, MiB", f"{found['peak']:.0f}"),
        ("of which the values and flags themselves, MiB", f"{found['values'] * 9 / 2**20:.0f}"),
    ]
    width = max(len(name) for name, _ in rows)
    head = [f"| {'measure':{width}} | {'value':>12} |", f"| {'-' * width} | {'-' * 11}: |"]
    return "\n".join([*head, *(f"| {name:{width}} | {text:>12} |" for name, text in rows)])


def main() -> int:
    """Measure, print a table, and fail if memory goes beyond the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entities", type=int, default=1000)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "ID"), help=argparse.SUPPRESS)
    stated = parser.parse_args()
    if stated.measure:
        folder, identity = stated.measure
        print(json.dumps(measure(Path(folder), identity, stated.entities)))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        identity = make(Path(scratch), stated.entities)
        words = [sys.executable, __file__, "--entities", str(stated.entities), "--measure"]
        done = subprocess.run([*words, scratch, identity], stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    text = table_of(stated.entities, found)
    print(text)
    if stated.save:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        command = f"python benchmarks/parse_ioda.py --entities {stated.entities} --save"
        RESULTS.write_text(
            f"# Reading IODA's replies\n\n`{command}`\n\n{text}\n\n"
            "A snapshot of made-up replies of `ioda.bgp` (10 networks and 30 days a reply), read "
            f"in one call, one core. The limit of memory is {LIMIT_MIB} MiB.\n",
            encoding="utf-8",
        )
    return int(found["peak"] > LIMIT_MIB)


if __name__ == "__main__":
    sys.exit(main())
