"""Running darkdays again in a clean process, with the network unreachable where that can be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.review.rerun.code import NAME, installed_in

# The command by whatever name the code that is run has for it.
_COMMAND: Final = (
    "import sys\n"
    "from importlib.metadata import distribution\n"
    f"named = {{'group': 'console_scripts', 'name': {NAME!r}}}\n"
    f"(command,) = distribution({NAME!r}).entry_points.select(**named)\n"
    "sys.exit(command.load()())\n"
)
_NAMESPACE: Final = ("unshare", "--map-root-user", "--net")


class RunError(DarkdaysError):
    """A run ended without a report; the sentence is its own.

    Attributes
    ----------
    exit_status
        What the run exited with.
    """

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.exit_status = status


@cache
def can_isolate() -> bool:
    """Whether a process can be given a network of its own in which nothing can be reached."""
    if sys.platform != "linux" or shutil.which(_NAMESPACE[0]) is None:
        return False
    try:
        tried = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def darkdays(
    words: Sequence[str],
    *,
    root: Path,
    interpreter: str = sys.executable,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Run a command of darkdays in a process of its own.

    Parameters
    ----------
    words
        The command.
    root, interpreter, settings
        See :func:`python`.

    Raises
    ------
    RunError
        If it does not exit with 0; the sentence is the last it said.
    """
    done = python(_COMMAND, words, root=root, interpreter=interpreter, settings=settings)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise RunError(said[-1].removeprefix("darkdays: "), done.returncode)


def python(
    program: str,
    words: Sequence[str],
    *,
    root: Path,
    interpreter: str = sys.executable,
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program with the code that a root was laid out with, and nothing of what is installed.

    Parameters
    ----------
    program, words
        The program, and its arguments.
    root
        The folder with ``cases/``, ``data/``, ``notebooks/`` and the distribution to import.
    interpreter
        Whose libraries are used.
    settings
        More of its environment; no ``DARKDAYS_`` variable of this process goes along.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DARKDAYS_")}
    environment |= {"DARKDAYS_ROOT": str(root), "PYTHONPATH": str(installed_in(root))}
    try:
        return subprocess.run(
            [*(_NAMESPACE if can_isolate() else ()), interpreter, "-P", "-c", program, *words],
            env={**environment, **(settings or {})},
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InputError(f"cannot start {interpreter}: {error.strerror}.") from None
