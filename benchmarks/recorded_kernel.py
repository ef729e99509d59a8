"""A pytest plugin: what a kernel answered to the same code is replayed, never run twice.

Most tamperings leave the code of a notebook as it is, and then a run gives the same answers every
time; only a notebook with other code gets a kernel. The folder ``RECORDED_ANSWERS`` names keeps
what kernels answered, for all workers.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from darkdays.nbcheck import kernel


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Put the recorded runs between nbcheck and the kernels it starts."""
    folder = Path(os.environ["RECORDED_ANSWERS"])
    run = kernel.run

    def recorded(notebook: Any, *words: Any, **options: Any) -> kernel.Run:
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        asked = repr((code, sorted(options["skipped"])))
        path = folder / hashlib.sha256(asked.encode()).hexdigest()
        if not path.exists():
            partial = path.with_suffix(f".{os.getpid()}")
            partial.write_bytes(pickle.dumps(run(notebook, *words, **options)))
            partial.replace(path)
        found: kernel.Run = pickle.loads(path.read_bytes())  # noqa: S301 - written above
        kinds = [cell.cell_type for cell in notebook.cells]
        ran = iter([cell for cell in found.cells if cell.cell_type == "code"])
        found.cells = [next(ran) if kind == "code" else None for kind in kinds]
        return found

    kernel.run = recorded
