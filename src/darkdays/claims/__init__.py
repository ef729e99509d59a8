"""How each type of claim comes to a verdict.

Four verdicts: ``supported``, ``contradicted``, ``inconclusive`` (the data are there and do not
decide) and ``untested`` (they are not there). Unknown is never "no".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkdays import case_claims, case_records
from darkdays.case import Case
from darkdays.case_studies import PublishedFigures, StudyClaim
from darkdays.claims.chance import rate_ratio
from darkdays.claims.duration import outage_in_window, staged_recovery
from darkdays.claims.figures import above, finding_above, published_figures
from darkdays.claims.records import Records, explained, judged
from darkdays.claims.reported import outage_reported
from darkdays.claims.timing import mobile_before_fixed, onset_after_event
from darkdays.claims.verdicts import Judgement
from darkdays.evidence import Evidence
from darkdays.labels.finding import Finding

__all__ = ["Records", "Verdict", "decide", "decide_figure", "decide_record", "judge"]


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict under the chosen specification, and in how many others it is the same."""

    claim: Any
    judgement: Judgement
    holds: int
    of: int
    differing: tuple[tuple[str, str], ...]

    @property
    def sensitivity(self) -> dict[str, Any]:
        """The share of specifications with the same verdict, and the ones that differ."""
        return {
            "holds": self.holds,
            "of": self.of,
            "differs_in": [
                {"specification": label, "verdict": verdict} for label, verdict in self.differing
            ],
        }


def decide(claim: Any, evidence: Sequence[Evidence]) -> Verdict:
    """Judge a claim under the chosen specification, the first, and count the agreeing others."""
    found = [(one.specification.label(), judge(claim, one)) for one in evidence]
    return _counted(claim, found, evidence[0].case)


def decide_record(claim: Any, records: Records) -> Verdict:
    """Judge a claim of :data:`darkdays.claims.records.JUDGED`, and count the agreeing others."""
    return _counted(claim, list(judged(claim, records)), records.case)


def _counted(claim: Any, found: Sequence[tuple[str, Judgement]], case: Case) -> Verdict:
    chosen = explained(found[0][1], claim, case)
    differing = tuple(
        (label, other.verdict) for label, other in found if other.verdict != chosen.verdict
    )
    return Verdict(claim, chosen, len(found) - len(differing), len(found), differing)


def decide_figure(
    claim: StudyClaim, findings: Mapping[str, Finding], unread: Mapping[str, str]
) -> Verdict:
    """Judge a claim about findings of studies, and count the specifications that agree.

    Parameters
    ----------
    claim
        Of a type of :mod:`darkdays.case_studies`.
    findings
        By id; what is not among them is untested.
    unread
        Lists that are not there, name to reason.
    """
    if isinstance(claim, PublishedFigures):
        return Verdict(claim, published_figures(claim, findings, unread), 1, 1, ())
    chosen = finding_above(claim, findings, unread)
    found = findings.get(claim.finding)
    others = [
        (one.label, above(one.value, one.low, one.high, claim.above))
        for one in (found.alternatives if found is not None else ())
    ]
    differing = tuple((label, verdict) for label, verdict in others if verdict != chosen.verdict)
    return Verdict(claim, chosen, 1 + len(others) - len(differing), 1 + len(others), differing)


def judge(claim: Any, evidence: Evidence) -> Judgement:
    """Judge a claim of any type under one specification."""
    match claim:
        case case_claims.OnsetAfterEvent():
            return onset_after_event(claim, evidence)
        case case_claims.MobileBeforeFixed():
            return mobile_before_fixed(evidence)
        case case_claims.OutageInWindow():
            return outage_in_window(claim, evidence)
        case case_claims.StagedRecovery():
            return staged_recovery(claim, evidence)
        case case_claims.RateRatio():
            return rate_ratio(claim, evidence)
        case case_records.OutageReported():
            return outage_reported(claim, evidence)
    raise TypeError(f"no judge for a claim of type {type(claim).__name__}")
