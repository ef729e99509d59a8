"""Bytes nobody meant, for every reader: a value or one sentence, never anything else.

Run ``python benchmarks/fuzzing.py [--seconds 60] [--target NAME]`` from the project's root. Seeds
are made up, none recorded; they are stored in ``benchmarks/seeds/`` (``seeding.py`` writes them),
where an input that gets through is kept too. Here seeds are mutated by a loop of our own;
``fuzzing_atheris.py`` lets libFuzzer follow the branches of the same readers.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SEEDS = Path(__file__).parent / "seeds"
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "sources")]
_LONGEST = 20_000
_SLOW = 20.0  # seconds for one input

Reader = Callable[[bytes], object]


@dataclass
class Told:
    """How many inputs a reader was given, and which got through."""

    executions: int = 0
    losses: list[str] = field(default_factory=list)


def readers(scratch: Path) -> dict[str, tuple[Reader, list[bytes]]]:  # noqa: C901 - a list
    """Return every reader of strangers' bytes with its seeds, by name."""
    from test_sources_any_reply import ASKED, INVENTED, asked_of

    import hostile_files as hostile
    from darkdays.archive.exchange import import_snapshot
    from darkdays.archive.manifest import parse_manifest
    from darkdays.archive.request import Reply
    from darkdays.case.case import Case
    from darkdays.case.file import explain, parse_yaml
    from darkdays.cli.detect import read_file
    from darkdays.contracts import events
    from darkdays.files import bounded, terminal
    from darkdays.files.writing import csv_text
    from darkdays.report.version.form import fault_of
    from darkdays.sweep.plan.grid import Grid
    from every_source import SOURCES

    def document(model: type[Case] | type[Grid]) -> Reader:
        def read(content: bytes) -> object:
            from pydantic import ValidationError

            try:
                text = content.decode()
            except UnicodeDecodeError:
                return None
            try:
                return model.model_validate(parse_yaml(text, Path("x.yaml")))
            except ValidationError as error:
                return explain(error, (), ("name",))

        return read

    def series(content: bytes) -> object:
        (scratch / "x.csv").write_bytes(content)
        return read_file(scratch / "x.csv")

    def archive(content: bytes) -> object:
        (scratch / "x.zip").write_bytes(content)
        return import_snapshot(scratch / "snapshots", scratch / "x.zip")

    def form(name: str) -> Reader:
        def read(content: bytes) -> object:
            try:
                return fault_of(name, bounded.json_of(content))
            except ValueError:
                return None

        return read

    def source(name: str) -> Reader:
        module = SOURCES[name]

        def read(content: bytes) -> object:
            for query in asked_of(name):
                replies: dict[str, Reply] = {}
                for _ in range(3):
                    for one in module.requests(query, replies)[:6]:
                        replies.setdefault(one.key, Reply(one, content, "2026-12-01T00:00:00Z"))
                found = module.read(query, replies)
                if tuple(getattr(found, "columns", ())) == events.COLUMNS:
                    events.read_csv(csv_text(found).encode(), name)
            return None

        return read

    cases = [path.read_bytes() for path in sorted((ROOT / "cases").glob("*.yaml"))]
    listed = b",".join(name.encode() for name in events.COLUMNS)
    found: dict[str, tuple[Reader, list[bytes]]] = {
        "case": (document(Case), [*cases, hostile.case("x")]),
        "grid": (document(Grid), [hostile.YAML["template"], b"name: x\nplaces: IR\nwindows: []\n"]),
        "series": (series, [one for one in hostile.SERIES.values() if len(one) < _LONGEST]),
        "events": (
            lambda content: events.read_csv(content, "x"),
            [listed + b"\nprotest,2020-01-01,,Asia/Tehran,day,IR,,rally,us,\n"],
        ),
        "snapshot": (archive, [_archive(scratch)]),
        "manifest": (lambda content: parse_manifest(content, "x"), [_manifest()]),
        "version": (form("manifest.json"), [hostile.document(hostile._MANIFEST)]),
        "findings": (form("findings.json"), [hostile.document(hostile._FINDINGS)]),
        "terminal": (
            lambda content: terminal.plain(content.decode("utf-8", "surrogateescape")), [b"\x1b[2J"]
        ),
    }  # fmt: skip
    return found | {f"source {name}": (source(name), list(INVENTED)) for name in sorted(ASKED)}


