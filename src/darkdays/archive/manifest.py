"""Manifests: what a snapshot holds, and how one differs from another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from darkdays.archive.entry import Entry, Question, canonical_bytes, model_problem
from darkdays.errors import DarkdaysError
from darkdays.files import writing


class Manifest(BaseModel):
    """What a snapshot holds, without the bodies.

    Attributes
    ----------
    case
        For which it was fetched.
    sealed
        When it was put together, ISO 8601 UTC.
    complete
        Whether every request was answered, and every answer could be read.
    hosts
        Every host that was contacted for it.
    replies, unanswered
        By service, path and query.
    unreadable
        Requests among ``replies`` whose answer is kept but could not be read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1] = 1
    case: str
    sealed: str
    complete: bool
    hosts: tuple[str, ...]
    replies: tuple[Entry, ...]
    unanswered: tuple[Question, ...] = ()
    unreadable: tuple[Question, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """What is written and hashed."""
        found = self.model_dump(mode="json")
        # Manifests of before there was such a list keep their id.
        return found if self.unreadable else {k: v for k, v in found.items() if k != "unreadable"}

    @cached_property
    def id(self) -> str:
        """SHA-256 of the content, in hex, however it is laid out on disk."""
        return writing.sha256(canonical_bytes(self.document))

    @property
    def content(self) -> tuple[object, ...]:
        """What was asked and what came back, without when and from where."""
        answers = sorted((one.request.key, one.sha256, one.origin) for one in self.replies)
        open_questions = sorted(one.request.key for one in self.unanswered)
        odd = sorted(one.request.key for one in self.unreadable)
        return self.case, self.complete, tuple(answers), tuple(open_questions), tuple(odd)


def manifest_of(
    case: str,
    sealed: str,
    entries: Iterable[Entry],
    unanswered: Iterable[Question] = (),
    unreadable: Iterable[Question] = (),
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
        unreadable=tuple(sorted(unreadable, key=_order)),
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


def diff(earlier: Manifest, later: Manifest) -> Difference:
    """Return how the replies of two snapshots differ."""
    before = {one.request.key: one for one in earlier.replies}
    after = {one.request.key: one for one in later.replies}
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
    return writing.json_text(manifest.document)


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
    if len({_order(one) for one in manifest.replies}) < len(manifest.replies):
        raise DarkdaysError(
            f"the manifest of {where} lists a request twice; "
            "delete it, then import it again or fetch anew."
        )
    return manifest


def _order(one: Question) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return one.service, one.path, one.query
