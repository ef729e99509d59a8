"""What is left in the folder of a sweep: by workers that were killed, and by former grids."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from darkdays.sweep.running.state import Standing

_PARTIAL: Final = (
    "signals/.*.partial", "parts/*/*/.*.partial", "parts/.run-*", "cases/.*.partial", ".*.partial"
)  # fmt: skip
_PIECES: Final = (
    "signals/*",
    "signals/.*.damaged",
    "parts/*/*/*",
    "parts/*/*/.*.damaged",
    "cases/*",
)


def remove_partial(folder: Path) -> None:
    """Remove what workers left that were killed while they wrote."""
    for pattern in _PARTIAL:
        for path in folder.glob(pattern):
            _remove(path)


def remove_foreign(folder: Path, studies: Iterable[Standing]) -> int:
    """Remove signals, parts and cases that do not belong to studies, and what was set aside.

    Returns
    -------
    int
        How many pieces.
    """
    kept: set[Path] = set()
    for one in studies:
        kept |= {*one.pieces(folder), folder / "cases" / f"{one.study.name}.yaml"}
    foreign = sorted({path for pattern in _PIECES for path in folder.glob(pattern)} - kept)
    for path in foreign:
        _remove(path)
    # Folders of parts that hold none any more.
    for path in folder.glob("parts/*/*"):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return len(foreign)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
