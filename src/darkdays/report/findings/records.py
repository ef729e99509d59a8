"""The part of a report about sites, speeds and reported durations, and its findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.records import (
    BlockingChanged,
    BlockPages,
    LargestShare,
    OutageReported,
    PortalFingerprint,
    SingleProvider,
    SiteBlocked,
    SurgeAfterEvent,
    ThroughputDrop,
    Unblocked,
)
from darkdays.case.studies import StudyClaim
from darkdays.detect.outages.controls import trusted
from darkdays.fetch.plan import how_to_get
from darkdays.files.writing import rows_of
from darkdays.report.findings.formats import finding, moment, rounded, rows_written, written
from darkdays.report.findings.study import Study

_ABOUT: Final = {
    SiteBlocked: "sites",
    Unblocked: "sites",
    BlockingChanged: "sites",
    PortalFingerprint: "portals",
    SingleProvider: "providers",
    LargestShare: "shares",
    BlockPages: "block pages",
    SurgeAfterEvent: "surges",
    ThroughputDrop: "speeds",
}
_DETECTORS: Final = {"ioda-events": "IODA's own detector", "cloudflare": "Cloudflare Radar"}
"""Sources of events that are outages as somebody else's detector has them."""
_WITNESSES: Final = (
    "state", "method", "begins", "first", "last", "began_between", "blocked_first", "blocked_last",
    "measurements", "longest_gap_hours", "p",
)  # fmt: skip

_STATE: Final = (
    "table network site state method begins first:t last:t began_between=start_low,start_high:t "
    "blocked_first:t blocked_last:t measurements:i units:i blocked:i share=low,high:f "
    "longest_gap_hours:f p:f"
)
_RULES: Final = "site network method hours:i changes:i state since:t"


def about(case: Case) -> list[str]:
    """Return what the claims of a case are about, beside outages."""
    return sorted({_ABOUT[type(claim)] for claim in case.claims if type(claim) in _ABOUT})


def expects_outages(case: Case) -> bool:
    """Tell whether a case has claims about outages of its signals."""
    return bool(case.signals) and any(
        type(claim) not in _ABOUT and not isinstance(claim, StudyClaim) for claim in case.claims
    )


def records_of(study: Study, figures: list[str], events: pd.DataFrame) -> dict[str, Any] | None:
    """Return what a page says of tables of records, None for a case without any.

    Parameters
    ----------
    study
        What the report states.
    figures
        Names of the figures there are.
    events
        Of the case.
    """
    if not study.case.tables:
        return None
    sites = study.sites
    read = {name: table for name, table in study.tables.items() if len(table)}
    return {
        "figures": [name for name in ("blocking", "speeds") if name in figures],
        "states": rows_written(sites.stretches, _STATE) if sites else [],
        "by_rules": rows_written(sites.by_rules, _RULES) if sites else [],
        "durations": list(_durations(study, events)),
        "tables": [
            {"name": name, "rows": len(table), "licence": str(table.attrs.get("licence", ""))}
            for name, table in read.items()
        ],
        "citations": list(
            dict.fromkeys(str(table.attrs.get("citation", "")) for table in read.values())
        ),
    }


def states_of(study: Study) -> Iterator[dict[str, Any]]:
    """Go through the stretches of every site as findings."""
    if study.sites is None:
        return
    for row in rows_of(study.sites.stretches):
        found = written(row, _STATE)
        yield finding(
            f"blocking.{row.table}.{row.network}.{row.site}.{row.stretch}",
            rounded(row.share),
            "share of hours blocked",
            found["share"],
            study.level,
            found["units"],
            **{name: found[name] for name in _WITNESSES},
        )


def _durations(study: Study, events: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Go through durations: measured, by others' detectors, and reported; none is averaged."""
    claims = [claim for claim in study.case.claims if isinstance(claim, OutageReported)]
    for entity, start, end in dict.fromkeys(_asked(study, claim) for claim in claims):
        yield from _measured(study, entity, start, end)
        yield from _detected(study, entity, start, end, events)
    if claims:
        yield from _not_measured(study, [claim.entity for claim in claims])
    for name in dict.fromkeys(name for claim in claims for name in claim.tables):
        for row in rows_of(study.tables.get(name, pd.DataFrame())):
            yield _row(
                row.source,
                "reported",
                (row.start, row.end),
                (row.hours_low, row.hours_high),
                row.statement,
                row.reference,
            )


def _asked(study: Study, claim: OutageReported) -> tuple[str, pd.Timestamp, pd.Timestamp]:
    """Return the entity a claim is about, and the stretch in which its outage began."""
    window = study.case.window
    return (
        claim.entity,
        pd.Timestamp(claim.start or window.start),
        pd.Timestamp(claim.end or window.end),
    )


def _row(
    who: str, kind: str, times: tuple[Any, Any], hours: tuple[Any, Any], what: str, where: str
) -> dict[str, Any]:
    return {
        "who": who,
        "kind": kind,
        "start": moment(times[0]),
        "end": moment(times[1]),
        "hours": [rounded(hours[0]), rounded(hours[1])],
        "what": what,
        "where": where,
    }


def _measured(
    study: Study, entity: str, start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[dict[str, Any]]:
    """Go through the outages found here."""
    name = study.case.name_of(entity)
    believed = trusted(study.outages)
    mine = believed[(believed["entity"] == entity) & believed["onset"].notna()]
    mine = mine[(mine["onset_high"] >= start) & (mine["onset_low"] < end)]
    for row in rows_of(mine):
        yield _row(
            f"{name}, {row.datasource}",
            "measured",
            (row.onset, row.recovery),
            (row.duration_low, row.duration_high),
            "outage found by this kit",
            f"{row.samples} samples",
        )


def _detected(
    study: Study, entity: str, start: pd.Timestamp, end: pd.Timestamp, events: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Go through what the detectors of others say began in that time."""
    kind, _, code = entity.partition("/")
    is_here = (
        events["network"] == entity
        if kind == "asn"
        else (events["network"] == "") & (events["place"] == code)
    )
    dated = (events["start_high"] >= start) & (events["start_low"] < end)
    for row in rows_of(events[is_here & dated & events["origin"].isin(list(_DETECTORS))]):
        # Both moments are known to the precision of the source only.
        hour = pd.Timedelta(hours=1)
        width = row.start_high - row.start_low
        last = row.end_high - width if row.end else None
        lasts = None if last is None else (last - row.start_low) / hour
        yield _row(
            f"{study.case.name_of(entity)}, {_DETECTORS[str(row.origin)]}",
            "another detector",
            (row.start_low, last),
            (None, None)
            if lasts is None
            else (max(0.0, lasts - width / hour), lasts + width / hour),
            row.statement,
            row.source,
        )


def _not_measured(study: Study, entities: list[str]) -> Iterator[dict[str, Any]]:
    """Say in one row what was not read, and the command that gets it."""
    wanted = [signal.datasource for signal in study.case.signals]
    wanted += [one.source for one in study.case.events if one.source in _DETECTORS]
    missing = [name for name in wanted if name in study.unread]
    if missing:
        yield _row(
            " and ".join(study.case.name_of(entity) for entity in dict.fromkeys(entities)),
            "not measured",
            (None, None),
            (None, None),
            f"not read: {', '.join(missing)}",
            how_to_get(study.case, missing),
        )
