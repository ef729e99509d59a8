"""What a lint is: one trap of a Binder launch, and how to see that a repository is in it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lint:
    """One trap.

    Attributes
    ----------
    name
        What is looked at, as it should be.
    otherwise
        What happens on mybinder if it is not.
    problems
        Gives a sentence for every problem of the repository at a path.
    """

    name: str
    otherwise: str
    problems: Callable[[Path], list[str]]


def tracked(root: Path) -> list[str]:
    """Return the files of a repository by their paths in it: what a launch would get.

    Without git every file counts, but those in folders that begin with a dot.
    """
    words = ["git", "-C", str(root), "ls-files", "-z"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [name for name in done.stdout.split("\0") if name and (root / name).exists()]
    paths = (path.relative_to(root) for path in root.rglob("*") if not path.is_dir())
    return sorted(str(path) for path in paths if not path.parts[0].startswith("."))


def text_of(root: Path, name: str) -> str:
    """Return the text of a file, empty where there is none."""
    path = root / name
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
