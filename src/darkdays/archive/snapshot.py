"""Snapshots: the set of replies a run used, named by the SHA-256 of its manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from darkdays import files
from darkdays.archive.request import Reply
from darkdays.archive.store import (
    Entry,
    Question,
    Store,
    canonical_bytes,
    model_problem,
    reply_of,
)
from darkdays.errors import DarkdaysError, InputError

SHORT: Final = 16
WITHHELD: Final = "withheld.json"
_IDENTITY: Final = re.compile(r"[0-9a-f]{4,64}")


class Manifest(BaseModel):
    """What a snapshot holds, without the bodies.

    Attributes
    ----------
    case
        For which it was fetched.
    sealed
        When it was put together, ISO 8601 UTC.
    complete
        Whether every request was answered.
    hosts
        Every host that was contacted for it.
    replies, unanswered
        By service, path and query.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1] = 1
    case: str
    sealed: str
    complete: bool
    hosts: tuple[str, ...]
    replies: tuple[Entry, ...]
    unanswered: tuple[Question, ...] = ()

    @property
    def id(self) -> str:
        """SHA-256 of the content, in hex, however it is laid out on disk."""
        return files.sha256(canonical_bytes(self.model_dump(mode="json")))

    @property
    def content(self) -> tuple[object, ...]:
        """What was asked and what came back, without when and from where."""
        answers = sorted((one.request.key, one.sha256, one.origin) for one in self.replies)
        open_questions = sorted(one.request.key for one in self.unanswered)
        return self.case, self.complete, tuple(answers), tuple(open_questions)


def manifest_of(
    case: str,
    sealed: str,
    entries: Iterable[Entry],
    unanswered: Iterable[Question] = (),
    *,
    hosts: Iterable[str] = (),
    complete: bool = True,
) -> Manifest:
    """Return a manifest with everything in its order."""
    return Manifest(
        case=case,
        sealed=sealed,
        complete=complete,
        hosts=tuple(sorted(set(hosts))),
        replies=tuple(sorted(entries, key=_order)),
        unanswered=tuple(sorted(unanswered, key=_order)),
    )


@dataclass(frozen=True)
class Difference:
    """How one snapshot differs from an earlier one.

    Attributes
    ----------
    added, removed
        Requests that only the later, or only the earlier one has a reply for.
    changed
        The same request with different bytes: the world changed, or the service its mind.
    """

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    changed: tuple[tuple[Entry, Entry], ...] = ()

    def lines(self) -> list[str]:
        """Return a line for everything that differs."""
        return [
            *(f"new: {one.words}" for one in self.added),
            *(f"gone: {one.words}" for one in self.removed),
            *(
                f"other bytes: {late.words} ({early.bytes} bytes before, {late.bytes} now)"
                for early, late in self.changed
            ),
        ]


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
    """

    folder: Path
    manifest: Manifest
    withheld: frozenset[str] = field(default=frozenset())

    @property
    def id(self) -> str:
        """SHA-256 of the manifest, in hex."""
        return self.manifest.id

    @property
    def complete(self) -> bool:
        """Whether every request was answered, and every reply is here."""
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
        found = [path for path in _places(folder) if path.name.startswith(identity[:SHORT])]
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
                return other
        files.write_text(folder / manifest.id[:SHORT] / "manifest.json", text_of(manifest))
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
        store = Store(self.folder)
        absent = {one.request.key for one in self.absent()}
        found = {}
        for entry in self.manifest.replies:
            key = entry.request.key
            if key in absent:
                continue
            body = store.get(entry.sha256, entry.bytes)
            if body is None:
                state = "damaged" if self._path(entry).exists() else "missing"
                raise DarkdaysError(
                    f"snapshot {self.id[:SHORT]}: the reply to {entry.words} is {state} "
                    f"(objects/{entry.sha256}.gz); import the snapshot again or fetch anew."
                )
            found[key] = reply_of(entry, body)
        return found

    def verify(self) -> int:
        """Read every body and return how many there are.

        Raises
        ------
        DarkdaysError
            If one is missing, cut or changed.
        """
        return len(self.replies())

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
    found = [_read(path) for path in _places(folder)]
    kept = [one for one in found if case in ("", one.manifest.case)]
    return sorted(kept, key=lambda one: (one.manifest.sealed, one.id))


def newest_complete(folder: Path, case: str) -> Snapshot | None:
    """Return the newest snapshot of a case with every reply, None if there is none."""
    found = [one for one in list_snapshots(folder, case) if one.complete]
    return found[-1] if found else None


def diff(earlier: Snapshot, later: Snapshot) -> Difference:
    """Return how the replies of two snapshots differ."""
    before = {one.request.key: one for one in earlier.manifest.replies}
    after = {one.request.key: one for one in later.manifest.replies}
    return Difference(
        added=tuple(one for key, one in after.items() if key not in before),
        removed=tuple(one for key, one in before.items() if key not in after),
        changed=tuple(
            (before[key], one)
            for key, one in after.items()
            if key in before and before[key].sha256 != one.sha256
        ),
    )


def text_of(manifest: Manifest) -> str:
    """Return a manifest as it is written."""
    return files.json_text(manifest.model_dump(mode="json"))


def parse_manifest(content: bytes, where: str) -> Manifest:
    """Return a manifest, checked down to its last field.

    Raises
    ------
    DarkdaysError
        If it is none, or lists a request twice.
    """
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise DarkdaysError(
            f"the manifest of {where} is damaged: {model_problem(error)}; "
            "delete it, then import it again or fetch anew."
        ) from None
    if len({one.request.key for one in manifest.replies}) < len(manifest.replies):
        raise DarkdaysError(
            f"the manifest of {where} lists a request twice; "
            "delete it, then import it again or fetch anew."
        )
    return manifest


def _places(folder: Path) -> list[Path]:
    named = (path for path in folder.glob("[0-9a-f]" * SHORT) if path.is_dir())
    # A folder without a manifest was being written when its process ended.
    return sorted(path for path in named if (path / "manifest.json").exists())


def _read(place: Path) -> Snapshot:
    try:
        content = (place / "manifest.json").read_bytes()
        withheld = (place / WITHHELD).read_bytes() if (place / WITHHELD).exists() else b"[]"
    except OSError as error:
        raise DarkdaysError(
            f"cannot read snapshot {place.name}: {error.strerror}; make it readable."
        ) from None
    manifest = parse_manifest(content, f"snapshot {place.name}")
    if manifest.id[:SHORT] != place.name:
        raise DarkdaysError(
            f"the manifest of snapshot {place.name} was changed after it was written; "
            "delete its folder, then import it again or fetch anew."
        )
    digests = re.findall(r"[0-9a-f]{64}", withheld.decode("ascii", "replace"))
    return Snapshot(place.parent, manifest, frozenset(digests))


def _order(one: Question) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return one.service, one.path, one.query
