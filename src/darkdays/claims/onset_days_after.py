"""Claims that something began days after something else, beside what sources say of it."""

from __future__ import annotations

import pandas as pd

from darkdays.case import disruptions as claims
from darkdays.claims.disruption import compared
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.lag_words import lag_in_words
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.correlate.intervals import Lag, beginning_of, lag_between, onset_of
from darkdays.correlate.order import first_event
from darkdays.evidence.evidence import Evidence, events_at
from darkdays.files.writing import rows_of

_REPORTED = ("disruption", "shutdown-label")
_DAY_HOURS = 24.0


def onset_days_after(claim: claims.OnsetDaysAfter, evidence: Evidence) -> Judgement:
    """Judge whether a disruption began days after the first event.

    What is measured decides; what sources say is given beside it, as one interval that holds all
    of them. An outage that is no more than other places and times had is not taken for the
    disruption.
    """
    name = evidence.case.name_of(claim.entity)
    happened = events_at(evidence.events, claim.event, evidence.case, claim.entity)
    said, numbers = reported_lag(happened, evidence, claim.entity)
    if claim.entity not in evidence.measured:
        missing = verdicts.untested(f"{name}'s connectivity")
        return Judgement(
            missing.verdict, f"{missing.because} {said}".strip(), missing.overturned_by, numbers
        )
    window = evidence.window_of(claim.event, claim.entity)
    begun = first_event(happened)
    if window is None or begun is None:
        return verdicts.untested(f"when a {claim.event} began in {name}")
    found = compared(evidence, claim.entity, window)
    beyond = found.beyond(evidence.specification.level)
    if not beyond:
        return Judgement(
            verdicts.INCONCLUSIVE,
            f"{found.in_words()} There is no beginning to date. {said}".strip(),
            "An outage beyond what other places and times have.",
            numbers,
        )
    # Each of those that may be the largest, by their bounds, may be the one to date.
    least = max(one.lost_low for _, one in beyond)
    largest = max((one for _, one in beyond), key=lambda one: one.lost)
    lags = [lag_between(begun, onset_of(one.outage)) for _, one in beyond if one.lost_high >= least]
    low, high = min(one.low for one in lags), max(one.high for one in lags)
    low, high = low / _DAY_HOURS, high / _DAY_HOURS
    measured = Number(
        "lag", lag_between(begun, onset_of(largest.outage)).hours / _DAY_HOURS, "days", low, high,
        n=len(lags), note="from the first event to the onset of the largest outage",
    )  # fmt: skip
    verdict = verdicts.either(low >= claim.at_least_days, high < claim.at_least_days)
    return Judgement(
        verdict,
        f"{name} went down {low:.1f} to {high:.1f} days after "
        f"the first {claim.event} can have begun. {said}".strip(),
        f"An earlier outage beyond what is usual, or a later first {claim.event}.",
        (measured, *numbers),
    )


def reported_lag(
    happened: pd.DataFrame, evidence: Evidence, entity: str
) -> tuple[str, tuple[Number, ...]]:
    """Return what sources say of the lag, in a sentence and as a number of days.

    Reports of disruption that overlap the earliest one are readings of the same beginning; a
    later one says that it went on.
    """
    begun = first_event(happened)
    reports = pd.concat(
        [events_at(evidence.events, kind, evidence.case, entity) for kind in _REPORTED]
    ).sort_values("start_low", kind="stable")
    if begun is None or reports.empty:
        return "", ()
    same = reports[reports["start_low"] < reports["end_high"].iloc[0]]
    lags: list[Lag] = [lag_between(begun, beginning_of(row)) for row in rows_of(same)]
    low = min(one.low for one in lags) / _DAY_HOURS
    high = max(one.high for one in lags) / _DAY_HOURS
    starts = sorted({str(start)[:10] for start in same["start"]})
    number = Number(
        "reported_lag", None, "days", low, high, n=len(same),
        note=f"reported beginnings {', '.join(starts)}; bounds hold all of them and whole days",
    )  # fmt: skip
    when = " or ".join(starts)
    lag = lag_in_words(low * _DAY_HOURS, high * _DAY_HOURS, "the first event")
    return f"Sources date it to {when}, {lag}.", (number,)
