"""nbval's notebooks and cells, judged honestly. Imported only when the flag is given."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from darkdays.nbcheck import seal
from darkdays.nbcheck.compare import Output, Tolerances, output_differences
from darkdays.nbcheck.kernel import KernelDiedError, LiveOutputs, WatchedKernel
from darkdays.nbcheck.text import excerpt

_OUTPUT_TIMEOUT = 20  # seconds; nbval's 5 are too few on a busy machine
STORE_AGAIN = "re-run the notebook and store its outputs"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class CellFailedError(Exception):
    """Why a cell fails: one sentence a difference, and a traceback if there is one."""

    def __init__(self, sentences: list[str], detail: str = "") -> None:
        super().__init__("\n".join(sentences))
        self.detail = detail


class _Told:
    """Of an item whose failure is told in sentences, without the plugin's own frames."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Show the sentences."""
        if isinstance(excinfo.value, CellFailedError):
            traceback = _COLOURS.sub("", excinfo.value.detail).strip("\n")
            return "\n".join(filter(None, [str(excinfo.value), traceback]))
        return super().repr_failure(excinfo)  # type: ignore[misc]


class Seal(_Told, pytest.Item):
    """The last item: whether a notebook's cells are those that were stored with its outputs."""

    def setup(self) -> None:
        """Do nothing: a seal needs no kernel."""

    def runtest(self) -> None:
        """Compare the seal with the notebook as it is.

        Raises
        ------
        CellFailedError
            With every difference.
        """
        notebook: Any = self.parent
        if differences := seal.broken(notebook.nb):
            raise CellFailedError([f"Seal: {one}; {STORE_AGAIN}." for one in differences])

    def reportinfo(self) -> tuple[Any, int, str]:
        """Name the notebook."""
        return self.path, 0, f"{self.path.name}: Seal"


class HonestCollection:
    """The hook that puts `HonestNotebook` in the place of nbval's notebooks."""

    def __init__(self, tolerances: Tolerances) -> None:
        self.tolerances = tolerances

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self) -> Generator[None, list[Any], list[Any]]:
        """Replace every notebook nbval collected."""
        collected = yield
        return [self._honest(node) if type(node) is IPyNbFile else node for node in collected]

    def _honest(self, node: Any) -> HonestNotebook:
        notebook: HonestNotebook = HonestNotebook.from_parent(node.parent, path=node.path)
        notebook.tolerances = self.tolerances
        return notebook


class HonestNotebook(IPyNbFile):  # type: ignore[misc]
    """A notebook whose stored outputs must be those of one run from top to bottom."""

    tolerances = Tolerances()
    kernel: Any = None
    running: HonestCell | None = None
    ended_in: str | None = None  # why cells are no longer run

    def collect(self) -> Iterator[HonestCell | Seal]:
        """Yield the code cells, each with what is wrong with it before it is run; then the seal."""
        last: int | None = 0
        highest = 0
        for cell in super().collect():
            honest: HonestCell = HonestCell.from_parent(
                self,
                name=cell.name,
                cell_num=cell.cell_num,
                cell=cell.cell,
                options=cell.options,
            )
            if honest.cell.source.strip():
                honest.executed_before = last, highest
                last = honest.cell.execution_count
                highest = max(highest, last or 0)
            yield honest
        if seal.KEY in self.nb.metadata:
            yield Seal.from_parent(self, name="Seal")

    def setup(self) -> None:
        """Start the kernel, or say in a sentence why it cannot be."""
        try:
            super().setup()
        except (KeyError, OSError, RuntimeError) as error:  # no such kernel, or it fails at once
            raise pytest.fail.Exception(
                f"{self.path.name}: its kernel did not start ({error}); choose an installed one "
                "with --nbval-kernel-name, or this Python with --nbval-current-env.",
                pytrace=False,
            ) from None
        self.kernel = WatchedKernel(self.kernel)
        self.live = LiveOutputs()

    def get_kernel_message(self, timeout: float | None = None, stream: str = "iopub") -> Any:
        """Return the kernel's next message that nbval understands."""
        while True:
            message = super().get_kernel_message(timeout, stream)
            if self.running is None or not self.live.consume(message, self.running.test_outputs):
                return message

    def roots(self) -> tuple[str, ...]:
        """Return the folders of this machine that may be printed."""
        here = (self.path.parent, self.config.rootpath, self.config.invocation_params.dir)
        return tuple(dict.fromkeys(map(str, (*here, Path.home(), tempfile.gettempdir()))))


