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

_COMMAND: Final = ("-c", "from darkdays.cli.main import main; main()")
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
    package: Path | None = None,
    python: str = sys.executable,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Run a command of darkdays in a process of its own.

    Parameters
    ----------
    words
        The command.
    root
        The folder with ``cases/``, ``data/`` and ``notebooks/``.
    package
        Folder of the package to run instead of the one that is installed.
    python
        The interpreter.
    settings
        More of its environment; no ``DARKDAYS_`` variable of this process goes along.

    Raises
    ------
    RunError
        If it does not exit with 0; the sentence is the last it said.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DARKDAYS_")}
    environment |= {"DARKDAYS_ROOT": str(root), **(settings or {})}
    if package is not None:
        environment["PYTHONPATH"] = str(package)
    try:
        done = subprocess.run(
            [*(_NAMESPACE if can_isolate() else ()), python, "-P", *_COMMAND, *words],
            env=environment,
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InputError(f"cannot start {python}: {error.strerror}.") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise RunError(said[-1].removeprefix("darkdays: "), done.returncode)
