"""The types of claims a case can make about sites, portals, providers, speeds and reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from darkdays.case.parts import ClaimPart, EventKind
from darkdays.case.sources import Moment

Way = Literal["dns", "tcp_ip", "http-diff", "http-failure", "unstated"]


class RecordClaim(ClaimPart):
    """A claim about part of the window, with what a reader should know whatever comes out."""

    start: Moment | None = None
    """First moment looked at; the window's if not given."""
    end: Moment | None = None
    """First moment after; the window's if not given."""
    note: str = ""
    """What to know beside the verdict, whatever it is."""

    @model_validator(mode="after")
    def _in_order(self) -> RecordClaim:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("the claim ends before it starts; swap start and end")
        return self


class _OfSites(RecordClaim):
    tables: tuple[str, ...] = Field(min_length=1)
    """Tables of measurements to look into, by their name."""
    sites: tuple[str, ...] = Field(min_length=1)
    """Domains without www., or OONI's tests of apps, such as whatsapp."""


class SiteBlocked(_OfSites):
    """Sites or apps were blocked in part of the window, or were not."""

    type: Literal["site_blocked"]
    state: Literal["blocked", "ok"] = "blocked"
    """What they are said to have been."""
    methods: tuple[Way, ...] = ()
    """In which ways; any if not given."""
    only: bool = False
    """And no other site of the tables was found blocked so."""
    elsewhere: tuple[str, ...] = ()
    """Tables of measurements of the same sites in other countries, by their name: what was down
    there at the same time was not blocked here.
    """

    @model_validator(mode="after")
    def _sense(self) -> SiteBlocked:
        if self.only and self.state == "ok":
            raise ValueError("only says that nothing else was blocked; leave it out of state ok")
        return self


class Unblocked(_OfSites):
    """Sites or apps that were blocked came back, in the part of the window that is named."""

    type: Literal["unblocked"]
    seed: int = Field(default=1, ge=0)
    """Of the permutations."""


class BlockingChanged(_OfSites):
    """Sites that were blocked in one way came to be blocked in another."""

    type: Literal["blocking_changed"]
    before: tuple[Way, ...] = Field(min_length=1)
    """Ways before."""
    after: tuple[Way, ...] = Field(min_length=1)
    """Ways after."""
    seed: int = Field(default=1, ge=0)
    """Of the permutations."""


class PortalFingerprint(RecordClaim):
    """Servers answered with a header that tells a make of equipment."""

    type: Literal["portal_fingerprint"]
    tables: tuple[str, ...] = Field(min_length=1)
    """Tables of headers, by their name."""
    contains: str = Field(min_length=1)
    """Text in the value of the header."""
    headers: tuple[str, ...] = Field(default=("server",), min_length=1)
    """Headers to look at, in lower case."""


class SingleProvider(RecordClaim):
    """One network holds most of the routed address space of a country."""

    type: Literal["single_provider"]
    entity: str
    at_least: float = Field(gt=0, le=1, default=0.9)
    """Least share, at every time."""
    compared_with: tuple[str, ...] = ()
    """Other entities to show beside it; they decide nothing."""


class LargestShare(RecordClaim):
    """The largest holder of something in a country has a share of it, by published tables."""

    type: Literal["largest_share"]
    tables: tuple[str, ...] = Field(min_length=1)
    """Tables of shares, by their name."""
    entity: str
    measure: Literal["registry", "routing", "users", "gateway"]
    """Addresses as registries delegate them or as they are routed, users by network, or networks
    behind one gateway."""
    at_least: float = Field(gt=0, le=1, default=0.9)
    """Least share, at every date."""
    compared_with: tuple[str, ...] = ()
    """Other entities to show beside it; they decide nothing."""


class BlockPages(RecordClaim):
    """Sites were answered with block pages, by a published table of them."""

    type: Literal["block_pages"]
    tables: tuple[str, ...] = Field(min_length=1)
    """Tables of block pages, by their name."""
    sites: tuple[str, ...] = ()
    """Domains without www., all of which are claimed; any if not given."""
    at_least: int = Field(ge=1, default=1)
    """How many sites, where none are named."""


class SurgeAfterEvent(RecordClaim):
    """A signal rose within days of the first event of a kind, such as users of a way around."""

    type: Literal["surge_after_event"]
    entity: str
    datasource: str
    """Of the signal, one of those of the case."""
    event: EventKind = "protest"
    """Kind of event."""
    within_days: int = Field(ge=1, default=14)
    """Longest lag."""
    at_least_times: float = Field(gt=1, default=1.5)
    """Least rise that is one, in times the level before."""
    compared_with: tuple[str, ...] = ()
    """Entities elsewhere: if they rose at the same time, nobody can tell."""


class ThroughputDrop(RecordClaim):
    """Speed tests of a place were slower in part of the window than on its other days."""

    type: Literal["throughput_drop"]
    tables: tuple[str, ...] = Field(min_length=1)
    """Tables of speeds, by their name."""
    entity: str
    start: Moment
    """First moment of the days that are claimed to be slow."""
    end: Moment
    """First moment after them."""
    direction: Literal["download", "upload"] = "download"
    same_weekdays: bool = True
    """Compare with the same weekdays only, as many of each."""
    seed: int = Field(default=1, ge=0)
    """Of the resampled days."""


class Throttled(RecordClaim):
    """A place was slowed down in part of the window, beside its other days.

    Round-trip times or loss rose, and speed fell.
    """

    type: Literal["throttled"]
    entity: str
    start: Moment
    """First moment of the days that are claimed to be slow."""
    end: Moment
    """First moment after them."""
    delay: tuple[str, ...] = ("ioda.ping-slash24-latency", "ioda.ping-slash24-loss")
    """Datasources of round-trip times or of loss."""
    speed: tuple[str, ...] = ("mlab.download",)
    """Datasources of speeds."""
    measured_by: tuple[str, ...] = ("ioda.ping-slash24", "ooni.measurement-count")
    """Datasources that count who could still be measured, or measure."""


class OutageReported(RecordClaim):
    """An entity had an outage that began in part of the window, for how long whoever says so."""

    type: Literal["outage_reported"]
    entity: str
    tables: tuple[str, ...] = ()
    """Tables of reported durations to stand beside the measured ones."""


class ReportsAgree(RecordClaim):
    """Reports agree on when an outage began, or on how long it lasted; nothing is measured."""

    type: Literal["reports_agree"]
    entity: str
    within_hours: float = Field(gt=0)
    """Longest difference that is agreement."""
    tables: tuple[str, ...] = ()
    """Tables of reported durations: then it is about the length. Otherwise about the beginning,
    as disruptions and shutdown labels among the events of the case date it.
    """


RecordClaims = (
    SiteBlocked
    | Unblocked
    | BlockingChanged
    | PortalFingerprint
    | SingleProvider
    | LargestShare
    | BlockPages
    | SurgeAfterEvent
    | ThroughputDrop
    | Throttled
    | OutageReported
    | ReportsAgree
)
