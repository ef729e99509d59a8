"""Conditions a study is run under to see what its numbers owe to the machine.

Another processor is simulated by what libraries let one switch off: the kernels of OpenBLAS, the
loops numpy dispatches by, the functions of the C library, the target numba compiles for. Results
of ``exp``, ``log``, FFT, matrix products and decompositions are known to change with them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from darkdays.review.rerun.interpreters import Interpreter

PROCESSOR: Final = "processor"
FACTORS: Final = (PROCESSOR, "threads", "hash seed", "time zone", "locale", "python")

_ASK_FEATURES: Final = (
    "import json\n"
    "from numpy._core import _multiarray_umath as m\n"
    "print(json.dumps([f for f in m.__cpu_dispatch__ if m.__cpu_features__.get(f)]))\n"
)
_NO_AVX512: Final = ("AVX512", "X86_V4")
_NO_AVX2: Final = (*_NO_AVX512, "AVX2", "FMA3", "X86_V3")
_OLD_C: Final = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"}
# Name, what it must have here, OpenBLAS, numba, what numpy goes without, more of its environment.
_SIMULATED: Final[Sequence[tuple[str, str, str, str, tuple[str, ...], dict[str, str]]]] = (
    ("Skylake-X", "avx512f", "SkylakeX", "", (), {}),
    ("Haswell", "avx2", "Haswell", "haswell", _NO_AVX512, {}),
    ("Zen", "avx2", "Zen", "haswell", _NO_AVX512, {}),
    ("Sandy Bridge", "avx", "Sandybridge", "nehalem", _NO_AVX2, _OLD_C),
    ("Excavator", "avx", "Excavator", "haswell", _NO_AVX512, {}),
    ("Nehalem", "sse4_2", "Nehalem", "nehalem", _NO_AVX2, _OLD_C),
    ("Core 2", "ssse3", "Core2", "x86-64", _NO_AVX2, _OLD_C),
    ("Prescott", "pni", "Prescott", "x86-64", _NO_AVX2, _OLD_C),
)
_OTHERS: Final[Sequence[tuple[str, str, dict[str, str]]]] = (
    ("threads", "1", {}),
    ("threads", "4", {}),
    ("hash seed", "0", {"PYTHONHASHSEED": "0"}),
    ("hash seed", "4242", {"PYTHONHASHSEED": "4242"}),
    ("time zone", "Asia/Tehran", {"TZ": "Asia/Tehran"}),
    ("time zone", "America/St_Johns", {"TZ": "America/St_Johns"}),
    ("locale", "C", {"LC_ALL": "C", "LANG": "C"}),
    ("locale", "fa_IR.UTF-8", {"LC_ALL": "", "LANG": "fa_IR.UTF-8"}),
)
_THREADS: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS",
)  # fmt: skip


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
    for factor, value, environment in _OTHERS:
        given = dict.fromkeys(_THREADS, value) if factor == "threads" else environment
        found.append(Condition(factor, value, given))
    found += [Condition("python", one.python, {}, one.path) for one in pythons[1:]]
    return found


def _processors() -> Iterator[Condition]:
    """Go through the processors that can be simulated on this one; none but on x86 Linux."""
    if platform.machine() not in {"x86_64", "AMD64"} or sys.platform != "linux":
        return
    flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split())
    dispatched = _dispatched()
    for name, needed, blas, numba, without, more in _SIMULATED:
        if needed not in flags:
            continue
        environment = {"OPENBLAS_CORETYPE": blas, **more}
        if off := [one for one in dispatched if one.startswith(without)]:
            environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(off)
        if numba:
            environment["NUMBA_CPU_NAME"] = numba
            environment["NUMBA_CPU_FEATURES"] = ""
        yield Condition(PROCESSOR, name, environment)


def _dispatched() -> list[str]:
    """Return the features numpy could do without, of those this processor has."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _ASK_FEATURES],
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=False,
    )
    try:
        features: list[str] = json.loads(done.stdout)
    except ValueError:
        return []
    return features
