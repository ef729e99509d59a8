"""Kernels forked from a warm process: the parent's side of the nursery.

This module imports nothing heavy, so that a run can start the nursery first and do its own
imports while the nursery does its.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

PRELOAD = (
    "numpy",
    "pandas",
    "scipy.stats",
    "xarray",
    "h5netcdf",
    "matplotlib.pyplot",
    "seaborn",
    "matplotlib.backends.backend_agg",
    "psutil",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "darkdays.stages",
)
"""What every kernel finds imported already.

Not ``matplotlib_inline``: importing it hooks it into the shell of that moment.
"""

_REPLY_SECONDS = 120.0  # a cold disk and a busy machine, never a wait anybody notices


class NurseryError(Exception):
    """The nursery cannot give a kernel; an ordinary one has to do."""


class Nursery:
    """The parent's handle on a nursery.

    Use it as a context manager, or call `close`: that kills what it started.
    """

    def __init__(self, process: subprocess.Popen[bytes], leash: socket.socket) -> None:
        self._process = process
        self._leash = leash
        self._replies = leash.makefile("rb")
        self._one_at_a_time = threading.Lock()

    @classmethod
    def start(cls, preload: Sequence[str] = PRELOAD) -> Nursery | None:
        """Start a nursery and return at once, while it imports.

        Parameters
        ----------
        preload
            Modules to import; one that fails is left for the notebook to report.

        Returns
        -------
        Nursery or None
            Nothing where forking a loaded process is not safe: anywhere but Linux.
            The environment at this moment is what libraries read when they load.
        """
        if sys.platform != "linux":
            return None
        ours, theirs = socket.socketpair()
        ours.settimeout(_REPLY_SECONDS)
        with theirs:
            arguments = [str(theirs.fileno()), str(os.getpid()), *preload]
            try:
                # -P: the folder it happens to be started in must not shadow a module.
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "darkdays.runner.zygote", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is the parent's to handle
                )
            except OSError:
                ours.close()
                return None
        return cls(process, ours)

    @property
    def pid(self) -> int:
        """The process id of the nursery."""
        return self._process.pid

    def spawn(
        self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], scratch: str
    ) -> Kernel:
        """Fork a kernel.

        Parameters
        ----------
        argv
            What ``ipykernel_launcher`` would be given.
        cwd, env
            The kernel's working directory and its whole environment.
        scratch
            A folder to remove if this process is killed and cannot do it.

        Raises
        ------
        NurseryError
            If the nursery is gone or cannot fork.
        """
        reply = self.ask(spawn={"argv": list(argv), "cwd": cwd, "env": dict(env)}, scratch=scratch)
        return Kernel(self, int(reply["pid"]))

    def ask(self, **request: object) -> dict[str, Any]:
        """Send one request and return its reply.

        Raises
        ------
        NurseryError
            If the nursery is gone or refuses.
        """
        with self._one_at_a_time:
            try:
                self._leash.sendall(json.dumps(request).encode() + b"\n")
                line = self._replies.readline()
            except (OSError, ValueError) as error:
                raise NurseryError(str(error)) from error
        if not line:
            raise NurseryError("it ended before it answered")
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise NurseryError(reply["error"])
        return reply

    def close(self) -> None:
        """End the nursery and every kernel it forked."""
        with suppress(OSError):
            self._leash.shutdown(socket.SHUT_RDWR)
        self._replies.close()
        self._leash.close()
        try:
            self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:  # still importing: it has no kernels yet
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Kernel:
    """A forked kernel, with as much of `subprocess.Popen` as jupyter_client uses.

    It is the nursery's child, so the nursery is asked for its state and to signal it:
    no process id is used after its process was reaped.
    """

    stdin = stdout = stderr = None

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        if self.returncode is None:
            try:
                self.returncode = self._nursery.ask(poll=self.pid)["status"]
            except NurseryError:
                self.returncode = -signal.SIGKILL  # kernels do not outlive the nursery
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended and return its exit status.

        Raises
        ------
        subprocess.TimeoutExpired
            If it still runs after ``timeout`` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(0.005)
        return status

    async def ended(self, within: float) -> None:
        """Return when it has ended, or after ``within`` seconds."""
        end = time.monotonic() + within
        while self.poll() is None and time.monotonic() < end:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.005)

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and to what it started."""
        if self.poll() is None:
            with suppress(NurseryError):
                self._nursery.ask(signal=self.pid, number=int(signum))

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)
