"""Findings: every number a report states, with its uncertainty and its witnesses, as JSON.

Nothing in it depends on the machine: no clock, no path, no library version; numbers are rounded
to six significant digits, which the last bit of a processor's ``exp`` cannot reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from darkdays.claims import Verdict
from darkdays.correlate.rivals import rivals
from darkdays.correlate.rivals.rival_features import CAUSES
from darkdays.detect.outages.recurrence import in_words
from darkdays.evidence.explanations import WOULD_TELL, Explained
from darkdays.files.writing import rows_of
from darkdays.labels.finding import Finding
from darkdays.report.findings.answer import answer_of
from darkdays.report.findings.association_findings import association_findings
from darkdays.report.findings.formats import finding, rounded, rows_written, written
from darkdays.report.findings.outage_findings import outage_findings, outage_of, short_of
from darkdays.report.findings.records import states_of
from darkdays.report.findings.study import Study
from darkdays.report.page.associations import associations_document

SCHEMA: Final = 1
STAMP: Final = "SIMULATED: "
"""What every title of generated data begins with."""
_SIDE: Final = (
    "entity event:i datasource state outages:i onset:T recovery:T depth:F overlap:f "
    "later_hours=later:f later_interval=later_low,later_high:f shallower:f disagrees:w"
)
"""How one datasource saw an outage of an entity."""
_PATTERN: Final = (
    "entity datasource pattern time_zone clock=clock_start,clock_end "
    "clock_start_range=clock_start_low,clock_start_high "
    "clock_end_range=clock_end_low,clock_end_high first_day last_day days:i of_days:i weekdays:w "
    "depth:f p:f"
)
"""Outages that came at the same hours again."""
_SHIFT: Final = "label entity datasource time:t interval=low,high:t level_after:f entities:i"
"""A level that was never left again."""
_GAP: Final = "datasource label start:t end:t bins:i entities:i"
"""A time in which the instrument saw nobody."""
_BOUND: Final = (
    "entity datasource hours_or_longer=hours:f excluded_from:f found_from:f found_from_theory:f "
    "most_lost=seen:f most_lost_limit=limit:f places:i level:f"
)
"""From which depth on outages of a length are excluded, and why."""


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
        **({"own_files": study.accounts} if study.accounts else {}),
        "answer": answer_of(
            [(one.claim, one.judgement.verdict) for one in study.verdicts],
            simulated=study.simulated,
        ),
        "claims": [_claim(verdict) for verdict in study.verdicts],
        "findings": findings_of(study),
        "recurring": [
            {"sentence": in_words(row), **written(row, _PATTERN)}
            for row in rows_of(study.recurring)
        ],
        "outages": [outage_of(study, row) for row in rows_of(study.outages)],
        "agreement": rows_written(study.agreement, _SIDE),
        "level_shifts": rows_written(study.shifts, _SHIFT),
        "instrument_gaps": rows_written(study.gaps, _GAP),
        "short_events": [short_of(row) for row in rows_of(study.short)],
        **({"rivals": _rivals(study.explained)} if study.explained else {}),
        "associations": associations_document(study.case, study.verdicts),
        **({"bounds": rows_written(study.bounds, _BOUND)} if len(study.bounds) else {}),
    }


def findings_of(study: Study) -> list[dict[str, Any]]:
    """Return every finding of a study, in order of their ids."""
    return sorted(_findings(study), key=lambda finding: str(finding["id"]))


def _claim(verdict: Verdict) -> dict[str, Any]:
    judgement = verdict.judgement
    return {
        **written(verdict.claim, "id type statement origin"),
        **written(judgement, "verdict because overturned_by"),
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


def _rivals(explained: Explained) -> dict[str, Any]:
    """Return the weighing of an outage, weights to three decimals.

    Weights are natural logarithms of how much more likely a feature, or all that is known
    (``against``), is under a shutdown than under a rival; none for a feature that is not known.
    """
    found = explained.weighing
    return {
        "entity": explained.entity,
        "verdict": found.verdict,
        "because": found.because,
        "not_excluded": list(found.not_excluded),
        "reported": list(explained.reported),
        "would_tell": [WOULD_TELL[name] for name in explained.unknown],
        "against": {
            rival: {"weight": round(weight, 3), "odds": rivals.in_words(weight)}
            for rival, weight in found.against.items()
        },
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
