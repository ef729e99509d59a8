"""How each type of claim comes to a verdict.

Four verdicts: ``supported``, ``contradicted``, ``inconclusive`` (the data are there and do not
decide) and ``untested`` (they are not there). Unknown is never "no".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from darkdays import case_claims, case_disruptions
from darkdays.case_studies import PublishedFigures, StudyClaim
from darkdays.claims.chance import rate_ratio
from darkdays.claims.days_after import onset_days_after
from darkdays.claims.disagreement import can_tell, signals_disagree
from darkdays.claims.disruption import disrupted, not_explained_by
from darkdays.claims.duration import outage_in_window, staged_recovery
from darkdays.claims.figures import above, finding_above, published_figures
from darkdays.claims.mobile_only import mobile_only
from darkdays.claims.places_together import early_drop, fell_together
from darkdays.claims.timing import mobile_before_fixed, onset_after_event
from darkdays.claims.verdicts import UNTESTED, Judgement
from darkdays.evidence import Evidence
from darkdays.labels.finding import Finding

__all__ = ["Verdict", "decide", "decide_figure", "judge", "withheld"]


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
    """Judge a claim under the chosen specification, the first, and count the agreeing others.

    One datasource alone is no way to look at a disagreement of two, and is left out there.
    """
    looks = [evidence[0], *(one for one in evidence[1:] if _can_tell(claim, one))]
    judged = [(one.specification.label(), judge(claim, one)) for one in looks]
    chosen = judged[0][1]
    differing = tuple(
        (label, other.verdict) for label, other in judged if other.verdict != chosen.verdict
    )
    return Verdict(claim, chosen, len(judged) - len(differing), len(judged), differing)


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


def withheld(verdict: Verdict) -> Verdict:
    """Return what stands in place of a verdict on simulated signals: they test the method only."""
    said = verdict.judgement
    instead = Judgement(
        UNTESTED,
        f"SIMULATED: nothing was measured. Of these generated signals the method says "
        f"{said.verdict}: {said.because}",
        "Measured signals would start a test.",
    )
    return Verdict(verdict.claim, instead, verdict.of, verdict.of, ())


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
    if (judged := _COMPARING.get(type(claim))) is not None:
        return judged(claim, evidence)
    raise TypeError(f"no judge for a claim of type {type(claim).__name__}")


def _can_tell(claim: Any, evidence: Evidence) -> bool:
    if isinstance(claim, case_disruptions.SignalsDisagree):
        return can_tell(claim, evidence.specification.datasources)
    return True


_COMPARING: Final[Mapping[type, Callable[[Any, Evidence], Judgement]]] = {
    case_disruptions.Disrupted: disrupted,
    case_disruptions.NotExplainedBy: not_explained_by,
    case_disruptions.MobileOnly: mobile_only,
    case_disruptions.OnsetDaysAfter: onset_days_after,
    case_disruptions.SignalsDisagree: signals_disagree,
    case_disruptions.FellTogether: fell_together,
    case_disruptions.EarlyDrop: early_drop,
}
