"""Functions that are compiled when it pays: short records are done before machine code is loaded.

A kernel is a plain function of numbers and arrays, and gives the same bytes either way. Run as it
is written it is about a hundred times slower, which for a few thousand samples is less than
importing numba takes, and much less than compiling; so a process begins that way where a kernel
says that it may, and goes over to machine code when much has been asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property, update_wrapper
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, Final, Generic, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
T = TypeVar("T")

LONGEST: Final = 5_000
"""Samples of the arguments that may go through a kernel as it is written."""
SECONDS: Final = 3.0
"""Of processor, what a process spends so before it goes over to machine code."""
COMPILING: Final = (
    "darkdays: the search is compiled for this machine now, which takes about half a minute, {}\n"
)
"""What a person reads who waits for that."""
_UNKEPT: Final = (
    "each time: no folder it could be kept in can be written to; name one as NUMBA_CACHE_DIR"
)
_TENTHS: Final = 10
_spent = [0.0]
_tell: list[Callable[[str], object]] = []
_begun: list[str] = []
_made: list[str] = []


class Kernel(Generic[P, T]):
    """A function and its machine code, which is made or loaded when it is first needed.

    Attributes
    ----------
    py_func
        The function as written.
    targetoptions
        What numba is told; both names are numba's, which inlines by them.
    """

    def __init__(self, function: Callable[P, T], options: dict[str, Any], short: bool) -> None:
        update_wrapper(self, function)
        self.py_func, self.targetoptions, self._short = function, options, short
        _made.append(function.__name__)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it one way or the other."""
        if (
            not self._short
            or _spent[0] > SECONDS
            or sum(one.size for one in args if isinstance(one, np.ndarray)) > LONGEST
        ):
            return self.dispatcher(*args, **kwargs)  # type: ignore[no-any-return]
        begun = time.process_time()
        with np.errstate(all="ignore"):
            result = self.as_written(*args, **kwargs)
        _spent[0] += time.process_time() - begun
        return result

    @cached_property
    def dispatcher(self) -> Any:
        """What numba makes of it."""
        # It decides where machine code is kept, and comes before anything is compiled.
        cache = import_module("darkdays.detect.compiled.kernel_cache")
        if _tell:
            _say_compiling(self.py_func.__name__, cache.FOLDER, "once" if cache.STAYS else _UNKEPT)
        compiler = import_module("numba").njit(cache=True, nogil=True, **self.targetoptions)
        return compiler(self.py_func)

    @cached_property
    def as_written(self) -> Callable[P, T]:
        """The function with the kernels it calls as they are written, too."""
        made: Any = self.py_func
        names = dict(made.__globals__)
        for name in made.__code__.co_names:
            if isinstance(one := names.get(name), Kernel):
                names[name] = one.as_written
        return FunctionType(made.__code__, names, made.__name__, made.__defaults__)

    @property
    def _numba_type_(self) -> Any:
        """How numba knows it inside another kernel."""
        return self.dispatcher._numba_type_


def use_machine_code() -> None:
    """Take machine code from now on, also for short records."""
    _spent[0] = np.inf


def say_when_compiling(tell: Callable[[str], object]) -> None:
    """Have somebody told when nothing is kept and much has to be compiled: a line a tenth of it."""
    _tell[:] = [tell]


def _say_compiling(name: str, kept: Path, how_often: str) -> None:
    if not _begun and any(kept.glob("*.nbi")):
        _tell.clear()
        return
    text = "" if _begun else COMPILING.format(how_often)
    before = _TENTHS * len(_begun) // len(_made)
    _begun.append(name)
    if text or _TENTHS * len(_begun) // len(_made) > before:
        _tell[0](f"{text}darkdays: compiling {len(_begun)} of {len(_made)} at most\n")


def kernel(*, short: bool = False, **options: Any) -> Callable[[Callable[P, T]], Kernel[P, T]]:
    """Make a function a kernel.

    Parameters
    ----------
    short
        Whether records of some thousand samples may go through it as it is written: not for a
        search that visits each sample many times.
    **options
        For ``numba.njit``; ``cache`` and ``nogil`` are set.

    Returns
    -------
    collections.abc.Callable
        A decorator.
    """
    return lambda function: Kernel(function, options, short)
