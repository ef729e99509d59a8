"""What a command does when it is told to end: the same as at Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

STATUSES: Final = {name: 128 + number for name in ("SIGHUP", "SIGINT", "SIGTERM")
                   if (number := getattr(signal, name, 0))}  # fmt: skip
"""What the command line exits with, as a shell counts it."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End what is under way in order, workers and all, where the system asks for an end.

    A signal that whoever started this process had ignored (``nohup``) stays ignored.
    """

    def end(number: int, _: Any) -> NoReturn:
        # Once is enough: the second would cut off the tidying up after the first.
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for name in STATUSES.keys() - {"SIGINT"}:
            number = getattr(signal, name)
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
