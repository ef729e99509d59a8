"""Findings: every number a report states, with its uncertainty and its witnesses, as JSON.

Nothing in it depends on the machine: no clock, no path, no library version; numbers are rounded
to six significant digits, which the last bit of a processor's ``exp`` cannot reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from darkdays.claims import Verdict
from darkdays.correlate.rivals.rival_features import CAUSES
from darkdays.evidence.explanations import WOULD_TELL, Explained
from darkdays.files.writing import rows_of
from darkdays.labels.finding import Finding
from darkdays.report.findings.association_findings import association_findings
from darkdays.report.findings.formats import bounded, finding, moment, rounded
from darkdays.report.findings.outage_findings import gap_of, outage_findings, outage_of, short_of
from darkdays.report.findings.records import states_of
from darkdays.report.findings.study import Study
from darkdays.report.page.associations import associations_document

SCHEMA: Final = 1
STAMP: Final = "SIMULATED: "
"""What every title of generated data begins with."""


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
        "agreement": [_side(row) for row in rows_of(study.agreement)],
        "recurring": [_pattern(row) for row in rows_of(study.recurring)],
        "level_shifts": [_shift(row) for row in rows_of(study.shifts)],
        "instrument_gaps": [gap_of(row) for row in rows_of(study.gaps)],
        "short_events": [short_of(row) for row in rows_of(study.short)],
        **({"rivals": _rivals(study.explained)} if study.explained else {}),
        "associations": associations_document(study.case, study.verdicts),
        **({"bounds": [_bound(row) for row in rows_of(study.bounds)]} if len(study.bounds) else {}),
    }


def findings_of(study: Study) -> list[dict[str, Any]]:
    """Return every finding of a study, in order of their ids."""
    return sorted(_findings(study), key=lambda finding: str(finding["id"]))


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
    yield from association_findings(study.verdicts)
    yield from (_of_list(one) for one in study.results.findings)
    yield from states_of(study)
    yield from outage_findings(study)


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


def _side(row: Any) -> dict[str, Any]:
    """Return how one datasource saw an outage of an entity."""
    return {
        "entity": row.entity,
        "event": int(row.event),
        "datasource": row.datasource,
        "state": row.state,
        "outages": int(row.outages),
        **bounded(row, "onset", moment),
        **bounded(row, "recovery", moment),
        **bounded(row, "depth", rounded),
        "overlap": rounded(row.overlap),
        "later_hours": rounded(row.later),
        "later_interval": [rounded(row.later_low), rounded(row.later_high)],
        "shallower": rounded(row.shallower),
        "disagrees": row.disagrees.split(),
    }


def _pattern(row: Any) -> dict[str, Any]:
    """Return outages that came at the same hours again."""
    return {
        "entity": row.entity,
        "datasource": row.datasource,
        "pattern": row.pattern,
        "time_zone": row.time_zone,
        "clock": [row.clock_start, row.clock_end],
        "clock_start_range": [row.clock_start_low, row.clock_start_high],
        "clock_end_range": [row.clock_end_low, row.clock_end_high],
        "first_day": row.first_day,
        "last_day": row.last_day,
        "days": int(row.days),
        "of_days": int(row.of_days),
        "weekdays": row.weekdays.split(),
        "depth": rounded(row.depth),
        "p": rounded(row.p),
    }


def _shift(row: Any) -> dict[str, Any]:
    """Return a level that was never left again."""
    return {
        "label": row.label,
        "entity": row.entity,
        "datasource": row.datasource,
        "time": moment(row.time),
        "interval": [moment(row.low), moment(row.high)],
        "level_after": rounded(row.level_after),
        "entities": int(row.entities),
    }


def _bound(row: Any) -> dict[str, Any]:
    """Return from which depth on outages of a length are excluded, and why."""
    return {
        "entity": row.entity,
        "datasource": row.datasource,
        "hours_or_longer": rounded(row.hours),
        "excluded_from": rounded(row.excluded_from),
        "found_from": rounded(row.found_from),
        "found_from_theory": rounded(row.found_from_theory),
        "most_lost": rounded(row.seen),
        "most_lost_limit": rounded(row.limit),
        "places": int(row.places),
        "level": rounded(row.level),
    }


def _rivals(explained: Explained) -> dict[str, Any]:
    """Return the weighing of an outage, chances and weights to three decimals.

    ``weights`` are natural logarithms of how much more likely a feature is under a shutdown than
    under each rival; none for a feature that is not known.
    """
    found = explained.weighing
    return {
        "entity": explained.entity,
        "verdict": found.verdict,
        "because": found.because,
        "not_excluded": list(found.not_excluded),
        "reported": list(explained.reported),
        "would_tell": [WOULD_TELL[name] for name in explained.unknown],
        "chances": {cause: round(found.chances[cause], 3) for cause in CAUSES},
        "features": [
            {
                "feature": row["feature"],
                "value": row["value"],
                "weights": {rival: _weight(row[f"against {rival}"]) for rival in CAUSES[1:]},
                "basis": row["basis"],
                "reason": row["reason"],
            }
            for row in found.table.to_dict("records")
        ],
    }


def _weight(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 3)
