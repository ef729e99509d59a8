"""Digests of what a report was made from, and the machine that happened to make it."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from darkdays import files, paths

LIBRARIES: Final = ("matplotlib", "numpy", "pandas", "papermill", "scipy", "seaborn", "xarray")
# How notebooks are run and checked does not bear on what they compute.
_ASIDE: Final = frozenset(
    {
        "cli",
        "cli_fetch",
        "cli_snapshot",
        "cli_sweep",
        "engine",
        "fetching",
        "kernels",
        "lean",
        "nbcheck",
        "nursery",
        "parameters",
        "pipeline",
        "progress",
        "sweep",
    }
)


def code_digest() -> str:
    """Hash the modules that compute and write results, and the code of the notebooks."""
    package = Path(__file__).resolve().parents[1]
    names = [
        str(path.relative_to(package).as_posix())
        for pattern in ("*.py", "*.j2")
        for path in package.rglob(pattern)
        if path.relative_to(package).parts[0].removesuffix(".py") not in _ASIDE
    ]
    sha = hashlib.sha256(files.digest_of_files(package, names).encode())
    for notebook in sorted(paths.notebooks().glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        sha.update(f"{notebook.name}\n{json.dumps(code)}\n".encode())
    return sha.hexdigest()


def environment_digest() -> str:
    """Hash the lock every environment is made from; what was really installed is in the machine."""
    lock = paths.root() / "uv.lock"
    return files.sha256(lock.read_bytes()) if lock.is_file() else "no lock"


def machine() -> dict[str, Any]:
    """Return what a re-execution may differ in: Python, processor kind, library versions."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": platform.system(),
        "processor": platform.machine(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }
