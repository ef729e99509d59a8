"""How far one study has come, and what may be done next for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from darkdays.sweep.plan.blocks import batches_of
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.plan.work import Batch, Block, Family, Question, Settings

Piece = Block | Batch | Family | Question


@dataclass
class Standing:
    """How far a study has come.

    Attributes
    ----------
    blocks
        How many are not yet stored.
    batches, done
        Known, and judged.
    stores
        Where its signals are, relative to the folder of the sweep, and whether anything is there.
    unread, complaints, lost
        Datasources that could not be read and why; what services did not answer; what could not
        be finished and why.
    snapshot
        Id of the snapshot of a study that was fetched whole.
    made_of
        Digests of what its signals are read from, or made by.
    simulated
        Whether any of its signals is.
    family, questions
        What it is put together as, and asked, once that can be said.
    """

    study: Study
    settings: Settings
    blocks: int = 0
    batches: list[Batch] = field(default_factory=list)
    done: list[Batch] = field(default_factory=list)
    stores: dict[str, bool] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    snapshot: str = ""
    made_of: list[str] = field(default_factory=list)
    simulated: bool = False
    family: Family | None = None
    questions: list[Question] = field(default_factory=list)

    @property
    def has_read(self) -> bool:
        """Whether anything was read for it: a sample of a signal, a table, a list."""
        return any(self.stores.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read for it, and it was not lost either."""
        return not self.has_read and not self.lost

    def pieces(self, out: Path) -> set[Path]:
        """Return where everything is that belongs to it."""
        found = {out / name for name in self.stores} | {
            question.path(out) for question in self.questions
        }
        found |= {batch.changes(out) for batch in self.batches}
        found |= {batch.path(out, pair) for batch in self.batches for pair in self.settings.pairs}
        return found | ({self.family.path(out)} if self.family else set())

    def given(self, block: Block, complaints: Iterable[str]) -> None:
        """Hear that the replies for a block are there, or what is missing of them."""
        self.snapshot = self.snapshot or block.snapshot
        self.made_of.append(block.made_of)
        self.complaints += complaints

    def stored(self, block: Block, stored: Any, out: Path) -> list[Batch]:
        """Hear what a block holds, and return its batches."""
        self.blocks -= 1
        self.simulated = self.simulated or stored.simulated
        self.unread |= dict(stored.unread)
        self.stores[block.path(out).relative_to(out).as_posix()] = not stored.nothing
        mine = batches_of(self.study.name, block, out, stored.entities, self.settings)
        self.batches += mine
        return mine

    def split(self, batch: Batch) -> list[Batch]:
        """Take a batch apart: whichever of its entities it is, the others shall not wait for it."""
        self.batches.remove(batch)
        alone = batch.split()
        self.batches += alone
        return alone

    def ready(self) -> Family | None:
        """Return the study to put together as soon as all its batches are judged or lost, once."""
        if self.family is not None or self.blocks or len(self.done) < len(self.batches):
            return None
        batches = tuple(sorted(self.done, key=lambda batch: (batch.block, batch.entities)))
        case = self.study.case
        controls = tuple(control.id for control in case.controls)
        self.family = Family(self.study.name, batches, controls, case, self.settings)
        return self.family

    def ask(self, family: Family) -> list[Question]:
        """Return what is asked of a study put together; nothing if it lost some of its signals."""
        case = self.study.case
        if (case.claims or case.studies) and not self.lost:
            pairs = self.settings.pairs
            stated = family, self.snapshot, tuple(sorted(self.made_of))
            self.questions = [Question(*stated, *pair) for pair in pairs]
        return list(self.questions)

    def lose(self, piece: Piece, reason: str) -> None:
        """Hear that a piece cannot be finished."""
        name = {Block: "signals", Family: "outages", Question: "claims"}.get(type(piece), "")
        if isinstance(piece, Batch):
            name = ", ".join(piece.entities)
            self.batches.remove(piece)
        elif isinstance(piece, Block):
            self.blocks -= 1
        elif isinstance(piece, Question):
            self.questions.remove(piece)
        self.lost.append(f"{name}: {reason}")
