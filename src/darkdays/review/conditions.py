"""Conditions a study is run under to see what its numbers owe to the machine.

Another processor is simulated by what libraries let one switch off: the kernels of OpenBLAS, the
loops numpy dispatches by, the functions of the C library, the target numba compiles for. Results
of ``exp``, ``log``, FFT, matrix products and decompositions are known to change with them.
"""

from __future__ import annotations

import importlib
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from darkdays.files.packaged import toml_of
from darkdays.review.rerun.interpreters import Interpreter

PROCESSOR: Final = "processor"
FACTORS: Final = (PROCESSOR, "threads", "hash seed", "time zone", "locale", "python")

_STATED: Final = toml_of("review/conditions.toml")
"""Processors to simulate, and what else to change one at a time."""


@dataclass(frozen=True)
class Condition:
    """One way to run a study that should make no difference.

    Attributes
    ----------
    factor, value
        What is changed, and to what.
    environment
        Variables set for it.
    interpreter
        Path of another interpreter, empty for this one.
    """

    factor: str
    value: str
    environment: dict[str, str] = field(default_factory=dict)
    interpreter: str = ""

    @property
    def name(self) -> str:
        """Factor and value."""
        return f"{self.factor} {self.value}"

    def document(self) -> dict[str, Any]:
        """Return it as an envelope lists it, without where an interpreter is."""
        return {"name": self.name, "factor": self.factor, "environment": self.environment}


def conditions(pythons: Sequence[Interpreter]) -> list[Condition]:
    """Return the conditions to try, one thing changed in each, beginning with none.

    Parameters
    ----------
    pythons
        Interpreters that could run the study, this one first.
    """
    found = [Condition("as", "it is here")]
    found += _processors()
    found += [Condition(**one) for one in _STATED["others"]]
    found += [Condition("python", one.python, {}, one.path) for one in pythons[1:]]
    return found


def _processors() -> Iterator[Condition]:
    """Go through the processors that can be simulated on this one; none but on x86 Linux."""
    if platform.machine() not in {"x86_64", "AMD64"} or sys.platform != "linux":
        return
    flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split())
    dispatched = _dispatched()
    for one in _STATED["processors"]:
        if one["needs"] not in flags:
            continue
        environment = dict(one["environment"])
        if off := [name for name in dispatched if name.startswith(tuple(one["without"]))]:
            environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(off)
        if one["numba"]:
            environment["NUMBA_CPU_NAME"] = one["numba"]
            environment["NUMBA_CPU_FEATURES"] = ""
        yield Condition(PROCESSOR, one["name"], environment)


def _dispatched() -> list[str]:
    """Return the features numpy could do without, of those this processor has."""
    with suppress(ImportError, AttributeError):  # numpy does not promise that they are there
        loops = importlib.import_module("numpy._core._multiarray_umath")
        return [name for name in loops.__cpu_dispatch__ if loops.__cpu_features__.get(name)]
    return []
