"""One run of a notebook from top to bottom, as Jupyter would store it."""

from __future__ import annotations

import copy
import inspect
import math
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbval.kernel import NbvalKernelspecManager

from darkdays.nbcheck import children

TIMED_OUT: Final = "timed out"
DIED: Final = "died"
SILENT: Final = "silent"
_CHILDREN: Final = f"{inspect.getsource(children)}\nbegin()\n"
_OUTPUT_TIMEOUT: Final = 20  # seconds from the end of a cell until all of its outputs are here


@dataclass
class Run:
    """What a run of a notebook gave.

    Attributes
    ----------
    cells
        All cells as the run left them: a later one may have changed what an earlier one shows.
    widgets
        The state of its widgets by model.
    ended
        Where and how it ended too early: place of a cell among all, and `TIMED_OUT`, `SILENT`
        (its outputs never came) or `DIED`.
    """

    cells: list[Any]
    widgets: dict[str, Any] = field(default_factory=dict)
    ended: tuple[int, str] | None = None


def run(
    notebook: Any,
    kernel: str,
    folder: str,
    *,
    skipped: Collection[int],
    timeout: float,
    startup_timeout: float,
) -> Run:
    """Run the code cells of a notebook once, in their order, errors or not.

    Parameters
    ----------
    notebook
        As nbformat gives it; it is left as it is.
    kernel
        The name of a kernel, or nbval's name for this interpreter.
    folder
        Where it runs.
    skipped
        Places, among all cells, of those that are not run.
    timeout, startup_timeout
        Seconds a cell, and the kernel, may take.

    Raises
    ------
    KeyError, OSError, RuntimeError
        If there is no such kernel, or it does not start.
    """
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("widgets", None)
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name=kernel, kernel_spec_manager=NbvalKernelspecManager()),
        resources={"metadata": {"path": folder}},
        timeout=math.ceil(timeout),
        startup_timeout=math.ceil(startup_timeout),
        iopub_timeout=_OUTPUT_TIMEOUT,
        raise_on_iopub_timeout=True,
        allow_errors=True,
        record_timing=False,
    )
    # ipykernel leaves out what child processes print where it believes to be tested itself.
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    found = Run(notebook.cells)
    with client.setup_kernel(env=environment, cleanup_kc=True):
        _follow_children(client.kc, startup_timeout)
        for place, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                cell.outputs = []
                if place in skipped:
                    continue
                try:
                    client.execute_cell(cell, place)
                except (CellTimeoutError, DeadKernelError) as error:
                    how = SILENT if "IOPub" in str(error) else TIMED_OUT
                    found.ended = place, DIED if isinstance(error, DeadKernelError) else how
                    break
        client.set_widgets_metadata()
    for state in notebook.metadata.get("widgets", {}).values():
        found.widgets.update(state["state"])
    return found


@run_sync
async def _follow_children(client: Any, timeout: float) -> None:
    """Have a kernel bring what child processes print to where it stands."""
    # No cell: while one runs, IPython has streams of its own. In another language it says nothing.
    program = {"children": f"exec({_CHILDREN!r}, {{'__name__': 'children'}})"}
    asked = {"silent": True, "user_expressions": program}
    await client.execute("", **asked, reply=True, timeout=timeout)
