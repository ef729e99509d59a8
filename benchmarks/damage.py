"""Whether every change of a stored file is noticed before a number is read.

Half of the changes are made to a published version of a report, half to a snapshot: a bit flipped,
a byte taken out or put in, a file cut, emptied, taken away, exchanged for another, or added.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from pathlib import Path

from darkdays.archive.entry import entry_of
from darkdays.archive.manifest import manifest_of
from darkdays.archive.request import Reply, Request, Service
from darkdays.archive.snapshot import Snapshot
from darkdays.archive.store import Store
from darkdays.errors import DarkdaysError
from darkdays.report.version.compare import IDENTICAL
from darkdays.report.version.seal import enter
from darkdays.review.verify.pinned import check_snapshot
from darkdays.review.verify.verify import verify

ROOT = Path(__file__).resolve().parents[1]
_KINDS = ("bit", "gone", "more", "cut", "empty", "away", "other", "added")


def damaged(count: int, seed: int = 1) -> tuple[int, list[str], str]:
    """Change so many files, one at a time, and return how many, what was not noticed, and words."""
    rng = random.Random(seed)  # noqa: S311 - draws, not secrets
    losses: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dd-damage-") as name:
        home = Path(name)
        shutil.copytree(ROOT / "reports", home / "reports")
        for path in (home / "reports").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        enter(home / "reports")  # as every publication does: the list of manifests
        version = home / "reports" / "iran-2019" / "1.1.0"
        snapshot = _snapshot(home / "snapshots")
        places = {"version": version, "snapshot": home / "snapshots"}
        for number in range(count):
            what = ("version", "snapshot")[number % 2]
            files = [path for path in sorted(places[what].rglob("*")) if path.is_file()]
            kind = rng.choice(_KINDS if what == "version" else _KINDS[:-1])
            path = rng.choice(files)
            other = rng.choice(files).read_bytes()
            before = path.read_bytes()
            if not _change(path, kind, other, rng):
                continue
            if not _noticed(what, version, home / "snapshots", snapshot):
                losses.append(f"{kind} of {path.relative_to(home)} was not noticed")
            path.write_bytes(before)
            (path.parent / "added.txt").unlink(missing_ok=True)
    words = "changes of stored files, half in a published version, half in a snapshot"
    return count, losses, words


def _snapshot(folder: Path) -> str:
    service = Service("tor", "https://example.org", "CC0", True, "tor")
    store, entries = Store(folder), []
    for number in range(20):
        reply = Reply(Request("tor", f"/{number}"), f"{number},{number * 7}\n".encode() * 50)
        store.put(reply.body)
        entries.append(entry_of(reply, service, f"https://example.org/{number}", 200))
    return Snapshot.seal(folder, manifest_of("x", "2020-01-01T00:00:00Z", entries)).id


def _change(path: Path, kind: str, other: bytes, rng: random.Random) -> bool:
    """Change a file; whether it is another one now."""
    body = bytearray(path.read_bytes())
    place = rng.randrange(len(body)) if body else 0
    if kind == "away":
        path.unlink()
        return True
    if kind == "added":
        (path.parent / "added.txt").write_text("x")
        return True
    if kind == "bit" and body:
        body[place] ^= 1 << rng.randrange(8)
    elif kind == "gone":
        del body[place : place + 1]
    elif kind == "more":
        body[place:place] = rng.randbytes(1)
    elif kind == "cut":
        del body[place:]
    elif kind == "empty":
        body.clear()
    elif kind == "other":
        body = bytearray(other)
    changed = bytes(body) != path.read_bytes()
    path.write_bytes(bytes(body))
    return changed


def _noticed(what: str, version: Path, snapshots: Path, identity: str) -> bool:
    try:
        if what == "version":
            return verify(version, snapshots, execute=False).outcome != IDENTICAL
        return any(one.outcome != IDENTICAL for one in check_snapshot(snapshots, identity))
    except DarkdaysError:
        return True


if __name__ == "__main__":
    print(damaged(int(sys.argv[1])))
