"""The process of a kernel that runs several notebooks, each as if it were the first.

It is an ordinary ipykernel that imports the scientific stack before it is asked for anything.
Its standard input is a leash: when the other end is closed, it ends; when the process that
started it is gone, however it went, it kills itself and all it started.
"""

from __future__ import annotations

import atexit
import builtins
import importlib
import os
import random
import select
import shutil
import signal
import sys
import threading
import time
import warnings
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from darkdays.files import beside
from darkdays.files.fast_imports import uncollected
from darkdays.runner.kernel import CONNECTION, NOTES

_SECONDS_TO_END: Final = 1.0
_INLINE: Final = "module://matplotlib_inline.backend_inline"
_NOT_DRAWN: Final = ("ipywidgets", "scipy.cluster", "scipy.stats", "statsmodels")
"""Modules that seaborn loads where they are, for what no figure has."""
_NOT_OF_PLOTS: Final = r"^(?!plotting\.matplotlib)"
"""Options of pandas that it can set without loading matplotlib."""
_settings: Final = ExitStack()
"""What a notebook may set and the next one must not find."""
_at_first: Final[dict[str, Any]] = {}


def main() -> None:
    """Be a kernel, until the leash is let go."""
    folder, *preload = sys.argv[1:]
    # xarray asks for dask at its first array, and no notebook that runs here has one of dask's.
    sys.modules["dask"] = None  # type: ignore[assignment]
    atexit.register(_end, folder)  # registered first, it comes last
    os.environ.setdefault("MPLBACKEND", _INLINE)
    sys.argv = ["ipykernel_launcher", "-f", str(Path(folder) / CONNECTION)]
    errors = os.dup(2)
    with uncollected():
        _import(preload)
        if preload:
            # Where figures are drawn.
            beside.begin("darkdays.stages.drawing", alone=True, left_out=_NOT_DRAWN)
        app = _application()
        leash = os.dup(0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        parts = app, leash, os.getppid(), folder
        threading.Thread(target=_hold, args=parts, daemon=True).start()
        app.initialize([*sys.argv[1:], "--HistoryManager.enabled=False"])
    if preload:
        # Where a person reads it: what a cell writes goes into its notebook. Bars of the parent
        # would draw over lines, and show the last one themselves.
        if os.isatty(errors):
            errors = os.open(Path(folder) / NOTES, os.O_WRONLY | os.O_CREAT, 0o600)
        kernels = importlib.import_module("darkdays.detect.compiled.kernel")
        kernels.say_when_compiling(lambda text: os.write(errors, text.encode()))
    _at_first.update(environ=dict(os.environ), path=list(sys.path))
    app.start()
    # ipykernel's exit handler ends the output thread; another that still flushes through it
    # then waits for seconds.
    for thread in (app.control_thread, app.shell_channel_thread):
        thread.stop()
        thread.join(timeout=_SECONDS_TO_END)


def begin(folder: str) -> None:
    """Be as at the start: for the next notebook, in its working folder."""
    shell: Any = importlib.import_module("IPython").get_ipython()
    loaded = sys.modules
    if "matplotlib.pyplot" in loaded:
        loaded["matplotlib.pyplot"].close("all")
        loaded["matplotlib"].rc_file_defaults()
    _settings.close()
    shell.reset(new_session=True)
    shell.user_ns.update(dict.fromkeys(("_", "__", "___"), ""))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(_at_first["environ"])
    sys.path[:] = _at_first["path"]
    random.seed()
    if "numpy" in loaded:
        loaded["numpy"].random.seed()
    if "pandas" in loaded:
        with warnings.catch_warnings(action="ignore"):  # of options that are going
            loaded["pandas"].reset_option("all" if "matplotlib" in loaded else _NOT_OF_PLOTS)
    if "xarray" in loaded:
        xarray = loaded["xarray"]
        _settings.enter_context(xarray.set_options(**xarray.get_options()))
    _settings.enter_context(warnings.catch_warnings())


def _import(names: list[str]) -> None:
    """Import modules as in a cell: pandas asks whether it is in a terminal, and cuts tables there.

    One that fails is left for the notebook to report.
    """
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    for name in names:
        with suppress(Exception):
            importlib.import_module(name)
    del builtins.get_ipython  # type: ignore[attr-defined]


def _application() -> Any:
    """Return ipykernel's application, without its debugger: that loads for half a second."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    kernelapp = importlib.import_module("ipykernel.kernelapp")
    del sys.modules["debugpy"]
    # A parent that is 1 is not watched: ours is, by the leash.
    return kernelapp.IPKernelApp.instance(parent_handle=1)


def _hold(app: Any, leash: int, parent: int, folder: str) -> None:
    """Wait for the end of the leash, and see to it that the process ends."""
    # The leash can be held by a process that the parent forked and left behind.
    while os.getppid() == parent and not select.select([leash], [], [], 1.0)[0]:
        pass
    loop = getattr(app.kernel, "io_loop", None)
    if loop is not None and os.getppid() == parent:
        loop.add_callback(loop.stop)
        time.sleep(_SECONDS_TO_END)
    _end(folder)


def _end(folder: str) -> None:
    """End the process with whatever notebooks started and left."""
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
