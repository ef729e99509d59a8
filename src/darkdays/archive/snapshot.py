"""Snapshots: the set of replies a run used, named by the SHA-256 of its manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from darkdays.archive.entry import Entry, reply_of
from darkdays.archive.listing import MANIFEST, SHORT, heads
from darkdays.archive.manifest import Manifest, parse_manifest, text_of
from darkdays.archive.request import Reply
from darkdays.archive.store import Replies, Store
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, writing
from darkdays.files.system_errors import cannot

LARGEST_MANIFEST: Final = 256 * 2**20
WITHHELD: Final = "withheld.json"
IMPORTED: Final = "imported"
"""Marks a snapshot that somebody else fetched; the file holds the name of what was imported."""
_IDENTITY: Final = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True)
class Snapshot:
    """A set of replies on disk; make one with :meth:`open`, :meth:`seal` or a fetch.

    Attributes
    ----------
    folder
        The folder of all snapshots.
    manifest
        What this one holds.
    withheld
        Digests of bodies that did not come along when it was imported, because their terms
        forbid passing them on.
    imported
        Name of the file it was imported from, empty of one that was fetched here.
    """

    folder: Path
    manifest: Manifest
    withheld: frozenset[str] = field(default=frozenset())
    imported: str = ""

    @property
    def id(self) -> str:
        """SHA-256 of the manifest, in hex."""
        return self.manifest.id

    @property
    def complete(self) -> bool:
        """Whether every request was answered, and every reply can be read and is here."""
        return self.manifest.complete and not self.absent()

    @classmethod
    def open(cls, folder: Path, identity: str) -> Snapshot:
        """Return the snapshot with this id, or the only one whose id begins so.

        Raises
        ------
        InputError
            If this is no id, or the beginning of several.
        DarkdaysError
            If there is no such snapshot or its manifest is damaged.
        """
        if not _IDENTITY.fullmatch(identity):
            raise InputError(
                f"{identity[:80]!r} is no snapshot id: give 4 to 64 of its hex digits."
            )
        # A whole name is looked at alone, however many there are.
        pattern = identity[:SHORT] + "[0-9a-f]" * (SHORT - len(identity))
        found = [path for path in sorted(folder.glob(pattern)) if (path / MANIFEST).exists()]
        if len(found) > 1:
            raise InputError(f"{len(found)} snapshots begin with {identity}; give more of the id.")
        snapshot = _read(found[0]) if found else None
        if snapshot is None or not snapshot.id.startswith(identity):
            raise DarkdaysError(
                f"there is no snapshot {identity[:SHORT]}; fetch its case again, or import the "
                "file it was exported to."
            )
        return snapshot

    @classmethod
    def seal(cls, folder: Path, manifest: Manifest) -> Snapshot:
        """Write a snapshot whose bodies are in the store, or return the one of equal content.

        Asking again and getting the same bytes makes no new snapshot.
        """
        for other in list_snapshots(folder, manifest.case):
            if other.manifest.content == manifest.content and not other.absent():
                (folder / other.id[:SHORT] / IMPORTED).unlink(missing_ok=True)  # now fetched here
                return other
        writing.write_text(folder / manifest.id[:SHORT] / MANIFEST, text_of(manifest))
        return cls(folder, manifest)

    def absent(self) -> list[Entry]:
        """Return the withheld replies that have not come to this store in another way."""
        return [one for one in self._withheld() if not self._path(one).exists()]

    def replies(self) -> dict[str, Reply]:
        """Return the replies by request key, each verified; absent ones are left out.

        Raises
        ------
        DarkdaysError
            If a body is missing, cut or changed: the sentence names the reply.
        """
        return {key: reply_of(one.entry, one.body) for key, one in self.reading().items()}

    def reading(self) -> Replies:
        """Return the replies as :meth:`replies` does, each read only when it is looked at."""
        absent = {one.request.key for one in self.absent()}
        entries = {one.request.key: one for one in self.manifest.replies}
        here = {key: one for key, one in entries.items() if key not in absent}
        return Replies(Store(self.folder), here, f"snapshot {self.id[:SHORT]}")

    def verify(self) -> int:
        """Read every body and return how many there are.

        Raises
        ------
        DarkdaysError
            If one is missing, cut or changed.
        """
        return sum(isinstance(one.body, bytes) for one in self.reading().values())

    def _withheld(self) -> list[Entry]:
        return [one for one in self.manifest.replies if one.sha256 in self.withheld]

    def _path(self, entry: Entry) -> Path:
        return Store(self.folder).object_path(entry.sha256)


def list_snapshots(folder: Path, case: str = "") -> list[Snapshot]:
    """Return the snapshots of a case, or all, oldest first.

    Raises
    ------
    DarkdaysError
        If the manifest of one is damaged.
    """
    found = [one for head in heads(folder, case) if (one := _read(folder / head.name)) is not None]
    kept = [one for one in found if case in ("", one.manifest.case)]
    return sorted(kept, key=_age)


def newest_complete(folder: Path, case: str) -> Snapshot | None:
    """Return the newest snapshot of a case with every reply, None if there is none.

    One that was imported is none: it is used where it is named, and never in silence.

    Raises
    ------
    DarkdaysError
        If the manifest of one that may be it is damaged.
    """
    found: list[Snapshot] = []
    for head in reversed(heads(folder, case)):
        if head.sealed and not head.complete:
            continue
        one = _read(folder / head.name)
        if one is None or one.imported:
            continue
        if one.manifest.case == case and one.complete:
            found.append(one)
            if head.sealed:  # the rest is older
                break
    return max(found, key=_age, default=None)


def _age(snapshot: Snapshot) -> tuple[str, str]:
    return snapshot.manifest.sealed, snapshot.id


def _read(place: Path) -> Snapshot | None:
    """Return a snapshot, None if it has no manifest (any more)."""
    try:
        content = bounded.bytes_of(place / MANIFEST, LARGEST_MANIFEST)
        has_list = (place / WITHHELD).exists()
        withheld = bounded.bytes_of(place / WITHHELD, LARGEST_MANIFEST) if has_list else b"[]"
        is_marked = (place / IMPORTED).exists()
        source = bounded.bytes_of(place / IMPORTED, LARGEST_MANIFEST) if is_marked else b""
    except FileNotFoundError:
        return None
    except OSError as error:
        raise cannot("read", f"snapshot {place.name}", error) from None
    manifest = parse_manifest(content, f"snapshot {place.name}")
    if manifest.id[:SHORT] != place.name:
        raise DarkdaysError(
            f"the manifest of snapshot {place.name} was changed after it was written; "
            "delete its folder, then import it again or fetch anew."
        )
    digests = re.findall(r"[0-9a-f]{64}", withheld.decode("ascii", "replace"))
    return Snapshot(place.parent, manifest, frozenset(digests), source.decode("utf-8", "replace"))
