"""Cutting studies into blocks and batches, small enough for any worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from darkdays.case.case import Case
from darkdays.errors import InputError
from darkdays.sweep.plan.rehearsal import numbers_of
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.plan.work import Batch, Block, Settings, digest

BLOCK: Final = 50
"""Most entities whose signals are read or made at once; a multiple of those IODA is asked for."""
BATCH: Final = 10
"""Most entities judged in one task."""
MOST_WHOLE: Final = 200
"""Most entities of a study that cannot be cut, which one worker holds whole."""


def blocks_of(study: Study, engine: str) -> list[Block]:
    """Return the blocks of a study; of measured signals, before anything was fetched."""
    case = study.case
    if study.made is not None:
        names = tuple(entity.id for entity in case.entities)
        return [
            Block(
                study.name,
                _subset(case, set(some)),
                engine,
                tuple(numbers_of(study, some)),
                study.made.place,
                study.made.seed,
            )
            for some in _cut(names, BLOCK)
        ]
    if not divisible(case):
        if len(case.measured) > MOST_WHOLE:
            raise InputError(
                f"{study.name} has {len(case.measured)} entities, which one worker would have to "
                f"hold: make several studies of at most {MOST_WHOLE}, or leave out its claims "
                "and everything but IODA's signals of listed entities."
            )
        return [Block(study.name, case, engine)]
    names = tuple(sorted((one.id for one in case.measured), key=_as_asked))
    return [Block(study.name, _subset(case, set(some)), engine) for some in _cut(names, BLOCK)]


def divisible(case: Case) -> bool:
    """Whether the entities of a case can be fetched and read apart from each other."""
    by_entity = all(
        signal.source == "service"
        and signal.datasource.startswith("ioda.")
        and signal.entities == "listed"
        for signal in case.signals
    )
    asked = case.claims or case.studies
    return by_entity and not asked and len(case.measured) > BLOCK


def batches_of(
    study: str, block: Block, out: Path, entities: Sequence[str], settings: Settings
) -> list[Batch]:
    """Return the batches of a block whose entities are known."""
    signals = block.path(out).relative_to(out).as_posix()
    zone = block.case.time_zone
    return [
        Batch(study, block.key, signals, some, zone, settings)
        for some in _cut(tuple(sorted(entities)), BATCH)
    ]


def _cut(names: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for first in range(0, len(names), size):
        yield names[first : first + size]


def _as_asked(entity: str) -> tuple[str, int, str]:
    """Sort as IODA is asked, so that blocks need no more requests than the whole."""
    kind, _, code = entity.partition("/")
    return kind, len(code), code


def _subset(case: Case, entities: set[str]) -> Case:
    kept = tuple(one for one in case.measured if one.id in entities)
    if len(kept) == len(case.measured):
        return case
    label = digest(sorted(entities))[:8]
    changes = {"name": f"{case.name}-{label}", "entities": kept}
    beside = {"controls": (), "neighbours": (), "donors": ()}
    nothing = beside | {"events": (), "tables": (), "studies": (), "claims": ()}
    return case.model_copy(update=changes | nothing)
