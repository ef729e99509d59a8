"""A pytest plugin: what a kernel answered to the same code is replayed, never run twice.

Most tamperings leave the code of a notebook as it is, and then a run gives the same answers every
time; only a notebook with other code gets a kernel, from the first cell that differs. The folder
``RECORDED_ANSWERS`` names keeps what kernels answered, for all workers.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from darkdays.nbcheck.cells import HonestNotebook
from darkdays.nbcheck.kernel import LiveOutputs

_OURS = "recorded"


class RecordedKernel:
    """A kernel that is started when code comes that was never answered."""

    def __init__(self, start: Callable[[], Any], folder: Path) -> None:
        self._start = start
        self._folder = folder
        self._kernel: Any = None
        self._said: list[str] = []
        self._answers: list[dict[str, Any]] = []
        self._numbers = itertools.count()
        self._asked = ""

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Run code, or remember what it gave."""
        before, self._said = list(self._said), [*self._said, cell_input]
        self._asked = f"{_OURS}-{next(self._numbers)}"
        path = self._folder / hashlib.sha256(repr(self._said).encode()).hexdigest()
        if not path.exists():
            self._ask(before, path, allow_stdin)
        self._answers = pickle.loads(path.read_bytes())  # noqa: S301 - written below
        for one in self._answers:
            one["parent_header"] = {"msg_id": self._asked}
        return self._asked

    def _ask(self, before: list[str], path: Path, allow_stdin: bool | None) -> None:
        if self._kernel is None:
            self._kernel = self._start()
            for code in before:
                self._run(code, allow_stdin)
        answers = self._run(self._said[-1], allow_stdin)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(pickle.dumps(answers))
        partial.replace(path)

    def _run(self, code: str, allow_stdin: bool | None) -> list[dict[str, Any]]:
        asked = self._kernel.execute_cell_input(code, allow_stdin=allow_stdin)
        self._kernel.await_reply(asked, timeout=600)
        answers = []
        while True:
            message = self._kernel.get_message("iopub", timeout=60)
            if message["parent_header"].get("msg_id") != asked:
                continue
            kept = {"msg_type": message["msg_type"], "content": message["content"]}
            answers.append({**kept, "header": {}, "metadata": message.get("metadata", {})})
            if message["content"].get("execution_state") == "idle":
                return answers

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Return at once: the answer is there."""

    def await_idle(self, parent_id: str, timeout: float) -> None:
        """Drop what was not asked for."""
        self._answers = []

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the next answer.

        Raises
        ------
        queue.Empty
            If there is none left.
        """
        if not self._answers:
            raise Empty
        return self._answers.pop(0)

    def is_alive(self) -> bool:
        """Tell that it can be asked."""
        return True

    def interrupt(self) -> None:
        """Do nothing: it is never busy."""

    def stop(self) -> None:
        """Stop what was started."""
        if self._kernel is not None and self._kernel.is_alive():
            self._kernel.stop()
        self._kernel = None


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Put the recorded kernel between nbcheck and the kernels it starts."""
    folder = Path(os.environ["RECORDED_ANSWERS"])
    setup = HonestNotebook.setup

    def recorded(notebook: Any) -> None:
        def start() -> Any:
            setup(notebook)
            started = notebook.kernel
            notebook.kernel, notebook.live = kernel, live
            return started

        kernel, live = RecordedKernel(start, folder), LiveOutputs()
        notebook.kernel, notebook.live = kernel, live

    HonestNotebook.setup = recorded  # type: ignore[method-assign]
