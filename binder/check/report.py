"""What was looked at and what came of it: one line at once, one table in the end."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.table import Table

_WIDTH: Final = 150
_OURS, _THEIRS = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
FINE, BREAKS, UNTRIED = "fine", "BREAKS", "not tried"


@dataclass(frozen=True)
class Row:
    """One thing that was looked at.

    Attributes
    ----------
    name
        What was looked at, as it should be.
    result
        ``fine``, ``BREAKS`` or ``not tried``.
    here
        What was found here.
    otherwise
        What happens on mybinder if it is not as it should be.
    """

    name: str
    result: str
    here: str
    otherwise: str


@dataclass
class Report:
    """Collects rows and prints them."""

    rows: list[Row] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def add(self, name: str, result: str, here: str, otherwise: str = "") -> None:
        """Take a row, and print it at once with the seconds so far."""
        self.rows.append(Row(name, result, here, otherwise))
        seconds = time.monotonic() - self.begun
        sys.stdout.write(f"{seconds:4.0f} s  {result:9}  {name}{': ' if here else ''}{here}\n")
        sys.stdout.flush()

    def outcome(self, name: str, failed: str, here: str, otherwise: str) -> bool:
        """Take a row that is fine unless there is a reason for failure; tell whether it is."""
        self.add(name, BREAKS if failed else FINE, failed or here, otherwise)
        return not failed

    @property
    def is_fine(self) -> bool:
        """Whether nothing breaks."""
        return all(row.result != BREAKS for row in self.rows)

    def print_table(self) -> None:
        """Print all rows as one table: first what breaks, then what was not tried."""
        table = Table("should be", "is", "found here", "otherwise, on mybinder", show_lines=True)
        order = (BREAKS, UNTRIED, FINE)
        for row in sorted(self.rows, key=lambda one: order.index(one.result)):
            table.add_row(row.name, row.result, row.here, row.otherwise)
        Console(width=_WIDTH, markup=False, highlight=False).print(table)
        counts = ", ".join(
            f"{sum(row.result == kind for row in self.rows)} {kind}" for kind in (FINE, BREAKS)
        )
        untried = sum(row.result == UNTRIED for row in self.rows)
        seconds = time.monotonic() - self.begun
        used = [resource.getrusage(kind) for kind in (_OURS, _THEIRS)]
        busy = sum(one.ru_utime + one.ru_stime for one in used)
        sys.stdout.write(
            f"binder-check: {counts}, {untried} not tried, "
            f"{seconds:.0f} s ({busy:.0f} s of processor)\n"
        )
