"""nbval's notebooks, judged honestly. Imported only when the flag is given."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME
from nbval.plugin import IPyNbFile

from darkdays.nbcheck import kernel, seal
from darkdays.nbcheck.cells import STORE_AGAIN, CellFailedError, HonestCell, Told
from darkdays.nbcheck.compare import Tolerances, coalesced

_SKIPPED = "skip-execution"  # the tag by which nbclient and papermill leave a cell out


class Seal(Told, pytest.Item):
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


class Unreadable(Told, pytest.Item):
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
