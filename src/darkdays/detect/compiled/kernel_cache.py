"""Where compiled kernels are kept, so that no machine code is ever of other sources than these.

numba by itself looks at the file of a function only, and kernels are compiled into each other
across files. Importing this module, which is done before anything is compiled, has the machine
code of the detector kept in a folder that is named by a digest of all sources it may come from
(but for comments), of the versions of numba, LLVM, numpy and Python, of what numba is told, and of
the processor. Checkouts of the same code share it, wherever they are. It lies in

1. the folder that ``NUMBA_CACHE_DIR`` names;
2. ``darkdays/kernels`` in the user's cache folder;
3. a private folder among the temporary ones, else one that goes with the process: `STAYS` says
   which.

What lies there is executed: a folder that others made or can write to is not used, unless it was
named.
"""

from __future__ import annotations

import ast
import atexit
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np
from numba.core import caching
from numba.core.registry import cpu_target

from darkdays.files import paths
from darkdays.files.source_code import digest_of_code

SOURCE: Final = Path(__file__).resolve().parents[1]
KEPT: Final = 8
"""How many folders of other code stay; the one that was not used for longest goes first."""
_CONFIG: Any = numba.config
_TOLD: Final = (
    *("BOUNDSCHECK", "DEBUGINFO_DEFAULT", "DISABLE_INTEL_SVML", "ENABLE_AVX", "LOOP_VECTORIZE"),
    *("OPT", "SLP_VECTORIZE", "USING_SVML"),
)
_ALONE: Final = "darkdays-passing-"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
# numba promises neither, and offers no other way to choose a folder for some functions.
_LOCATOR: Any = getattr(caching, "_CacheLocator")  # noqa: B009
_LOCATORS: Any = getattr(caching.CacheImpl, "_locator_classes")  # noqa: B009


def keep(source: Path) -> Path:
    """Have numba keep what it compiles of a package from now on where its digest says.

    Parameters
    ----------
    source
        Folder of the package; none of it is imported yet.

    Returns
    -------
    Path
        The folder the machine code is kept in.
    """
    name = digest(source)
    folder = _chosen(name)
    with suppress(OSError):
        os.utime(folder)  # in use: the folders that are not are removed first

    class Locator(_LOCATOR):  # type: ignore[misc]
        """What numba asks where to keep one function."""

        @classmethod
        def from_function(cls, py_func: Any, py_file: str) -> Locator | None:
            return cls(py_func, py_file) if Path(py_file).resolve().is_relative_to(source) else None

        def __init__(self, py_func: Any, py_file: str) -> None:
            self._module, self._py_file = py_func.__module__, py_file

        def ensure_cache_path(self) -> None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

        def get_cache_path(self) -> str:
            return str(folder)

        def get_source_stamp(self) -> str:
            return name

        def get_disambiguator(self) -> str:
            # Not the line, as numba takes: a comment above moves it.
            return str(self._module)

    _LOCATORS.insert(0, Locator)
    return folder


def digest(source: Path) -> str:
    """Hash everything machine code of a package depends on."""
    codegen = cpu_target.target_context.codegen()
    stated = [
        digest_of_code(source, sources_of(source)),
        f"numba {numba.__version__}",
        f"llvmlite {metadata.version('llvmlite')}",  # LLVM is in its wheel
        f"numpy {np.__version__}",
        str(sys.implementation.cache_tag),
        *map(str, codegen.magic_tuple()),
        *(f"{name} {getattr(_CONFIG, name, None)}" for name in _TOLD),
    ]
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()


def sources_of(source: Path) -> list[str]:
    """Return the files machine code may come from: those with kernels, and what they import.

    Whether a file is imported is decided by the last part of its name alone: rather one too many.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in source.rglob("*.py")}
    named = defaultdict(list)
    for path in texts:
        named[path.parent.name if path.stem == "__init__" else path.stem].append(path)
    found: set[Path] = set()
    todo = [path for path, text in texts.items() if "@kernel(" in text]
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += (one for name in _imported(texts[path]) for one in named.get(name, ()))
    return sorted(path.relative_to(source).as_posix() for path in found)


def _imported(text: str) -> Iterator[str]:
    """Go through the last parts of the names a module imports, and imports from."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [one.name for one in node.names]
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            yield from (name.rpartition(".")[2] for name in names)


def remove_old(folder: Path) -> None:
    """Remove the machine code of other sources beside a folder, but for what was used last.

    A process that still uses one compiles again what it has not loaded yet, and nothing else.
    """
    others = []
    for path in folder.parent.iterdir():
        with suppress(OSError):
            if _DIGEST.fullmatch(path.name) and path != folder:
                others.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(others, reverse=True)[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _chosen(name: str) -> Path:
    if _CONFIG.CACHE_DIR:
        stated = Path(_CONFIG.CACHE_DIR).absolute() / name
        if _is_writable(stated):
            return stated
    for base in _of_this_user():
        if _is_only_ours(base) and _is_writable(base / name):
            return base / name
    alone = Path(tempfile.mkdtemp(prefix=_ALONE))
    atexit.register(shutil.rmtree, alone, ignore_errors=True)
    return alone / name


def _of_this_user() -> Iterator[Path]:
    with suppress(RuntimeError, OSError):  # nobody's home
        stated = os.environ.get("XDG_CACHE_HOME")
        if stated or not Path.home().name.startswith(paths.PASSING):
            home = Path(stated).absolute() if stated else Path.home() / ".cache"
            yield home.resolve() / "darkdays" / "kernels"
    yield Path(tempfile.gettempdir()) / f"darkdays-kernels-{os.getuid()}"


def _is_only_ours(base: Path) -> bool:
    """Whether a folder is this user's, and nobody else can write to it; it is made if need be."""
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = base.lstat()
    except OSError:
        return False
    is_open = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not is_open


def _is_writable(folder: Path) -> bool:
    """Try it as numba does: a permission is not all that can be in the way."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


FOLDER: Final = keep(SOURCE)
STAYS: Final = not FOLDER.parent.name.startswith(_ALONE)
