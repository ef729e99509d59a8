"""How far a run has come, on stderr: bars in a terminal, one line a notebook elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from darkdays.archive.client import Step


class TerminalProgress:
    """A progress sink for `darkdays.pipeline.run_notebooks`; use it as a context manager.

    Parameters
    ----------
    notebooks
        The names of the notebooks, in the order they will run.
    quiet
        Say nothing at all.
    """

    def __init__(self, notebooks: list[str], *, quiet: bool = False) -> None:
        self._notebooks = notebooks
        self._quiet = quiet
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._begun = time.monotonic()

    def __enter__(self) -> TerminalProgress:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
            from rich.progress import TimeElapsedColumn as Elapsed

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("cells"),
                Elapsed(),
            )
            self._bars = Progress(*columns, console=Console(stderr=True))
            self._bars.start()
            for name in self._notebooks:
                self._tasks[name] = self._bars.add_task(name, total=None, start=False)
        self._begun = time.monotonic()
        return self

    def __call__(self, notebook: str, done: int, count: int, /) -> None:
        """Show that ``done`` of the ``count`` cells of a notebook have run."""
        if self._bars is not None:
            task = self._tasks[notebook]
            self._bars.start_task(task)
            self._bars.update(task, total=count, completed=done)
        elif not self._quiet and done == count:
            seconds = time.monotonic() - self._begun
            self._begun = time.monotonic()
            sys.stderr.write(f"{notebook}: {count} cells, {seconds:.1f} s\n")
            sys.stderr.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()


class FetchProgress:
    """A progress sink for `darkdays.archive.client.fetch_all`: a line a reply on stderr.

    Parameters
    ----------
    quiet
        Say nothing at all.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet

    def __call__(self, step: Step, /) -> None:
        """Say what came back, how much is left, and how fast it comes."""
        if self._quiet:
            return
        what = f"{step.service}: {step.about}" + (f" ({step.note})" if step.note else "")
        sys.stderr.write(
            f"{step.done}/{step.known} {what}, {step.received / 1024:.0f} KiB, "
            f"{step.rate / 1024:.0f} KiB/s\n"
        )
        sys.stderr.flush()
