"""Where things live, whatever folder a command or notebook was started in."""

from __future__ import annotations

import os
from pathlib import Path

from darkdays.errors import InputError


def root() -> Path:
    """Return the folder that holds ``cases/``, ``data/`` and ``notebooks/``.

    The environment variable ``DARKDAYS_ROOT`` wins; otherwise it is the checkout this
    package was installed from.

    Raises
    ------
    InputError
        If neither holds a ``cases`` folder.
    """
    stated = os.environ.get("DARKDAYS_ROOT")
    folder = Path(stated) if stated else Path(__file__).resolve().parents[3]
    if not (folder / "cases").is_dir():
        raise InputError(
            f"no cases/ folder in {folder}: run from a checkout of darkdays "
            "or set DARKDAYS_ROOT to one."
        )
    return folder


def cases() -> Path:
    """Return the folder of case files."""
    return root() / "cases"


def data() -> Path:
    """Return the folder of embedded data."""
    return root() / "data"


def notebooks() -> Path:
    """Return the folder of notebooks."""
    return root() / "notebooks"


def reports() -> Path:
    """Return the folder of versioned reports; ``DARKDAYS_REPORTS`` moves it."""
    stated = os.environ.get("DARKDAYS_REPORTS")
    return Path(stated) if stated else root() / "reports"


def snapshots() -> Path:
    """Return the folder of snapshots; ``DARKDAYS_SNAPSHOTS`` moves it."""
    stated = os.environ.get("DARKDAYS_SNAPSHOTS")
    return Path(stated) if stated else root() / "snapshots"


def runs() -> Path:
    """Return the folder of run folders, where stages hand on their products.

    ``DARKDAYS_RUNS`` moves it.
    """
    stated = os.environ.get("DARKDAYS_RUNS")
    return Path(stated) if stated else root() / "runs"
