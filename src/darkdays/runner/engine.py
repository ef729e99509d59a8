"""Execute one notebook: papermill's engine, on a kernel that is kept for the next one."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any, Final

from darkdays.errors import DarkdaysError
from darkdays.files.fast_imports import IRI_GRAMMAR, without
from darkdays.runner.kernel import CONNECTION, Kernel

with without(IRI_GRAMMAR):
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from nbclient.exceptions import CellExecutionError
    from nbclient.util import run_sync
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine, papermill_engines

ENGINE: Final = "darkdays"
"""The name papermill knows the engine by, in this process."""

_SECONDS_TO_START: Final = 180.0  # a cold disk and a busy machine
_SECONDS_BETWEEN_SAVES: Final = 1.0
_NO_KERNEL: Final = (
    "the kernel {} before it could run a cell: end other programs, or allow more with `ulimit`; "
    "see whether `python -m ipykernel_launcher` starts in this environment, and re-install "
    "ipykernel if not."
)
# What kind of error a cell ended in is known in its kernel only.
_ASK_REFUSAL: Final = (
    "(lambda error, base: __import__('json').dumps([error.exit_status, str(error)])"
    " if isinstance(error, base) else '')(getattr(__import__('sys'), 'last_value', None),"
    " __import__('darkdays.errors', fromlist=['_']).DarkdaysError)"
)
_BEGIN: Final = "__import__('darkdays.runner.kernel_process', fromlist=['_']).begin({!r})"


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


class KeptEngine(Engine):  # type: ignore[misc]
    """papermill's engine for notebooks that share a kernel, one after the other."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, kernel: Kernel, watch: Watch, **_: Any
    ) -> None:
        """Execute a notebook that papermill opened, cell by cell.

        Parameters
        ----------
        nb_man
            papermill's keeper of the notebook.
        kernel_name
            Kept only in the notebook: the kernel is always this interpreter.
        kernel
            Where its cells run.
        watch
            Told of every cell.

        Raises
        ------
        DarkdaysError
            If the kernel does not start, or the notebook is of another language.
        """
        stated = nb_man.nb.metadata.get("kernelspec", {}).get("language") or "python"
        if stated.lower() != "python":
            raise DarkdaysError(
                f"this notebook is written in {stated}, and runs here in Python only: "
                "choose a Python kernel for it."
            )
        if kernel.client is None:
            kernel.client = _Client(kernel)
        kernel.client.begin(str(Path.cwd()))
        notebook = _NotebookClient(
            nb_man, kernel, watch=watch, kernel_name=kernel_name, coalesce_streams=True
        )
        notebook.kc = kernel.client
        save = nb_man.save

        def save_now_and_then(**_: Any) -> None:
            # papermill itself saves before and after each cell, for half a second in a run.
            if (nb_man.now() - nb_man.last_save_time).total_seconds() > _SECONDS_BETWEEN_SAVES:
                save()

        nb_man.save = save_now_and_then
        try:
            notebook.execute()
        finally:
            save()


class _Client(AsyncKernelClient):
    """A client that knows from the process whether the kernel lives, without a heartbeat."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(connection_file=str(kernel.folder / CONNECTION))
        self.kernel = kernel
        self.load_connection_file()
        self.start_channels(stdin=False, hb=False)

    async def is_alive(self) -> bool:
        return self.kernel.is_running

    async def _begin(self, folder: str) -> None:
        """Have the kernel begin anew, and return when it is heard on both channels."""
        end = time.monotonic() + _SECONDS_TO_START
        while True:
            request = self.execute(_BEGIN.format(folder), silent=True)
            reply = await self._reply(request)
            if reply["content"]["status"] != "ok":
                raise DarkdaysError(_NO_KERNEL.format(f"failed ({reply['content'].get('evalue')})"))
            with suppress(Empty):  # what it published before it knew of this client is lost
                while not _is_of(request, message := await self.get_iopub_msg(timeout=1)) or (
                    message["content"].get("execution_state") != "idle"
                ):
                    pass
                return
            if time.monotonic() > end:  # a thread of its own publishes, and may not have begun
                raise DarkdaysError(_NO_KERNEL.format("was not heard"))

    begin = run_sync(_begin)

    async def _reply(self, request: str) -> dict[str, Any]:
        end = time.monotonic() + _SECONDS_TO_START
        while True:
            try:
                if _is_of(request, reply := await self.get_shell_msg(timeout=1)):
                    return reply
            except Empty:
                if not self.kernel.is_running:
                    raise DarkdaysError(_NO_KERNEL.format("ended")) from None
                if time.monotonic() > end:
                    raise DarkdaysError(_NO_KERNEL.format("was not ready")) from None


def _is_of(request: str, message: dict[str, Any]) -> bool:
    return bool(message["parent_header"].get("msg_id") == request)


class _NotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    def __init__(self, nb_man: object, kernel: Kernel, *, watch: Watch, **options: Any) -> None:
        super().__init__(nb_man, km=kernel, **options)
        self.watch = watch

    def execute_cell(self, cell: Any, cell_index: int, *args: Any, **options: Any) -> Any:
        try:
            executed = super().execute_cell(cell, cell_index, *args, **options)
        except CellExecutionError:
            self.watch.refusal = self._refusal()
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


papermill_engines.register(ENGINE, KeptEngine)
