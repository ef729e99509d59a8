"""Requests, replies and the services they go to: values without any input or output."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from darkdays.errors import DarkdaysError

USER_SUPPLIED: Final = "user-supplied"
READ_AS: Final = "read-"
"""How headers of a person's own file begin that say how it is to be read: ``read-date_format``."""
MORE: Final = "more"
"""Header of a file that another of the same role follows."""


class SourceError(DarkdaysError):
    """A reply cannot be used: the sentence names the source, the request and what to do.

    Attributes
    ----------
    key
        Identity of the request whose reply it is, empty if it is about no single one.
    """

    exit_status = 3

    def __init__(self, sentence: str, key: str = "") -> None:
        super().__init__(sentence)
        self.key = key


@dataclass(frozen=True)
class Absence:
    """How a service says, as an answer and not as a failure, that it has no such thing.

    Attributes
    ----------
    status
        Of HTTP.
    words
        What the body holds then; empty if any body will do.
    """

    status: int
    words: bytes = b""


@dataclass(frozen=True)
class Service:
    """A service that measurements or events come from.

    Attributes
    ----------
    name
        Short name, used in ``--base-url NAME=URL`` and in snapshots.
    base_url
        Where it is unless a person says otherwise; no trailing slash. Empty if there is nobody
        to ask: a person's own files are all there is.
    licence
        Terms of its data, in a few words.
    redistributable
        Whether its replies may be passed on to others.
    citation
        How to credit it.
    credential
        Name of the credential its requests need, None if they need none. Credentials never
        become part of a request: the client adds them on the wire.
    largest
        Most bytes a reply may have after decompression.
    absences
        What it answers where it has nothing, such as a day without a file.
    stores
        Hosts that its downloads are handed on to: a name, or the end of one after a dot. They are
        contacted over HTTPS only, without credentials, and never inside a private network.
    driver
        How it is asked if not by plain GET: a name :mod:`darkdays.archive.drivers` knows.
    too_much
        What it answers where one question asks for too much at once: kept as an answer to a
        request that is ``divisible``, so that its parts are asked for instead.
    quota
        What an hour allows, in the units of its ``X-RateLimit-Remaining``; 0 if it states none.
    public
        At which grain anybody can count what it has, so that nothing of it is withheld; empty if
        nobody can.
    """

    name: str
    base_url: str
    licence: str
    redistributable: bool
    citation: str
    credential: str | None = None
    largest: int = 256 * 2**20
    absences: tuple[Absence, ...] = ()
    stores: tuple[str, ...] = ()
    driver: str | None = None
    too_much: tuple[Absence, ...] = ()
    quota: int = 0
    public: str = ""

    @property
    def terms(self) -> dict[Any, str]:
        """Licence and citation, as every table and signal states them."""
        return {"licence": self.licence, "citation": self.citation}


@dataclass(frozen=True)
class Request:
    """One question to a service, without host and without secrets.

    Attributes
    ----------
    service
        Name of the service.
    path
        Relative to its base URL, beginning with ``/``.
    query
        Parameters in the order they are sent.
    about
        What is asked, in words a person understands, for errors and progress.
    divisible
        Whether the same can be asked in parts, should it be too much at once.
    """

    service: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    about: str = field(default="", compare=False)
    divisible: bool = field(default=False, compare=False)

    @property
    def file(self) -> str:
        """Name of the file it asks for: the last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def key(self) -> str:
        """Identity of the request, SHA-256 in hex: the same question has the same key."""
        text = json.dumps([self.service, self.path, [list(pair) for pair in self.query]])
        return hashlib.sha256(text.encode()).hexdigest()

    def url(self, base_url: str) -> str:
        """Return the address to ask, below a base URL."""
        return f"{base_url}{self.path}" + (f"?{urlencode(self.query)}" if self.query else "")


@dataclass(frozen=True)
class Reply:
    """The untouched body that came back for a request.

    Attributes
    ----------
    request
        What was asked.
    body
        After transport decompression, otherwise as sent.
    fetched
        When, ISO 8601 UTC; empty for a file a person supplied.
    origin
        ``service``, or :data:`USER_SUPPLIED` for a local file that stands in for a download.
    headers
        Those that matter: content type, etag, last-modified.
    status
        Of HTTP.
    """

    request: Request
    body: bytes
    fetched: str = ""
    origin: str = "service"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def is_absence(self) -> bool:
        """Whether it says that there is no such thing (see :class:`Absence`)."""
        return self.status != 200

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex."""
        return hashlib.sha256(self.body).hexdigest()

    def error(self, problem: str, remedy: str) -> SourceError:
        """Return the error to raise: source, request, problem and what to do, in one sentence."""
        about = self.request.about or self.request.path
        sentence = f"{self.request.service}, {about}: {problem}; {remedy}."
        return SourceError(sentence, self.request.key)


@dataclass(frozen=True)
class Complaint:
    """Why a reply cannot be read: a sentence, and the key of its request if it is about one.

    A ``remark`` is no failure: what it is about will not come by asking again.
    """

    sentence: str
    key: str = ""
    remark: bool = False


Check = Callable[[Mapping[str, Reply]], list[Complaint]]
"""What says of all replies which cannot be read."""
