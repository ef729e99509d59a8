"""The command line as a person calls it: a process of its own for every command.

To import the command line takes longer than most commands do. One process of this session imports
it, and every command is forked from that: with a memory, a folder, an environment and an exit of
its own. What an interpreter reads as it starts (``PYTHONPATH``, its hash seed, its locale) can be
tested with `program` alone.
"""

from __future__ import annotations

import atexit
import ctypes
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from darkdays.files import paths

DARKDAYS = [sys.executable, "-c", "from darkdays.cli.main import main; main()"]
LONGEST = 600  # seconds, on a busy machine
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # flags of unshare(2)
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        "darkdays.cli.main",
        "darkdays.cli.progress",
        "darkdays.runner.run",
        "darkdays.runner.engine",
        "darkdays.stages",
        "papermill",
        "pytest",
    ]
)


@cache
def _namespaces():
    words = ["unshare", "--map-root-user", "--net", "true"]
    if shutil.which(words[0]) is None:
        return False
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


needs_namespaces = pytest.mark.skipif(
    not _namespaces(), reason="this system allows no network namespaces"
)


def darkdays(*words, cwd=None, home=None, network=True, **environment):
    """Run a command.

    Parameters
    ----------
    cwd
        Where, the root of the repository if not given.
    home
        What it writes goes below this folder, if given.
    network
        Whether anything can be reached, this machine included.
    **environment
        More variables.
    """
    changes = {**({} if home is None else folders(home)), **environment}
    with tempfile.TemporaryDirectory() as scratch:
        out, err = (Path(scratch) / name for name in ("out", "err"))
        process = _processes.Process(
            target=_command,
            args=(
                tuple(map(str, words)), str(cwd or paths.root()), {**os.environ, **changes},
                network, str(out), str(err),
            ),
        )  # fmt: skip
        process.start()
        process.join(LONGEST)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(process.name, LONGEST)
        said = [path.read_text(encoding="utf-8") for path in (out, err)]
        done = subprocess.CompletedProcess(words, process.exitcode, *said)
        process.close()
    return done


def program(*words, cwd=None, **environment):
    """Run a command in an interpreter that starts anew, with more variables."""
    return subprocess.run(
        [*DARKDAYS, *map(str, words)],
        cwd=cwd or paths.root(),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def folders(home):
    """Return the variables by which everything a command writes goes below a folder."""
    names = ("SNAPSHOTS", "RUNS", "REPORTS")
    return {
        **{f"DARKDAYS_{name}": str(home / name.lower()) for name in names},
        "XDG_CONFIG_HOME": str(home / "settings"),
    }


def _command(words, cwd, environment, network, out, err):
    atexit._clear()  # what was registered before is not this process's to do
    for number, path in enumerate((out, err), start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    if not network:
        _leave_the_network()
    sys.argv = ["darkdays", *words]
    from darkdays.cli.main import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()


def _leave_the_network():
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "cannot leave the network")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
