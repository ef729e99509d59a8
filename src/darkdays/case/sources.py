"""Where a case looks: window, entities, and the sources of signals, events and tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from darkdays.case.parts import Part, nearest
from darkdays.contracts.datasources import DATASOURCES
from darkdays.sources import registry
from darkdays.sources.countries import NAMES, code_of
from darkdays.sources.published import published_tables

OWN: Final = r"own\.[a-z0-9][a-z0-9-]*"
"""What a person may call a datasource of their own."""

_ISO: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:?\d{2}(:?\d{2}([.,]\d+)?)?)?\s?(Z|[+-]\d{2}(:?\d{2})?)?"
)
YEARS: Final = range(1900, 2200)

Network = Literal["country", "region", "mobile", "fixed", "transit"]


def _known(what: str, names: Callable[[], Collection[str]], own: str = "") -> AfterValidator:
    """Return what refuses a name that is neither known nor of the form of a person's own."""

    def check(name: str) -> str:
        if name not in names() and not (own and re.fullmatch(own, name)):
            raise ValueError(f"unknown {what} {name!r}{nearest(name, names())}")
        return name

    return AfterValidator(check)


# It goes through all files of the database, for each of a sweep's thousands of cases.
_time_zones: Final = cache(available_timezones)


TimeZone = Annotated[str, _known("time zone", _time_zones)]


def aware(moment: datetime) -> datetime:
    """Return a moment, refuse one without a time zone or of another age."""
    if moment.tzinfo is None:
        raise ValueError("the time has no time zone; end it with Z for UTC")
    if moment.year not in YEARS:
        raise ValueError(f"{moment.year} is no year to measure in; give one from 1900 to 2199")
    return moment


def _stated(moment: object) -> object:
    """Refuse what YAML or a JSON number makes of a time that is not written as one."""
    if isinstance(moment, datetime):
        return moment
    if isinstance(moment, str) and _ISO.fullmatch(moment.strip()):
        return moment
    digits = re.fullmatch(r"(\d{4})-?(\d{2})?-?(\d{2})?", str(moment).strip())
    example = "-".join(part or "01" for part in digits.groups()) if digits else "2019-11-15"
    raise ValueError(
        f"{str(moment)[:40]!r} is no moment; write it in quotes as ISO 8601 has it, "
        f'"{example}T00:00Z"'
    )


Moment = Annotated[datetime, BeforeValidator(_stated), AfterValidator(aware)]


_MADE_UP: Final = re.compile("X[A-Z]")
"""What ISO 3166-1 leaves to its users: places of rehearsals."""


def _country(place: object) -> object:
    """Refuse a place that is no country; say which was perhaps meant."""
    if not isinstance(place, str):
        meant = ' as in "NO" for Norway' if place is False else ""
        raise ValueError(  # noqa: TRY004 - what pydantic tells a person of
            f"it is read as {str(place).lower()}: put quotes around the code{meant}"
        )
    place = place.strip()
    if place == "world" or place in NAMES or _MADE_UP.fullmatch(place):
        return place
    code = {"UK": "GB", "EL": "GR", "EN": "GB"}.get(place.upper()) or code_of(place)
    hint = (
        f"the code of ISO 3166-1 is {code}: {place} is {code}"
        if code
        else f"{place!r} is no country's code; give one of ISO 3166-1 alpha-2, such as IR"
    )
    raise ValueError(hint)


Place = Annotated[
    str, BeforeValidator(_country), Field(json_schema_extra={"pattern": "^([A-Z]{2}|world)$"})
]
EVENT_SOURCES: Final = ("facts", *registry.EVENTS)

TABLE_SOURCES: Final = ("published", *registry.TABLES)


class Window(Part):
    """The stretch of time a case looks at; the end is not included."""

    start: Moment
    """First moment, UTC."""
    end: Moment
    """First moment after, UTC."""

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.end <= self.start:
            raise ValueError("the window ends before it starts; swap start and end")
        return self


