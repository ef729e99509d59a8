"""The types of claims a case can make about signals, events and lists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from darkdays.case_disruptions import DisruptionClaim
from darkdays.case_parts import ClaimPart
from darkdays.case_studies import FindingAbove, PublishedFigures


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
    | FindingAbove
    | DisruptionClaim,
    Field(discriminator="type"),
]
