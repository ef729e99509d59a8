"""How each type of claim comes to a verdict.

Four verdicts: ``supported``, ``contradicted``, ``inconclusive`` (the data are there and do not
decide) and ``untested`` (they are not there). Unknown is never "no".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from darkdays import case as cases
from darkdays.claims.chance import rate_ratio
from darkdays.claims.duration import outage_in_window, staged_recovery
from darkdays.claims.timing import mobile_before_fixed, onset_after_event
from darkdays.claims.verdicts import Judgement
from darkdays.evidence import Evidence

__all__ = ["Verdict", "decide", "judge"]


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
    judged = [(one.specification.label(), judge(claim, one)) for one in evidence]
    chosen = judged[0][1]
    differing = tuple(
        (label, other.verdict) for label, other in judged if other.verdict != chosen.verdict
    )
    return Verdict(claim, chosen, len(judged) - len(differing), len(judged), differing)


def judge(claim: Any, evidence: Evidence) -> Judgement:
    """Judge a claim of any type under one specification."""
    match claim:
        case cases.OnsetAfterEvent():
            return onset_after_event(claim, evidence)
        case cases.MobileBeforeFixed():
            return mobile_before_fixed(evidence)
        case cases.OutageInWindow():
            return outage_in_window(claim, evidence)
        case cases.StagedRecovery():
            return staged_recovery(claim, evidence)
        case cases.RateRatio():
            return rate_ratio(claim, evidence)
    raise TypeError(f"no judge for a claim of type {type(claim).__name__}")
