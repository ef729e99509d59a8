"""Claims about order and lag."""

from __future__ import annotations

from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.events import of_kind
from darkdays.correlate.order import lag_after_first_event
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import events_of_place


def onset_after_event(claim: claims.OnsetAfterEvent, evidence: Evidence) -> Judgement:
    """Judge whether an entity went down after the first event of a kind."""
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    happened = of_kind(evidence.events, claim.event)
    events = events_of_place(evidence.case, happened, claim.entity)
    if events.empty:
        return verdicts.untested(f"when a {claim.event} began")
    lag = lag_after_first_event(events, evidence.outages, claim.entity)
    if lag is None:
        return verdicts.no_outage(name)
    number = Number("lag", lag.hours, "h", lag.low, lag.high, n=1, note="from first event to onset")
    return Judgement(
        verdicts.by_sign(lag.low, lag.high),
        f"{name} began to go down {lag.low:.1f} to {lag.high:.1f} hours after the first "
        f"{claim.event} can have begun; most of the width is a day that no source refines.",
        f"A dated {claim.event} later than the onset as the first one, or an earlier onset.",
        (number,),
    )