def _manifest() -> bytes:
    from darkdays.archive.entry import entry_of
    from darkdays.archive.manifest import manifest_of, text_of
    from darkdays.archive.request import Reply, Request, Service
    from darkdays.files import writing

    service = Service("tor", "https://example.org", "CC0", True, "tor")
    entry = entry_of(Reply(Request("tor", "/a", (("b", "c"),), "d"), b"body"), service)
    made = text_of(manifest_of("x", "2020-01-01T00:00:00Z", [entry]))
    assert writing.sha256(b"body") in made
    return made.encode()


def _archive(scratch: Path) -> bytes:
    from darkdays.archive.exchange import export_snapshot
    from darkdays.archive.manifest import parse_manifest
    from darkdays.archive.snapshot import Snapshot
    from darkdays.archive.store import Store

    Store(scratch / "made").put(b"body")
    snapshot = Snapshot.seal(scratch / "made", parse_manifest(_manifest(), "x"))
    return export_snapshot(snapshot, scratch / "made.zip").path.read_bytes()


def execute(read: Reader, content: bytes, told: Told, name: str) -> None:
    """Give a reader an input; keep what gets through."""
    from darkdays.errors import DarkdaysError

    begun = time.monotonic()
    told.executions += 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            read(content)
    except DarkdaysError as error:
        if "\n" in str(error) or not str(error):
            told.losses.append(f"{name}: no sentence: {str(error)[:80]!r}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        kept = SEEDS / name.replace(" ", "-") / hashlib.sha256(content).hexdigest()[:16]
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)
        told.losses.append(f"{name}: {type(error).__name__}: {str(error)[:80]} ({kept.name})")
    if (spent := time.monotonic() - begun) > _SLOW:
        told.losses.append(f"{name}: took {spent:.0f} s")


def mutated(seeds: list[bytes], rng: random.Random) -> bytes:
    """Return a seed with up to eight places changed, or two seeds put together."""
    from test_sources_any_reply import TOKENS

    body = bytearray(rng.choice(seeds)[:_LONGEST])
    if rng.random() < 0.1:
        body = body[: rng.randrange(len(body) + 1)] + rng.choice(seeds)[-_LONGEST // 2 :]
    for _ in range(rng.randrange(1, 9)):
        place = rng.randrange(len(body) + 1)
        kind = rng.randrange(4)
        if kind == 0 and body:
            body[place % len(body)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            body[place : place + rng.randrange(30)] = rng.choice(TOKENS)
        elif kind == 2:
            body[place:place] = body[place : place + rng.randrange(60)] * rng.randrange(1, 4)
        else:
            body[place:place] = rng.randbytes(rng.randrange(1, 6))
    return bytes(body)


def stored(name: str) -> list[bytes]:
    """Return what is stored for a reader; all sources share what any of them may be sent."""
    folders = {SEEDS / name.replace(" ", "-"), SEEDS / name.partition(" ")[0]}
    return [path.read_bytes() for folder in sorted(folders) for path in sorted(folder.glob("*"))]


def fuzz(seconds: float, seed: int = 1, only: str = "") -> dict[str, Told]:
    """Give every reader mutated seeds for so many seconds together; what was kept comes first."""
    found: dict[str, Told] = {}
    with tempfile.TemporaryDirectory(prefix="dd-fuzz-") as name:
        every = readers(Path(name))
        chosen = {key: every[key] for key in every if only in ("", key)}
        for key, (read, seeds) in chosen.items():
            told = found[key] = Told()
            rng = random.Random(f"{seed} {key}")  # noqa: S311 - draws, not secrets
            for one in [*stored(key), *seeds]:
                execute(read, one, told, key)
            end = time.monotonic() + seconds / len(chosen)
            while time.monotonic() < end:
                execute(read, mutated(seeds, rng), told, key)
    return found


def main() -> None:
    """Fuzz and print what got through."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--target", default="")
    given = asked.parse_args()
    found = fuzz(given.seconds, given.seed, given.target)
    for name, told in found.items():
        print(f"{name}: {told.executions:,} executions, {len(told.losses)} got through")
        for one in told.losses[:5]:
            print(f"  {one}")
    print(f"{sum(one.executions for one in found.values()):,} executions in all")
    sys.exit(any(one.losses for one in found.values()))


if __name__ == "__main__":
    main()
