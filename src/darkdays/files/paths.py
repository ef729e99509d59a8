"""Where things live, whatever folder a command or notebook was started in.

What is shipped (cases, embedded data, notebooks) is read from the *root*: a checkout, or what the
wheel carries. What is made (runs, reports, snapshots) goes into the *workspace*: a checkout, or any
folder one works in, whose own cases and notebooks come before those that are shipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from darkdays.errors import InputError

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_CARRIED: Final = _PACKAGE / "shipped"  # where pyproject.toml has the wheel carry it
_FIRST: Final = "1-fetch.ipynb"
PASSING: Final = "darkdays-fonts-"
"""How the name of a folder begins that stands in for nobody's home, and goes with the process."""


def root() -> Path:
    """Return the folder that holds ``cases/``, ``data/`` and ``notebooks/`` as shipped.

    The environment variable ``DARKDAYS_ROOT`` wins; then the checkout one is in; then the one this
    package was installed from; then what the wheel carries.

    Raises
    ------
    InputError
        If none holds a ``cases`` folder.
    """
    stated = os.environ.get("DARKDAYS_ROOT")
    folder = Path(stated) if stated else next(_checkouts(), _CARRIED)
    if not (folder / "cases").is_dir():
        raise InputError(
            f"no cases/ folder in {folder}: run from a checkout of darkdays, set DARKDAYS_ROOT to "
            "one, or install darkdays again."
        )
    return folder


def of_this_code() -> Path:
    """Return the root this package came with, wherever one is.

    What is held against this code reads nothing from the folder it happens to be in: whoever is
    judged may have supplied that.
    """
    stated = os.environ.get("DARKDAYS_ROOT")
    own = _PACKAGE.parents[1]
    return Path(stated) if stated else own if (own / "cases").is_dir() else _CARRIED


def workspace() -> Path:
    """Return the folder that what is made goes into.

    ``DARKDAYS_HOME`` wins, then ``DARKDAYS_ROOT``; then the checkout one is in, and the one this
    package was installed from; else it is the current folder.
    """
    stated = os.environ.get("DARKDAYS_HOME") or os.environ.get("DARKDAYS_ROOT")
    return Path(stated).absolute() if stated else next(_checkouts(), Path.cwd())


def cases() -> Path:
    """Return the folder of shipped case files."""
    return root() / "cases"


def own_cases() -> Path:
    """Return the folder of case files of the workspace, which need not be there."""
    return workspace() / "cases"


def data() -> Path:
    """Return the folder of embedded data."""
    return root() / "data"


def notebooks() -> Path:
    """Return the folder of notebooks: the workspace's own, else as shipped."""
    own = workspace() / "notebooks"
    return own if (own / _FIRST).is_file() else root() / "notebooks"


def reports() -> Path:
    """Return the folder of versioned reports; ``DARKDAYS_REPORTS`` moves it."""
    return _made("reports")


def snapshots() -> Path:
    """Return the folder of snapshots; ``DARKDAYS_SNAPSHOTS`` moves it."""
    return _made("snapshots")


def runs() -> Path:
    """Return the folder of run folders, where stages hand on their products.

    ``DARKDAYS_RUNS`` moves it.
    """
    return _made("runs")


def _made(name: str) -> Path:
    stated = os.environ.get(f"DARKDAYS_{name.upper()}")
    return Path(stated) if stated else workspace() / name


def _checkouts() -> Iterator[Path]:
    """Go through the checkouts there are: around the current folder, and around this package."""
    here = Path.cwd()
    for folder in (here, *here.parents, _PACKAGE.parents[1]):
        if (folder / "cases").is_dir() and (folder / "src" / "darkdays").is_dir():
            yield folder
