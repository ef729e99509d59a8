"""Processes beside this one, for what nothing waits for yet.

They yield to this one: together they have the core it leaves, and both where it waits for them.
So it has no need of what they load. Where none was begun, which is so in a person's own Python and
on one core, work is done here when its result is wanted.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from typing import Any, Final, Generic, TypeVar

from darkdays.files.fast_imports import uncollected, without

T = TypeVar("T")
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_NICE: Final = 19  # they yield to who is waited for
_PROCESSES: Final = 2
_SECONDS: Final = 1.0
_beside: list[ProcessPoolExecutor] = []


def begin(*modules: str, alone: bool = False, left_out: Sequence[str] = ()) -> None:
    """Start the processes and have them import modules; they end with this one.

    Parameters
    ----------
    modules
        To import there.
    alone
        Whether this process has begun no thread yet. Then the others are copies of it where
        that is safe, with all that is imported already, which else all import at once.
    left_out
        What modules take along where it is installed, and nothing there needs.
    """
    if not _beside and (os.cpu_count() or 1) > 1:
        method = "fork" if alone and sys.platform == "linux" else "spawn"
        parent = os.getpid() if method == "fork" else None
        pool = ProcessPoolExecutor(
            _PROCESSES, get_context(method), partial(_ready, parent, left_out), modules
        )
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            pool.submit(os.getpid)  # threads of the linear algebra end at a fork by themselves
        _beside.append(pool)


class Later(Generic[T]):
    """What a call gives, made beside or, where no process is, here when it is asked for.

    Parameters
    ----------
    call
        Can be pickled, as can be what it gives.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call, self._given = call, list[T]()
        self._asked: Future[T] | None = None
        if _beside:
            # Now, by who asks: what is packed while somebody works on it may come out as neither.
            with suppress(BrokenProcessPool):
                self._asked = _beside[0].submit(_called, pickle.dumps(call))

    def result(self) -> T:
        """Return what the call gave, as soon as it is there."""
        while not self._given:
            try:
                self._given.append(
                    self._call() if self._asked is None else self._asked.result(timeout=_SECONDS)
                )
            except BrokenProcessPool:
                self._asked = None
            except TimeoutError:
                if not (self._asked is None or self._asked.done() or _is_managed()):
                    self._asked = None
        return self._given[0]


def _is_managed() -> bool:
    """Whether the thread that brings results is there: without memory it ends, and says nothing."""
    thread: Any = _beside[0]._executor_manager_thread
    return thread is not None and thread.is_alive()


def _called(packed: bytes) -> Any:
    """Call what was packed."""
    return pickle.loads(packed)()  # noqa: S301 - by the process this one belongs to


def _ready(parent: int | None, left_out: Sequence[str], *modules: str) -> None:
    if parent is not None:
        # A copy holds the other end of its own pipe and would never hear that it is alone.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    os.nice(_NICE)
    with uncollected(), without(*left_out):
        for name in modules:
            import_module(name)
