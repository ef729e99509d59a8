"""What mybinder would get of this repository: a clone of a commit, or a Zenodo archive of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

_NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "nobody"), ("EMAIL", "nobody@localhost"))
}


def git(root: Path, *words: str) -> str:
    """Run git in a folder and return what it prints.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = ["git", "-C", str(root), *words]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **_NOBODY},
    )
    return done.stdout.strip()


def commit_of(root: Path) -> tuple[str, bool]:
    """Return a commit of the files as they are, and whether that is more than what is committed.

    Changes of tracked files are in it, without touching the branch, the index or a file.
    """
    stashed = git(root, "stash", "create")
    return stashed or git(root, "rev-parse", "HEAD"), bool(stashed)


def clone(root: Path, commit: str, target: Path) -> None:
    """Clone a repository at a commit, as mybinder does of one on GitHub."""
    git(root, "clone", "--quiet", "--no-checkout", "--no-hardlinks", str(root), str(target))
    git(target, "fetch", "--quiet", str(root), commit)
    git(target, "checkout", "--quiet", "FETCH_HEAD")


def from_archive(root: Path, commit: str, target: Path) -> None:
    """Unpack an archive of a commit, as repo2docker does of the one Zenodo keeps of a release.

    The archive is what GitHub makes: everything in one folder. repo2docker unpacks it with
    ``ZipFile.extractall``, which makes text files of links and forgets permissions, and moves
    the folder's content up.
    """
    unpacked = target.with_name(target.name + "-unpacked")
    archive = target.with_name(target.name + ".zip")
    prefix = f"darkdays-darkdays-{commit[:7]}/"
    git(root, "archive", "--format=zip", f"--prefix={prefix}", f"--output={archive}", commit)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(unpacked)
    shutil.move(unpacked / prefix.rstrip("/"), target)
    shutil.rmtree(unpacked)
    archive.unlink()