class Entity(Part):
    """What is measured."""

    id: str = Field(
        pattern=r"^(country/[A-Z]{2}|asn/[0-9]{1,10}|region/[A-Za-z0-9][A-Za-z0-9_ .'-]*)$"
    )
    """IODA's form, asn/44244; a region by id, or by name, looked up when fetched."""
    name: str = Field(min_length=1)
    """What people call it."""
    network: Network
    """What kind of network, for claims about kinds."""


class SignalSource(Part):
    """Which datasource to read, and from where."""

    datasource: Annotated[str, _known("datasource", lambda: DATASOURCES, OWN)]
    """How it is measured."""
    source: Literal["published", "service", "csv", "ioda-csv", "mlab-bigquery"]
    """published: figures embedded in data/; service: fetched into a snapshot; csv: a file of
    your own, --file user-csv=PATH; ioda-csv: a table saved from IODA's dashboard;
    mlab-bigquery: M-Lab's single tests, asked in SQL.
    """
    dataset: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]*$")
    """Folder of data/published/ to read; the case's name if not given."""
    entities: Literal["listed", "all"] = "listed"
    """Read the entities the case lists, or all there are."""
    missing_values: list[float] = Field(default=[])
    """Numbers that mean "not measured" in a file of your own, as in [-1]; empty cells always do."""
    options: dict[str, str] = Field(default={})
    """What else the source is asked."""

    @property
    def asked(self) -> dict[str, str]:
        """What the source is asked, with the numbers that mean nothing was measured."""
        codes = " ".join(map(str, self.missing_values))
        return {**self.options, "missing_values": codes} if codes else self.options

    @model_validator(mode="after")
    def _own(self) -> SignalSource:
        if self.missing_values and self.source != "csv":
            raise ValueError("missing_values are for source csv; the others say what is missing")
        if self.datasource not in DATASOURCES:
            if self.source != "csv":
                raise ValueError(
                    f"{self.datasource} is a datasource of your own; its source must be csv"
                )
            if not self.options.get("unit"):
                raise ValueError(
                    f"{self.datasource} is a datasource of your own; state the option unit, as in "
                    "{unit: percent}"
                )
        return self


class Driver(Part):
    """A measured common cause, such as heat or load shedding: no outage is looked for in it."""

    datasource: str
    """Of the signal that measures it, one of those of the case."""
    entity: str | None = None
    """Whose numbers hold in every place; each place's own, or the country's, if not given."""


class EventSource(Part):
    """Where dated events come from."""

    source: Annotated[str, _known("event source", lambda: EVENT_SOURCES)]
    """facts: dated facts embedded in data/; or a service to fetch from."""
    options: dict[str, str] = Field(default={})
    """What else the source is asked."""
    dataset: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]*$")
    """File of data/facts/ to read; the case's name if not given."""


class TableSource(Part):
    """Lists that are neither signals nor events: single measurements, categories of sites."""

    source: Annotated[str, _known("table source", lambda: TABLE_SOURCES)]
    """What to list: citizenlab, ooni-measurements, ooni-headers …; or published: a table
    embedded in data/.
    """
    table: str | None = None
    """Which embedded table, for published."""
    dataset: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]*$")
    """Folder of data/published/ to read it from; the case's name if not given."""
    name: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]*$")
    """What to call it; the source's name if not given."""
    options: dict[str, str] = Field(default={})
    """What else the source is asked."""

    @model_validator(mode="after")
    def _embedded(self) -> TableSource:
        if self.source != "published":
            if self.table or self.dataset:
                raise ValueError("table and dataset are for tables of source published")
        elif self.table not in published_tables.TABLES:
            raise ValueError(
                f"no embedded table is called {self.table!r}; "
                f"table is one of {', '.join(published_tables.TABLES)}"
            )
        return self

    @property
    def called(self) -> str:
        """What the table is called."""
        return self.name or self.table or self.source
