"""Processes beside this one, for what nothing waits for yet.

They yield to this one: together they have the core it leaves, and both where it waits for them.
Where none was begun, which is so in a person's own Python and on one core, work is done here when
its result is wanted.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from threading import RLock
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_NICE: Final = 19  # they yield to who is waited for
_PROCESSES: Final = 2
_NEW_OBJECTS: Final = 50_000  # after which to look for rubbish: a figure is many that stay
_SECONDS: Final = 1.0
_beside: list[ProcessPoolExecutor] = []
_waiting: deque[Later[Any]] = deque()
_under_way: list[Future[Any]] = []
_lock: Final = RLock()  # a call that is over already calls back at once


def begin(*modules: str, alone: bool = False) -> None:
    """Start the processes and have them import modules; they end with this one.

    Parameters
    ----------
    modules
        To import there.
    alone
        Whether this process has begun no thread yet. Then the others are copies of it where
        that is safe, with all that is imported already, which else all import at once.
    """
    if not _beside and (os.cpu_count() or 1) > 1:
        method = "fork" if alone and sys.platform == "linux" else "spawn"
        parent = os.getpid() if method == "fork" else None
        pool = ProcessPoolExecutor(
            _PROCESSES, get_context(method), partial(_ready, parent), modules
        )
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            pool.submit(os.getpid)  # threads of the linear algebra end at a fork by themselves
        _beside.append(pool)


class Later(Generic[T]):
    """What a call gives, made beside or here, once.

    Calls go beside in their order, as many at a time as are processes: one that was handed over
    cannot be taken back.

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
            self._packed = pickle.dumps(call)
            with _lock:
                _waiting.append(self)
            _hand_over()

    def begin(self) -> None:
        """Make it here, unless it was begun beside."""
        with _lock, suppress(ValueError):
            _waiting.remove(self)
        if not self._given and self._asked is None:
            self._given.append(self._call())

    def result(self) -> T:
        """Return what the call gave, as soon as it is there."""
        self.begin()
        while not self._given and self._asked is not None:
            try:
                self._given.append(self._asked.result(timeout=_SECONDS))
            except BrokenProcessPool:
                self._given.append(self._call())
            except TimeoutError:
                if self._asked.done() or _is_managed():
                    continue
                self._given.append(self._call())
        return self._given[0]


def results(calls: Sequence[Later[T]]) -> list[T]:
    """Return what calls give; what is not begun yet is made on both sides, here from the end."""
    for one in reversed(calls):
        one.begin()
    return [one.result() for one in calls]


def _is_managed() -> bool:
    """Whether the thread that brings results is there: without memory it ends, and says nothing."""
    thread: Any = _beside[0]._executor_manager_thread
    return thread is not None and thread.is_alive()


def _hand_over(done: Future[Any] | None = None) -> None:
    """Have the next call made beside, if nothing is under way there."""
    with _lock:
        if done is not None and done in _under_way:
            _under_way.remove(done)
        while _waiting and len(_under_way) < _PROCESSES:
            one = _waiting.popleft()
            with suppress(BrokenProcessPool):
                one._asked = _beside[0].submit(_called, one._packed)
                _under_way.append(one._asked)
                one._asked.add_done_callback(_hand_over)


def _called(packed: bytes) -> Any:
    """Call what was packed."""
    return pickle.loads(packed)()  # noqa: S301 - by the process this one belongs to


def _ready(parent: int | None, *modules: str) -> None:
    if parent is not None:
        # A copy holds the other end of its own pipe and would never hear that it is alone.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    os.nice(_NICE)
    gc.disable()
    for name in modules:
        import_module(name)
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    gc.enable()
