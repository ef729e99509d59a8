"""What of the package results depend on, and the digests that say so.

Every file of the package, of whatever ending, has one role: it *computes* numbers, verdicts and
findings; it *presents* them; or it *operates*, which is asking, running, checking, planning. A
role is that of the longest path in ``roles.toml`` that a file lies under; what lies under none
computes, so that nothing is left out by being forgotten. What computes imports nothing else but
for what ``tests/test_layout.py`` names.

Comments and docstrings of Python files move no digest (:mod:`darkdays.files.source_code`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from darkdays.files import paths
from darkdays.files.packaged import toml_of
from darkdays.files.source_code import digest_of_code

Role = Literal["computes", "presents", "operates"]

PACKAGE: Final = Path(__file__).resolve().parents[1]
SWEEPS: Final = "sweep"
"""Folder whose files matter to sweeps and not to the report of a case."""
ROLES: Final[dict[str, Role]] = toml_of("contracts/roles.toml")
COMPUTING: Final = (
    "holidays", "numba", "numpy", "pandas", "scipy", "statsmodels", "xarray",
)  # fmt: skip
"""Libraries that numbers come from."""
PRESENTING: Final = ("matplotlib", "papermill", "seaborn", "typst")
_NO_CODE: Final = ("__pycache__", "shipped")
STORING: Final = ("pyarrow", "pydantic", "zarr")
"""Libraries that sweeps keep and hand on their parts with."""


def computation_digest(package: Path = PACKAGE) -> str:
    """Hash what the numbers, verdicts and findings of a case depend on."""
    return _digest(package, {"computes"})


def code_digest(package: Path = PACKAGE, *, sweeps: bool = False) -> str:
    """Hash what the report of a case depends on, with the code of the notebooks.

    Parameters
    ----------
    package
        Folder of the package.
    sweeps
        Hash what the report of a sweep depends on.
    """
    sha = hashlib.sha256(_digest(package, {"computes", "presents"}, sweeps=sweeps).encode())
    for notebook in sorted(paths.notebooks().glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        sha.update(f"{notebook.name}\n{json.dumps(code)}\n".encode())
    return sha.hexdigest()


def task_digest(package: Path = PACKAGE) -> str:
    """Hash what the tasks of a sweep depend on."""
    return _digest(package, {"computes"}, sweeps=True)


def role_of(name: str) -> Role | None:
    """Return the role of a file by its path in the package; None where none is declared."""
    while name and name not in ROLES:
        name = name.rpartition("/")[0]
    return ROLES.get(name)


def files_of(package: Path = PACKAGE) -> Iterator[str]:
    """Go through the files of the package by their paths, without what Python and tools leave.

    Cases and data that a wheel carries are no code: reports name them by digests of their own.
    """
    for folder, folders, files in os.walk(package):
        folders[:] = [one for one in folders if not one.startswith(".") and one not in _NO_CODE]
        inside = os.path.relpath(folder, package)
        for name in files:
            if not name.startswith("."):
                yield Path(inside, name).as_posix()


def _digest(package: Path, roles: set[Role], *, sweeps: bool = False) -> str:
    names = (
        name
        for name in files_of(package)
        if (role_of(name) or "computes") in roles and (sweeps or not name.startswith(f"{SWEEPS}/"))
    )
    return digest_of_code(package, names)
