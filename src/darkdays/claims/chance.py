"""Claims about coincidence: more often than chance would have it, or not."""

from __future__ import annotations

from darkdays import case_claims
from darkdays.claims.verdicts import INCONCLUSIVE, SUPPORTED, Judgement, Number, untested
from darkdays.correlate.days import coincidence_of_days
from darkdays.detect.episodes import episodes
from darkdays.events import local_days, of_kind
from darkdays.evidence import Evidence


def rate_ratio(claim: case_claims.RateRatio, evidence: Evidence) -> Judgement:
    """Judge whether onsets fall on days of events more often than chance has it."""
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return untested(f"{name}'s connectivity")
    happened = of_kind(evidence.events, claim.event)
    if happened.empty:
        return untested(f"days of {claim.event}")
    mine = evidence.outages[evidence.outages["entity"] == claim.entity]
    onsets = episodes(mine)["onset"]
    days = local_days(happened, evidence.case.time_zone)
    found = coincidence_of_days(onsets, days, evidence.record, evidence.case.time_zone)
    test = found.test
    threshold = 1 - evidence.specification.level
    number = Number(
        "coincidence.p",
        test.p_value,
        "probability",
        n=found.onset_days,
        note=f"{test.coincidences} of {found.onset_days} onset days fall on one of "
        f"{found.event_days} {claim.event} days out of {found.days}; "
        f"{test.shifts} circular shifts, smallest attainable p {test.smallest_p:.2g}",
    )
    if test.p_value <= threshold:
        verdict = SUPPORTED
        because = "Onsets fall on such days more often than shifted calendars give."
    elif test.smallest_p > threshold:
        verdict = INCONCLUSIVE
        because = (
            f"One record with {found.onset_days} episode{'s' if found.onset_days != 1 else ''} in "
            f"{found.days} days cannot tell: even a perfect coincidence would come about by chance "
            f"with probability {test.smallest_p:.2g}."
        )
    else:
        verdict = INCONCLUSIVE
        because = (
            f"Shifted calendars give as many coincidences with probability {test.p_value:.2g}."
        )
    return Judgement(
        verdict,
        because,
        "A longer record of the same place with more episodes, with and without protests.",
        (number,),
    )
