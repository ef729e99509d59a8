"""A small snapshot, and where each of its parts is, for tests that spoil them."""

from __future__ import annotations

from darkdays.archive.entry import entry_of
from darkdays.archive.manifest import manifest_of
from darkdays.archive.request import Reply, Request, Service
from darkdays.archive.snapshot import Snapshot
from darkdays.archive.store import Store

TOR = Service("tor", "https://example.org", "CC0", True, "tor")
REPLY = Reply(Request("tor", "/a", (("b", "c"),), "d"), b"body")


def snapshot(folder):
    """A snapshot of one reply, and where its parts are."""
    store = Store(folder)
    store.put(REPLY.body)
    entry = entry_of(REPLY, TOR)
    made = Snapshot.seal(folder, manifest_of("x", "2020-01-01T00:00:00Z", [entry]))
    place = folder / made.id[:16]
    return (
        made.id,
        place / "manifest.json",
        place / "withheld.json",
        store.object_path(entry.sha256),
    )
