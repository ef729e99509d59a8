"""Side by side on one disk: fresh folders to write in, locks, and what killed writers left."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_ABANDONED_SECONDS: Final = 24 * 3600
_TRIES: Final = 10
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Give a fresh folder inside ``folder``, to make in it what is put in place by renaming.

    Its name is nobody else's, whatever the process ids of another container or host are, and it
    is locked for as long as it is in use.
    """
    with _fresh(folder) as name:
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(descriptor)


def _fresh(folder: Path) -> tempfile.TemporaryDirectory[str]:
    for remaining in reversed(range(_TRIES)):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return tempfile.TemporaryDirectory(
                prefix=".", suffix=".partial", dir=folder, ignore_cleanup_errors=True
            )
        except FileNotFoundError:
            # Another process removed the folder while it was empty.
            if not remaining:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def remove_abandoned(folder: Path, *, deep: bool = True) -> None:
    """Remove what was left in a folder by processes that were killed while writing.

    It is a day old and nobody holds its lock. Process ids say nothing: those of another container
    or host are not known here.

    Parameters
    ----------
    folder
        Need not exist.
    deep
        Look into the folders below it too.
    """
    # Not a glob, which fails where a folder vanishes under it.
    for root, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            if name.startswith(".") and name.endswith(".partial"):
                with suppress(OSError):
                    _remove_if_abandoned(Path(root, name))
        folders[:] = [name for name in folders if deep and not name.endswith(".partial")]


def _remove_if_abandoned(path: Path) -> None:
    if time.time() - path.lstat().st_mtime < _ABANDONED_SECONDS or _is_locked(path):
        return
    remove(path)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with what is in it, as far as that can be done."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: its age has to do
        return False
    finally:
        os.close(descriptor)
    return False


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Keep others that ask for the same folder waiting; a killed process holds no lock.

    Where a file system knows no locks, or the folder can only be read, nobody waits.

    Raises
    ------
    BlockingIOError
        If it cannot be had at once and ``wait`` is false.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, descriptor = folder / ".lock", None
    try:
        while descriptor is None:
            descriptor = _lock(path, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
    try:
        yield
    finally:
        if descriptor is not None:
            # While it is held, so that who waits for it sees that it is gone.
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)


def _lock(path: Path, how: int) -> int | None:
    """Return the descriptor of a lock, None if the file was removed while it was waited for."""
    # A file open for writing, because network drives lock no other and no folder.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError:
            raise
        except OSError:  # a file system without locks
            pass
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except FileNotFoundError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None
