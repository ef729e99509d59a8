"""A sweep from its studies to its report."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, writing
from darkdays.files.staging import remove
from darkdays.report.version.version_folder import Published
from darkdays.sweep.plan import cluster
from darkdays.sweep.plan.grid import Grid
from darkdays.sweep.plan.studies import Study, write_case
from darkdays.sweep.plan.work import Settings, digest
from darkdays.sweep.report import page
from darkdays.sweep.report.findings import document_of, seen, sources_of
from darkdays.sweep.report.merging import Written, merge
from darkdays.sweep.running.fetch import Asking, gathered
from darkdays.sweep.running.progress import Tally
from darkdays.sweep.running.running import Sweep
from darkdays.sweep.running.state import Standing
from darkdays.sweep.tasks.engine import engine

STATED: Final = "sweep.json"
"""What belongs to the sweep that a folder holds."""
_PARTIAL: Final = (
    "signals/.*.partial", "parts/*/*/.*.partial", "parts/.run-*", "cases/.*.partial", ".*.partial"
)  # fmt: skip
_PIECES: Final = (
    "signals/*",
    "signals/.*.damaged",
    "parts/*/*/*",
    "parts/*/*/.*.damaged",
    "cases/*",
)


@dataclass(frozen=True)
class Result:
    """What a sweep came to.

    Attributes
    ----------
    out
        Folder of the dataset.
    written
        Its tables.
    published
        The report; None where nothing was read for any study.
    document
        Its findings.
    lost
        A sentence for everything that was not finished, and would be by sweeping again.
    removed
        How many pieces of former grids were removed.
    """

    out: Path
    written: dict[str, Written]
    published: Published | None
    document: dict[str, Any]
    lost: tuple[str, ...]
    removed: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether all of it was, and every study had something to read."""
        return not self.lost and not self.document["empty"]


def sweep(
    grid: Grid,
    studies: Sequence[Study],
    *,
    out: Path,
    reports: Path,
    scheduler: str | None = None,
    workers: int | None = None,
    asking: Asking | None = None,
    tidy: bool = False,
    tally: Tally,
) -> Result:
    """Sweep studies on a cluster, merge what comes out, and publish a report of it.

    Parameters
    ----------
    grid, studies
        What to do.
    out
        Folder of signals, parts and the dataset; all workers have to see it under this path. What
        is there from an earlier sweep is not made again.
    reports
        Folder of reports.
    scheduler, workers
        See :func:`darkdays.sweep.plan.cluster.connected`.
    asking
        How services are asked.
    tidy
        Remove signals, parts and cases of former grids, and what was set aside as damaged.
    tally
        Is told how far it has come.

    Raises
    ------
    InputError, DarkdaysError
        If it cannot start, or cannot go on.
    """
    cluster.need_scale()
    settings = Settings.of(grid, engine())
    folder = bounded.real(out)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for study in studies:
            if study.made is None:
                write_case(study.case, folder / "cases")
        with cluster.connected(scheduler, workers, tally.note) as client:
            seen_at = cluster.dashboard(client)
            tally.note(f"Dask: {cluster.threads(client)} threads" + f", {seen_at}" * bool(seen_at))
            run = Sweep(client, studies, settings, folder, tally)
            _run(run, asking or Asking(), tally)
        standing = list(run.studies.values())
        # Until everything is there again, nothing says that it belongs together.
        (folder / STATED).unlink(missing_ok=True)
        written = merge(standing, folder)
        found = seen(standing, settings, folder)
        document = document_of(grid, found, written)
        made_of = digest(sorted(one for study in standing for one in study.made_of))
        published = None
        if any(one.has_read for one in standing):
            published = page.publish(
                grid, found, document, reports, inputs=made_of, sources=sources_of(studies)
            )
        lost = tuple(f"{one.study.name}, {what}" for one in standing for what in one.lost)
        stated = {
            "sweep": grid.name,
            "simulated": document["simulated"],
            "engine": settings.engine,
            "made_of": made_of,
            "studies": [one.study.name for one in standing],
            "empty": document["empty"],
            "tables": {name: asdict(one) for name, one in written.items()},
            "signals": sorted(name for one in standing for name in one.stores),
            "not_finished": list(lost),
        }
        writing.write_text(folder / STATED, writing.json_text(stated))
        if not lost:
            remove_partial(folder)
        removed = remove_foreign(folder, standing) if tidy else 0
    return Result(folder, written, published, document, lost, removed)


def _run(run: Sweep, asking: Asking, tally: Tally) -> None:
    """Gather replies beside the tasks, so that what is there can be worked on."""
    blocks = run.blocks()
    asking.check(blocks)

    def gather() -> None:
        try:
            for block, complaints in gathered(blocks, asking, tally):
                run.give(block, complaints)
        except BaseException as error:  # noqa: BLE001  # it ends the sweep, in its own thread
            run.stop(error)

    threading.Thread(target=gather, daemon=True).start()
    run.run()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second sweep out of a folder for as long as this one lives."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"another sweep is at work in {folder}; wait for it, or choose another folder "
                "with --out."
            ) from None
        except OSError as error:
            raise DarkdaysError(
                f"cannot lock {folder}: {error.strerror}; choose another folder with --out."
            ) from None
        yield


def remove_partial(folder: Path) -> None:
    """Remove what workers left that were killed while they wrote."""
    for pattern in _PARTIAL:
        for path in folder.glob(pattern):
            remove(path)


def remove_foreign(folder: Path, studies: Iterable[Standing]) -> int:
    """Remove signals, parts and cases that do not belong to studies, and what was set aside.

    Returns
    -------
    int
        How many pieces.
    """
    kept: set[Path] = set()
    for one in studies:
        kept |= {*one.pieces(folder), folder / "cases" / f"{one.study.name}.yaml"}
    foreign = sorted({path for pattern in _PIECES for path in folder.glob(pattern)} - kept)
    for path in foreign:
        remove(path)
    # Folders of parts that hold none any more.
    for path in folder.glob("parts/*/*"):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return len(foreign)
