"""The outages of a study in its findings: each with bounds, and what was told apart from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pandas as pd

from darkdays.case.case import Case
from darkdays.detect.outages.controls import OUTAGE, trusted
from darkdays.files.writing import rows_of
from darkdays.report.findings.formats import moment, rounded


class Judged(Protocol):
    """What is needed of a study: :class:`darkdays.report.findings.findings.Study`."""

    @property
    def case(self) -> Case:
        """Names the entities."""

    @property
    def level(self) -> float:
        """Confidence of intervals."""

    @property
    def outages(self) -> pd.DataFrame:
        """Of every signal, labelled."""

    @property
    def steps(self) -> pd.DataFrame:
        """Falls within outages."""

    @property
    def short(self) -> pd.DataFrame:
        """Short falls of several signals at once."""

    @property
    def lasting(self) -> pd.DataFrame:
        """The stages of return that reached new ground and lasted."""


def outage_findings(study: Judged, finding: Any) -> Iterator[dict[str, Any]]:
    """Go through the numbers of outages, falls and returns, each a finding.

    Parameters
    ----------
    study
        With its tables.
    finding
        Makes one finding: :func:`darkdays.report.findings.findings.finding`.
    """
    counts: dict[str, int] = {}

    def numbered(name: str) -> str:
        counts[name] = counts.get(name, 0) + 1
        return f"{name}.{counts[name]}"

    for row in rows_of(trusted(study.outages)):
        signal = f"{row.datasource}.{row.entity}"
        witnesses = {
            "entity": row.entity,
            "datasource": row.datasource,
            "baseline": rounded(row.baseline),
            "p": rounded(row.p),
            "q": rounded(row.q),
        }
        if not pd.isna(row.onset):
            bounds = (moment(row.onset_low), moment(row.onset_high))
            yield finding(
                numbered(f"onset.{signal}"), moment(row.onset), "UTC", bounds, study.level,
                int(row.samples), **witnesses,
            )  # fmt: skip
        if not pd.isna(row.recovery):
            bounds = (moment(row.recovery_low), moment(row.recovery_high))
            yield finding(
                numbered(f"recovery.{signal}"), moment(row.recovery), "UTC", bounds, study.level,
                int(row.samples), **witnesses,
            )  # fmt: skip
        if not pd.isna(row.depth):
            yield finding(
                numbered(f"depth.{signal}"), rounded(row.depth), "share of normal level",
                (rounded(row.depth_low), rounded(row.depth_high)), study.level, int(row.samples),
                **witnesses,
            )  # fmt: skip
        if not pd.isna(row.duration_low):
            yield finding(
                numbered(f"duration.{signal}"), rounded(row.duration), "h",
                (rounded(row.duration_low), rounded(row.duration_high)), study.level,
                int(row.samples), **witnesses,
            )  # fmt: skip
    for row in rows_of(study.steps):
        yield finding(
            numbered(f"fall.{row.datasource}.{row.entity}"), moment(row.time), "UTC",
            (moment(row.low), moment(row.high)), study.level, None,
            level_before=rounded(row.level_before), level_after=rounded(row.level_after),
        )  # fmt: skip
    for row in rows_of(study.lasting):
        yield finding(
            numbered(f"return.{row.datasource}.{row.entity}"), moment(row.start), "UTC",
            (moment(row.start_low), moment(row.start_high)), study.level, None,
            until=moment(row.end), level_before=rounded(row.level_before),
            level_after=rounded(row.level_after),
        )  # fmt: skip


def outage_of(study: Judged, row: Any) -> dict[str, Any]:
    """Return an outage with its bounds, and how its record ends."""
    if pd.isna(row.depth):
        status = "dated only: the signal counts too few units to size it or tell a recovery"
    elif pd.isna(row.recovery):
        status = f"recovery not observed by the end of the record, {moment(row.last_seen)}"
    elif pd.isna(row.restored):
        status = (
            f"more than half back, not yet normal at the end of the record, {moment(row.last_seen)}"
        )
    else:
        status = "back to normal"
    return {
        "entity": row.entity,
        "name": study.case.name_of(row.entity),
        "network": study.case.network_of(row.entity),
        "datasource": row.datasource,
        "label": _label(study, row),
        "kind": row.kind,
        "onset": moment(row.onset),
        "onset_interval": [moment(row.onset_low), moment(row.onset_high)],
        "recovery": moment(row.recovery),
        "recovery_interval": [moment(row.recovery_low), moment(row.recovery_high)],
        "restored": moment(row.restored),
        "depth": rounded(row.depth),
        "depth_interval": [rounded(row.depth_low), rounded(row.depth_high)],
        "duration_hours": rounded(row.duration),
        "duration_interval": [rounded(row.duration_low), rounded(row.duration_high)],
        "p": rounded(row.p),
        "q": rounded(row.q),
        "samples": int(row.samples),
        "status": status,
    }


def _label(study: Judged, row: Any) -> str:
    if row.label != OUTAGE:
        return str(row.label)
    for event in rows_of(study.short):
        starts = event.start_low <= row.onset < event.end
        if starts and not pd.isna(row.restored) and row.restored <= event.end:
            return "short event, cause unexplained"
    return OUTAGE


def gap_of(row: Any) -> dict[str, Any]:
    """Return a time in which the instrument saw nobody."""
    return {
        "datasource": row.datasource,
        "label": row.label,
        "start": moment(row.start),
        "end": moment(row.end),
        "bins": int(row.bins),
        "entities": int(row.entities),
    }


def short_of(row: Any) -> dict[str, Any]:
    """Return a short fall of several signals at once."""
    return {
        "label": "short event, cause unexplained",
        "start": moment(row.start),
        "start_interval": [moment(row.start_low), moment(row.start_high)],
        "end": moment(row.end),
        "entities": row.entities.split(),
        "datasources": row.datasources.split(),
        "signals_falling": int(row.falling),
    }
