"""Claims about order and lag."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Final

import pandas as pd

from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.lag_words import hours_in_words, lag_in_words
from darkdays.claims.judging.meanwhile import fell_meanwhile
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.events import in_words, of_kind, one_of
from darkdays.contracts.moments import in_utc
from darkdays.contracts.outages import DATED
from darkdays.correlate.intervals import Moment
from darkdays.correlate.order import first_event, lag_after_first_event
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import events_of_place
from darkdays.files.writing import rows_of

_EVER: Final = (pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC"))


def onset_after_event(claim: claims.OnsetAfterEvent, evidence: Evidence) -> Judgement:
    """Judge whether an entity went down after the first event of a kind, and soon after it.

    One outage is judged: the one that is named, else the first that can have begun after the
    event, else the one that was under way. Outages that were over by then are told. One that was
    under way and fell further after the event may hold another, and contradicts nothing.
    """
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    happened = of_kind(evidence.events, claim.event)
    events = events_of_place(evidence.case, happened, claim.entity)
    begun = first_event(events)
    if begun is None:
        return verdicts.untested(f"when {one_of(claim.event)} began")
    dated = evidence.dated(claim.entity)[DATED]
    judged = _judged_outages(claim, dated, begun)
    over = dated.loc[_last(dated) < begun.low, "onset"]
    told = ""
    if len(over) and not claim.named:
        first = f"{over.min():%Y-%m-%d}"
        told = f" Not judged: what was over before that, from {first} on."
    if judged.empty:
        when = " at the time that is named" if claim.named else " from then on"
        none = verdicts.no_outage(evidence, claim.entity, when if len(dated) else "")
        return replace(none, because=none.because + told)
    mine = evidence.outages[evidence.outages["entity"] == claim.entity]
    first = judged["onset_low"].min()
    unseen = mine[mine["onset"].isna() & (_last(mine) >= begun.low)]
    if not claim.named and any(one.first_seen < first for one in rows_of(unseen)):
        return Judgement(
            verdicts.INCONCLUSIVE,
            f"{name} was down when a record of it begins, and still was at the first "
            f"{in_words(claim.event)} or after it: when that outage began is not known.{told}",
            "A record that shows the beginning.",
        )
    lag = lag_after_first_event(events, judged, claim.entity)
    assert lag is not None
    number = Number("lag", lag.hours, "h", lag.low, lag.high, n=1, note="from first event to onset")
    soon = lag.high <= claim.within_hours
    deeper = _fell_further(claim, evidence, judged, begun) if lag.high < 0 else None
    verdict = verdicts.either(lag.low > 0 and soon, lag.high < 0 and deeper is None)
    because = (
        f"{name} began to go down "
        f"{lag_in_words(lag.low, lag.high, f'the first {in_words(claim.event)}')} can have begun"
    )
    if lag.low > claim.within_hours:
        because += (
            f": more than {hours_in_words(claim.within_hours)} after it, too long to be taken for "
            "one thing"
        )
    elif deeper is not None:
        because += (
            f", and fell further on {deeper:%Y-%m-%d at %H:%M} UTC: whether that is an outage in "
            "another is not known"
        )
    elif events["precision"].iloc[0] == "day":
        because += "; most of the width is a day that no source refines"
    return Judgement(
        verdict,
        f"{because}.{told}",
        f"A dated {in_words(claim.event)} later than the onset as the first one, or an earlier "
        "onset.",
        (number,),
    )


def _judged_outages(
    claim: claims.OnsetAfterEvent, dated: pd.DataFrame, begun: Moment
) -> pd.DataFrame:
    """Return the rows of the outage a claim is about: one, or one of each of two datasources."""
    last = _last(dated)
    if claim.named:
        start, end = in_utc(claim.start or _EVER[0], claim.end or _EVER[1])
        return dated[(dated["onset_low"] < end) & (last >= start)]
    before = dated["onset_high"] < begun.low
    under_way = before & (last >= begun.low)
    after = dated[~before].sort_values("onset", kind="stable")
    if after.empty:
        return dated[under_way]
    first = after.iloc[:1]
    # What another datasource saw begin before is the same outage.
    same = dated["datasource"].ne(first["datasource"].iloc[0]) & last.ge(first["onset"].iloc[0])
    both: pd.DataFrame = pd.concat([first, dated[under_way & same]])
    return both


def _fell_further(
    claim: claims.OnsetAfterEvent, evidence: Evidence, judged: pd.DataFrame, begun: Moment
) -> pd.Timestamp | None:
    """Return when an outage that was under way first fell by as much as an outage takes."""
    soon = begun.high + pd.Timedelta(hours=claim.within_hours)
    falls = (
        fell_meanwhile(evidence, row, begun.low, min(row.until, soon)) for row in rows_of(judged)
    )
    return min(chain.from_iterable(falls), default=None)


def _last(rows: pd.DataFrame) -> pd.Series:
    """Return the last moment at which each can have gone on."""
    return rows["end_high"].fillna(rows["until"])
