"""Bodies of replies on disk, each under its SHA-256, and the journal of a fetch under way."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import threading
import zlib
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from darkdays import files
from darkdays.archive.request import Reply, Request, Service
from darkdays.errors import DarkdaysError, InputError

_CASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FRESH: Final = "asked-again"


class Question(BaseModel):
    """A request as a manifest lists it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    service: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    about: str = ""

    @property
    def request(self) -> Request:
        """The request."""
        return Request(self.service, self.path, self.query, self.about)

    @property
    def words(self) -> str:
        """Service and what is asked, as errors name it."""
        return f"{self.service}, {self.about or self.path}"


class Entry(Question):
    """A reply as a manifest lists it, without its body.

    Attributes
    ----------
    url
        Where it came from, without secrets; empty for a file a person supplied.
    status
        Of HTTP, 0 for a file a person supplied.
    headers
        Those that matter: content type, etag, last-modified.
    fetched
        When, ISO 8601 UTC; empty for a file a person supplied.
    sha256, bytes
        Digest and length of the body.
    licence, redistributable
        Terms of the service, and whether they let the reply be passed on.
    origin
        ``service`` or ``user-supplied``.
    """

    url: str
    status: int
    headers: dict[str, str]
    fetched: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)
    licence: str
    redistributable: bool
    origin: Literal["service", "user-supplied"]


def question_of(request: Request) -> Question | None:
    """Return how a manifest lists a request, None if it holds what is no valid Unicode text."""
    try:
        question = Question(
            service=request.service, path=request.path, query=request.query, about=request.about
        )
        # Half a surrogate pair, as JSON can hold, passes for text until it is written.
        files.json_text(question.model_dump(mode="json")).encode()
    except ValueError:
        return None
    return question


def entry_of(reply: Reply, service: Service, url: str = "", status: int = 0) -> Entry:
    """Return how a manifest lists a reply of a service."""
    return Entry(
        service=reply.request.service,
        path=reply.request.path,
        query=reply.request.query,
        about=reply.request.about,
        url=url,
        status=status,
        headers=dict(sorted(reply.headers.items())),
        fetched=reply.fetched,
        sha256=reply.digest,
        bytes=len(reply.body),
        licence=service.licence,
        redistributable=service.redistributable,
        origin="user-supplied" if reply.origin == "user-supplied" else "service",
    )


def reply_of(entry: Entry, body: bytes) -> Reply:
    """Return a reply a manifest lists, with its body."""
    return Reply(entry.request, body, entry.fetched, entry.origin, dict(entry.headers))


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
        digest = files.sha256(body)
        with self._lock:
            if self.get(digest, len(body)) is None:
                files.write_bytes(self.object_path(digest), compress(body))
        return digest

    def get(self, digest: str, length: int) -> bytes | None:
        """Return the body with this digest and length, None if it is not there or damaged."""
        try:
            content = self.object_path(digest).read_bytes()
        except OSError:
            return None
        body = expand(content, length)
        return body if body is not None and files.sha256(body) == digest else None

    def keep(self, case: str, entry: Entry, body: bytes) -> None:
        """Note in the journal of a case that a reply came, after keeping its body."""
        self.put(body)
        text = files.json_text(entry.model_dump(mode="json"))
        files.write_text(self._journal(case) / f"{entry.request.key}.json", text)

    def kept(self, case: str) -> dict[str, tuple[Entry, bytes]]:
        """Return the replies in the journal of a case, by request key.

        An entry that does not read back, or whose body is damaged, is left out: it is simply
        asked for again.
        """
        found = {}
        for path in sorted(self._journal(case).glob("*.json")):
            # ValidationError is a ValueError too.
            with contextlib.suppress(OSError, ValueError):
                entry = Entry.model_validate_json(path.read_bytes())
                body = self.get(entry.sha256, entry.bytes)
                if body is not None and entry.request.key == path.stem:
                    found[path.stem] = (entry, body)
        return found

    def ask_again(self, case: str) -> None:
        """Begin a journal that builds on no earlier snapshot, or go on with such a one."""
        if not self.is_asking_again(case):
            self.clear(case)
            files.write_text(self._journal(case) / _FRESH, "")

    def is_asking_again(self, case: str) -> bool:
        """Whether the journal of a case builds on no earlier snapshot."""
        return (self._journal(case) / _FRESH).exists()

    def clear(self, case: str) -> None:
        """Forget the journal of a case; bodies stay."""
        folder = self._journal(case)
        # The marker goes last: replies of a fetch begun anew never join an older snapshot's.
        for path in [*folder.glob("*.json"), folder / _FRESH]:
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()

    def sweep(self) -> None:
        """Remove the temporary files of processes that were killed while writing."""
        for path in self.folder.rglob(".*.partial"):
            if not _is_running(path.name.split(".")[-2]):
                path.unlink(missing_ok=True)

    def _journal(self, case: str) -> Path:
        if not _CASE.fullmatch(case):
            raise InputError(
                f"{case!r} cannot name a folder; name the case with letters, digits and hyphens."
            )
        return self.folder / "pending" / case


def model_problem(error: ValidationError) -> str:
    """Return where the first problem of a document is, without quoting what is there."""
    where = ".".join(str(part) for part in error.errors()[0]["loc"])
    return f"{where or 'the document'} is not as expected"


def canonical_bytes(document: Any) -> bytes:
    """Return the one text of a document that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
