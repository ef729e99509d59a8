"""One kernel for all notebooks of a run: the parent's side of it.

This module imports nothing heavy, so that a run can start the kernel first and do its own
imports while the kernel does its. The kernel runs the interpreter of this process (never another
one that a kernel specification in somebody's home folder points to), talks over Unix sockets (so
it needs no loopback interface), keeps no history and reads no IPython start-up files.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from darkdays.files import limits

PRELOAD: Final = (
    "numpy",
    "pandas",
    "scipy.optimize",
    "xarray",
    "h5netcdf",
    "darkdays.stages",
)
"""What a notebook finds imported already."""

CONNECTION: Final = "connection.json"
NOTES: Final = "notes"
_CHANNELS: Final = ("shell", "iopub", "stdin", "control", "hb")
_LONGEST_FOLDER: Final = 80  # a socket path may have 103 to 107 bytes, and a name comes behind
_SECONDS_TO_END: Final = 2.0
# The folder it happens to be started in must not shadow a module.
_PROGRAM: Final = (
    "import sys; sys.path[:] = filter(None, sys.path);"
    "from darkdays.runner.kernel_process import main; main()"
)


class Kernel:
    """The parent's handle on a kernel; it is ended when the context is left.

    Attributes
    ----------
    process
        The kernel's process.
    folder
        A private folder for sockets and IPython's own files.
    client
        What :mod:`darkdays.runner.engine` talks to it through, from the first notebook on.
    """

    has_kernel = True
    """Tells nbclient that there is none to be started."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.client: Any = None

    @classmethod
    def start(cls, preload: Sequence[str] = PRELOAD) -> Kernel:
        """Start a kernel and return at once, while it imports.

        Parameters
        ----------
        preload
            Modules to import; one that fails is left for the notebook to report.

        Raises
        ------
        InputError
            If the system allows too little for one.
        """
        limits.need("a kernel", limits.KERNEL)
        base = tempfile.gettempdir()
        if len(base) > _LONGEST_FOLDER:
            base = "/tmp"  # noqa: S108 - the folder made in it is private
        folder = Path(tempfile.mkdtemp(prefix="dd-", dir=base))
        ports = {f"{name}_port": number for number, name in enumerate(_CHANNELS, start=1)}
        connection = {
            "transport": "ipc",
            "ip": str(folder / "socket"),
            **ports,
            "key": secrets.token_hex(),
            "signature_scheme": "hmac-sha256",
        }
        (folder / CONNECTION).write_text(json.dumps(connection), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(folder), *preload],
            stdin=subprocess.PIPE,  # never written to: its end is the end of this process
            stdout=subprocess.DEVNULL,
            env={**os.environ, "IPYTHONDIR": str(folder / "ipython")},
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
        return cls(process, folder)

    def note(self) -> str:
        """Return what it last said beside the bars that are drawn of its cells."""
        with suppress(OSError, IndexError):
            last = (self.folder / NOTES).read_text(encoding="utf-8").splitlines()[-1]
            return last.removeprefix("darkdays: ")
        return ""

    @property
    def is_running(self) -> bool:
        """Whether its process has not ended."""
        return self.process.poll() is None

    def finish(self) -> None:
        """Let it run its exit handlers and end, without waiting for that."""
        if self.process.stdin is not None:
            self.process.stdin.close()

    def close(self, *, now: bool = False) -> None:
        """End it with all it started: at once, or when its exit handlers are through."""
        self.finish()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0 if now else _SECONDS_TO_END)
        if self.is_running:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.client is not None:
            self.client.stop_channels()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(now=kind is not None)
