"""What notebooks cost: the four of a run, beside the same functions called in one process.

``python benchmarks/notebook_overhead.py [--rounds 5] [--save]``. Every round runs, one after the
other and each in a fresh process:

- *functions*: fetch, detect, correlate, report, called in one process;
- *code*: the code cells of the four notebooks, by ``exec`` in one process, nothing displayed;
- *one kernel*: the four notebooks on one kernel that is kept and imports beside the parent, as
  ``darkdays run`` executes them;
- *papermill*: the same by papermill's own engine, each on a kernel of its own.

Told are the medians over the rounds, of wall time and of the processor time of a process with
all it started, and of the ratio to *functions* within a round.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from machine import machine

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "notebook_overhead.md"
CASE = "iran-2019"

_FUNCTIONS = """
import sys
from darkdays import stages
case, run = sys.argv[1:3]
for stage in (stages.fetch, stages.detect, stages.correlate, stages.report):
    stage(case, run)
"""
_CODE = """
import sys
import matplotlib
matplotlib.use("agg")
import nbformat
from darkdays.runner.run import notebooks
case, run = sys.argv[1:3]
for path in notebooks():
    names = {"display": lambda *_: None}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, path.name, "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names.update(case=case, run=run)
"""
_NOTEBOOKS = """
import sys
from pathlib import Path
from darkdays.runner.kernel import Kernel
case, run = sys.argv[1:3]
with Kernel.start() as kernel:
    from darkdays.files import paths
    from darkdays.runner.pipeline import Step, run_notebooks
    from darkdays.runner.run import notebooks
    given = {"case": case, "run": run}
    steps = [Step(path, Path(run) / "notebooks" / path.name, given) for path in notebooks()]
    run_notebooks(steps, cwd=paths.root(), kernel=kernel)
"""
_PAPERMILL = """
import sys
from pathlib import Path
import papermill
from darkdays.runner.run import notebooks
case, run = sys.argv[1:3]
for path in notebooks():
    papermill.execute_notebook(
        path, Path(run) / path.name, parameters={"case": case, "run": run},
        kernel_name="python3", progress_bar=False,
    )
"""
WAYS: dict[str, str] = {
    "functions": _FUNCTIONS,
    "code": _CODE,
    "one kernel": _NOTEBOOKS,
    "papermill": _PAPERMILL,
}


@dataclass(frozen=True)
class Cost:
    """What one run of a way took, in seconds."""

    wall: float
    processor: float


def cost_of(program: str) -> Cost:
    """Run a way in a fresh process and a fresh run folder."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", program, CASE, folder],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        wall = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Measure all ways in turn and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    cost_of(WAYS["functions"])  # the first of all reads from a cold disk
    rounds = [{name: cost_of(way) for name, way in WAYS.items()} for _ in range(stated.rounds)]
    lines = [
        "| way | wall, s | processor, s | wall beside functions | processor beside functions |",
        "| --- | ------: | -----------: | --------------------: | -------------------------: |",
    ]
    for name in WAYS:
        told = [
            statistics.median(one[name].wall for one in rounds),
            statistics.median(one[name].processor for one in rounds),
            statistics.median(one[name].wall / one["functions"].wall for one in rounds),
            statistics.median(one[name].processor / one["functions"].processor for one in rounds),
        ]
        wall, processor, beside, busy = told
        lines.append(f"| {name} | {wall:.1f} | {processor:.1f} | {beside:.2f} | {busy:.2f} |")
    text = "\n".join(lines)
    print(text)
    if stated.save:
        _, _, ways = (__doc__ or "").partition("other and each in a fresh process:\n\n")
        RESULTS.write_text(
            "# What notebooks cost\n\n"
            f"`python benchmarks/notebook_overhead.py --rounds {stated.rounds} --save`, case "
            f"{CASE}, offline, kernels of the detector compiled before.\n\n"
            f"{machine('papermill', 'ipykernel', 'numba')}\n\n{text}\n\n{ways}",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
