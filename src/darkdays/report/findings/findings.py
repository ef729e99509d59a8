"""Findings: every number a report states, with its uncertainty and its witnesses, as JSON.

Nothing in it depends on the machine: no clock, no path, no library version; numbers are rounded
to six significant digits, which the last bit of a processor's ``exp`` cannot reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.claims import Verdict
from darkdays.detect.blocking.sites import Sites
from darkdays.detect.missed.bounds import nothing
from darkdays.evidence.explanations import Explained
from darkdays.files.writing import rows_of
from darkdays.labels.finding import Finding
from darkdays.report.findings.association_findings import association_findings
from darkdays.report.findings.context_findings import bound_of, pattern_of, shift_of, side_of
from darkdays.report.findings.formats import moment as moment
from darkdays.report.findings.formats import rounded as rounded
from darkdays.report.findings.outage_findings import gap_of, outage_findings, outage_of, short_of
from darkdays.report.findings.records import states_of
from darkdays.report.findings.rivals import rivals_document
from darkdays.report.page.associations import associations_document
from darkdays.studies import Results

SCHEMA: Final = 1
STAMP: Final = "SIMULATED: "
"""What every title of generated data begins with."""


@dataclass(frozen=True)
class Study:
    """Everything a report is written from."""

    case: Case
    level: float
    min_depth: float
    verdicts: list[Verdict]
    outages: pd.DataFrame
    stages: pd.DataFrame
    steps: pd.DataFrame
    gaps: pd.DataFrame
    short: pd.DataFrame
    shifts: pd.DataFrame
    recurring: pd.DataFrame
    agreement: pd.DataFrame
    not_assessed: list[str]
    assessed: int
    results: Results
    explained: Explained | None
    unread: dict[str, str]
    simulated: bool
    sites: Sites | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    bounds: pd.DataFrame = field(default_factory=nothing)

    @property
    def lasting(self) -> pd.DataFrame:
        """The stages of return that reached new ground and lasted."""
        return self.stages[self.stages["new_ground"] & self.stages["sustained"]]


def findings_document(study: Study) -> dict[str, Any]:
    """Return the document stored as ``findings.json``, without its version."""
    return {
        "schema": SCHEMA,
        "case": study.case.name,
        "title": f"{STAMP * study.simulated}{study.case.title}",
        "simulated": study.simulated,
        "parameters": {"level": study.level, "min_depth": study.min_depth},
        "signals_assessed": study.assessed,
        "signals_not_assessed": study.not_assessed,
        "not_read": study.unread,
        "claims": [_claim(verdict) for verdict in study.verdicts],
        "findings": findings_of(study),
        "outages": [outage_of(study, row) for row in rows_of(study.outages)],
        "agreement": [side_of(row) for row in rows_of(study.agreement)],
        "recurring": [pattern_of(row) for row in rows_of(study.recurring)],
        "level_shifts": [shift_of(row) for row in rows_of(study.shifts)],
        "instrument_gaps": [gap_of(row) for row in rows_of(study.gaps)],
        "short_events": [short_of(row) for row in rows_of(study.short)],
        **({"rivals": rivals_document(study.explained)} if study.explained else {}),
        "associations": associations_document(study.case, study.verdicts),
        **(
            {"bounds": [bound_of(row) for row in rows_of(study.bounds)]}
            if len(study.bounds)
            else {}
        ),
    }


def findings_of(study: Study) -> list[dict[str, Any]]:
    """Return every finding of a study, in order of their ids."""
    return sorted(_findings(study), key=lambda finding: str(finding["id"]))


def finding(
    identity: str,
    value: float | str | None,
    unit: str,
    interval: tuple[Any, Any],
    level: float | None,
    n: int | None,
    **witnesses: Any,
) -> dict[str, Any]:
    """Return one finding in the form every finding has."""
    return {
        "id": identity,
        "value": value,
        "unit": unit,
        "interval": list(interval),
        "level": level,
        "n": n,
        "witnesses": witnesses,
    }


def _claim(verdict: Verdict) -> dict[str, Any]:
    judgement = verdict.judgement
    return {
        "id": verdict.claim.id,
        "type": verdict.claim.type,
        "statement": verdict.claim.statement,
        "origin": verdict.claim.origin,
        "verdict": judgement.verdict,
        "because": judgement.because,
        "overturned_by": judgement.overturned_by,
        "sensitivity": verdict.sensitivity,
        "rests_on": [
            number.name if number.is_finding else f"claim.{verdict.claim.id}.{number.name}"
            for number in judgement.numbers
        ],
    }


def _findings(study: Study) -> Iterator[dict[str, Any]]:
    for verdict in study.verdicts:
        for number in verdict.judgement.numbers:
            if number.is_finding:
                continue
            yield finding(
                f"claim.{verdict.claim.id}.{number.name}",
                rounded(number.value),
                number.unit,
                (rounded(number.low), rounded(number.high)),
                study.level,
                number.n,
                note=number.note,
            )
    yield from association_findings(study.verdicts, finding)
    yield from (_of_list(one) for one in study.results.findings)
    yield from states_of(study)
    yield from outage_findings(study, finding)


def _of_list(one: Finding) -> dict[str, Any]:
    """Return a finding of a study of lists; ``count`` is how many of its ``n``."""
    witnesses: dict[str, Any] = {
        name: rounded(value) if isinstance(value, float) else value
        for name, value in one.witnesses.items()
    }
    if one.alternatives:
        witnesses["specifications"] = [
            [other.label, rounded(other.value), rounded(other.low), rounded(other.high)]
            for other in one.alternatives
        ]
    found = finding(
        one.id, rounded(one.value), one.unit, (rounded(one.low), rounded(one.high)), one.level,
        one.n, **witnesses,
    )  # fmt: skip
    return found if one.count is None else {**found, "count": one.count}
