"""Which Pythons on this machine could run a study, and with which versions of libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from darkdays.contracts.code import COMPUTING, PRESENTING
from darkdays.files import paths

_ASK: Final = (
    "import json, platform, sys\n"
    "from importlib import metadata\n"
    "def version(name):\n"
    "    try:\n"
    "        return metadata.version(name)\n"
    "    except metadata.PackageNotFoundError:\n"
    "        return None\n"
    "print(json.dumps([platform.python_version(), {n: version(n) for n in sys.argv[1:]}]))\n"
)
_SECONDS: Final = 30


@dataclass(frozen=True)
class Interpreter:
    """A Python that has what a study needs.

    Attributes
    ----------
    path
        Of the interpreter.
    python
        Its version.
    libraries
        Versions of the libraries it would use.
    """

    path: str
    python: str
    libraries: dict[str, str]

    @property
    def versions(self) -> dict[str, str]:
        """All versions by name, ``python`` among them."""
        return {"python": self.python, **self.libraries}


def interpreters(more: Sequence[str] = ()) -> list[Interpreter]:
    """Return this interpreter and those of environments beside it, each version once.

    Environments are folders whose name begins with ``.venv`` in the checkout, such as
    ``make VENV=.venv-3.12 PYTHON=python3.12 .venv-3.12/run`` makes.

    Parameters
    ----------
    more
        Paths of further interpreters.
    """
    found: dict[str, Interpreter] = {}
    for path in [sys.executable, *more, *_beside()]:
        one = ask(path)
        if one is not None:
            found.setdefault(json.dumps(one.versions), one)
    return list(found.values())


@cache
def ask(path: str) -> Interpreter | None:
    """Return what an interpreter has, None if it does not start or lacks a library."""
    try:
        done = subprocess.run(
            [path, "-P", "-c", _ASK, *sorted((*COMPUTING, *PRESENTING))],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        python, libraries = json.loads(done.stdout)
    except (OSError, ValueError, TypeError, subprocess.TimeoutExpired):
        return None
    return None if None in libraries.values() else Interpreter(path, python, libraries)


def _beside() -> Iterator[str]:
    for folder in sorted(paths.of_this_code().glob(".venv*")):
        python = folder / "bin" / "python"
        if python.is_file():
            yield str(python)
