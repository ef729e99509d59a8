"""Digests of what a report was made from, and the machine that happened to make it."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from darkdays import files, paths

LIBRARIES: Final = (
    "matplotlib", "numba", "numpy", "pandas", "papermill", "scipy", "seaborn", "statsmodels",
    "typst", "xarray",
)  # fmt: skip
_HEAD_OF: Final = ("git", "-C")
# How notebooks are run and checked does not bear on what they compute.
_ASIDE: Final = frozenset(
    {
        "cli",
        "cli_fetch",
        "cli_review",
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
        "review",
        "sweep",
    }
)
_SOURCES: Final = ("*.py", "*.j2", "*.typ")
# How a report looks, and what is kept beside it, moves no number.
_LOOKS: Final = frozenset(
    {
        "report/attestations.py",
        "report/carried.py",
        "report/citation.py",
        "report/compare.py",
        "report/crate.py",
        "report/executed.py",
        "report/index.py",
        "report/leaves.py",
        "report/links.py",
        "report/page.py",
        "report/pdf.py",
        "report/placing.py",
        "report/provenance.py",
        "report/publishing.py",
        "report/seal.py",
        "report/tolerance.py",
        "report/version.py",
    }
)


def code_digest() -> str:
    """Hash the modules that compute and write results, and the code of the notebooks."""
    package = Path(__file__).resolve().parents[1]
    names = _modules(package)
    sha = hashlib.sha256(files.digest_of_files(package, names).encode())
    for notebook in sorted(paths.notebooks().glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        sha.update(f"{notebook.name}\n{json.dumps(code)}\n".encode())
    return sha.hexdigest()


def computation_digest() -> str:
    """Hash the modules that numbers depend on: those of :func:`code_digest` but for the looks."""
    package = Path(__file__).resolve().parents[1]
    names = [name for name in _modules(package) if name.endswith(".py") and name not in _LOOKS]
    return files.digest_of_files(package, names)


def _modules(package: Path) -> list[str]:
    return [
        str(path.relative_to(package).as_posix())
        for pattern in _SOURCES
        for path in package.rglob(pattern)
        if path.relative_to(package).parts[0].removesuffix(".py") not in _ASIDE
    ]


def environment_digest() -> str:
    """Hash the lock every environment is made from; what was really installed is in the machine."""
    lock = paths.root() / "uv.lock"
    return files.sha256(lock.read_bytes()) if lock.is_file() else "no lock"


def machine() -> dict[str, Any]:
    """Return what a re-execution may differ in: Python, processor, versions, and the commit."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": platform.system(),
        "processor": platform.machine(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "commit": _commit(),
    }


def _commit() -> str | None:
    """Return the commit that is checked out, a hint where to look for the code; None without."""
    root = paths.root()
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(
            [*_HEAD_OF, str(root), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() or None
