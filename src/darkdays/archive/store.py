"""Bodies of replies on disk, each under its SHA-256, and the journal of a fetch under way."""

from __future__ import annotations

import contextlib
import gzip
import re
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from darkdays.archive.entry import Entry, reply_of
from darkdays.archive.request import Reply
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, writing
from darkdays.files.staging import remove_abandoned
from darkdays.files.system_errors import cannot, is_passing

_CASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FRESH: Final = "asked-again"
_ROOM: Final = 2**16
_LARGEST_ENTRY: Final = 2**20


_remove_abandoned: Final = cache(remove_abandoned)


def compress(body: bytes) -> bytes:
    """Return a body as the store keeps it: gzip without a time or name."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def expand(content: bytes, largest: int) -> bytes | None:
    """Return the body inside gzip, None if it is damaged, or longer than ``largest`` bytes."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(content, largest + 1)
        # The checksum at the end is read only once something more is asked for.
        if not inflater.eof:
            body += inflater.decompress(inflater.unconsumed_tail, 1)
    except zlib.error:
        return None
    return body if inflater.eof and not inflater.unused_data and len(body) <= largest else None


class Store:
    """The folder of snapshots: ``objects/``, shared by all, and ``pending/`` fetches.

    Everything is written whole or not at all, so that a process may end at any moment.

    Parameters
    ----------
    folder
        Made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Two threads may receive the same body at once.
        self._lock = threading.Lock()

    def object_path(self, digest: str) -> Path:
        """Return where the body with a digest is kept."""
        if not _DIGEST.fullmatch(digest):
            raise DarkdaysError(f"{digest[:80]!r} is no SHA-256 digest; fetch or import again.")
        return self.folder / "objects" / f"{digest}.gz"

    def put(self, body: bytes) -> str:
        """Keep a body, mending what is there if it is damaged, and return its digest."""
        digest = writing.sha256(body)
        with self._lock:
            if self.get(digest, len(body)) is None:
                writing.write_bytes(self.object_path(digest), compress(body))
        return digest

    def get(self, digest: str, length: int) -> bytes | None:
        """Return the body with this digest and length, None if it is not there or damaged.

        Raises
        ------
        DarkdaysError
            If it cannot be read, which says nothing of what is there.
        """
        path = self.object_path(digest)
        try:
            # Compressing what cannot be compressed makes it longer by next to nothing.
            content = bounded.bytes_of(path, length + length // 1000 + _ROOM)
        except (FileNotFoundError, IsADirectoryError, InputError):
            return None
        except OSError as error:
            raise cannot("read", path, error) from None
        body = expand(content, length)
        return body if body is not None and writing.sha256(body) == digest else None

    def holds(self, entry: Entry) -> bool:
        """Whether the body of an entry is there, undamaged."""
        return self.get(entry.sha256, entry.bytes) is not None

    def keep(self, case: str, entry: Entry, body: bytes) -> None:
        """Note in the journal of a case that a reply came, after keeping its body."""
        self.put(body)
        text = writing.json_text(entry.model_dump(mode="json"))
        writing.write_text(self._journal(case) / f"{entry.request.key}.json", text)

    def kept(self, case: str) -> dict[str, Entry]:
        """Return what the journal of a case lists, by request key.

        An entry that does not read back, or whose body is damaged, is left out: it is simply
        asked for again.
        """
        found = {}
        for path in self._noted(case):
            try:
                entry = Entry.model_validate_json(bounded.bytes_of(path, _LARGEST_ENTRY))
            except OSError as error:
                if is_passing(error):
                    raise cannot("read", path, error) from None
            except (ValueError, InputError):  # ValidationError is a ValueError too
                pass
            else:
                if self.holds(entry) and entry.request.key == path.stem:
                    found[path.stem] = entry
        return found

    def ask_again(self, case: str) -> None:
        """Begin a journal that builds on no earlier snapshot, or go on with such a one."""
        if not self.is_asking_again(case):
            self.clear(case)
            writing.write_text(self._journal(case) / _FRESH, "")

    def is_asking_again(self, case: str) -> bool:
        """Whether the journal of a case builds on no earlier snapshot."""
        return (self._journal(case) / _FRESH).exists()

    def clear(self, case: str) -> None:
        """Forget the journal of a case; bodies stay."""
        folder = self._journal(case)
        # The marker goes last: replies of a fetch begun anew never join an older snapshot's.
        for path in [*self._noted(case), folder / _FRESH]:
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()

    def sweep(self) -> None:
        """Remove, once a process, what was left by others that were killed while writing."""
        _remove_abandoned(self.folder.absolute())

    def _noted(self, case: str) -> list[Path]:
        folder = self._journal(case)
        try:
            return sorted(path for path in folder.iterdir() if path.suffix == ".json")
        except FileNotFoundError:  # also where another fetch of the case has just ended
            return []
        except OSError as error:
            raise cannot("read", folder, error) from None

    def _journal(self, case: str) -> Path:
        if not _CASE.fullmatch(case):
            raise InputError(
                f"{case!r} cannot name a folder; name the case with letters, digits and hyphens."
            )
        return self.folder / "pending" / case


class StoredReply(Reply):
    """A reply whose body is read and verified when it is looked at; its digest is known before.

    Parameters
    ----------
    entry
        What is known of it.
    read
        Returns the body.
    """

    entry: Entry

    def __init__(self, entry: Entry, read: Callable[[Entry], bytes]) -> None:
        # The class is frozen; what is missing here goes through ``__getattr__``.
        vars(self).update(vars(reply_of(entry, b"")), entry=entry, _read=read)
        del vars(self)["body"]

    def __getattr__(self, name: str) -> Any:
        if name != "body":
            raise AttributeError(name)
        body = vars(self)["body"] = self._read(self.entry)
        return body

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex."""
        return self.entry.sha256


class Replies(Mapping[str, StoredReply]):
    """Replies by request key; the body of each is read and verified when it is looked at.

    Parameters
    ----------
    store
        Where the bodies are.
    entries
        By request key; entries added later are seen.
    whose
        What to call them in an error: ``snapshot 0123456789abcdef``.
    """

    def __init__(self, store: Store, entries: Mapping[str, Entry], whose: str) -> None:
        self._store, self._entries, self._whose = store, entries, whose

    def __getitem__(self, key: str) -> StoredReply:
        """Return a reply; looking at its body raises what :meth:`body` raises."""
        return StoredReply(self._entries[key], self.body)

    def body(self, entry: Entry) -> bytes:
        """Return the body of a reply.

        Raises
        ------
        DarkdaysError
            If it is missing, cut or changed: the sentence names the reply.
        """
        body = self._store.get(entry.sha256, entry.bytes)
        if body is None:
            state = "damaged" if self._store.object_path(entry.sha256).exists() else "missing"
            raise DarkdaysError(
                f"{self._whose}: the reply to {entry.words} is {state} "
                f"(objects/{entry.sha256}.gz); import the snapshot again or fetch anew."
            )
        return body

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries
