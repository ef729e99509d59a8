"""One study: places, window, signals, events and claims, read from a YAML file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from darkdays.case.authorship import Author, Doi, Licence
from darkdays.case.claims import Claim
from darkdays.case.file import explain, parse_yaml, read_text
from darkdays.case.parts import Part, nearest
from darkdays.case.sources import (
    Driver,
    Entity,
    EventSource,
    Network,
    Place,
    SignalSource,
    TableSource,
    TimeZone,
    Window,
)
from darkdays.case.studies import MatchingRule, Study
from darkdays.errors import InputError
from darkdays.files import paths

_UNSAID: Final[Mapping[str, Mapping[str, Any]]] = {
    "signal": {"missing_values": []},
    "claim": {"short": ""},
    "rate_ratio": {"with_entities": []},
    "onset_after_event": {"within_hours": 72, "start": None, "end": None},
    "site_blocked": {"elsewhere": []},
    "surge_after_event": {"at_least_times": 1.5},
}
"""Keys that signals, claims, and claims of a type did not have in the beginning, and what they are
if not said: a case from before there were these is still the same case.
"""


_UNSAID_EMPTY: Final = (
    "authors", "controls", "doi", "donors", "drivers", "funding", "licence", "neighbours",
    "simulated", "studies", "tables",
)  # fmt: skip
"""Keys of a case that are not counted where they are empty, for the same reason."""


def _leave_unsaid(part: dict[str, Any], *kinds: str) -> None:
    """Take out of a part what it did not have in the beginning and does not say."""
    for kind in kinds:
        for newer, unsaid in _UNSAID.get(kind, {}).items():
            if part[newer] == unsaid:
                del part[newer]


class Case(Part):
    """One study; see ``cases/`` for examples."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """The file's name without .yaml."""
    title: str = Field(min_length=1)
    question: str = Field(min_length=1)
    """What the study wants to know."""
    summary: str = Field(min_length=1)
    """What happened, for a reader without background."""
    window: Window
    place: Place
    """Country, ISO 3166-1 alpha-2, or world."""
    time_zone: TimeZone
    """Of the place."""
    entities: tuple[Entity, ...] = ()
    controls: tuple[Entity, ...] = ()
    """Entities outside the place, measured to tell when the instrument was down and not the
    network; or the sum over a whole datasource.
    """
    neighbours: tuple[Entity, ...] = ()
    """Places under other governments that share cables or grids with the place: what takes them
    down with it is no order.
    """
    donors: tuple[Entity, ...] = ()
    """Places like the ones studied of which nothing is claimed: what to compare them with."""
    signals: tuple[SignalSource, ...] = ()
    drivers: tuple[Driver, ...] = ()
    """What may cause outages and events alike, measured by day: rates are held against it."""
    events: tuple[EventSource, ...] = ()
    tables: tuple[TableSource, ...] = ()
    studies: tuple[Study, ...] = ()
    claims: tuple[Claim, ...] = ()
    authors: tuple[Author, ...] = ()
    """Who wrote the case, in the order in which they are cited."""
    licence: Licence = ""
    """Of the report, an SPDX identifier such as CC-BY-4.0."""
    doi: Doi = ""
    """Of the report, without the address before it."""
    funding: str = ""
    """Who paid for the work, in the words they ask for."""
    simulated: bool = False
    """The data are made up: everything made from them is stamped SIMULATED, nothing is decided."""

    @model_validator(mode="after")
    def _has_data(self) -> Case:
        if not self.signals and not self.studies and not self.tables:
            raise ValueError("there is nothing to study; list signals, tables or studies")
        if self.signals and not self.entities:
            raise ValueError("signals are of something; list the entities")
        if self.place == "world" and (self.signals or self.events):
            raise ValueError(
                "place world is for studies of whole lists; name a country for signals and events"
            )
        for study in self.studies:
            study.check(self.place, self.window.start.date())
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Case:
        ids = [entity.id for entity in self.entities]
        for what, names in (
            ("entity", [entity.id for entity in self.measured]),
            ("claim", [claim.id for claim in self.claims]),
            ("datasource", [signal.datasource for signal in self.signals]),
            ("study", [str(study.type) for study in self.studies]),
            ("table", [table.called for table in self.tables]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is listed twice; keep one")
        for what, outside in (("control", self.controls), ("neighbour", self.neighbours)):
            if f"country/{self.place}" in {entity.id for entity in outside}:
                raise ValueError(
                    f"{what} 'country/{self.place}' is the place itself; choose one outside it"
                )
        for claim in self.claims:
            about = getattr(claim, "entity", getattr(claim, "place", None))
            for entity in (about, *getattr(claim, "with_entities", ())):
                if entity is not None and entity not in ids:
                    raise ValueError(
                        f"claim {claim.id!r} is about entity {entity!r}, which the case does not "
                        f"list{nearest(entity, ids)}"
                    )
        self._check_tables()
        measured = [signal.datasource for signal in self.signals]
        for driver in self.drivers:
            if driver.datasource not in measured:
                raise ValueError(
                    f"driver {driver.datasource!r} is none of the signals of the case"
                    f"{nearest(driver.datasource, measured)}"
                )
        return self

    def _check_tables(self) -> None:
        called = [table.called for table in self.tables]
        for claim in self.claims:
            for name in (*getattr(claim, "tables", ()), *getattr(claim, "elsewhere", ())):
                if name not in called:
                    raise ValueError(
                        f"claim {claim.id!r} looks into table {name!r}, which the case does not "
                        f"list{nearest(name, called)}"
                    )

    @property
    def measured(self) -> tuple[Entity, ...]:
        """What is studied and what it is held against: entities, controls, neighbours, donors."""
        return self.entities + self.controls + self.neighbours + self.donors

    @property
    def spoken(self) -> str:
        """What a command takes for the case: the name of a shipped one, else that of its file."""
        return self.name if self.name in known() else f"{self.name}.yaml"

    def network_of(self, entity: str) -> Network | None:
        """Return the kind of network an entity is, None if the case does not list it."""
        return next((known.network for known in self.measured if known.id == entity), None)

    def name_of(self, entity: str) -> str:
        """Return what people call an entity, its id if the case does not list it."""
        return next((known.name for known in self.measured if known.id == entity), entity)

    def unwritten(self) -> str:
        """Return which texts of the case are still to be written, empty if all are."""
        texts = {"the summary": self.summary, "the question": self.question}
        for claim in self.claims:
            texts[f"the origin of {claim.id}"] = claim.origin
            texts[f"the statement of {claim.id}"] = claim.statement
        found = [name for name, text in texts.items() if "to be written" in text.lower()]
        return f"To be written: {', '.join(found)}." if found else ""

    def digest(self) -> str:
        """Hash the content of the case; comments and layout of the file do not count."""
        content = self.model_dump(mode="json")
        for newer in _UNSAID_EMPTY:
            if not content[newer]:
                del content[newer]
        for signal in content["signals"]:
            _leave_unsaid(signal, "signal")
        for claim in content["claims"]:
            _leave_unsaid(claim, "claim", claim["type"])
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


SUFFIXES: Final = (".yaml", ".yml")
"""By which the path of a case file is told from the name of a case."""


def known() -> list[str]:
    """Return the names of the shipped cases and of those of the workspace."""
    folders = (paths.cases(), paths.own_cases())
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


def load(name_or_path: str | Path) -> Case:
    """Read a case by name, or any case file by path.

    Raises
    ------
    InputError
        If there is no such case, the file is not YAML, or the case is not valid.

    Examples
    --------
    >>> import darkdays as dd
    >>> case = dd.load_case("khuzestan-2021")
    >>> case.title, case.place, len(case.claims)
    ('Khuzestan, July 2021', 'IR', 13)
    """
    path = path_of(name_or_path)
    return _valid(read_text(path), path)


@lru_cache(maxsize=8)
def _valid(text: str, path: Path) -> Case:
    """Return the case a text holds; every stage asks for the same."""
    try:
        case = Case.model_validate(parse_yaml(text, path))
    except ValidationError as error:
        raise InputError(f"{path}: {explain(error, _tags(), _all_keys())}") from None
    if case.name != path.stem:
        raise InputError(
            f"{path}: the name is {case.name!r}; it must be the file's, {path.stem!r}."
        )
    return case


def path_of(name_or_path: str | Path) -> Path:
    """Return the file of a case.

    Raises
    ------
    InputError
        If it is a name, and no case has it.
    """
    path = Path(name_or_path)
    if path.suffix in SUFFIXES:
        return path
    name = str(name_or_path)
    if name not in known():
        raise InputError(
            f"unknown case {name!r}{nearest(name, known())} "
            f"The cases are {', '.join(known())}; or give a path that ends in .yaml."
        )
    own = paths.own_cases() / f"{name}.yaml"
    return own if own.is_file() else paths.cases() / f"{name}.yaml"


def vocabulary() -> tuple[set[str], list[str]]:
    """Return the types of claims and studies, and every key, that a case file may have."""
    return _tags(), _all_keys()


def _tagged() -> list[type[BaseModel]]:
    return [*get_args(get_args(Claim)[0]), *get_args(get_args(Study)[0])]


def _tags() -> set[str]:
    return {get_args(model.model_fields["type"].annotation)[0] for model in _tagged()}


def _all_keys() -> list[str]:
    models: list[type[BaseModel]] = [
        Case,
        Author,
        Window,
        Entity,
        SignalSource,
        EventSource,
        TableSource,
        Driver,
    ]
    models += [MatchingRule, *_tagged()]
    return sorted({field for model in models for field in model.model_fields})
