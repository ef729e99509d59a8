"""A folder to run a study in, put together from a report: its case, its data, somebody's code."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from darkdays.case import case as cases
from darkdays.case.file import LARGEST as LARGEST_CASE
from darkdays.errors import DarkdaysError
from darkdays.files import bounded, paths, writing
from darkdays.report.version.inputs_copy import CASE, ENVELOPE
from darkdays.report.version.provenance import code_digest

_PARTS: Final = ("src", "notebooks", "cases", "data", "uv.lock")
_GIT: Final = ("git", "-C")
_ANCESTORS: Final = 3
_LARGEST: Final = 256 * 2**20
_ASK_DIGEST: Final = (
    "from darkdays.report.version.provenance import code_digest; print(code_digest(), end='')"
)


@dataclass(frozen=True)
class Code:
    """The code to run a study with.

    Attributes
    ----------
    tree
        Folder that holds ``notebooks/`` and ``uv.lock``.
    package
        Folder to import the package from, None for the one that is running.
    """

    tree: Path
    package: Path | None = None


@dataclass(frozen=True)
class Missing:
    """Something a report names that is nowhere to be found, and what to do."""

    name: str
    words: str


def this_code() -> Code:
    """Return the code that is running."""
    return Code(paths.root())


def find_code(folder: Path, manifest: Mapping[str, Any], scratch: Path) -> Code | None:
    """Return the code a report was made with, None if it is not in this checkout or its history.

    Looked at are this checkout, the commit the report names, those that brought the report and a
    few before each; whether a commit holds the code, its own code is asked.

    Parameters
    ----------
    folder, manifest
        A version, and its manifest.
    scratch
        Folder to lay an older commit out in.
    """
    wanted = manifest["digests"]["code"]
    if wanted == code_digest():
        return this_code()
    for commit in _commits(folder, manifest):
        tree = scratch / commit[:16]
        if not tree.is_dir() and not _laid_out(commit, tree):
            continue
        if _digest_in(tree) == wanted:
            return Code(tree, tree / "src")
    return None


def lay_out(
    root: Path, *, code: Code, case: bytes, name: str, data: Mapping[str, bytes],
    envelope: bytes | None = None,
) -> Path:  # fmt: skip
    """Put together a root to run a case in and return it.

    Parameters
    ----------
    root
        Made; must not be there.
    code
        Whose notebooks and lock are used.
    case, name
        The case file and the name of the case.
    data
        Embedded files by name below ``data/``.
    envelope
        Measured tolerances, if the report has any.
    """
    writing.write_bytes(root / "cases" / f"{name}.yaml", case)
    for path, content in data.items():
        writing.write_bytes(root / "data" / path, content)
    (root / "data").mkdir(exist_ok=True)
    if envelope is not None:
        writing.write_bytes(root / "cases" / "envelopes" / f"{name}.json", envelope)
    shutil.copytree(code.tree / "notebooks", root / "notebooks")
    if (code.tree / "uv.lock").is_file():
        shutil.copy(code.tree / "uv.lock", root / "uv.lock")
    return root


def case_of(
    folder: Path, manifest: Mapping[str, Any], scratch: Path, tree: Path | None = None
) -> bytes | Missing:
    """Return the case file a report was made from: its own, its code's, or this checkout's.

    Parameters
    ----------
    folder, manifest
        A version, and its manifest.
    scratch
        Folder to try files out in.
    tree
        Where its code is.
    """
    name = str(manifest["case"])
    for number, path in enumerate([folder / CASE, *_beside(tree, f"cases/{name}.yaml")]):
        trial = scratch / f"case-{number}" / f"{name}.yaml"
        try:
            content = bounded.bytes_of(path, LARGEST_CASE)
            writing.write_bytes(trial, content)
            if cases.load(trial).digest() == manifest["digests"]["case"]:
                return content
        except (OSError, DarkdaysError):
            continue
    return Missing("case", f"no file here is the case {name} as the report names it")


def data_of(
    folder: Path, manifest: Mapping[str, Any], tree: Path | None = None
) -> tuple[dict[str, bytes], list[Missing]]:
    """Return the embedded files a report was made from: its own, its code's, this checkout's."""
    found, missing = {}, []
    for name, digest in manifest["digests"]["data"].items():
        # A name that leads out of the folder would be written there, too.
        inside = bounded.is_inside(name)
        places = (folder / "data" / name, *_beside(tree, f"data/{name}")) if inside else ()
        for path in places:
            content = bounded.bytes_of(path, _LARGEST) if path.is_file() else b""
            if writing.sha256(content) == digest:
                found[name] = content
                break
        else:
            missing.append(Missing(f"data/{name}", f"no file here is data/{name} as it was read"))
    return found, missing


def envelope_of(folder: Path) -> bytes | None:
    """Return the measured tolerances a report carries along."""
    path = folder / ENVELOPE
    return bounded.bytes_of(path, _LARGEST) if path.is_file() else None


def _beside(tree: Path | None, name: str) -> list[Path]:
    return [one / name for one in (tree, paths.root()) if one is not None]


def _commits(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    named = manifest.get("machine", {}).get("commit")
    brought = _git("log", "--format=%H", "--", str(folder / "manifest.json"))
    seen = set()
    for start in [named, *(brought or "").split()]:
        if not isinstance(start, str) or not start.isalnum():
            continue
        line = _git("rev-list", f"--max-count={_ANCESTORS}", start) or ""
        for commit in line.split():
            if commit not in seen:
                seen.add(commit)
                yield commit


def _laid_out(commit: str, tree: Path) -> bool:
    archive = _git_bytes("archive", "--format=tar", commit, "--", *_PARTS)
    if archive is None:
        return False
    tree.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(archive)) as packed:
        packed.extractall(tree, filter="data")
    return True


def _digest_in(tree: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-c", _ASK_DIGEST],
        env={"PYTHONPATH": str(tree / "src"), "DARKDAYS_ROOT": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def _git(*words: str) -> str | None:
    output = _git_bytes(*words)
    return None if output is None else output.decode("utf-8", "replace")


def _git_bytes(*words: str) -> bytes | None:
    try:
        done = subprocess.run([*_GIT, str(paths.root()), *words], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
