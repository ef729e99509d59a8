"""How far a run or a fetch has come, on stderr: bars in a terminal, lines elsewhere."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from darkdays.files.terminal import bars, duration, plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from darkdays.archive.client.step import Step
    from darkdays.cli.progress_jupyter import JupyterTable

_WIDEST: Final = 60


class Note:
    """A text that is asked for whenever it is drawn, until it is over."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self.ask, self.over = ask, ""

    def __str__(self) -> str:
        return "" if (text := self.ask()) == self.over else text


class TerminalProgress:
    """A progress sink for `darkdays.runner.pipeline.run_notebooks`; use it as a context manager.

    In a terminal a bar a notebook; in a Jupyter notebook the same as a table that is kept;
    elsewhere lines: one when a notebook is done, and one a second at most on the way there.

    Parameters
    ----------
    notebooks
        The names of the notebooks, in the order they will run.
    unit
        What is counted.
    note
        What is said beside the bar that moves; asked whenever it is drawn.
    clock
        Seconds, never going back.
    """

    def __init__(
        self,
        notebooks: list[str],
        *,
        unit: str = "cells",
        note: Callable[[], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notebooks = notebooks
        self._unit = unit
        self._note = Note(note)
        self._clock = clock
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._table: JupyterTable | None = None
        self._begun = self._told = clock()

    def __enter__(self) -> TerminalProgress:
        self._begun = self._told = self._clock()
        if "ipykernel" in sys.modules:
            from darkdays.cli.progress_jupyter import JupyterTable, in_a_kernel

            if in_a_kernel():
                self._table = JupyterTable(self._notebooks)
                return self
        if sys.stderr.isatty():
            self._bars = bars("{task.description}", "bar", "count", self._unit, "elapsed",
                              "{task.fields[note]}")  # fmt: skip
            for name in self._notebooks:
                self._tasks[name] = self._bars.add_task(name, total=None, start=False, note="")
        return self

    def __call__(self, notebook: str, done: int, count: int, /) -> None:
        """Show that ``done`` of the ``count`` cells of a notebook have run."""
        now = self._clock()
        seconds = now - self._begun
        if self._table is not None:
            self._table.show(notebook, done, count, seconds)
        elif self._bars is not None:
            task = self._tasks[notebook]
            self._bars.start_task(task)
            if done == count:
                self._note.over = self._note.ask()
            self._bars.update(task, total=count, completed=done, note=self._note)
        elif done == count or now - self._told >= 1:
            told = f"{count} {self._unit}" if done == count else f"{done} of {count} {self._unit}"
            sys.stderr.write(f"{notebook}: {told}, {seconds:.1f} s\n")
            sys.stderr.flush()
            self._told = now
        if done == count:
            self._begun = self._told = now

    def say(self, text: str) -> None:
        """Say something above the bars, if there are any."""
        if self._bars is not None:
            self._bars.console.print(text.rstrip(), markup=False, highlight=False)
        else:
            sys.stderr.write(text)

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()


class FetchProgress:
    """A progress sink for `darkdays.archive.client.client.fetch_all`; use it as a context manager.

    In a terminal one bar with how many requests are answered, the rate and the time left, and a
    line for every wait and failure above it; elsewhere a line a second at most.

    Parameters
    ----------
    clock
        Seconds, never going back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._told = -math.inf
        self._untold: Step | None = None

    def __enter__(self) -> FetchProgress:
        return self

    def __call__(self, step: Step, /) -> None:
        """Say what came back or went wrong, how much is left, and how fast it comes."""
        if sys.stderr.isatty():
            self._draw(step)
            return
        # What went wrong is said at once; of replies the last of each second.
        if step.note or self._clock() - self._told >= 1:
            self._say(step)
        else:
            self._untold = step

    def _say(self, step: Step) -> None:
        self._told, self._untold = self._clock(), None
        what = f"{step.service}: {step.about}" + (f" ({step.note})" if step.note else "")
        sys.stderr.write(f"{step.done}/{step.known} {what}, {_pace(step)}\n")
        sys.stderr.flush()

    def _draw(self, step: Step) -> None:
        if self._bar is None:
            self._bar = bars("bar", "count", "{task.fields[pace]}", "{task.description}")
            self._task = self._bar.add_task("", total=None, pace="")
        assert self._task is not None
        what = plain(f"{step.service}: {step.about}")
        self._bar.update(
            self._task,
            total=step.known,
            completed=step.done,
            pace=_pace(step),
            description=what[:_WIDEST],
        )
        if step.note:
            self._bar.console.print(f"{what} ({plain(step.note)})", markup=False, highlight=False)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._untold is not None:
            self._say(self._untold)


def _pace(step: Step) -> str:
    left = step.remaining
    remaining = "" if left is None else f", {duration(left)} left"
    return f"{step.received / 1024:.0f} KiB, {step.rate / 1024:.0f} KiB/s{remaining}"
