"""Run notebooks in order, all on one kernel, and say clearly what went wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded
from darkdays.files.fast_imports import IRI_GRAMMAR, without
from darkdays.runner.kernel import Kernel
from darkdays.runner.parameters import read_parameters

if TYPE_CHECKING:
    from darkdays.runner.engine import Watch

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class ProgressSink(Protocol):
    """Who is told how far the notebooks have come."""

    def __call__(self, notebook: str, done: int, count: int, /) -> None:
        """Hear that ``done`` of the ``count`` cells of a notebook have run."""


@dataclass(frozen=True)
class Step:
    """One notebook to run.

    Attributes
    ----------
    notebook
        What is executed; it is not changed.
    output
        Where the executed notebook goes, also when a cell fails.
    parameters
        Values for parameters the notebook declares.
    """

    notebook: Path
    output: Path
    parameters: dict[str, object] = field(default_factory=dict)


def run_notebooks(
    steps: Sequence[Step],
    *,
    cwd: Path,
    progress: ProgressSink | None = None,
    kernel: Kernel | None = None,
) -> None:
    """Execute notebooks one after the other and stop at the first that fails.

    Parameters
    ----------
    steps
        What to run, in order.
    cwd
        The kernel's working directory.
    progress
        Told of every finished cell.
    kernel
        The one they run on, cleaned before each; one is started for them if not given.

    Raises
    ------
    InputError
        If a notebook cannot be read or does not declare a parameter it is handed (before
        anything is run), or if a cell raised an `InputError`.
    DarkdaysError
        If a cell failed; its notebook up to there is at the step's output.
    """
    for step in steps:
        unknown = set(step.parameters) - {p.name for p in read_parameters(step.notebook)}
        if unknown:
            raise InputError(
                f"{step.notebook.name} has no parameter {', '.join(sorted(unknown))}: "
                "declare it in its parameters cell."
            )
    for step in steps:
        step.output.parent.mkdir(parents=True, exist_ok=True)
        step.output.unlink(missing_ok=True)  # an old one must not pass for this run's
    with nullcontext(kernel) if kernel is not None else Kernel.start(()) as kept:
        for step in steps:
            _run(step, cwd, progress, kept)


def _run(step: Step, cwd: Path, progress: ProgressSink | None, kernel: Kernel) -> None:
    with without(IRI_GRAMMAR):
        import papermill
        from nbclient.exceptions import DeadKernelError

        from darkdays.runner.engine import ENGINE, Watch

    name = step.notebook.stem

    def tell(done: int, count: int) -> None:
        if progress is not None:
            progress(name, done, count)

    watch = Watch(tell)
    try:
        papermill.execute_notebook(
            _literal_path(step.notebook),
            _literal_path(step.output),
            parameters=step.parameters,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            cwd=cwd,
            kernel=kernel,
            watch=watch,
        )
    except papermill.PapermillExecutionError as error:
        raise _failure(step, error, watch) from None
    except DeadKernelError:
        raise DarkdaysError(
            f"{name}: the kernel died in cell {watch.cell + 1}; most often memory ran out. "
            f"The notebook up to there is {step.output}."
        ) from None


def _literal_path(path: Path) -> str:
    """Return an absolute path that papermill's formatting leaves as it is."""
    return str(bounded.real(path)).replace("{", "{{").replace("}", "}}")


def _failure(step: Step, error: Any, watch: Watch) -> DarkdaysError:
    if watch.refusal is not None:
        status, sentence = watch.refusal
        kind = InputError if status == InputError.exit_status else DarkdaysError
        refused = kind(sentence)
        refused.exit_status = status
        return refused
    reason = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
    return DarkdaysError(
        f"{step.notebook.stem}: cell {_place(error)} failed: {reason.rstrip('.:')}. "
        f"The notebook up to there is {step.output}."
    )


def _place(error: Any) -> str:
    """Return the number Jupyter shows for a failed cell, with the line at fault."""
    number = error.exec_count
    traceback = _ANSI.sub("", "\n".join(error.traceback))
    found = re.search(rf"Cell In\[{number}\], line (\d+)", traceback)
    lines = error.source.splitlines()
    if found is None or not 0 < int(found[1]) <= len(lines):
        return f"[{number}]"
    return f"[{number}], line {found[1]} (`{lines[int(found[1]) - 1].strip()}`)"
