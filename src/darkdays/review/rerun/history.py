"""The code a version was made with, found in the history of this checkout."""

from __future__ import annotations

import os
import stat
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from darkdays.files import paths
from darkdays.report.version.provenance import code_digest
from darkdays.review.rerun.code import NAME, Code, install, this_code
from darkdays.review.rerun.isolation import python

_PARTS: Final = ("src", "notebooks", "cases", "data", "uv.lock", "pyproject.toml")
_NEEDED: Final = frozenset({"src", "notebooks", "cases", "pyproject.toml"})
_GIT: Final = ("git", "-C")
_ANCESTORS: Final = 3
_ASK_DIGEST: Final = (
    "import importlib, sys; print(importlib.import_module(sys.argv[1]).code_digest(), end='')"
)
_ASKED: Final = "provenance.py"


def find_code(manifest: Mapping[str, Any], scratch: Path) -> Code | None:
    """Return the code a report was made with, None if it is not in this checkout or its history.

    Looked at are this checkout, the commit the report names, those that brought the report and a
    few before each; whether a commit holds the code, its own code is asked.

    Parameters
    ----------
    manifest
        Of a version, wherever that lies.
    scratch
        Folder to lay earlier commits out in where the user's cache cannot keep them.
    """
    wanted = manifest["digests"]["code"]
    if wanted == code_digest():
        return this_code()
    shelf = _shelf(scratch)
    for commit in _commits(manifest):
        tree = shelf / commit[:16]
        if _laid_out(commit, tree) and _digest_in(tree) == wanted:
            return Code(tree, tree / "src")
    return None


def _commits(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Go through commits that may hold the code, the likeliest first: ancestors come after."""
    named = manifest.get("machine", {}).get("commit")
    stored = f":(literal)reports/{manifest['case']}/{manifest['version']}/manifest.json"
    brought = _git("log", "--format=%H", "--", stored)
    lines = [
        (_git("rev-list", f"--max-count={_ANCESTORS}", start) or "").split()
        for start in [named, *(brought or "").split()]
        if isinstance(start, str) and start.isalnum()
    ]
    yield from dict.fromkeys(one for same in zip_longest(*lines) for one in same if one)


def _laid_out(commit: str, tree: Path) -> bool:
    """Lay out a commit if it is not there yet, whole or not at all; whether it could be."""
    if tree.is_dir():
        return True
    there = (_git("ls-tree", "--name-only", commit) or "").split()
    parts = [name for name in _PARTS if name in there]
    if not {*parts} >= _NEEDED:
        return False
    archive = _git_bytes("archive", "--format=tar", commit, "--", *parts)
    if archive is None:
        return False
    tree.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=tree.parent) as partial:
        whole = Path(partial) / tree.name
        with tarfile.open(fileobj=BytesIO(archive)) as packed:
            packed.extractall(whole, filter="data")
        with suppress(OSError):  # another process was faster
            whole.rename(tree)
    return tree.is_dir()


def _shelf(scratch: Path) -> Path:
    """Return the folder of the user's cache for earlier code, a scratch folder if that is none.

    There, what numba compiles beside the sources is compiled once.
    """
    with suppress(OSError, RuntimeError):  # not writable; nobody's home
        stated = os.environ.get("XDG_CACHE_HOME")
        folder = (Path(stated) if stated else Path.home() / ".cache") / NAME / "code"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        # What lies there is executed: a folder others can write to is as none.
        if not folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return folder
    return scratch / "code"


@cache
def _digest_in(tree: Path) -> str:
    """Ask the code of a tree for its digest, wherever in its house it keeps the module."""
    code = Code(tree, tree / "src")
    for path in sorted((code.package / NAME / "report").rglob(_ASKED)):
        module = ".".join(path.relative_to(code.package).with_suffix("").parts)
        with tempfile.TemporaryDirectory(prefix="darkdays-code-") as scratch:
            install(code, Path(scratch))
            where = {"DARKDAYS_ROOT": str(tree)}
            return python(_ASK_DIGEST, [module], root=Path(scratch), settings=where).stdout
    return ""


def _git(*words: str) -> str | None:
    output = _git_bytes(*words)
    return None if output is None else output.decode("utf-8", "replace")


def _git_bytes(*words: str) -> bytes | None:
    try:
        done = subprocess.run([*_GIT, str(paths.root()), *words], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
