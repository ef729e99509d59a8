"""A process beside this one, for what nothing waits for yet.

Where none was begun, which is so in a person's own Python and on one core, work is done here when
its result is wanted.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_NICE: Final = 19  # it yields to who is waited for
_beside: list[ProcessPoolExecutor] = []


def begin(*modules: str) -> None:
    """Start the process and have it import modules; it ends with this one."""
    if not _beside and (os.cpu_count() or 1) > 1:
        pool = ProcessPoolExecutor(1, get_context("spawn"), _ready, modules)
        pool.submit(os.getpid)
        _beside.append(pool)


class Later(Generic[T]):
    """What a call gives, made beside or here, once.

    Parameters
    ----------
    call
        Can be pickled, as can be what it gives.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call, self._given = call, list[T]()
        self._asked: Future[T] | None = None
        try:
            self._asked = _beside[0].submit(call) if _beside else None
        except BrokenProcessPool:
            return

    def begin(self) -> None:
        """Make it here, unless it was begun beside."""
        if not self._given and (self._asked is None or self._asked.cancel()):
            self._given.append(self._call())

    def result(self) -> T:
        """Return what the call gave, as soon as it is there."""
        self.begin()
        if not self._given and self._asked is not None:
            try:
                self._given.append(self._asked.result())
            except BrokenProcessPool:
                self._given.append(self._call())
        return self._given[0]


def results(calls: Sequence[Later[T]]) -> list[T]:
    """Return what calls give; what is not begun yet is made on both sides, here from the end."""
    for one in reversed(calls):
        one.begin()
    return [one.result() for one in calls]


def _ready(*modules: str) -> None:
    os.nice(_NICE)
    gc.disable()
    for name in modules:
        import_module(name)
    gc.freeze()
    gc.enable()
