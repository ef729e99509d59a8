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

from darkdays.files import paths, writing

LIBRARIES: Final = (
    "matplotlib", "numba", "numpy", "pandas", "papermill", "scipy", "seaborn", "statsmodels",
    "typst", "xarray",
)  # fmt: skip
_HEAD_OF: Final = ("git", "-C")
# How notebooks are run and checked does not bear on what they compute.
_ASIDE: Final = frozenset(
    {
        "cli",
        "nbcheck",
        "review",
        "runner",
        "sweep",
    }
)
_SOURCES: Final = ("*.py", "*.j2", "*.typ")
# How a report looks, and what is kept beside it, moves no number.
_LOOKS: Final = frozenset(
    {
        "report/version/attestations.py",
        "report/version/inputs_copy.py",
        "report/version/citation.py",
        "report/version/compare.py",
        "report/version/crate.py",
        "report/page/executed.py",
        "report/page/index.py",
        "report/version/json_values.py",
        "report/page/links.py",
        "report/page/page.py",
        "report/page/pdf.py",
        "report/version/version_folder.py",
        "report/version/provenance.py",
        "report/version/publishing.py",
        "report/version/seal.py",
        "report/findings/tolerance.py",
        "report/version/version.py",
    }
)


def code_digest() -> str:
    """Hash the modules that compute and write results, and the code of the notebooks."""
    package = Path(__file__).resolve().parents[2]
    names = _modules(package)
    sha = hashlib.sha256(writing.digest_of_files(package, names).encode())
    for notebook in sorted(paths.notebooks().glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        sha.update(f"{notebook.name}\n{json.dumps(code)}\n".encode())
    return sha.hexdigest()


def computation_digest() -> str:
    """Hash the modules that numbers depend on: those of :func:`code_digest` but for the looks."""
    package = Path(__file__).resolve().parents[2]
    names = [name for name in _modules(package) if name.endswith(".py") and name not in _LOOKS]
    return writing.digest_of_files(package, names)


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
    return writing.sha256(lock.read_bytes()) if lock.is_file() else "no lock"


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
