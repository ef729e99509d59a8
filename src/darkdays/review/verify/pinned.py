"""Whether the snapshot a report pins is here, and every byte of it as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from darkdays.archive.entry import Entry
from darkdays.archive.listing import SHORT
from darkdays.archive.manifest import text_of
from darkdays.archive.snapshot import WITHHELD, Snapshot
from darkdays.archive.store import Store, compress
from darkdays.errors import DarkdaysError
from darkdays.files import writing
from darkdays.report.version.compare import CANNOT, DIFFERS, IDENTICAL, Outcome

INPUT: Final = "input"


def check_snapshot(snapshots: Path, identity: str) -> list[Outcome]:
    """Compare a snapshot with its digests: the manifest, every reply, and how each is stored.

    A body whose digest fits may still lie in a compressed file that somebody touched, where
    nothing depends on the byte. It is held against what compressing the body again gives; if that
    is another for every object, another library wrote them, and nothing is said of it.

    Parameters
    ----------
    snapshots
        The folder of snapshots.
    identity
        The whole id.

    Returns
    -------
    list of Outcome
        One for the snapshot, and one for everything that is not as it was.
    """
    place = snapshots / identity[:SHORT]
    name = f"snapshot {identity[:SHORT]}"
    if not (place / "manifest.json").is_file():
        words = "it is not here: import the file it was exported to, or fetch its case again"
        return [Outcome(INPUT, name, CANNOT, words)]
    try:
        snapshot = Snapshot.open(snapshots, identity)
        absent = {one.sha256 for one in snapshot.absent()}
    except DarkdaysError as error:
        return [Outcome(INPUT, name, DIFFERS, str(error))]
    found = [*_layout(place, snapshot), *_replies(snapshot, absent)]
    count = len(snapshot.manifest.replies)
    whole = Outcome(INPUT, name, IDENTICAL, f"{count} replies")
    return found if any(one.outcome == DIFFERS for one in found) else [whole, *found]


def _layout(place: Path, snapshot: Snapshot) -> Iterator[Outcome]:
    stored = (place / "manifest.json").read_bytes()
    if stored != text_of(snapshot.manifest).encode():
        yield Outcome(INPUT, f"{place.name}/manifest.json", DIFFERS, "its layout was changed")
    path = place / WITHHELD
    if path.exists() and not _is_as_written(path.read_bytes(), snapshot):
        yield Outcome(INPUT, f"{place.name}/{WITHHELD}", DIFFERS, "it was changed")


def _is_as_written(content: bytes, snapshot: Snapshot) -> bool:
    try:
        listed: Any = json.loads(content)
        in_form = writing.json_text(sorted(set(listed))).encode() == content
    except (ValueError, TypeError):
        return False
    return in_form and set(listed) <= {one.sha256 for one in snapshot.manifest.replies}


def _replies(snapshot: Snapshot, absent: set[str]) -> Iterator[Outcome]:
    store = Store(snapshot.folder)
    by_digest: dict[str, Entry] = {}
    for one in snapshot.manifest.replies:
        by_digest.setdefault(one.sha256, one)
    odd, usual = [], 0
    for digest, one in by_digest.items():
        name = f"{one.words} (objects/{digest}.gz)"
        path = store.object_path(digest)
        if digest in absent:
            yield Outcome(INPUT, name, CANNOT, "it did not come along: its terms forbid that")
        elif not path.is_file():
            yield Outcome(INPUT, name, CANNOT, "it is missing; import the snapshot again")
        else:
            body = store.get(digest, one.bytes)
            if body is None:
                yield Outcome(INPUT, name, DIFFERS, "the reply was changed")
            elif compress(body) != path.read_bytes():
                odd.append(name)
            else:
                usual += 1
    if odd and (usual or len(odd) == 1):
        for name in odd:
            yield Outcome(INPUT, name, DIFFERS, "its file was changed, the reply in it was not")
