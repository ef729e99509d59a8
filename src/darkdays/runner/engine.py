"""Execute one notebook: papermill's engine ``darkdays``, on kernels that start warm and offline.

It is registered by an entry point, and by importing this module: ``papermill --engine darkdays``
and ``papermill.execute_notebook(..., engine_name="darkdays")`` work for any notebook in Python.
Where no process can be forked safely, ordinary kernels are used; a notebook in another language
goes to papermill's own engine.
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from darkdays.runner.fast_imports import without_iri_grammar
from darkdays.runner.kernel_manager import Room, room
from darkdays.runner.kernels import Nursery

with without_iri_grammar():
    from jupyter_client.manager import AsyncKernelManager
    from nbclient.exceptions import CellExecutionError
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

ENGINE = "darkdays"
"""The name papermill knows the engine by."""

# What kind of error a cell ended in is known in its kernel only.
_ASK_REFUSAL = (
    "(lambda error, base: __import__('json').dumps([error.exit_status, str(error)])"
    " if isinstance(error, base) else '')(getattr(__import__('sys'), 'last_value', None),"
    " __import__('darkdays.errors', fromlist=['_']).DarkdaysError)"
)
_LOGGING = {"log", "log_output", "stdout_file", "stderr_file"}


@dataclass
class Watch:
    """What is told of one notebook's execution while it goes on.

    Attributes
    ----------
    progress
        Called after every cell with how many are done and how many there are.
    refusal
        Exit status and sentence, when a cell ended in an error meant for a person.
    cell
        How many cells were done.
    """

    progress: Callable[[int, int], None] | None = None
    refusal: tuple[int, str] | None = None
    cell: int = 0


class _NotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    def __init__(self, manager: object, *, room: Room, watch: Watch, **options: Any) -> None:
        super().__init__(manager, **options)
        self.room = room
        self.watch = watch

    def create_kernel_manager(self) -> AsyncKernelManager:
        self.km = self.room.manager()
        return self.km

    def execute_cell(self, cell: Any, cell_index: int, *args: Any, **options: Any) -> Any:
        try:
            executed = super().execute_cell(cell, cell_index, *args, **options)
        except CellExecutionError:
            self.watch.refusal = self._refusal()
            raise
        except BaseException:
            self.shutdown_kernel = "immediate"  # it is busy, and nobody waits for its answer
            raise
        self.watch.cell = cell_index + 1
        if self.watch.progress is not None:
            self.watch.progress(cell_index + 1, len(self.nb.cells))
        return executed

    def _refusal(self) -> tuple[int, str] | None:
        for _ in range(20):
            request = self.kc.execute("", silent=True, user_expressions={"it": _ASK_REFUSAL})
            content = self.wait_for_reply(request)["content"]
            if content["status"] == "ok":
                answer = content["user_expressions"]["it"].get("data", {}).get("text/plain", "''")
                text = ast.literal_eval(answer)
                return tuple(json.loads(text)) if text else None
            # Just after an error the kernel turns away what it takes for queued cells.
            time.sleep(0.01)
        return None


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine ``darkdays``."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        room: Room | None = None,
        watch: Watch | None = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **options: Any,
    ) -> None:
        """Execute a notebook that papermill opened, cell by cell.

        Parameters
        ----------
        nb_man
            papermill's keeper of the notebook.
        kernel_name
            Kept only in the notebook: the kernel is always this interpreter.
        room
            Where kernels come from; one of its own for this notebook if not given.
        watch
            Told of every cell.
        start_timeout, execution_timeout
            Seconds to wait for the kernel, and for each cell (default: for ever).
        **options
            What papermill's own engine takes.
        """
        if nb_man.nb.metadata.get("kernelspec", {}).get("language", "python") != "python":
            super().execute_managed_notebook(
                nb_man,
                kernel_name,
                start_timeout=start_timeout,
                execution_timeout=execution_timeout,
                **options,
            )
            return
        with _this_or_a_new(room) as where:
            client = _NotebookClient(
                nb_man,
                room=where,
                watch=watch or Watch(),
                timeout=execution_timeout,
                startup_timeout=start_timeout,
                kernel_name=kernel_name,
                extra_arguments=["--HistoryManager.enabled=False"],
                coalesce_streams=True,
                **{name: options[name] for name in _LOGGING & options.keys()},
            )
            environment = {**os.environ, "IPYTHONDIR": str(where.folder / "ipython")}
            client.execute(cwd=str(Path.cwd()), env=environment)


@contextmanager
def _this_or_a_new(given: Room | None) -> Iterator[Room]:
    if given is not None:
        yield given
        return
    with room(_nursery_of_this_process(), _to_stderr) as new:
        yield new


@cache
def _nursery_of_this_process() -> Nursery | None:
    """Start a nursery at the first notebook that brings none, for all that follow."""
    nursery = Nursery.start()
    if nursery is not None:
        atexit.register(nursery.close)
    return nursery


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")


papermill_engines.register(ENGINE, WarmEngine)
