"""A folder to run a study in, put together from a report: its case, its data, somebody's code."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError
from darkdays.files import bounded, paths, writing
from darkdays.report.version.inputs_copy import CASE, ENVELOPE
from darkdays.review.rerun.code import Code, install

LARGEST: Final = 256 * 2**20


@dataclass(frozen=True)
class Missing:
    """Something a report names that is nowhere to be found, and what to do."""

    name: str
    words: str


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
        Whose package, notebooks and lock are used.
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
    install(code, root)
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
    from darkdays.case import case as cases  # heavy, and not always asked for
    from darkdays.case.file import LARGEST as LARGEST_CASE

    name = str(manifest["case"])
    for number, path in enumerate([folder / CASE, *places_of(tree, f"cases/{name}.yaml")]):
        trial = scratch / f"case-{number}" / f"{name}.yaml"
        try:
            content = bounded.bytes_of(path, LARGEST_CASE)
            writing.write_bytes(trial, content)
            if cases.load(trial).digest() == manifest["digests"]["case"]:
                return content
        except (OSError, DarkdaysError):
            continue
    return Missing("case", f"no file here is the case {name} as the report names it")


def carried_case(folder: Path, name: str) -> bytes | None:
    """Return the case file a report carries along if this checkout holds the same, byte by byte.

    Then no other could be found, and which case it is may be left to who runs it.

    Parameters
    ----------
    folder, name
        A version, and the name of its case.
    """
    (here,) = places_of(None, f"cases/{name}.yaml")
    if not (here.is_file() and (folder / CASE).is_file()):
        return None
    content = bounded.bytes_of(folder / CASE, LARGEST)
    return content if bounded.bytes_of(here, LARGEST) == content else None


def data_of(
    folder: Path, manifest: Mapping[str, Any], tree: Path | None = None
) -> tuple[dict[str, bytes], list[Missing]]:
    """Return the embedded files a report was made from: its own, its code's, this checkout's."""
    found, missing = {}, []
    for name, digest in manifest["digests"]["data"].items():
        # A name that leads out of the folder would be written there, too.
        inside = bounded.is_inside(name)
        places = (folder / "data" / name, *places_of(tree, f"data/{name}")) if inside else ()
        for path in places:
            content = bounded.bytes_of(path, LARGEST) if path.is_file() else b""
            if writing.sha256(content) == digest:
                found[name] = content
                break
        else:
            missing.append(Missing(f"data/{name}", f"no file here is data/{name} as it was read"))
    return found, missing


def envelope_of(folder: Path) -> bytes | None:
    """Return the measured tolerances a report carries along."""
    path = folder / ENVELOPE
    return bounded.bytes_of(path, LARGEST) if path.is_file() else None


def places_of(tree: Path | None, name: str) -> list[Path]:
    """Return where a file of a checkout is looked for: with the code of a report, and with this."""
    return [one / name for one in (tree, paths.of_this_code()) if one is not None]