class HonestCell(_Told, IPyNbCell):  # type: ignore[misc]
    """A code cell: run by nbval, judged here."""

    # The number the code cell before it was executed as, None if that was never executed,
    # and the highest number so far.
    executed_before: tuple[int | None, int] = (None, 0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.output_timeout = _OUTPUT_TIMEOUT
        self.clauses: list[str] = []

    def runtest(self) -> None:
        """Run the cell and compare.

        Raises
        ------
        CellFailedError
            With every difference, or why the cell could not be run.
        """
        notebook = self.parent
        if notebook.ended_in is not None and not self.options["skip"]:
            raise CellFailedError([f"{self.title}: not run, because {notebook.ended_in}."])
        self.clauses = [] if self.options["skip"] else self.stored_faults()
        sentences = [f"{self.title}: {clause}; {STORE_AGAIN}." for clause in self.clauses]
        notebook.running = self
        try:
            super().runtest()
        except KernelDiedError:
            notebook.ended_in = f"the kernel died in Cell {self.cell_num}"
            notebook.kernel.stop()
            sentences.append(
                f"{self.title}: the kernel died while running it (out of memory, or a crash in "
                "compiled code); run the notebook in JupyterLab to see at which statement."
            )
            raise CellFailedError(sentences) from None
        except NbCellError as error:
            if self.cell.execution_count is None and self.cell.outputs and not self._raised():
                pass  # nbval's word for a cell that was never executed, said above
            else:
                sentences.append(self._why(error))
                raise CellFailedError(sentences, error.inner_traceback or "") from None
        sentences = [f"{self.title}: {clause}; {STORE_AGAIN}." for clause in self.clauses]
        if sentences:
            raise CellFailedError(sentences)

    def stored_faults(self) -> list[str]:
        """Say what is wrong with the stored cell whatever a run may give."""
        if not self.cell.source.strip():
            return ["it has no code but stores outputs"] if self.cell.outputs else []
        count = self.cell.execution_count
        if count is None:
            return ["it was never executed (its execution count is empty)"]
        faults = [
            f"its result is numbered {output.execution_count} and the cell {count}"
            for output in self.cell.outputs
            if output.output_type == "execute_result" and output.execution_count != count
        ]
        before, highest = self.executed_before
        # The second kind of next number keeps a moved cell from failing those after it.
        if before is not None and count not in (before + 1, highest + 1):
            faults.append(
                f"its stored execution count is {count} where {before + 1} is next, so the cells "
                "were not run once each from top to bottom, or one was deleted, added or moved"
            )
        if not self.options["check_exception"]:
            faults += [
                f"it stores an error, {excerpt(output.ename + ': ' + output.evalue)}, "
                "without the tag raises-exception"
                for output in self.cell.outputs
                if output.output_type == "error"
            ]
        return faults

    def compare_outputs(
        self, test: list[Output], ref: list[Output], skip_compare: object = None
    ) -> bool:
        """Note the differences; `runtest` reports them together with the stored faults."""
        self.clauses += output_differences(
            self._sanitized(ref),
            self._sanitized(test),
            source=self.cell.source,
            tolerances=self.parent.tolerances,
            roots=self.parent.roots(),
        )
        return True

    @property
    def title(self) -> str:
        """The cell's number as nbval counts, and its first line."""
        first = self.cell.source.strip().partition("\n")[0]
        return f"Cell {self.cell_num} ({first[:50]})" if first else f"Cell {self.cell_num}"

    def _sanitized(self, outputs: list[Output]) -> list[Output]:
        """Apply the patterns of --nbval-sanitize-with, if any."""
        if not self.parent.sanitize_patterns:
            return outputs
        sanitized: list[Output] = self.sanitize_outputs(outputs)
        return sanitized

    def _raised(self) -> list[Any]:
        """Return the errors of this run."""
        return [o for o in self.test_outputs or [] if o.output_type == "error"]

    def _why(self, error: Any) -> str:
        """Say why nbval could not run the cell to its end."""
        raised = self._raised()
        if self.parent.timed_out:
            self.parent.ended_in = f"Cell {self.cell_num} timed out"
            limit = self.config.option.nbval_cell_timeout
            if "waiting for output" in str(error):
                limit = self.output_timeout  # it finished, but its outputs never came
            return (
                f"{self.title}: did not finish within {limit:g} s and was stopped, so the cells "
                "after it are not checked; make it faster or raise --nbval-cell-timeout."
            )
        if raised:
            what = excerpt(f"{raised[-1].ename}: {raised[-1].evalue}")
            return f"{self.title}: now raises {what}; mend the cell, then {STORE_AGAIN}."
        return f"{self.title}: {error}; {STORE_AGAIN}."
