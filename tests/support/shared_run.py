"""One run of a shipped case for the whole suite: whoever needs it first makes it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from command_line import DARKDAYS, darkdays, folders
from darkdays.files import paths
from darkdays.review.rerun.isolation import can_isolate

CASE = "iran-2019"


@dataclass(frozen=True)
class SharedRun:
    """What the run left behind, to be read and copied, never written to.

    Attributes
    ----------
    case
        Its name.
    home
        Holds ``reports`` and ``runs``.
    isolated
        Whether nothing could be reached over a network meanwhile.
    stdout, stderr
        What it said, with ``--json``.
    """

    case: str
    home: Path
    isolated: bool
    stdout: str
    stderr: str

    @property
    def document(self):
        """What it printed, read anew."""
        return json.loads(self.stdout)

    @property
    def version(self):
        """The version it published."""
        return self.home / "reports" / self.case / "1.0.0"

    @property
    def page(self):
        """The page of the report."""
        return (self.version / "report.html").read_text(encoding="utf-8")

    @property
    def run(self):
        """The folder in which its stages handed on."""
        return self.home / "runs" / self.case / "0001"

    def copied_run(self, folder):
        """Return a copy of the run's folder that may be written to."""
        return shutil.copytree(self.run, folder / "run")

    def copied_reports(self, folder):
        """Return a copy of the reports that may be written to."""
        return shutil.copytree(self.home / "reports", folder / "reports", dirs_exist_ok=True)


def shared_run(base, case=CASE):
    """Return the run of this session; of all its processes, the first makes it.

    Parameters
    ----------
    base
        The base of the temporary folders of this process.
    case
        A shipped case; it is run offline, and nothing was fetched for it.
    """
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / case
    home.mkdir(exist_ok=True)
    told = home / "told.json"
    with (home / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not told.is_file():
            told.write_text(json.dumps(_made(home, case)), encoding="utf-8")
    return SharedRun(case, home, *json.loads(told.read_text(encoding="utf-8")))


def _made(home, case):
    isolated = can_isolate()
    words = ("run", case, "--offline", "--json")
    if case == CASE:  # as a person's shell starts it
        done = subprocess.run(
            [*(["unshare", "--map-root-user", "--net"] if isolated else []), *DARKDAYS, *words],
            cwd=paths.root(), env={**os.environ, **folders(home)},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    else:
        done = darkdays(*words, home=home, network=not isolated)
    assert done.returncode == 0, done.stderr
    return isolated, done.stdout, done.stderr
