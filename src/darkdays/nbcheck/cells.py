"""nbval's cells, judged honestly. Imported only when the flag is given."""

from __future__ import annotations

from typing import Any

import pytest
from nbval.plugin import IPyNbCell

from darkdays.nbcheck import kernel
from darkdays.nbcheck.compare import Output, coalesced, output_differences
from darkdays.nbcheck.text import excerpt, uncoloured
from darkdays.nbcheck.widgets import states_of, unfolded

STORE_AGAIN = "re-run the notebook and store its outputs"


class CellFailedError(Exception):
    """Why a cell fails: one sentence a difference, and a traceback if there is one."""

    def __init__(self, sentences: list[str], detail: str = "") -> None:
        super().__init__("\n".join(sentences))
        self.detail = detail


class Told:
    """Of an item whose failure is told in sentences, without the plugin's own frames."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Show the sentences."""
        if isinstance(excinfo.value, CellFailedError):
            traceback = uncoloured(excinfo.value.detail).strip("\n")
            return "\n".join(filter(None, [str(excinfo.value), traceback]))
        return super().repr_failure(excinfo)  # type: ignore[misc]


class HonestCell(Told, IPyNbCell):  # type: ignore[misc]
    """A code cell: run by nbval, judged here."""

    # The number the code cell before it was executed as, None if that was never executed,
    # and the highest number so far.
    executed_before: tuple[int | None, int] = (None, 0)
    place = 0  # among all cells of the notebook

    def setup(self) -> None:
        """Do nothing: the notebook was run as a whole."""

    def runtest(self) -> None:
        """Compare what the cell stores with what it gave.

        Raises
        ------
        CellFailedError
            With every difference, or why the cell could not be run.
        """
        if self.options["skip"]:
            pytest.skip()
        clauses = self.stored_faults()
        at, how = self.parent.ran.ended or (self.place, "")
        if at < self.place:
            first = f"Cell {self.parent.cells[at].cell_num}"
            why = f"the kernel died in {first}" if how == kernel.DIED else f"{first} timed out"
            raise CellFailedError([f"{self.title}: not run, because {why}."])
        now = self.parent.ran.cells[self.place].outputs
        ended, detail = "", ""
        if at == self.place and how:
            ended = self._how_it_ended(how)
        elif self._raised(now) and not self.options["check_exception"]:
            error = self._raised(now)[-1]
            ended = f"now raises {excerpt(f'{error.ename}: {error.evalue}')}; mend the cell, then "
            ended += f"{STORE_AGAIN}."
            detail = "\n".join(error.traceback)
        elif self.options["check"] and self.cell.execution_count is not None:
            clauses += self.differences(now)
        sentences = [f"{self.title}: {clause}; {STORE_AGAIN}." for clause in clauses]
        if ended:
            sentences.append(f"{self.title}: {ended}")
        if sentences:
            raise CellFailedError(sentences, detail)

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

    def differences(self, now: list[Output]) -> list[str]:
        """Say how the stored outputs differ from those of the run."""
        notebook = self.parent
        if notebook.is_coalesced:
            now = coalesced(now)
        return output_differences(
            self._sanitized(unfolded(self.cell.outputs, states_of(notebook.nb))),
            self._sanitized(unfolded(now, notebook.ran.widgets)),
            tolerances=notebook.judge.tolerances,
            roots=notebook.roots(),
        )

    @property
    def title(self) -> str:
        """The cell's number as nbval counts, and its first line."""
        first = self.cell.source.strip().partition("\n")[0]
        return f"Cell {self.cell_num} ({first[:50]})" if first else f"Cell {self.cell_num}"

    def _sanitized(self, outputs: list[Output]) -> list[Output]:
        """Apply the patterns of --nbval-sanitize-with, if any."""
        if not self.parent.sanitize_patterns:
            return outputs
        # Of what nbval leaves out, a reader of LaTeX is shown the text as well.
        kept = ("metadata", "traceback", "output_type", "name", "execution_count")
        sanitized: list[Output] = self.sanitize_outputs(outputs, kept)
        return sanitized

    @staticmethod
    def _raised(outputs: list[Any]) -> list[Any]:
        """Return the errors among outputs."""
        return [output for output in outputs if output.output_type == "error"]

    def _how_it_ended(self, how: str) -> str:
        """Say why the kernel could not run the cell to its end."""
        if how == kernel.DIED:
            return (
                "the kernel died while running it (out of memory, or a crash in "
                "compiled code); run the notebook in JupyterLab to see at which statement."
            )
        limit = self.config.option.nbval_cell_timeout
        what = f"did not finish within {limit:g} s and was stopped"
        if how == kernel.SILENT:
            what = "finished, but its outputs never came"
        return (
            f"{what}, so the cells after it are not checked; make it faster or raise "
            "--nbval-cell-timeout."
        )
