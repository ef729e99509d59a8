"""One run of the case iran-2019 for the whole suite: whoever needs it first makes it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from command_line import DARKDAYS
from darkdays.files import paths
from darkdays.review.rerun.isolation import can_isolate

CASE = "iran-2019"


@dataclass(frozen=True)
class SharedRun:
    """What the run left behind, to be read and copied, never written to.

    Attributes
    ----------
    home
        Holds ``reports`` and ``runs``.
    isolated
        Whether nothing could be reached over a network meanwhile.
    stdout, stderr
        What it said, with ``--json``.
    """

    home: Path
    isolated: bool
    stdout: str
    stderr: str

    @property
    def version(self):
        """The version it published."""
        return self.home / "reports" / CASE / "1.0.0"

    @property
    def run(self):
        """The folder in which its stages handed on."""
        return self.home / "runs" / CASE / "0001"

    def copied_run(self, folder):
        """Return a copy of the run's folder that may be written to."""
        return shutil.copytree(self.run, folder / "run")

    def copied_reports(self, folder):
        """Return a copy of the reports that may be written to."""
        return shutil.copytree(self.home / "reports", folder / "reports")


def shared_run(base):
    """Return the run of this session; of all its processes, the first makes it.

    Parameters
    ----------
    base
        The base of the temporary folders of this process.
    """
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / CASE
    home.mkdir(exist_ok=True)
    told = home / "told.json"
    with (home / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not told.is_file():
            told.write_text(json.dumps(_made(home)), encoding="utf-8")
    return SharedRun(home, *json.loads(told.read_text(encoding="utf-8")))


def _made(home):
    isolated = can_isolate()
    done = subprocess.run(
        [
            *(["unshare", "--map-root-user", "--net"] if isolated else []),
            *DARKDAYS, "run", CASE, "--offline", "--json",
            "--reports", home / "reports", "--runs", home / "runs",
        ],
        cwd=paths.root(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return isolated, done.stdout, done.stderr
