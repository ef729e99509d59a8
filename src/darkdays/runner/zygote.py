"""A process that has imported the scientific stack once and forks kernels from it.

Starting a kernel and importing the stack in it costs seconds, a notebook's own work often
less than one. The nursery pays for the imports once, beside the parent's own start-up.

Parent and nursery talk over a socket pair, one line of JSON each way. The end of that
socket is also the leash: when the parent is gone, however it went, the nursery kills its
kernels and itself. So does the kernel (``PR_SET_PDEATHSIG``) when the nursery is gone.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

_INLINE = "module://matplotlib_inline.backend_inline"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class _Spawn:
    argv: list[str]
    cwd: str
    env: dict[str, str]


def _main() -> None:
    """Preload, then serve; a fork returns from serving and becomes a kernel."""
    descriptor, parent, *preload = sys.argv[1:]
    leash = socket.socket(fileno=int(descriptor))
    leash.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Named, not loaded: loading hooks it into a shell, which only the forked kernel has.
    os.environ.setdefault("MPLBACKEND", _INLINE)
    for name in preload:
        with suppress(Exception):
            importlib.import_module(name)
    _leave_out_debugger()
    gc.collect()
    gc.freeze()  # the collector must not touch, and so copy, every page shared with the forks
    wish = _serve(leash, int(parent))
    leash.close()
    _become_kernel(wish)


def _leave_out_debugger() -> None:
    """Let ipykernel find no debugger: a run is not debugged, and it loads for half a second."""
    if "debugpy" not in sys.modules:
        sys.modules["debugpy"] = None  # type: ignore[assignment]
        with suppress(Exception):
            importlib.import_module("ipykernel.debugger")
        del sys.modules["debugpy"]


def _serve(leash: socket.socket, parent: int) -> _Spawn:
    """Answer the parent until it is gone; return only in a forked child."""
    nursery = os.getpid()
    children: dict[int, int | None] = {}
    scratch: set[str] = set()
    requests: BinaryIO = leash.makefile("rb")  # one request at a time: never more than a line
    while True:
        ready, _, _ = select.select([leash], [], [], 1.0)
        _reap(children)
        if not ready:
            # The socket can be held open by a process the parent forked and left behind.
            if os.getppid() != parent:
                _leave(children, scratch)
            continue
        line = b""
        with suppress(OSError):
            line = requests.readline()
        if not line.endswith(b"\n"):
            _leave(children, scratch)
        request = json.loads(line)
        reply: dict[str, object] = {}
        if "spawn" in request:
            scratch.add(request["scratch"])
            try:
                pid = os.fork()
            except OSError as error:
                reply = {"error": f"it cannot fork: {error.strerror}"}
            else:
                if pid == 0:
                    _obey_leash(nursery)
                    requests.close()
                    return _Spawn(**request["spawn"])
                # Both sides set the group, so that it is there whoever comes first.
                with suppress(OSError):
                    os.setpgid(pid, pid)
                children[pid] = None
                reply = {"pid": pid}
        elif "poll" in request:
            reply = {"status": children.get(request["poll"])}
        elif "signal" in request and children.get(request["signal"], 0) is None:
            with suppress(OSError):
                os.killpg(request["signal"], request["number"])
        with suppress(OSError):
            leash.sendall(json.dumps(reply).encode() + b"\n")


def _reap(children: dict[int, int | None]) -> None:
    for pid, status in children.items():
        if status is None:
            ended, code = os.waitpid(pid, os.WNOHANG)
            if ended:
                children[pid] = os.waitstatus_to_exitcode(code)


def _leave(children: Mapping[int, int | None], scratch: set[str]) -> NoReturn:
    for pid, status in children.items():
        if status is None:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
    for folder in scratch:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _obey_leash(nursery: int) -> None:
    """In a fork: lead an own process group, and die with the nursery."""
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != nursery:  # it went before the line above
        os._exit(1)


def _become_kernel(wish: _Spawn) -> None:
    """Turn this forked process into what ``python -m ipykernel_launcher`` would have been."""
    from ipykernel.kernelapp import IPKernelApp

    os.environ.clear()
    os.environ.update(wish.env)
    time.tzset()
    os.chdir(wish.cwd)
    sys.argv = ["ipykernel_launcher", *wish.argv]
    if "numpy" in sys.modules:
        # Otherwise every fork draws the same numbers from the global generator.
        sys.modules["numpy"].random.seed()
    if "pandas" in sys.modules:
        # Imported without a kernel, pandas takes itself to be in a terminal and cuts tables.
        sys.modules["pandas"].set_option("display.max_columns", 20)
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(wish.argv)  # type: ignore[no-untyped-call]
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
    app.start()  # type: ignore[no-untyped-call]
    # ipykernel's exit handler ends the output thread; a control thread that still flushes
    # through it then waits for seconds, so let that one finish first.
    for thread in (app.control_thread, app.shell_channel_thread):
        thread.join(timeout=1.0)
    _end()


def _end() -> NoReturn:
    """End as `multiprocessing` ends its forks: exit handlers run, nothing is taken apart.

    Taking apart hundreds of loaded modules takes a tenth of a second.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads a notebook left
    atexit._run_exitfuncs()
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    _main()
