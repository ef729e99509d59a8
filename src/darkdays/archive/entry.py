"""Requests and replies as a manifest and a journal list them, without bodies."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from darkdays.archive.request import Reply, Request, Service
from darkdays.files import writing


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


def _listed(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in Question.model_fields}


def question_of(request: Request) -> Question | None:
    """Return how a manifest lists a request, None if it holds what is no valid Unicode text."""
    try:
        question = Question(**_listed(request))
        # Half a surrogate pair, as JSON can hold, passes for text until it is written.
        writing.json_text(question.model_dump(mode="json")).encode()
    except ValueError:
        return None
    return question


def entry_of(reply: Reply, service: Service, url: str = "", status: int = 0) -> Entry:
    """Return how a manifest lists a reply of a service."""
    return Entry(
        **_listed(reply.request),
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
    # A person's own file has no status; there it is, which is what 200 says.
    status = entry.status or 200
    return Reply(entry.request, body, entry.fetched, entry.origin, dict(entry.headers), status)


def model_problem(error: ValidationError) -> str:
    """Return where the first problem of a document is, without quoting what is there."""
    where = ".".join(str(part) for part in error.errors()[0]["loc"])
    return f"{where or 'the document'} is not as expected"


def canonical_bytes(document: Any) -> bytes:
    """Return the one text of a document that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
