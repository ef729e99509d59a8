"""What workers do: store signals, judge them, put studies together, bring claims to verdicts.

Every task leaves its result on disk and returns next to nothing; a task whose result is there
returns at once. None of them holds more than a block or a batch.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from darkdays import stages
from darkdays.errors import DarkdaysError
from darkdays.fetch.inputs import read_inputs
from darkdays.report.findings.findings import findings_of
from darkdays.simulate.sweeps import INSTRUMENTS, simulated_node, truth_of
from darkdays.stages.reporting import study_of
from darkdays.sweep.plan.rehearsal import made_place
from darkdays.sweep.plan.studies import write_case
from darkdays.sweep.plan.work import Batch, Block, Family, Question
from darkdays.sweep.tasks import parts, store
from darkdays.sweep.tasks.change_points import changes_in
from darkdays.sweep.tasks.combining import as_rows, combined, failures_of, verdict_rows
from darkdays.sweep.tasks.detecting import Judged, Pair, judge, tables_of
from darkdays.sweep.tasks.engine import engine


class OtherEngineError(DarkdaysError):
    """A worker does not run the code or the libraries of the client."""


@dataclass(frozen=True)
class Stored:
    """What a block turned out to hold."""

    entities: tuple[str, ...]
    simulated: bool
    unread: tuple[tuple[str, str], ...] = ()
    """Datasources that could not be read, and why."""
    nothing: bool = False
    """Whether nothing at all was read: no sample of a signal, no table, no list."""


def store_block(block: Block, out: str) -> Stored:
    """Read or make the signals of a block, and store them."""
    _same_engine(block.engine)
    folder = Path(out)
    path = block.path(folder)
    if not store.is_there(path):
        store.write(_made(block) if block.numbers else _read(block), path)
        _let_go()
    entities, simulated, attrs = store.contents(path)
    unread = tuple(sorted(attrs.get("unread", {}).items()))
    return Stored(tuple(entities), simulated, unread, bool(attrs.get("nothing", False)))


def judge_batch(batch: Batch, out: str) -> int:
    """Judge the entities of a batch; return how many signals could not be judged.

    Every setting is a piece of its own, and change-points are: another setting leaves those that
    are there as they are.
    """
    _same_engine(batch.settings.engine)
    folder = Path(out)
    pairs = [one for one in batch.settings.pairs if not parts.is_there(batch.path(folder, one))]
    changes = not parts.is_there(batch.changes(folder))
    if pairs or changes:
        _judge(batch, pairs, folder, changes=changes)
        _let_go()
    return len(failures_of([batch], folder))


def _judge(batch: Batch, pairs: list[Pair], folder: Path, *, changes: bool) -> None:
    found: dict[Pair, list[Judged]] = {pair: [] for pair in pairs}
    moved, hide = [], str(folder)
    with store.Reader(folder / batch.signals) as reader:
        for entity in batch.entities:
            read = cache(reader.signal)
            names = list(reader.datasources(entity))
            for pair, one in judge(entity, names, read, batch.time_zone, pairs, hide).items():
                found[pair].append(one)
            if changes:
                moved.append(changes_in(entity, names, read, batch.settings, hide))
    for pair, judged in found.items():
        parts.save(tables_of(judged), batch.path(folder, pair))
    if changes:
        parts.save(tables_of(moved), batch.changes(folder))


def combine_study(family: Family, out: str) -> None:
    """Put a study together."""
    _same_engine(family.settings.engine)
    folder = Path(out)
    path = family.path(folder)
    if not parts.is_there(path):
        parts.save(combined(family, folder), path)


def answer_question(question: Question, out: str) -> None:
    """Bring the claims of a study to verdicts by its stages.

    Raises
    ------
    DarkdaysError
        If the stages find other outages than the batches did.
    """
    _same_engine(question.family.settings.engine)
    folder = Path(out)
    path = question.path(folder)
    if parts.is_there(path):
        return
    family, level, depth = question.family, question.level, question.min_depth
    case = str(write_case(family.case, folder / "cases"))
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    run = tempfile.mkdtemp(prefix=".run-", dir=folder / "parts")
    try:
        stages.fetch(case, run, question.snapshot)
        stages.detect(case, run, level, depth)
        correlated = stages.correlate(case, run, level, depth)
    finally:
        shutil.rmtree(run, ignore_errors=True)
    setting = {"level": level, "min_depth": depth}
    mine = parts.under(parts.load(family.path(folder), "outages"), (level, depth))
    theirs = correlated.detected.outages
    if not parts.same_rows(mine, theirs):
        raise DarkdaysError(
            f"the outages of {family.study} are not those of its stages; remove the folder parts "
            "of the sweep and sweep again, and tell the maintainers if they still differ."
        )
    verdicts = verdict_rows(correlated.verdicts, setting)
    tables = {
        "findings": as_rows(findings_of(study_of(correlated)), setting),
        "verdicts": pd.DataFrame(verdicts, columns=parts.columns("verdicts")),
    }
    parts.save(tables, path)


def truth_of_block(block: Block) -> pd.DataFrame:
    """Return the outages that were put into the made-up signals of a block."""
    names = tuple(entity.id for entity in block.case.entities)
    return truth_of(made_place(block.case, block.place, block.seed), names, block.numbers)


def _made(block: Block) -> xr.DataTree:
    place = made_place(block.case, block.place, block.seed)
    names = [entity.id for entity in block.case.entities]
    return xr.DataTree.from_dict(
        {name: simulated_node(place, names, block.numbers, name) for name in INSTRUMENTS}
    )


def _read(block: Block) -> xr.DataTree:
    inputs = read_inputs(block.case, block.snapshot, command="darkdays sweep GRID")
    nodes = [node.to_dataset()["value"].values for node in inputs.signals.children.values()]
    beside = [*inputs.tables.values(), *inputs.lists.values()]
    something = any(np.isfinite(values).any() for values in nodes) or any(map(len, beside))
    inputs.signals.attrs |= {"unread": inputs.unread, "nothing": not something}
    return inputs.signals


def _let_go() -> None:
    """Collect what a task leaves behind.

    A tree of signals knows its branches and they know it: few objects that hold much. The collector
    counts objects, and would let a dozen trees pile up.
    """
    gc.collect()


def _same_engine(wanted: str) -> None:
    if engine() != wanted:
        raise OtherEngineError(
            "a worker runs other code or libraries than this command; install the same version of "
            "darkdays and of its packages on all machines."
        )
