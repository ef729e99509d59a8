"""Run a case from its file to its report: check, execute the notebooks, publish."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from darkdays.case import case as cases
from darkdays.case.case import Case
from darkdays.errors import InputError
from darkdays.files import bounded, paths, staging
from darkdays.files.system_errors import cannot
from darkdays.runner.canonical import write_canonical
from darkdays.runner.kernel import Kernel
from darkdays.runner.parameters import assign
from darkdays.runner.pipeline import ProgressSink, Step, run_notebooks

if TYPE_CHECKING:
    from darkdays.report.version.version_folder import Published

STAGES: Final = ("1-fetch", "2-detect", "3-correlate", "4-report")
RANGES: Final = {"level": (0.5, 1.0), "min_depth": (0.001, 1.0)}
"""Least value of parameters, and that which is too much."""
RESERVED: Final = ("case", "run", "snapshot")
KEPT_RUNS: Final = 5


@dataclass(frozen=True)
class Prepared:
    """A run that was checked and may start."""

    case: Case
    source: str
    parameters: Mapping[Path, dict[str, object]]


def notebooks() -> list[Path]:
    """Return the notebooks of a run, in order."""
    return [paths.notebooks() / f"{name}.ipynb" for name in STAGES]


def prepare(case: str, given: Sequence[str] = ()) -> Prepared:
    """Check a case and the parameters given to it, before anything runs.

    Raises
    ------
    InputError
        If the case is not valid, or a parameter is unknown or of the wrong type.
    """
    loaded = cases.load(case)
    assigned = assign(given, notebooks(), reserved=RESERVED)
    for name, value in {k: v for one in assigned.values() for k, v in one.items()}.items():
        low, high = RANGES.get(name, (-math.inf, math.inf))
        if isinstance(value, float) and not low <= value < high:
            raise InputError(
                f"parameter {name}={value} is out of range; give one from {low} to below {high}."
            )
    path = Path(case)
    source = str(bounded.real(path)) if path.suffix in {".yaml", ".yml"} else case
    return Prepared(loaded, source, assigned)


def execute(
    prepared: Prepared,
    *,
    snapshot: str = "",
    runs: Path,
    reports: Path,
    progress: ProgressSink | None = None,
    kernel: Kernel | None = None,
) -> Published:
    """Run the four notebooks and publish their report, or point to an equal one.

    Parameters
    ----------
    prepared
        What :func:`prepare` checked.
    snapshot
        Id of the snapshot to read services' replies from; embedded data only if empty.
    runs, reports
        Folders of run folders and of reports.
    progress
        Told of every finished cell.
    kernel
        The one the notebooks run on; it may end when they have.

    Raises
    ------
    InputError, DarkdaysError
        If a notebook fails or the report cannot be written; the run folder stays.
    """
    # What only runs notebooks publishes nothing.
    from darkdays.report.version.draft import load_draft
    from darkdays.report.version.publishing import publish, warm

    begun: list[Future[None]] = []
    with ThreadPoolExecutor(1) as meanwhile:

        def tell(notebook: str, done: int, count: int) -> None:
            if not begun:  # the kernel imports no more, and this process only waits for it
                begun.append(meanwhile.submit(warm))
            if progress is not None:
                progress(notebook, done, count)

        with executed(prepared, snapshot, runs, tell, kernel) as (folder, canonical):
            published = publish(load_draft(folder), reports, canonical)
    _forget_old(runs / prepared.case.name)
    return published


@contextmanager
def executed(
    prepared: Prepared,
    snapshot: str,
    runs: Path,
    progress: ProgressSink | None = None,
    kernel: Kernel | None = None,
) -> Iterator[tuple[Path, list[tuple[str, bytes]]]]:
    """Run the four notebooks; while in it, the draft of their report, and they, are kept.

    Parameters are those of :func:`execute`.
    """
    with ExitStack() as at_work:
        folder = _new_folder(runs / prepared.case.name, at_work)
        steps = []
        for notebook in notebooks():
            given = {"case": prepared.source, "run": str(folder), **prepared.parameters[notebook]}
            if notebook.stem == STAGES[0]:
                given["snapshot"] = snapshot
            steps.append(Step(notebook, folder / "notebooks" / notebook.name, given))
        run_notebooks(steps, cwd=paths.workspace(), progress=progress, kernel=kernel)
        if kernel is not None:
            kernel.finish()
        # The report's notebooks say how to run them anywhere: the case by name, no folder.
        scrub = {str(folder): "", prepared.source: prepared.case.name}
        canonical = []
        for step in steps:
            clean = folder / "canonical" / step.output.name
            write_canonical(step.output, clean, scrub)
            canonical.append((clean.name, clean.read_bytes()))
        yield folder / "report", canonical


def store_outputs(
    *, progress: ProgressSink | None = None, kernel: Kernel | None = None
) -> list[Path]:
    """Re-run the committed notebooks with their defaults and store their outputs in them.

    Returns
    -------
    list of Path
        The notebooks, each replaced by its canonical form once all of them have run.
    """
    committed = sorted(paths.notebooks().glob("*.ipynb"))
    with TemporaryDirectory() as scratch:
        steps = [Step(notebook, Path(scratch) / notebook.name) for notebook in committed]
        run_notebooks(steps, cwd=paths.notebooks(), progress=progress, kernel=kernel)
        for step in steps:
            write_canonical(step.output, step.notebook, sealed=True)
    return committed


def result(published: Published) -> dict[str, Any]:
    """Return what ``darkdays run --json`` prints: the findings, and where the report is."""
    findings = json.loads((published.folder / "findings.json").read_text(encoding="utf-8"))
    return {
        **findings,
        "report": str(published.page),
        "new_version": published.change.is_new,
        "changes": list(published.change.reasons),
    }


def _new_folder(home: Path, at_work: ExitStack) -> Path:
    """Make the folder of a run, and hold it for as long as that is at work.

    Raises
    ------
    DarkdaysError
        If it cannot be made.
    """
    try:
        home = bounded.real(home)
        with staging.locked(home):
            folder = home / f"{max(map(_number, _numbered(home)), default=0) + 1:04d}"
            folder.mkdir()
            at_work.enter_context(staging.locked(folder))
    except OSError as error:
        raise cannot("write", home, error, "--runs") from None
    return folder


def _forget_old(home: Path) -> None:
    """Remove all but the newest folders of runs, and those in which a run is at work."""
    with staging.locked(home):
        for path in sorted(_numbered(home), key=_number)[:-KEPT_RUNS]:
            with suppress(OSError), staging.locked(path, wait=False):
                shutil.rmtree(path, ignore_errors=True)


def _numbered(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if re.fullmatch("[0-9]+", path.name)]


def _number(path: Path) -> int:
    return int(path.name)
