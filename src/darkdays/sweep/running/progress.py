"""How far a sweep has come, on stderr: bars in a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from darkdays.files.terminal import bars, duration, plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from darkdays.archive.client.step import Step

KINDS: Final = ("requests", "signals", "entities", "studies", "claims")
"""What is counted: requests answered, blocks of signals stored, entities judged, and so on."""
_EVERY: Final = 60.0


class Tally:
    """Counts what is known and what is done; use it as a context manager.

    Parameters
    ----------
    clock
        Seconds, never going back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.known = dict.fromkeys(KINDS, 0)
        self.done = dict.fromkeys(KINDS, 0)
        self.failed = self.lost = self.empty = 0
        self._waiting = ""
        self._begun = clock()
        self._told = -_EVERY
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Tally:
        if sys.stderr.isatty():
            note = "{task.fields[note]}"
            self._bars = bars("{task.description}", "bar", "count", "elapsed", "remaining", note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._draw(self._bars)
            self._bars.stop()
        else:
            self._say()

    def note(self, line: str) -> None:
        """Say something once, above whatever is drawn."""
        if self._bars is not None:
            self._bars.console.print(plain(line), markup=False, highlight=False)
        else:
            sys.stderr.write(f"darkdays: {line}\n")
            sys.stderr.flush()

    def know(self, kind: str, more: int) -> None:
        """Note that there is more to do."""
        self.known[kind] += more

    def did(self, kind: str, more: int = 1) -> None:
        """Note that something was done."""
        self.done[kind] += more

    def fail(self, signals: int) -> None:
        """Note signals that cannot be judged."""
        self.failed += signals

    def lose(self) -> None:
        """Note a task that could not be finished."""
        self.lost += 1

    def wait(self, reason: str) -> None:
        """Say why nothing goes on, at once and in every line until it does (an empty reason)."""
        if reason and reason != self._waiting:
            self.note(reason)
        self._waiting = reason

    def asked(self, step: Step, before: tuple[int, int]) -> None:
        """Hear how far a fetch has come, after others that knew and did so much."""
        self.known["requests"], self.done["requests"] = (
            step.known + before[0],
            step.done + before[1],
        )
        if step.note:
            self.note(f"{step.service}: {step.about} ({step.note})")

    def tell(self) -> None:
        """Show how far it has come; elsewhere than in a terminal, if a minute has passed."""
        if self._bars is not None:
            self._draw(self._bars)
        elif self._clock() - self._told >= _EVERY:
            self._say()

    def _say(self) -> None:
        self._told = self._clock()
        parts = [
            f"{kind} {self.done[kind]:,}/{self.known[kind]:,}" for kind in KINDS if self.known[kind]
        ]
        parts += [f"{self.failed:,} signals not judged"] if self.failed else []
        parts += [f"{self.lost:,} tasks lost"] if self.lost else []
        parts += [f"{self.empty:,} studies empty"] if self.empty else []
        parts += [self._waiting] if self._waiting else []
        self.note(f"{', '.join(parts) or 'nothing yet'}; {self._pace()}")

    def _pace(self) -> str:
        spent = self._clock() - self._begun
        done = self.done["entities"]
        text = f"{duration(spent)} gone"
        left = self.known["entities"] - done
        # Before all signals are stored nobody knows how many entities there will be.
        if done and left and self.done["signals"] == self.known["signals"]:
            text += f", {duration(left * spent / done)} left"
        return text

    def _draw(self, drawn: Progress) -> None:
        for kind in KINDS:
            if not self.known[kind]:
                continue
            if kind not in self._tasks:
                self._tasks[kind] = drawn.add_task(kind, total=None, note="")
            note = ""
            if kind == "entities" and self.failed:
                note = f"{self.failed:,} signals not judged"
            if kind == "studies" and self.empty:
                note = f"{self.empty:,} empty"
            drawn.update(
                self._tasks[kind], total=self.known[kind], completed=self.done[kind], note=note
            )
