"""Where compiled kernels are kept, so that nothing is compiled twice on a machine.

numba keeps what it compiled beside the source, and gives up where it may not write there: an
import then fails, or every process compiles for half a minute. Importing this module, which
:mod:`darkdays.detect` does before anything compiled, chooses a folder that works:

1. the one ``NUMBA_CACHE_DIR`` names;
2. ``__pycache__`` beside the source, if it can be written to, and not by everybody;
3. the user's cache folder, else a private folder among the temporary ones, to which kernels that
   were compiled beside the source are taken over first.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numba
from numba.core import caching

SOURCE: Final = Path(__file__).resolve().parents[1]
_CONFIG: Any = numba.config
_INDEX, _CODE = "*.nbi", "*.nbc"  # numba's lists of what it compiled, and the code itself


def settle(source: Path = SOURCE) -> Path | None:
    """Choose the folder and tell numba.

    Parameters
    ----------
    source
        The folder with the sources of the kernels.

    Returns
    -------
    Path or None
        The folder chosen; None where numba's own choice serves, or nothing can be written.
    """
    if _CONFIG.CACHE_DIR or _is_writable(source / "__pycache__"):
        return None
    for folder in _elsewhere():
        if _is_writable(folder):
            _take_over(source / "__pycache__", folder / _name_of(source))
            _CONFIG.CACHE_DIR = str(folder)
            return folder
    return None


def _elsewhere() -> Iterator[Path]:
    with suppress(RuntimeError):  # nobody's home
        stated = os.environ.get("XDG_CACHE_HOME")
        yield (Path(stated) if stated else Path.home() / ".cache") / "darkdays" / "kernels"
    private = Path(tempfile.gettempdir()) / f"darkdays-kernels-{os.getuid()}"
    with suppress(OSError):
        private.mkdir(mode=0o700, exist_ok=True)
        found = private.lstat()
        # What lies there is executed: a folder somebody else made or can write to is not used.
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o77:
            yield private


def _is_writable(folder: Path) -> bool:
    """Try it as numba does: a permission is not all that can be in the way.

    What lies there is executed, so that a folder everybody can write to is as none.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return not _is_open(folder)


def _is_open(folder: Path) -> bool:
    """Whether everybody can write to a folder."""
    try:
        return bool(folder.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return False


def _name_of(source: Path) -> str:
    """Return the folder numba keeps the kernels of a package in, below the one it is given."""
    locator = getattr(caching, "_CacheLocator")  # noqa: B009 - numba makes no promise about it
    return str(locator.get_suitable_cache_subpath(str(source / "any.py")))


def _take_over(old: Path, new: Path) -> None:
    """Copy kernels that are not there yet, each index after the code it names."""
    if _is_open(old):
        return
    with suppress(OSError):
        new.mkdir(parents=True, exist_ok=True)
        for pattern in (_CODE, _INDEX):
            for path in old.glob(pattern):
                if not (new / path.name).exists():
                    partial = new / f".{path.name}.{os.getpid()}.partial"
                    shutil.copyfile(path, partial)
                    partial.replace(new / path.name)


settle()
