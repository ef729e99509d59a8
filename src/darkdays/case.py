"""One study: places, window, signals, events and claims, read from a YAML file."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from darkdays import paths
from darkdays.case_parts import ClaimPart, Part
from darkdays.case_studies import FindingAbove, MatchingRule, PublishedFigures, Study
from darkdays.errors import InputError
from darkdays.signals import DATASOURCES
from darkdays.sources import registry

OWN: Final = r"own\.[a-z0-9][a-z0-9-]*"
"""What a person may call a datasource of their own."""

Network = Literal["country", "region", "mobile", "fixed", "transit"]


def _datasource(name: str) -> str:
    if name not in DATASOURCES and not re.fullmatch(OWN, name):
        raise ValueError(f"unknown datasource {name!r}{_nearest(name, DATASOURCES)}")
    return name


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"unknown time zone {name!r}{_nearest(name, available_timezones())}")
    ZoneInfo(name)
    return name


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the time has no time zone; end it with Z for UTC")
    return moment


EVENT_SOURCES: Final = ("facts", *registry.EVENTS)


def _event_source(name: str) -> str:
    if name not in EVENT_SOURCES:
        raise ValueError(f"unknown event source {name!r}{_nearest(name, EVENT_SOURCES)}")
    return name


def _table_source(name: str) -> str:
    if name not in registry.TABLES:
        raise ValueError(f"unknown table source {name!r}{_nearest(name, registry.TABLES)}")
    return name


class Window(Part):
    """The stretch of time a case looks at; the end is not included."""

    start: Annotated[datetime, AfterValidator(_aware)] = Field(description="First moment, UTC.")
    end: Annotated[datetime, AfterValidator(_aware)] = Field(description="First moment after, UTC.")

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.end <= self.start:
            raise ValueError("the window ends before it starts; swap start and end")
        return self


class Entity(Part):
    """What is measured."""

    id: str = Field(
        pattern=r"^(country|region|asn)/\w[\w .'-]*$",
        description="IODA's form, asn/44244; a region by id, or by name, looked up when fetched.",
    )
    name: str = Field(min_length=1, description="What people call it.")
    network: Network = Field(description="What kind of network, for claims about kinds.")


class SignalSource(Part):
    """Which datasource to read, and from where."""

    datasource: Annotated[str, AfterValidator(_datasource)] = Field(
        description="How it is measured."
    )
    source: Literal["published", "service", "csv", "ioda-csv", "mlab-bigquery"] = Field(
        description=(
            "published: figures embedded in data/; service: fetched into a snapshot; csv: a file "
            "of your own, --file user-csv=PATH; ioda-csv: a table saved from IODA's dashboard; "
            "mlab-bigquery: M-Lab's single tests, asked in SQL."
        )
    )
    dataset: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="Folder of data/published/ to read; the case's name if not given.",
    )
    entities: Literal["listed", "all"] = Field(
        default="listed", description="Read the entities the case lists, or all there are."
    )
    options: dict[str, str] = Field(default={}, description="What else the source is asked.")

    @model_validator(mode="after")
    def _own(self) -> SignalSource:
        if self.datasource not in DATASOURCES:
            if self.source != "csv":
                raise ValueError(
                    f"{self.datasource} is a datasource of your own; its source must be csv"
                )
            missing = [name for name in ("unit", "step") if not self.options.get(name)]
            if missing:
                raise ValueError(
                    f"{self.datasource} is a datasource of your own; state the option "
                    f"{missing[0]}, as in {{unit: percent, step: 1h}}"
                )
        return self


class EventSource(Part):
    """Where dated events come from."""

    source: Annotated[str, AfterValidator(_event_source)] = Field(
        description="facts: dated facts embedded in data/; or a service to fetch from."
    )
    options: dict[str, str] = Field(default={}, description="What else the source is asked.")
    dataset: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="File of data/facts/ to read; the case's name if not given.",
    )


class TableSource(Part):
    """Lists that are neither signals nor events: single measurements, categories of sites."""

    source: Annotated[str, AfterValidator(_table_source)] = Field(
        description="What to list: citizenlab, ooni-measurements, ooni-headers …"
    )
    name: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="What to call it; the source's name if not given.",
    )
    options: dict[str, str] = Field(default={}, description="What else the source is asked.")

    @property
    def called(self) -> str:
        """What the table is called."""
        return self.name or self.source


class OnsetAfterEvent(ClaimPart):
    """An outage of an entity began after the first event of a kind."""

    type: Literal["onset_after_event"]
    entity: str
    event: Literal["protest", "rival"] = "protest"


class MobileBeforeFixed(ClaimPart):
    """Every mobile operator was down before the first fixed-line one."""

    type: Literal["mobile_before_fixed"]


class OutageInWindow(ClaimPart):
    """An entity had an outage of a length."""

    type: Literal["outage_in_window"]
    entity: str
    at_least_hours: float = Field(gt=0, default=1, description="Shortest outage that counts.")


class StagedRecovery(ClaimPart):
    """An entity came back in several separate stages."""

    type: Literal["staged_recovery"]
    entity: str
    at_least_stages: int = Field(ge=2, default=2)


class RateRatio(ClaimPart):
    """Outages of an entity begin on days of events more often than chance would have it."""

    type: Literal["rate_ratio"]
    entity: str
    event: Literal["protest", "rival"] = "protest"


Claim = Annotated[
    OnsetAfterEvent
    | MobileBeforeFixed
    | OutageInWindow
    | StagedRecovery
    | RateRatio
    | PublishedFigures
    | FindingAbove,
    Field(discriminator="type"),
]


class Case(Part):
    """One study; see ``cases/`` for examples."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="The file's name without .yaml.")
    title: str = Field(min_length=1)
    question: str = Field(min_length=1, description="What the study wants to know.")
    summary: str = Field(
        min_length=1, description="What happened, for a reader without background."
    )
    window: Window
    place: str = Field(
        pattern=r"^([A-Z]{2}|world)$", description="Country, ISO 3166-1 alpha-2, or world."
    )
    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field(description="Of the place.")
    entities: tuple[Entity, ...] = ()
    controls: tuple[Entity, ...] = Field(
        default=(),
        description=(
            "Entities outside the place, measured to tell when the instrument was down and not "
            "the network; or the sum over a whole datasource."
        ),
    )
    signals: tuple[SignalSource, ...] = ()
    events: tuple[EventSource, ...] = ()
    tables: tuple[TableSource, ...] = ()
    studies: tuple[Study, ...] = ()
    claims: tuple[Claim, ...] = ()

    @model_validator(mode="after")
    def _has_data(self) -> Case:
        if not self.signals and not self.studies:
            raise ValueError("there is nothing to study; list signals, studies or both")
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
        if f"country/{self.place}" in {control.id for control in self.controls}:
            raise ValueError(
                f"control 'country/{self.place}' is the place itself; choose one outside it"
            )
        for claim in self.claims:
            entity = getattr(claim, "entity", None)
            if entity is not None and entity not in ids:
                raise ValueError(
                    f"claim {claim.id!r} is about entity {entity!r}, which the case does not list"
                    f"{_nearest(entity, ids)}"
                )
        return self

    @property
    def measured(self) -> tuple[Entity, ...]:
        """What is studied and what it is held against: entities and controls."""
        return self.entities + self.controls

    def network_of(self, entity: str) -> Network | None:
        """Return the kind of network an entity is, None if the case does not list it."""
        return next((known.network for known in self.measured if known.id == entity), None)

    def name_of(self, entity: str) -> str:
        """Return what people call an entity, its id if the case does not list it."""
        return next((known.name for known in self.measured if known.id == entity), entity)

    def digest(self) -> str:
        """Hash the content of the case; comments and layout of the file do not count."""
        content = self.model_dump(mode="json")
        for newer in ("controls", "studies", "tables"):
            # A case from before there were these is still the same case.
            if not content[newer]:
                del content[newer]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


