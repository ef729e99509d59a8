"""Pictures drawn by a process beside this one, while the next figure is made here.

Where none was begun there is one core only, or a person at work: then they are drawn here. The
bytes are the same.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import pandas as pd

from darkdays.figures.plot import Plot, subplots

_beside: list[ProcessPoolExecutor] = []


def begin() -> None:
    """Start the process; it is ready when a figure is, and ends with this one."""
    if not _beside and (os.cpu_count() or 1) > 1:
        _beside.append(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
        _beside[0].submit(_ready)


def drawn(plots: Iterable[Plot], *kinds: str) -> list[tuple[Plot, dict[str, bytes]]]:
    """Draw figures.

    Parameters
    ----------
    plots
        Each is made when it is asked for.
    kinds
        Of pictures: ``svg``, ``png``.

    Returns
    -------
    list of (Plot, dict)
        Each figure, and its pictures by kind.
    """
    coming = [(plot, _asked(plot, kinds)) for plot in plots]
    # What is not begun by now is drawn on both sides, here from the end.
    here = {
        plot.name: _pictures(plot, kinds)
        for plot, asked in reversed(coming)
        if asked is None or asked.cancel()
    }
    return [(plot, here.get(plot.name) or _taken(plot, kinds, asked)) for plot, asked in coming]


Asked = Future[dict[str, bytes]]


def _asked(plot: Plot, kinds: tuple[str, ...]) -> Asked | None:
    try:
        return _beside[0].submit(_pictures, plot, kinds) if _beside else None
    except BrokenProcessPool:
        return None


def _taken(plot: Plot, kinds: tuple[str, ...], asked: Asked | None) -> dict[str, bytes]:
    try:
        return asked.result() if asked else _pictures(plot, kinds)
    except BrokenProcessPool:
        return _pictures(plot, kinds)


def _pictures(plot: Plot, kinds: tuple[str, ...]) -> dict[str, bytes]:
    return {kind: plot.rendered(kind) for kind in kinds}


def _ready() -> None:
    """Have drawn once, so that all is loaded, and never look for cycles in that."""
    figure, _ = subplots(1, 1)
    _pictures(Plot("", "", "", "", figure, pd.DataFrame()), ("svg", "png"))
    gc.freeze()
