"""The pieces a sweep is cut into, each named by everything it depends on.

A piece that is there is never made again, and two processes that make the same one write the same
bytes: that is all that resuming needs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from darkdays.case.case import Case
from darkdays.fetch.inputs import digests_of
from darkdays.sweep.plan.grid import Grid


@dataclass(frozen=True)
class Settings:
    """What is the same for every task of a sweep.

    Attributes
    ----------
    levels, min_depths
        Of the detector; every level is combined with every depth.
    change_points
        See :class:`darkdays.sweep.plan.grid.Grid`.
    engine
        Digest of the code and the libraries all processes must have.
    """

    levels: tuple[float, ...]
    min_depths: tuple[float, ...]
    change_points: str
    engine: str

    @classmethod
    def of(cls, grid: Grid, engine: str) -> Settings:
        """Return the settings a grid states."""
        stated = grid.parameters
        return cls(stated.level, stated.min_depth, grid.change_points, engine)

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """Every level with every depth, the chosen ones first."""
        return [(level, depth) for level in self.levels for depth in self.min_depths]


@dataclass(frozen=True)
class Block:
    """Entities of a study whose signals are stored together.

    Attributes
    ----------
    study
        Name of the study.
    case
        The study's case, or what is left of it for these entities.
    numbers
        Of the entities, where they are made up; empty where they are measured.
    place, seed
        Of the made-up place.
    snapshot
        Id of the snapshot with the replies of services; empty without one.
    engine
        See :class:`Settings`.
    """

    study: str
    case: Case
    engine: str
    numbers: tuple[int, ...] = ()
    place: int = 0
    seed: int = 0
    snapshot: str = ""

    @cached_property
    def made_of(self) -> str:
        """Digest of all that is read for the study, and of what the signals are made by."""
        embedded = {} if self.numbers else digests_of(self.case)["data"]
        stated = [self.case.digest(), self.snapshot, embedded]
        return digest([*stated, list(self.numbers), self.place, self.seed])

    @cached_property
    def key(self) -> str:
        """Digest of everything the signals depend on."""
        return digest([self.engine, self.made_of])

    def path(self, out: Path) -> Path:
        """Return where its signals are stored below the folder of the sweep."""
        return out / "signals" / f"{self.case.name}-{self.key[:12]}.zarr"


@dataclass(frozen=True)
class Batch:
    """Entities of a block that are judged together.

    Attributes
    ----------
    block
        Key of the block.
    signals
        Where its signals are stored, relative to the folder of the sweep.
    """

    study: str
    block: str
    signals: str
    entities: tuple[str, ...]
    time_zone: str
    settings: Settings

    @cached_property
    def key(self) -> str:
        """Digest of everything the results depend on."""
        return digest([self._of(pair) for pair in self.settings.pairs] + [self._of_changes])

    def path(self, out: Path, pair: tuple[float, float]) -> Path:
        """Return where its results go under a level and a least depth."""
        return part(out, "judged", digest(self._of(pair)))

    def changes(self, out: Path) -> Path:
        """Return where its change-points go."""
        return part(out, "changes", digest(self._of_changes))

    def _of(self, pair: tuple[float, float]) -> list[Any]:
        stated = [self.block, list(self.entities), self.time_zone]
        return [*stated, *pair, self.settings.engine]

    @property
    def _of_changes(self) -> list[Any]:
        settings = self.settings
        stated = [self.block, list(self.entities), settings.levels[0]]
        return [*stated, settings.change_points, settings.engine]

    def split(self) -> list[Batch]:
        """Return a batch for each of its entities."""
        return [self.with_entities((entity,)) for entity in self.entities]

    def with_entities(self, entities: tuple[str, ...]) -> Batch:
        """Return the batch of other entities of the same block."""
        return Batch(self.study, self.block, self.signals, entities, self.time_zone, self.settings)


@dataclass(frozen=True)
class Family:
    """All batches of a study, whose outages are labelled and corrected together."""

    study: str
    batches: tuple[Batch, ...]
    controls: tuple[str, ...]
    case: Case = field(repr=False)
    settings: Settings = field(repr=False)

    @cached_property
    def made_of(self) -> str:
        """Digest of everything the results depend on but the settings of the detector."""
        entities = sorted((one.block, entity) for one in self.batches for entity in one.entities)
        asked = [self.case.digest(), sorted(self.controls), self.settings.engine]
        return digest([self.study, entities, *asked])

    @cached_property
    def key(self) -> str:
        """Digest of everything the results depend on."""
        settings = self.settings
        return digest([self.made_of, settings.pairs, settings.change_points])

    def path(self, out: Path) -> Path:
        """Return where its results go."""
        return part(out, "studies", self.key)


@dataclass(frozen=True)
class Question:
    """The claims of a study under one setting of the detector.

    Attributes
    ----------
    inputs
        Digests of all that is read for the study, see :attr:`Block.made_of`.
    """

    family: Family
    snapshot: str
    inputs: tuple[str, ...]
    level: float
    min_depth: float

    @property
    def study(self) -> str:
        """Name of the study."""
        return self.family.study

    @cached_property
    def key(self) -> str:
        """Digest of everything the verdicts depend on."""
        stated = [self.snapshot, sorted(self.inputs), self.level, self.min_depth]
        return digest([self.family.made_of, *stated])

    def path(self, out: Path) -> Path:
        """Return where its results go."""
        return part(out, "claims", self.key)


def digest(stated: Any) -> str:
    """Return the SHA-256 of a document."""
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def part(out: Path, kind: str, key: str) -> Path:
    """Return the folder of a piece's results; many pieces are spread over many folders."""
    return out / "parts" / kind / key[:2] / key[2:22]
