"""Somebody's code as what is run: its package and its own metadata, alone and first on the path.

What is installed states entry points of its own: an engine for papermill, a plugin for pytest, the
command itself. They name modules that the code of an earlier version may not have. A distribution
that stands further ahead on the path hides the installed one of the same name, with all its entry
points; so each code is run with the distribution its own ``pyproject.toml`` describes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from dataclasses import dataclass
from importlib import metadata
from io import StringIO
from pathlib import Path
from typing import Any, Final

import darkdays
from darkdays.files import paths, writing

NAME: Final = "darkdays"
_PROJECT: Final = "pyproject.toml"
_ENTRY_POINTS: Final = "entry_points.txt"
_FOLDER: Final = "distribution"


@dataclass(frozen=True)
class Code:
    """The code to run a study with.

    Attributes
    ----------
    tree
        Folder that holds ``notebooks/`` and ``uv.lock``.
    package
        Folder the package is imported from; ``pyproject.toml`` is beside it.
    """

    tree: Path
    package: Path

    @property
    def is_running(self) -> bool:
        """Whether it is the code that asks."""
        return self.package == _running()


def this_code() -> Code:
    """Return the code that is running."""
    return Code(paths.of_this_code(), _running())


def install(code: Code, root: Path) -> None:
    """Lay out in a root the distribution that is imported by what runs there.

    Parameters
    ----------
    code
        Whose package, and whose entry points.
    root
        The folder to run in.
    """
    folder = installed_in(root)
    version, entry_points = _described(code.package.parent / _PROJECT)
    info = folder / f"{NAME}-{version}.dist-info"
    writing.write_text(
        info / "METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n"
    )
    # Written even when empty: papermill's reader takes a distribution without for none.
    writing.write_text(info / _ENTRY_POINTS, entry_points)
    (folder / NAME).symlink_to(code.package / NAME, target_is_directory=True)


def installed_in(root: Path) -> Path:
    """Return the folder in a root that goes first on the path."""
    return root / _FOLDER


def _running() -> Path:
    return Path(darkdays.__file__).resolve().parents[1]


def _described(project: Path) -> tuple[str, str]:
    """Return version and entry points, as ``entry_points.txt`` has them."""
    if not project.is_file():  # what runs was installed without its sources
        installed = metadata.distribution(NAME)
        return installed.version, installed.read_text(_ENTRY_POINTS) or ""
    stated = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    written = ConfigParser(delimiters=("=",), interpolation=None)
    written.optionxform = str  # type: ignore[assignment,method-assign] # names keep their case
    written.read_dict(dict(_groups(stated)))
    text = StringIO()
    written.write(text)
    return stated["version"], text.getvalue()


def _groups(stated: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "console_scripts", stated.get("scripts", {})
    yield from stated.get("entry-points", {}).items()
