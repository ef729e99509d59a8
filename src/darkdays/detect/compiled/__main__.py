"""Compile every kernel now: ``python -m darkdays.detect.compiled``.

The first detection by new code otherwise compiles for half a minute while somebody waits. Machine
code (:mod:`darkdays.detect.compiled.kernel_cache`) is of no use to another model of processor,
unless both are told ``NUMBA_CPU_NAME=generic``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import numpy as np
import pandas as pd

from darkdays import detect
from darkdays.detect.compiled.kernel import Kernel, use_machine_code
from darkdays.detect.compiled.kernel_cache import FOLDER, remove_old
from darkdays.detect.segmentation import fpop
from darkdays.files import staging
from darkdays.simulate.signals import simulated_tree
from darkdays.simulate.worlds import WORLDS, draw


def kernels() -> Iterator[Any]:
    """Go through the compiled functions of the detector, without those compiled into others."""
    for found in walk_packages(detect.__path__, f"{detect.__name__}."):
        for one in vars(import_module(found.name)).values():
            # A kernel that another module imported belongs to the one that defines it.
            is_here = isinstance(one, Kernel) and one.py_func.__module__ == found.name
            if is_here and one.targetoptions.get("inline") != "always":
                yield one.dispatcher


def run_every_kernel() -> int:
    """Run every kernel once, on made-up numbers of the forms real ones come in.

    Returns
    -------
    int
        How many functions were compiled; those found in the cache do not count.
    """
    use_machine_code()
    rng = np.random.default_rng(0)
    short = draw(WORLDS["step"], 200, rng).values
    detect.change_points(short)
    times = pd.date_range("2021-01-04", periods=7 * 7 * 24, freq="h")
    hours = np.arange(times.size)
    normal = 400.0 + 40.0 * np.sin(hours / 24.0 * 2.0 * np.pi)
    counts = np.round(normal + rng.normal(scale=4.0, size=times.size))
    counts[700:730] *= 0.2
    counts[900:905] = np.nan
    detect.change_points(counts, times=times)
    detect.outages(simulated_tree({"country/XX": counts}, times))
    week = slice(600, 800)
    detect.outages(simulated_tree({"country/XX": counts[week]}, times[week]))
    fpop.last_changes(short, 10.0)
    return sum(sum(one.stats.cache_misses.values()) for one in kernels())


def main() -> int:
    """Compile, and say what was done and where it is kept."""
    begun = time.monotonic()
    with staging.locked(FOLDER):  # two at once would compile the same
        compiled = run_every_kernel()
    remove_old(FOLDER)
    sys.stdout.write(
        f"{compiled} kernels compiled in {time.monotonic() - begun:.0f} s, kept in {FOLDER}\n"
        if compiled
        else f"All kernels are compiled already, in {FOLDER}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
