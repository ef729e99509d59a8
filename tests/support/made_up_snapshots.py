"""Snapshots of made-up replies."""

from __future__ import annotations

from darkdays.archive.entry import entry_of
from darkdays.archive.manifest import manifest_of
from darkdays.archive.request import Reply, Request, Service
from darkdays.archive.snapshot import Snapshot
from darkdays.archive.store import Store

OPEN = Service("tor", "http://192.0.2.1", "CC0", redistributable=True, citation="Tor")
CLOSED = Service("acled", "http://192.0.2.2", "no rows", redistributable=False, citation="ACLED")
WHEN = "2026-01-02T03:04:05Z"


def reply(service, path, body, about=""):
    request = Request(service.name, path, (("country", "ir"), ("a", "1&2")), about)
    return Reply(request, body, WHEN, headers={"etag": '"é"', "content-type": "text/csv"})


def sealed(folder, *pairs, case="trial", when=WHEN, **how):
    """A snapshot of (service, reply) pairs."""
    store, entries = Store(folder), []
    for service, one in pairs:
        store.put(one.body)
        url = one.request.url(service.base_url)
        entries.append(entry_of(one, service, url, 200))
    manifest = manifest_of(case, when, entries, hosts=["192.0.2.1"], **how)
    return Snapshot.seal(folder, manifest)
