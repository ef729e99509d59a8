"""Claims about tables and signals that are no outages: sites, portals, providers, speeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import pandas as pd
import xarray as xr

from darkdays.case.case import Case
from darkdays.case.records import (
    BlockingChanged,
    BlockPages,
    LargestShare,
    PortalFingerprint,
    RecordClaim,
    ReportsAgree,
    SingleProvider,
    SiteBlocked,
    SurgeAfterEvent,
    Throttled,
    ThroughputDrop,
    Unblocked,
)
from darkdays.claims.judging.verdicts import Judgement, untested
from darkdays.claims.records.portals import portal_fingerprint
from darkdays.claims.records.providers import single_provider
from darkdays.claims.records.published_shares import block_pages, largest_share
from darkdays.claims.records.reports_agree import reports_agree
from darkdays.claims.records.site_changes import blocking_changed, unblocked
from darkdays.claims.records.sites import countings, site_blocked
from darkdays.claims.records.speeds import throughput_drop
from darkdays.claims.records.surges import surge_after_event
from darkdays.claims.records.throttling import throttled
from darkdays.contracts.events import of_country
from darkdays.contracts.moments import in_utc
from darkdays.detect.blocking import blocking_states
from darkdays.detect.speeds import slowdowns
from darkdays.evidence.evidence import LEVELS

JUDGED: Final = (
    SiteBlocked, Unblocked, BlockingChanged, PortalFingerprint, SingleProvider, LargestShare,
    BlockPages, SurgeAfterEvent, ThroughputDrop, Throttled, ReportsAgree,
)  # fmt: skip
"""The types of claims that are judged here."""
_FEWER_DRAWS: Final = 99
"""For specifications that only say whether the verdict would be the same."""


@dataclass(frozen=True)
class Records:
    """What a claim about records may look at.

    Attributes
    ----------
    case
        The case.
    level
        Confidence of intervals and tests.
    signals
        Of the case.
    tables
        Of the case, by what it calls them.
    observed
        Every measurement of a site, as :class:`darkdays.detect.blocking.sites.Sites` holds them.
    events
        Of the case; what is dated in other countries is dropped.
    """

    case: Case
    level: float
    signals: xr.DataTree
    tables: Mapping[str, pd.DataFrame]
    observed: pd.DataFrame = field(default_factory=pd.DataFrame)
    events: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", of_country(self.events, self.case.place))

    def span(self, claim: RecordClaim) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the part of the window a claim is about, UTC."""
        window = self.case.window
        start, end = in_utc(claim.start or window.start, claim.end or window.end)
        return start, end

    def of(self, names: tuple[str, ...]) -> pd.DataFrame:
        """Return the measurements of sites of some tables."""
        return self.observed[self.observed["table"].isin(list(names))]

    def together(self, names: tuple[str, ...]) -> pd.DataFrame:
        """Return the rows of some tables, all of which are there."""
        return pd.concat([self.tables[name] for name in names], ignore_index=True)


def judged(claim: Any, records: Records) -> Iterator[tuple[str, Judgement]]:
    """Judge a claim under every specification, the chosen one first.

    Yields
    ------
    tuple
        The specification in a few words, and the judgement.
    """
    lacking = [name for name in getattr(claim, "tables", ()) if name not in records.tables]
    if lacking:
        yield "no data", untested(_about(claim, records.case))
        return
    start, end = records.span(claim)
    match claim:
        case SiteBlocked() | Unblocked() | BlockingChanged():
            yield from _sites(claim, records, start, end)
        case PortalFingerprint():
            table = records.together(claim.tables)
            times = table["measurement_start_time"]
            mine = table[(times >= start) & (times < end)]
            yield "the text is in it", portal_fingerprint(claim, mine, records.level)
            yield (
                "the text is all of it",
                portal_fingerprint(claim, mine, records.level, exactly=True),
            )
        case SingleProvider():
            for label, always in (("at every time", True), ("at the median time", False)):
                yield (
                    label,
                    single_provider(
                        claim, records.case, records.signals, (start, end), always=always
                    ),
                )
        case LargestShare() | BlockPages() | SurgeAfterEvent() | ReportsAgree():
            yield from _published(claim, records, (start, end))
        case Throttled():
            for level in dict.fromkeys([records.level, *LEVELS]):
                yield (
                    f"level {level:g}",
                    throttled(claim, records.case, records.signals, (start, end), level),
                )
        case ThroughputDrop():
            yield from _speeds(claim, records)


def _published(
    claim: Any, records: Records, span: tuple[pd.Timestamp, pd.Timestamp]
) -> Iterator[tuple[str, Judgement]]:
    match claim:
        case LargestShare():
            table = records.together(claim.tables)
            for label, always in (("at every date", True), ("at the median date", False)):
                yield label, largest_share(claim, records.case, table, span, always=always)
        case BlockPages():
            yield "as published", block_pages(claim, records.together(claim.tables))
        case ReportsAgree():
            lengths = records.together(claim.tables) if claim.tables else None
            yield "as reported", reports_agree(claim, records.case, records.events, lengths, span)
        case SurgeAfterEvent():
            looked = records.case, records.signals, records.events
            for level in dict.fromkeys([records.level, *LEVELS]):
                yield f"level {level:g}", surge_after_event(claim, *looked, span, level)


def _sites(
    claim: SiteBlocked | Unblocked | BlockingChanged,
    records: Records,
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> Iterator[tuple[str, Judgement]]:
    mine = records.of(claim.tables)
    if isinstance(claim, SiteBlocked):
        others = None
        if claim.elsewhere and set(claim.elsewhere) <= set(records.tables):
            others = _between(records.of(claim.elsewhere), start, end)
        for counting in countings(records.level):
            here = _between(mine, start, end)
            yield counting.label(), site_blocked(claim, here, counting, others)
        return
    draws = blocking_states.DRAWS
    for counting in countings(records.level, intervals=False):
        yield (
            counting.label(),
            unblocked(claim, mine, (start, end), counting, draws)
            if isinstance(claim, Unblocked)
            else blocking_changed(claim, mine, end, counting, draws),
        )
        draws = max(_FEWER_DRAWS, round(2 / (1 - max(LEVELS))))


def _between(observed: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    return observed[(observed["time"] >= start) & (observed["time"] < end)]


def _speeds(claim: ThroughputDrop, records: Records) -> Iterator[tuple[str, Judgement]]:
    table = records.together(claim.tables)
    others = product(sorted({*LEVELS, records.level}), (True, False))
    settings = dict.fromkeys([(records.level, claim.same_weekdays), *others])
    for level, weekdays in settings:
        days = "same weekdays" if weekdays else "all other days"
        yield (
            f"level {level:g}, against {days}",
            throughput_drop(
                claim,
                table,
                records.case.name_of(claim.entity),
                level=level,
                same_weekdays=weekdays,
                draws=slowdowns.DRAWS,
            ),
        )


def _about(claim: Any, case: Case) -> str:
    """Return what a claim is about, in words."""
    match claim:
        case PortalFingerprint():
            return f"the {' and '.join(claim.headers)} header that servers sent"
        case LargestShare():
            return f"{claim.measure} in {case.name_of(claim.entity)}"
        case BlockPages():
            return "published block pages"
        case ReportsAgree():
            return f"how long the outage of {case.name_of(claim.entity)} lasted"
        case ThroughputDrop():
            return f"the {claim.direction} speed of {case.name_of(claim.entity)}"
    return ", ".join(claim.sites)
