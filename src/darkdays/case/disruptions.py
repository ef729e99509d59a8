"""Claims that need a comparison: with other places and times, between signals, or with a bound."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from darkdays.case.parts import ClaimPart, EventKind
from darkdays.case.sources import Moment


class Disrupted(ClaimPart):
    """An entity was disrupted on days of events, beyond what other places and times knew anyway.

    Without such an outage the answer is a bound on those that could have been missed, never "no".
    """

    type: Literal["disrupted"]
    entity: str
    event: EventKind = "protest"
    at_least_hours: float = Field(gt=0, default=1)
    """Shortest outage that counts."""
    at_least_depth: float | None = Field(default=None, gt=0, le=1)
    """Share of what the signals count that the claim says was gone. Only a claim that says so
    can be contradicted, by a bound below it.
    """


class NotExplainedBy(ClaimPart):
    """Outages of an entity on days of events are more than a rival explanation gives."""

    type: Literal["not_explained_by"]
    entity: str
    rival: str = Field(min_length=1)
    """What else it could have been, as in power cuts."""
    event: EventKind = "protest"


class MobileOnly(ClaimPart):
    """Mobile networks went down on days of events while fixed lines stayed up."""

    type: Literal["mobile_only"]
    place: str
    """Entity whose days of events are meant."""
    event: EventKind = "protest"


class OnsetDaysAfter(ClaimPart):
    """A disruption began days after the first event of a kind."""

    type: Literal["onset_days_after"]
    entity: str
    event: EventKind = "protest"
    at_least_days: float = Field(gt=0, default=1)
    """Shortest lag that counts."""


class SignalsDisagree(ClaimPart):
    """Datasources of an entity disagree about one outage."""

    type: Literal["signals_disagree"]
    entity: str
    about: Literal["onset", "recovery", "depth"]
    at_least: float = Field(gt=0)
    """Hours, or for depth a share of the normal level."""
    between: tuple[str, str] | None = None
    """Which two, first the one that was earlier or lost less; the two farthest apart if it is
    not said.
    """


class FellTogether(ClaimPart):
    """Many places went down within a stretch of hours."""

    type: Literal["fell_together"]
    start: Moment
    """Beginning of the first bin in which a place may be down."""
    end: Moment
    """Beginning of the last such bin."""
    down_at: Moment
    """A moment at which the outage that is meant was under way."""
    at_least: int = Field(ge=2)
    """Fewest places that count as many."""
    among: Literal["provinces", "counties"] = "provinces"
    """Regions the case lists, or parts of them."""

    @model_validator(mode="after")
    def _in_order(self) -> FellTogether:
        if not self.start <= self.end <= self.down_at:
            raise ValueError("start, end and down_at must follow each other; put them in order")
        return self


class EarlyDrop(ClaimPart):
    """An entity lost connectivity in a stretch of time in which others like it did not."""

    type: Literal["early_drop"]
    entity: str
    start: Moment
    end: Moment

    @model_validator(mode="after")
    def _in_order(self) -> EarlyDrop:
        if self.end <= self.start:
            raise ValueError("the stretch ends before it starts; swap start and end")
        return self


DisruptionClaim = (
    Disrupted
    | NotExplainedBy
    | MobileOnly
    | OnsetDaysAfter
    | SignalsDisagree
    | FellTogether
    | EarlyDrop
)
