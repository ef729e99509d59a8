"""The types of claims a case can make about signals, events and lists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from darkdays.case.disruptions import DisruptionClaim
from darkdays.case.parts import ClaimPart, EventKind
from darkdays.case.records import RecordClaims
from darkdays.case.sources import Moment
from darkdays.case.studies import StudyClaim


class OnsetAfterEvent(ClaimPart):
    """An outage of an entity began after the first event of a kind, and soon after it."""

    type: Literal["onset_after_event"]
    entity: str
    event: EventKind = "protest"
    within_hours: float = Field(gt=0, default=72)
    """Longest lag that is taken for one thing after another."""
    start: Moment | None = None
    """With ``end``, a stretch of time: the outage that is meant was under way in it. Without
    either it is the first that can have begun after the event.
    """
    end: Moment | None = None
    """First moment after that stretch."""

    @property
    def named(self) -> bool:
        """Whether the case says which outage is meant."""
        return self.start is not None or self.end is not None

    @model_validator(mode="after")
    def _in_order(self) -> OnsetAfterEvent:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("the outage that is named ends before it starts; swap start and end")
        return self


class MobileBeforeFixed(ClaimPart):
    """Every mobile operator was down before the first fixed-line one."""

    type: Literal["mobile_before_fixed"]


class OutageInWindow(ClaimPart):
    """An entity had an outage of a length."""

    type: Literal["outage_in_window"]
    entity: str
    at_least_hours: float = Field(gt=0, default=1)
    """Shortest outage that counts."""


class StagedRecovery(ClaimPart):
    """An entity came back in several separate stages."""

    type: Literal["staged_recovery"]
    entity: str
    at_least_stages: int = Field(ge=2, default=2)


class RateRatio(ClaimPart):
    """Outages of an entity begin on days of events more often than chance would have it."""

    type: Literal["rate_ratio"]
    entity: str
    with_entities: tuple[str, ...] = ()
    """Further places; each is compared with itself."""
    event: EventKind = "protest"


class SubNationalExcess(ClaimPart):
    """A region lost more of its connectivity during events than other regions did."""

    type: Literal["sub_national_excess"]
    entity: str
    event: EventKind = "protest"
    days_after: int = Field(default=2, ge=0)
    """Days after the last event that count."""


class Intermittent(ClaimPart):
    """An entity had several separate outages, over several days."""

    type: Literal["intermittent"]
    entity: str
    at_least_outages: int = Field(default=2, ge=2)
    """Fewest separate outages."""
    at_least_days: int = Field(default=2, ge=1)
    """Fewest local days they span."""
    apart_hours: float = Field(default=1, gt=0)
    """Shortest time back to normal between separate outages."""


Claim = Annotated[
    OnsetAfterEvent
    | MobileBeforeFixed
    | OutageInWindow
    | StagedRecovery
    | RateRatio
    | StudyClaim
    | SubNationalExcess
    | Intermittent
    | RecordClaims
    | DisruptionClaim,
    Field(discriminator="type"),
]
