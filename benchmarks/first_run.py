"""What a newcomer waits for, here and in another checkout, side by side in one run.

``python benchmarks/first_run.py [--beside REVISION] [--python python3.13] [--save]`` clones the
repository at its commit, and at the other revision, and types in each what the README says. Parts
alternate between the two, so that a machine that is busy for a while is busy for both. Packages
come from pip's cache where it has them, as it has from the second time on; ``--cold`` takes none.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from machine import machine
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "first_run.md"
RUN = [".venv/bin/darkdays", "run", "iran-2019"]
HELP = [".venv/bin/darkdays", "--help"]
Seconds = NDArray[np.float64]


class Checkout:
    """A clone in a folder of its own, whose machine code is its own too."""

    def __init__(self, revision: str, folder: Path, python: str, *, cold: bool) -> None:
        self.revision, self.folder = revision, folder
        kept = {name: one for name, one in os.environ.items() if not name.startswith("DARKDAYS_")}
        self.settings = {**kept, "NUMBA_CACHE_DIR": str(folder / "kernels")}
        self.settings |= {"PIP_NO_CACHE_DIR": "1"} if cold else {}
        self.make = ["make", f"PYTHON={python}"]

    def clone(self) -> Seconds:
        """Clone this repository at the revision."""
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(self.folder)]
        return self.seconds(clone, ROOT) + self.seconds(["git", "checkout", "-q", self.revision])

    def seconds(self, words: list[str], folder: Path | None = None) -> Seconds:
        """Run a command, which ends all if it fails; return wall and processor time."""
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            words, cwd=folder or self.folder, env=self.settings, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed at {self.revision}:\n{done.stdout}")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        return np.array([time.perf_counter() - begun, busy])

    def megabytes(self, name: str) -> float:
        """Return what a folder takes on disk."""
        found = self.folder.glob(f"{name}/**/*")
        return sum(512 * one.lstat().st_blocks for one in found if not one.is_dir()) / 1e6

    def newest_page(self) -> float:
        """Return the size of the page of the last report."""
        pages = self.folder.glob("reports/iran-2019/*/report.html")
        return max(pages, key=lambda page: page.stat().st_mtime).stat().st_size / 1e6


def measured(checkouts: list[Checkout]) -> Iterator[tuple[str, list[str]]]:
    """Measure part by part, each in one checkout after the other.

    Yields
    ------
    tuple
        What, and its value in each checkout: a size, or wall and processor time.
    """
    yield "clone, from this machine, s", [_told(one.clone()) for one in checkouts]
    installed = [one.seconds([*one.make, ".venv/run"]) for one in checkouts]
    reported = [one.seconds([*one.make, "report"]) for one in checkouts]
    both = [first + then for first, then in zip(installed, reported, strict=True)]
    yield "`make report` in a cold clone, s", [*map(_told, both)]
    yield "of which: installing, s", [*map(_told, installed)]
    yield "of which: the run, s", [*map(_told, reported)]
    for what, words, times in (("`darkdays run iran-2019` again", RUN, 3), ("`--help`", HELP, 9)):
        rounds = [[one.seconds(words) for one in checkouts] for _ in range(times)]
        yield f"{what}, median of {times}, s", [*map(_told, np.median(rounds, axis=0))]
        yield f"{what}, least of {times}, s", [*map(_told, np.min(rounds, axis=0))]
    for name, what in ((".venv", "`.venv`"), ("kernels", "machine code")):
        yield f"{what}, MB", [f"{one.megabytes(name):.0f}" for one in checkouts]
    yield "`report.html`, MB", [f"{one.newest_page():.2f}" for one in checkouts]


def _told(seconds: Seconds) -> str:
    return " / ".join(f"{one:.2f}" for one in seconds)


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--beside", metavar="REVISION", help="another commit of this repository")
    parser.add_argument("--python", default=sys.executable, help="the interpreter to start from")
    parser.add_argument("--cold", action="store_true", help="take nothing from pip's cache")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    revisions = [name for name in ("HEAD", stated.beside) if name]
    commits = [
        subprocess.check_output(["git", "rev-parse", "--short", name], cwd=ROOT, text=True).strip()  # noqa: S607
        for name in revisions
    ]
    with tempfile.TemporaryDirectory() as scratch:
        checkouts = [
            Checkout(commit, Path(scratch) / str(number), stated.python, cold=stated.cold)
            for number, commit in enumerate(commits)
        ]
        rows = list(measured(checkouts))
    lines = [f"| | {' | '.join(commits)} |", "| --- |" + " ---: |" * len(commits)]
    lines += [f"| {what} | {' | '.join(values)} |" for what, values in rows]
    text = "\n".join(lines)
    print(text)
    if stated.save:
        command = "python benchmarks/first_run.py" + " --cold" * stated.cold
        command += f" --beside {commits[1]}" if stated.beside else ""
        RESULTS.write_text(
            "# From a cold clone to a report\n\n"
            f"`{command} --save`\n\nTimes are wall / processor.\n\n"
            f"{machine('numba', 'papermill')}\n\n{text}\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
