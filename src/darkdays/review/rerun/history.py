"""The code a version was made with, found in the history of this checkout."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from darkdays.files import paths
from darkdays.report.version.provenance import code_digest, trusting
from darkdays.report.version.seal import LEDGER
from darkdays.review.rerun.code import NAME, Code, install, this_code
from darkdays.review.rerun.isolation import python

_PARTS: Final = ("src", "notebooks", "cases", "data", "uv.lock", "pyproject.toml")
_NEEDED: Final = frozenset({"src", "notebooks", "cases", "pyproject.toml"})
# What a fetched ref says stands for a commit is not believed.
_GIT: Final = ("git", "--no-replace-objects", "-C")
_ANCESTORS: Final = 3
_ASK_DIGEST: Final = (
    "import importlib, sys; print(importlib.import_module(sys.argv[1]).code_digest(), end='')"
)
_DEFINED: Final = "\ndef code_digest("


def find_code(
    manifest: Mapping[str, Any], scratch: Path, trusted: Sequence[str] = ()
) -> Code | None:
    """Return the code a report was made with, None if it is not in this checkout or its history.

    Looked at are this checkout, the commit the report names, those that brought the report and a
    few before each; of these only what HEAD, or a ref that is trusted, descends from. Whether such
    a commit holds the code, its own code is asked, out of reach of the network.

    Parameters
    ----------
    manifest
        Of a version, wherever that lies.
    scratch
        Folder to lay earlier commits out in; the one that is it goes to the user's cache.
    trusted
        Branches, tags or commits besides HEAD.
    """
    wanted = manifest["digests"]["code"]
    if wanted == code_digest():
        return this_code()
    if not wanted.isalnum():
        return None
    kept = _shelf(scratch) / wanted[:16]
    if kept.is_dir() and _digest_in(kept) == wanted:
        return Code(kept, kept / "src")
    for commit in _commits(manifest, ("HEAD", *trusted)):
        tree = scratch / commit[:16]
        if _laid_out(commit, tree) and _digest_in(tree) == wanted:
            tree = _keep(tree, kept)
            return Code(tree, tree / "src")
    return None


def vouched(name: str, digest: str, trusted: Sequence[str] = ()) -> bool:
    """Whether the history of this checkout lists a manifest, by its path below ``reports/``.

    Parameters
    ----------
    name, digest
        Path and SHA-256 of the manifest.
    trusted
        Branches, tags or commits besides HEAD.
    """
    line = f"{digest}  {name}".encode()
    return any(
        line in _git("show", f"{ref}:reports/{LEDGER}").splitlines() for ref in ("HEAD", *trusted)
    )


def holds_this_code(commit: str) -> bool:
    """Whether a commit holds the package as HEAD does."""
    if not commit.isalnum():
        return False
    here, there = (_git("rev-parse", f"{ref}:src/{NAME}") for ref in ("HEAD", commit))
    return bool(here) and here == there


def _commits(manifest: Mapping[str, Any], trusted: Sequence[str]) -> Iterator[str]:
    """Go through commits that may hold the code, the likeliest first: ancestors come after."""
    refs = [one for one in trusted if not one.startswith("-")]
    history = set(_git("rev-list", *refs, "--").decode().split())
    named = manifest.get("machine", {}).get("commit")
    stored = f":(literal)reports/{manifest['case']}/{manifest['version']}/manifest.json"
    brought = _git("log", "--format=%H", "--", stored)
    lines = [
        _git("rev-list", f"--max-count={_ANCESTORS}", start).decode().split()
        for start in [named, *brought.decode().split()]
        if isinstance(start, str) and start in history
    ]
    yield from dict.fromkeys(one for same in zip_longest(*lines) for one in same if one)


def _laid_out(commit: str, tree: Path) -> bool:
    """Lay out a commit if it is not there yet; whether it could be."""
    if tree.is_dir():
        return True
    there = _git("ls-tree", "--name-only", commit).decode("utf-8", "replace").split()
    parts = [name for name in _PARTS if name in there]
    if not {*parts} >= _NEEDED:
        return False
    archive = _git("archive", "--format=tar", commit, "--", *parts)
    if not archive:
        return False
    tree.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(archive)) as packed:
        packed.extractall(tree, filter="data")
    return True


def _keep(tree: Path, kept: Path) -> Path:
    """Copy a tree to where it is kept, whole or not at all; return where it is now."""
    try:
        shutil.rmtree(kept, ignore_errors=True)  # what is there is not this code any more
        with tempfile.TemporaryDirectory(prefix=".", dir=kept.parent) as partial:
            whole = shutil.copytree(tree, Path(partial) / kept.name)
            whole.rename(kept)
    except OSError:  # no room for it, or another process was faster
        return tree
    return kept


def _shelf(scratch: Path) -> Path:
    """Return the folder of the user's cache for earlier code, a scratch folder if that is none.

    There, what numba compiles beside the sources is compiled once.
    """
    with suppress(OSError, RuntimeError):  # not writable; nobody's home
        stated = os.environ.get("XDG_CACHE_HOME")
        folder = (Path(stated) if stated else Path.home() / ".cache") / NAME / "history"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        # What lies there is executed: a folder others can write to is as none.
        if not folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return folder
    folder = scratch / "kept"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _digest_in(tree: Path) -> str:
    """Ask the code of a tree for its digest, wherever in its house it keeps the module."""
    code = Code(tree, tree / "src")
    for path in sorted((code.package / NAME).rglob("*.py")):
        if _DEFINED not in path.read_text(encoding="utf-8"):
            continue
        module = ".".join(path.relative_to(code.package).with_suffix("").parts)
        with tempfile.TemporaryDirectory(prefix="darkdays-code-") as scratch:
            install(code, Path(scratch))
            where = {"DARKDAYS_ROOT": str(tree)}
            return python(_ASK_DIGEST, [module], root=Path(scratch), settings=where).stdout
    return ""


def _git(*words: str) -> bytes:
    """Return what git prints, nothing where it fails."""
    root = paths.of_this_code()
    try:
        done = subprocess.run(
            [*_GIT, str(root), *words], capture_output=True, check=False, env=trusting(root)
        )
    except OSError:
        return b""
    return done.stdout if done.returncode == 0 else b""
