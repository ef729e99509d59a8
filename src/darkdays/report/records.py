"""The part of a report about sites, speeds and reported durations, and its findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from darkdays.case_records import OutageReported
from darkdays.detect.controls import trusted
from darkdays.files import rows_of
from darkdays.report.formats import moment, rounded

if TYPE_CHECKING:
    from darkdays.report.findings import Study

_WITNESSES: Final = (
    "state", "method", "begins", "first", "last", "began_between", "blocked_first", "blocked_last",
    "measurements", "longest_gap_hours", "p",
)  # fmt: skip


def records_of(study: Study, figures: list[str]) -> dict[str, Any] | None:
    """Return what a page says of tables of records, None for a case without any.

    Parameters
    ----------
    study
        What the report states.
    figures
        Names of the figures there are.
    """
    if not study.case.tables:
        return None
    sites = study.sites
    read = {name: table for name, table in study.tables.items() if len(table)}
    return {
        "figures": [name for name in ("blocking", "speeds") if name in figures],
        "states": [] if sites is None else [_state(row) for row in rows_of(sites.stretches)],
        "by_rules": [] if sites is None else [_by_rules(row) for row in rows_of(sites.by_rules)],
        "durations": list(_durations(study)),
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
        found = _state(row)
        yield {
            "id": f"blocking.{row.table}.{row.network}.{row.site}.{row.stretch}",
            "value": rounded(row.share),
            "unit": "share of hours blocked",
            "interval": found["share"],
            "level": study.level,
            "n": found["units"],
            "witnesses": {name: found[name] for name in _WITNESSES},
        }


def _state(row: Any) -> dict[str, Any]:
    return {
        "table": row.table,
        "network": row.network,
        "site": row.site,
        "state": row.state,
        "method": row.method,
        "begins": row.begins,
        "first": moment(row.first),
        "last": moment(row.last),
        "began_between": [moment(row.start_low), moment(row.start_high)],
        "blocked_first": moment(row.blocked_first),
        "blocked_last": moment(row.blocked_last),
        "measurements": int(row.measurements),
        "units": int(row.units),
        "blocked": int(row.blocked),
        "share": [rounded(row.low), rounded(row.high)],
        "longest_gap_hours": rounded(row.longest_gap_hours),
        "p": rounded(row.p),
    }


def _by_rules(row: Any) -> dict[str, Any]:
    return {
        "site": row.site,
        "network": row.network,
        "method": row.method,
        "hours": int(row.hours),
        "changes": int(row.changes),
        "state": row.state,
        "since": moment(row.since),
    }


def _durations(study: Study) -> Iterator[dict[str, Any]]:
    """Go through durations, those measured and those reported, side by side and not averaged."""
    claims = [claim for claim in study.case.claims if isinstance(claim, OutageReported)]
    for claim in claims:
        yield from _measured(study, claim)
    for name in dict.fromkeys(name for claim in claims for name in claim.tables):
        for row in rows_of(study.tables.get(name, pd.DataFrame())):
            yield {
                "who": row.source,
                "kind": "reported",
                "start": moment(row.start),
                "end": moment(row.end),
                "hours": [rounded(row.hours_low), rounded(row.hours_high)],
                "what": row.statement,
                "where": row.reference,
            }


def _measured(study: Study, claim: OutageReported) -> Iterator[dict[str, Any]]:
    start, end = (
        pd.Timestamp(stated or edge)
        for stated, edge in (
            (claim.start, study.case.window.start),
            (claim.end, study.case.window.end),
        )
    )
    name = study.case.name_of(claim.entity)
    believed = trusted(study.outages)
    mine = believed[(believed["entity"] == claim.entity) & believed["onset"].notna()]
    mine = mine[(mine["onset_high"] >= start) & (mine["onset_low"] < end)]
    for row in rows_of(mine):
        yield {
            "who": f"{name}, {row.datasource}",
            "kind": "measured",
            "start": moment(row.onset),
            "end": moment(row.recovery),
            "hours": [rounded(row.duration_low), rounded(row.duration_high)],
            "what": "outage found by this kit",
            "where": f"{row.samples} samples",
        }
    for datasource in (signal.datasource for signal in study.case.signals):
        if datasource in study.unread and claim is _first(study, claim.entity):
            yield {
                "who": f"{name}, {datasource}",
                "kind": "not measured",
                "start": None,
                "end": None,
                "hours": [None, None],
                "what": "not read",
                "where": f"darkdays fetch {study.case.name}",
            }


def _first(study: Study, entity: str) -> OutageReported | None:
    return next(
        (
            claim
            for claim in study.case.claims
            if isinstance(claim, OutageReported) and claim.entity == entity
        ),
        None,
    )