class _Loader(yaml.SafeLoader):
    """YAML in which a time is a string and a key may occur once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value!r} occurs twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def known() -> list[str]:
    """Return the names of the shipped cases."""
    return sorted(path.stem for path in paths.cases().glob("*.yaml"))


def load(name_or_path: str | Path) -> Case:
    """Read a case by name, or any case file by path.

    Raises
    ------
    InputError
        If there is no such case, the file is not YAML, or the case is not valid.
    """
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        name = str(name_or_path)
        path = paths.cases() / f"{name}.yaml"
        if name not in known():
            raise InputError(
                f"unknown case {name!r}{_nearest(name, known())} "
                f"The cases are {', '.join(known())}; or give a path that ends in .yaml."
            )
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"cannot read {path}: {reason}.") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML{_where(error)}; mend that line.") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} is not a case: it needs keys such as name, window, claims.")
    try:
        case = Case.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path}: {_explain(error)}") from None
    if case.name != path.stem:
        raise InputError(
            f"{path}: the name is {case.name!r}; it must be the file's, {path.stem!r}."
        )
    return case


def schema() -> str:
    """Return the JSON Schema of a case file, as stored in ``cases/case.schema.json``."""
    return json.dumps(Case.model_json_schema(), indent=2, sort_keys=True) + "\n"


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be read"
    return f" (line {mark.line + 1}: {problem})" if mark else f" ({problem})"


def _explain(error: ValidationError) -> str:
    # A misspelt key is both unknown and missing: the first says how to mend it.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    place = ".".join(str(part) for part in first["loc"] if part not in _tags())
    place = place or "the case"
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        return f"unknown key {place!r}{_nearest(key, _all_keys())}"
    if first["type"] == "missing":
        return f"{place!r} is missing; add it."
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {message[0].lower()}{message[1:]}".rstrip(".?") + (
        "?" if message.endswith("?") else "."
    )


def _tagged() -> list[type[BaseModel]]:
    return [*get_args(get_args(Claim)[0]), *get_args(get_args(Study)[0])]


def _tags() -> set[str]:
    return {get_args(model.model_fields["type"].annotation)[0] for model in _tagged()}


def _all_keys() -> list[str]:
    models: list[type[BaseModel]] = [Case, Window, Entity, SignalSource, EventSource, TableSource]
    models += [MatchingRule, *_tagged()]
    return sorted({field for model in models for field in model.model_fields})


def _nearest(name: str, names: Any) -> str:
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else "."
