"""What a newcomer waits for: from a cold clone to an open report, and where the time goes.

``python benchmarks/first_run.py [--python python3.13] [--save]`` clones the repository at its
commit, types ``make report`` there in steps, and opens the report in Chromium, if there is one.
Packages come from the index pip is set to; ``--cold`` takes none from pip's cache.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from machine import machine

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "first_run.md"
CASE = "iran-2019"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Costs:
    """Wall and processor seconds, a row a part."""

    rows: list[tuple[str, float, float | None]] = field(default_factory=list)

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """Measure what runs inside, in processes of its own."""
        before, begun = _processor(), time.time()
        yield
        self.rows.append((part, time.time() - begun, _processor() - before))

    def table(self) -> str:
        """Return the rows, and their sum, in Markdown."""
        lines = ["| part | wall, s | processor, s |", "| --- | ------: | -----------: |"]
        for part, wall, processor in self.rows:
            lines.append(
                f"| {part} | {wall:.1f} | {'' if processor is None else f'{processor:.1f}'} |"
            )
        whole = [(wall, busy) for _, wall, busy in self.rows if busy is not None]
        walls, busy = (sum(one) for one in zip(*whole, strict=True))
        return "\n".join([*lines, f"| all | {walls:.1f} | {busy:.1f} |"])


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(words: list[str], folder: Path, **variables: str) -> str:
    """Run a command and return what it printed; end with its words if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DARKDAYS_")}
    done = subprocess.run(
        words,
        cwd=folder,
        env={**kept, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}")
    return done.stdout


def parts_of_the_run(folder: Path, begun: float, ended: float) -> list[tuple[str, float]]:
    """Split the run by the times papermill keeps in the executed notebooks.

    Returns
    -------
    list
        Names and wall seconds: what was needed before the first notebook, kernels and everything
        else between cells, the cells of analysis and of rendering, and what came after.
    """
    cells = {"analysis": 0.0, "rendering": 0.0}
    first, last = ended, begun
    for path in sorted(folder.glob("*/notebooks/*.ipynb")):
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        whole = notebook["metadata"]["papermill"]
        first, last = (
            min(first, _moment(whole["start_time"])),
            max(last, _moment(whole["end_time"])),
        )
        kind = "rendering" if path.name.startswith("4-") else "analysis"
        cells[kind] += sum(
            float(cell["metadata"]["papermill"]["duration"] or 0.0)
            for cell in notebook["cells"]
            if "papermill" in cell["metadata"]
        )
    return [
        ("of which: start of the command", first - begun),
        ("of which: kernels, and between cells", last - first - sum(cells.values())),
        ("of which: cells of analysis (1-fetch to 3-correlate)", cells["analysis"]),
        ("of which: cells of rendering (4-report)", cells["rendering"]),
        ("of which: publishing", ended - last),
    ]


def _moment(text: str) -> float:
    moment = dt.datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to start from")
    parser.add_argument("--cold", action="store_true", help="take nothing from pip's cache")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    costs = Costs()
    variables = {"PIP_NO_CACHE_DIR": "1"} if stated.cold else {}
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "darkdays"
        with costs.of("clone, from this machine"):
            run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], Path(name))
        kernels = str(clone / "kernels")  # not what another checkout compiled
        make = ["make", f"PYTHON={stated.python}"]
        with costs.of("install: the packages of locks/run.txt"):
            run([*make, "COMPILE=true", ".venv/packages-run"], clone, **variables)
        with costs.of("install: bytecode"):
            words = [".venv/bin/python", "-m", "compileall", "-qq", "-j", "0", ".venv/lib", "src"]
            subprocess.run(words, cwd=clone, capture_output=True, check=False)
        with costs.of("install: the project"):
            run([*make, ".venv/run"], clone, **variables)
        with costs.of("compile: kernels of the detector"):
            said = run([*make, ".venv/kernels"], clone, NUMBA_CACHE_DIR=kernels)
        begun = time.time()
        with costs.of("run: make report"):
            run([*make, "report"], clone, NUMBA_CACHE_DIR=kernels)
        ended = time.time()
        split = parts_of_the_run(clone / "runs" / CASE, begun, ended)
        costs.rows += [(part, seconds, None) for part, seconds in split]
        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser:
            pages = sorted((clone / "reports" / CASE).glob("*/report.html"), key=_version)
            words = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=1"]
            with costs.of("open the report in Chromium"):
                run([browser, *words, "--dump-dom", pages[-1].as_uri()], clone)
    text = costs.table()
    print(text)
    if stated.save:
        cold = " --cold" if stated.cold else ""
        found = re.match(r"\d+ kernels", said)
        RESULTS.write_text(
            "# From a cold clone to an open report\n\n"
            f"`python benchmarks/first_run.py{cold} --save`, {found[0] if found else 'no kernel'} "
            f"compiled.\n\n{machine('numba', 'papermill')}\n\n{text}\n\n"
            "Processor time is that of all processes; where it is far below wall time, the machine "
            "was busy with something else or waited for the network. The parts of the run are wall "
            "times and are no part of the sum.\n",
            encoding="utf-8",
        )


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parent.name.split("."))


if __name__ == "__main__":
    main()
