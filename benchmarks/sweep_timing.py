"""Sweeps that are timed: what the cost model, scaling and memory are measured with."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from darkdays.detect import change_points
from darkdays.sweep.plan import cluster
from darkdays.sweep.plan.blocks import batches_of, blocks_of
from darkdays.sweep.plan.grid import Grid
from darkdays.sweep.plan.machine_speed import seconds as reference
from darkdays.sweep.plan.rehearsal import rehearsal
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.plan.work import Settings
from darkdays.sweep.report import merging
from darkdays.sweep.running.progress import Tally
from darkdays.sweep.running.running import Sweep
from darkdays.sweep.tasks import tasks
from darkdays.sweep.tasks.engine import engine

YEAR = 105_120


def one_study(entities: int, years: float, **grid: Any) -> tuple[Grid, Study, Settings]:
    """Return a simulated grid, its first study, and its settings."""
    stated, studies = rehearsal(entities, years, **grid)
    return stated, studies[0], Settings.of(stated, engine())


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is removed at the end."""
    prefix = "darkdays-sweep-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def timed(entities: int, years: float, workers: int, out: Path) -> tuple[float, float, float]:
    """Sweep on warm workers; return seconds, their processor time, and the largest one's bytes."""
    grid, studies = rehearsal(entities, years)
    settings = Settings.of(grid, engine())
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        sys.stderr, stderr = nowhere, sys.stderr
        try:
            with Tally() as tally, cluster.connected(None, workers) as client:
                client.run(_warm)
                before = sum(client.run(time.process_time).values())
                begun = time.monotonic()
                run = Sweep(client, studies, settings, out, tally)
                for block in run.blocks():
                    run.give(block)
                run.run()
                seconds = time.monotonic() - begun
                processor = sum(client.run(time.process_time).values()) - before
                most = max(client.run(largest).values())
        finally:
            sys.stderr = stderr
    merging.merge(run.studies.values(), out)
    return seconds, processor, most


def _warm() -> None:
    reference()
    rng = np.random.default_rng(1)
    change_points(rng.normal(size=365))


def largest() -> float:
    """Return the peak memory of this process; what it was forked from does not count."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024.0 for line in lines if line.startswith("VmHWM"))


def memory_of_tasks(folder: Path) -> tuple[float, float]:
    """Measure the peak of a process that judges, and what a sample of a block adds, bytes."""
    judging = _peak("judge", 10, folder)
    storing = {count: _peak("store", count, folder) for count in (10, 50)}
    samples = 3 * YEAR
    each = (storing[50] - storing[10]) / (40 * samples)
    base = max(judging, storing[10] - each * 10 * samples)
    return base, each


def _peak(what: str, entities: int, folder: Path) -> float:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "import sweep_timing; sweep_timing.peak_of(*sys.argv[2:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), what, str(entities), str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def peak_of(what: str, entities: str, out: str) -> None:
    """Print the peak memory of this process after one task, bytes."""
    _, study, settings = one_study(int(entities), 1.0)
    block = blocks_of(study, settings.engine)[0]
    stored = (
        tasks.store_block(block, out)
        if what == "store" or not block.path(Path(out)).exists()
        else None
    )
    if what == "judge":
        names = tuple(entity.id for entity in block.case.entities)
        for batch in batches_of(study.name, block, Path(out), names, settings):
            tasks.judge_batch(batch, out)
    assert stored is None or stored.simulated
    sys.stdout.write(str(largest()))
