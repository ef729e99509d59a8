"""What child processes print, brought to where it stands in a cell; run in a kernel, as text.

ipykernel has a thread bring it from a pipe. On a busy machine that comes after what the cell says
next, or after the cell, when nobody listens any more. Here whatever the kernel writes or flushes
waits for what lies in the pipe. Nothing of the project is imported, which a kernel may not have.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from typing import Any

_CHUNK = 1000  # bytes, as ipykernel reads them


def begin() -> None:
    """Follow both streams of this kernel."""
    for name in ("stdout", "stderr"):
        follow(getattr(sys, name))


def follow(stream: Any) -> None:
    """Bring what children print to a stream of ipykernel's where it was printed.

    Parameters
    ----------
    stream
        Of the kernel this runs in; one of another kernel stays as it is.
    """
    if not getattr(stream, "_should_watch", False):
        return
    stream._should_watch = False
    os.write(stream._original_stdstream_fd, b"\0")
    stream.watch_fd_thread.join()
    pipe, lock = stream._fid, threading.RLock()
    kernel, write, flush = os.getpid(), stream.write, stream.flush

    def bring() -> None:
        with lock:
            while select.select([pipe], [], [], 0)[0]:
                write(os.read(pipe, _CHUNK).decode(errors="replace"))

    def watch() -> None:
        while True:
            select.select([pipe], [], [])
            bring()

    def first(then: Any) -> Any:
        def wrapped(*values: Any) -> Any:
            if os.getpid() == kernel:  # a fork may have been made while the lock was held
                bring()
            return then(*values)

        return wrapped

    stream.write, stream.flush = first(write), first(flush)
    threading.Thread(target=watch, daemon=True).start()
