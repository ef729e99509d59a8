"""How far a fetch has come, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Step:
    """How far a fetch has come.

    Attributes
    ----------
    service, about
        What was asked last, in words.
    done, known
        Requests answered or given up, and requests known to be needed so far.
    asked
        Requests answered or given up by this run.
    received
        Bytes of this run.
    seconds
        Since it began.
    note
        Why there is a wait, or what failed; empty after a reply.
    """

    service: str
    about: str
    done: int
    known: int
    asked: int
    received: int
    seconds: float
    note: str = ""

    @property
    def rate(self) -> float:
        """Bytes per second since the run began."""
        return self.received / max(self.seconds, 1e-3)

    @property
    def remaining(self) -> float | None:
        """Seconds that what is known to be needed still takes at this pace, None at first."""
        left = self.known - self.done
        return left * self.seconds / self.asked if self.asked else None


class Progress(Protocol):
    """Is told of every reply, wait and failure; never by two threads at once."""

    def __call__(self, step: Step, /) -> object:
        """Take note."""
