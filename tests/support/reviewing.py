"""One run of a case, published and kept, for tests that check what became of it."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from darkdays.files import paths, writing
from darkdays.report.version.seal import LEDGER, MANIFEST
from darkdays.review.verify.verify import make_again


class Kept:
    """Runs a version again the first time it is asked, and hands out copies of that afterwards."""

    def __init__(self, folder):
        self.folder, self.made, self.count = folder, None, itertools.count()

    def __call__(self, folder, manifest, code, snapshots, scratch):
        if self.made is None:
            self.made = made = make_again(folder, manifest, code, snapshots, scratch)
            shutil.copytree(made.draft.folder, self.folder / "report")
        draft = self.folder / str(next(self.count)) / "report"
        shutil.copytree(self.folder / "report", draft)
        return replace(self.made, draft=replace(self.made.draft, folder=draft))


def copied(version, home):
    """Return a copy of a version that can be written to, alone in a folder of reports."""
    target = home / "reports" / version.parent.name / version.name
    shutil.copytree(version, target)
    for path in target.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return target


def forge(folder):
    """Make the manifest fit whatever the files are now, as somebody would who tampers with them."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = {
        one.relative_to(folder).as_posix(): writing.sha256(one.read_bytes())
        for one in sorted(folder.rglob("*"))
        if one.is_file() and one != path
    }
    path.write_text(writing.json_text(manifest), encoding="utf-8")
    (folder.parents[1] / LEDGER).unlink(missing_ok=True)


def contents(folder: Path):
    """Return what is in a folder, every file."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _has_history():
    words = ["git", "-C", str(paths.root()), "rev-parse", "--is-shallow-repository"]
    if shutil.which("git") is None:
        return False
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() == "false"


needs_history = pytest.mark.skipif(not _has_history(), reason="there is no whole history here")
