"""nbval's notebooks and cells, judged honestly. Imported only when the flag is given."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME
from nbval.plugin import IPyNbCell, IPyNbFile

from darkdays.nbcheck import kernel, seal
from darkdays.nbcheck.compare import Output, Tolerances, coalesced, output_differences
from darkdays.nbcheck.text import excerpt, uncoloured
from darkdays.nbcheck.widgets import states_of, unfolded

STORE_AGAIN = "re-run the notebook and store its outputs"
_SKIPPED = "skip-execution"  # the tag by which nbclient and papermill leave a cell out


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
            traceback = uncoloured(excinfo.value.detail).strip("\n")
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


class Unreadable(_Told, pytest.Item):
    """The only item of a file that is no notebook."""

    why = ""

    def setup(self) -> None:
        """Do nothing: there is nothing to run."""

    def runtest(self) -> None:
        """Say why it cannot be read.

        Raises
        ------
        CellFailedError
            Always.
        """
        why = f"{self.path.name} cannot be read as a notebook ({self.why})"
        raise CellFailedError([f"{why}; open it in JupyterLab and save it again."])

    def reportinfo(self) -> tuple[Any, int, str]:
        """Name the file."""
        return self.path, 0, self.path.name


class HonestCollection:
    """The hook that puts `HonestNotebook` in the place of nbval's notebooks."""

    def __init__(self, tolerances: Tolerances, scrubbed: list[str], *, seals: bool) -> None:
        self.tolerances = tolerances
        self.scrubbed = dict.fromkeys(scrubbed, "<scrubbed>")
        self.seals = seals

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self) -> Generator[None, list[Any], list[Any]]:
        """Replace every notebook nbval collected."""
        collected = yield
        return [self._honest(node) if type(node) is IPyNbFile else node for node in collected]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say how many notebooks carry no seal: nobody can tell what was cut out of these."""
        reports = [one for some in terminalreporter.stats.values() for one in some]
        ids = {one.nodeid for one in reports if ".ipynb::" in getattr(one, "nodeid", "")}
        notebooks = {one.rpartition("::")[0] for one in ids}
        if bare := sum(f"{one}::Seal" not in ids for one in notebooks):
            terminalreporter.write_line(f"{bare} of {len(notebooks)} notebooks carry no seal")

    def _honest(self, node: Any) -> HonestNotebook:
        notebook: HonestNotebook = HonestNotebook.from_parent(node.parent, path=node.path)
        notebook.judge = self
        return notebook


class HonestNotebook(IPyNbFile):  # type: ignore[misc]
    """A notebook whose stored outputs must be those of one run from top to bottom."""

    judge: HonestCollection
    ran: kernel.Run

    def collect(self) -> Iterator[HonestCell | Seal | Unreadable]:
        """Yield the code cells, each with what is wrong with it before it is run; then the seal."""
        last: int | None = 0
        highest = 0
        try:
            cells = list(super().collect())
        except Exception as error:  # noqa: BLE001 - nbformat raises whatever a damaged file brings
            unreadable: Unreadable = Unreadable.from_parent(self, name="Notebook")
            unreadable.why = str(error).partition("\n")[0] or type(error).__name__
            yield unreadable
            return
        places = [n for n, cell in enumerate(self.nb.cells) if cell.cell_type == "code"]
        self.cells: dict[int, HonestCell] = {}
        for place, cell in zip(places, cells, strict=True):
            honest: HonestCell = HonestCell.from_parent(
                self,
                name=cell.name,
                cell_num=cell.cell_num,
                cell=cell.cell,
                options=cell.options,
            )
            honest.place = place
            honest.options["skip"] |= _SKIPPED in cell.cell.metadata.get("tags", [])
            if honest.cell.source.strip() and not honest.options["skip"]:
                honest.executed_before = last, highest
                last = honest.cell.execution_count
                highest = max(highest, last or 0)
            self.cells[place] = honest
            yield honest
        if seal.KEY in self.nb.metadata or self.judge.seals:
            yield Seal.from_parent(self, name="Seal")

    def setup(self) -> None:
        """Run the notebook, or say in a sentence why its kernel does not start."""
        if not hasattr(self, "nb"):
            return  # it cannot be read, which its only item says
        option = self.config.option
        name = option.nbval_kernel_name or self.nb.metadata.get("kernelspec", {}).get("name")
        try:
            self.ran = kernel.run(
                self.nb,
                CURRENT_ENV_KERNEL_NAME if option.nbval_current_env else name or "python",
                str(self.path.parent),
                skipped=[place for place, cell in self.cells.items() if cell.options["skip"]],
                timeout=option.nbval_cell_timeout,
                startup_timeout=option.nbval_kernel_startup_timeout,
            )
        except (KeyError, OSError, RuntimeError) as error:  # no such kernel, or it fails at once
            raise pytest.fail.Exception(
                f"{self.path.name}: its kernel did not start ({error}); choose an installed one "
                "with --nbval-kernel-name, or this Python with --nbval-current-env.",
                pytrace=False,
            ) from None
        self.setup_sanitize_files()
        self.sanitize_patterns.update(self.judge.scrubbed)

    @property
    def is_coalesced(self) -> bool:
        """Whether papermill joined what every cell printed, so that the order is not known."""
        return "papermill" in self.nb.metadata and all(
            len(coalesced(cell.cell.outputs)) == len(cell.cell.outputs)
            for cell in self.cells.values()
        )

    def roots(self) -> tuple[str, ...]:
        """Return the folders of this machine that may be printed."""
        here = (self.path.parent, self.config.rootpath, self.config.invocation_params.dir)
        home = os.path.expanduser("~")  # noqa: PTH111 - also where nobody's home is known
        there = (home, tempfile.gettempdir(), sys.prefix, sys.base_prefix)
        return tuple(dict.fromkeys(map(str, (*here, *there))))


class HonestCell(_Told, IPyNbCell):  # type: ignore[misc]
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
