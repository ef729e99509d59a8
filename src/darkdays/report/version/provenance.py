"""Digests of what a report was made from, and the machine that happened to make it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from darkdays.contracts.code import COMPUTING, PRESENTING
from darkdays.contracts.code import code_digest as code_digest
from darkdays.contracts.code import computation_digest as computation_digest
from darkdays.files import paths, writing

_HEAD_OF: Final = ("git", "-C")


def environment_digest() -> str:
    """Hash the lock every environment is made from; what was really installed is in the machine."""
    lock = paths.of_this_code() / "uv.lock"
    return writing.sha256(lock.read_bytes()) if lock.is_file() else "no lock"


def machine() -> dict[str, Any]:
    """Return what a re-execution may differ in: Python, processor, versions, and the commit."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": platform.system(),
        "processor": platform.machine(),
        "libraries": {name: metadata.version(name) for name in sorted((*COMPUTING, *PRESENTING))},
        "commit": _commit(),
    }


def _commit() -> str | None:
    """Return the commit that is checked out, a hint where to look for the code; None without."""
    root = paths.of_this_code()
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(
            [*_HEAD_OF, str(root), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
            env=trusting(root),
        )
    except OSError:
        return None
    return done.stdout.strip() or None


def trusting(root: Path) -> dict[str, str]:
    """Return an environment in which git reads this checkout, whoever its folder belongs to.

    Its code is running already; and where a folder is another user's, as in a container, git
    would read nothing.
    """
    stated = {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": str(root.resolve())}
    return {**os.environ, **{f"GIT_CONFIG_{name}": value for name, value in stated.items()}}
