"""How much memory a notebook takes, in an image and within the limits of a session."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from binder.check.image import Image
from binder.check.limits import limited

# One process that looks on, as the server does, and the kernel: ordinary, as JupyterLab starts it.
_RUN: Final = """
import sys, tempfile
from pathlib import Path
from darkdays.runner.pipeline import Step, run_notebooks
notebook = Path(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    run_notebooks([Step(notebook, Path(folder) / notebook.name)], cwd=notebook.parent)
"""


@dataclass(frozen=True)
class Run:
    """One notebook, run from top to bottom.

    Attributes
    ----------
    name
        Of the notebook.
    seconds
        How long it took, with the start of its kernel.
    peak
        Most memory, bytes; None where the system does not tell.
    failed
        Why it failed, or nothing.
    """

    name: str
    seconds: float
    peak: int | None
    failed: str

    def __str__(self) -> str:
        memory = "memory not measured" if self.peak is None else f"{self.peak / 2**20:.0f} MiB"
        return f"{self.name} {self.seconds:.0f} s, {memory}"


def measured(image: Image, notebook: Path) -> Run:
    """Run a notebook within limits of its own."""
    with limited("darkdays-notebook") as limits:
        begun = time.monotonic()
        python = str(image.environment / "bin" / "python")
        done = image.run([*limits.words, python, "-c", _RUN, str(notebook)])
        lines = done.stdout.strip().splitlines()
        failed = (lines[-1] if lines else "no word") if done.returncode else ""
        return Run(notebook.stem, time.monotonic() - begun, limits.peak, failed)
