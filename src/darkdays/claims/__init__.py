"""How each type of claim comes to a verdict.

Four verdicts: ``supported``, ``contradicted``, ``inconclusive`` (the data are there and do not
decide) and ``untested`` (they are not there). Unknown is never "no".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from darkdays.association.associate import Association
from darkdays.case import claims, disruptions
from darkdays.case.case import Case
from darkdays.case.records import OutageReported, ReportsAgree, SingleProvider, SurgeAfterEvent
from darkdays.case.studies import PublishedFigures, StudyClaim
from darkdays.claims.disruption import disrupted, not_explained_by
from darkdays.claims.duration import outage_in_window, staged_recovery
from darkdays.claims.intermittent import intermittent
from darkdays.claims.judging.curves import verdict_curve
from darkdays.claims.judging.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    UNTESTED,
    Judgement,
    untested,
)
from darkdays.claims.mobile_before_fixed import mobile_before_fixed
from darkdays.claims.mobile_only import mobile_only
from darkdays.claims.onset_days_after import onset_days_after
from darkdays.claims.outage_reported import outage_reported
from darkdays.claims.places_together import early_drop, fell_together
from darkdays.claims.published_figures import above, finding_above, published_figures
from darkdays.claims.rate_ratio import decide_rate_ratio, rate_ratio
from darkdays.claims.records.providers import CONCENTRATION, SHARE
from darkdays.claims.records.records import Records as Records
from darkdays.claims.records.records import judged
from darkdays.claims.signals_disagree import can_tell, signals_disagree
from darkdays.claims.sub_national_excess import sub_national_excess
from darkdays.claims.timing import onset_after_event
from darkdays.correlate.multiverse import SpecificationCurve
from darkdays.evidence.evidence import Evidence
from darkdays.fetch.plan import how_to_get
from darkdays.labels.finding import Finding
from darkdays.sources.registry import EVENTS


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict under the chosen specification, and in how many others it is the same.

    ``curve`` is every specification of a claim about signals and events, and ``association`` what
    was computed of one about rates.
    """

    claim: Any
    judgement: Judgement
    holds: int
    of: int
    differing: tuple[tuple[str, str], ...]
    curve: SpecificationCurve | None = None
    association: Association | None = None

    @property
    def sensitivity(self) -> dict[str, Any]:
        """The share of specifications with the same verdict, and the ones that differ."""
        return {
            "holds": self.holds,
            "of": self.of,
            "differs_in": [
                {"specification": label, "verdict": verdict} for label, verdict in self.differing
            ],
            **({"by_choice": self.curve.by_choice()} if self.curve is not None else {}),
        }


def decide(claim: Any, evidence: Sequence[Evidence]) -> Verdict:
    """Judge a claim under the chosen specification, and count the others that agree.

    Parameters
    ----------
    claim
        Of a type of :mod:`darkdays.case.claims`.
    evidence
        One a specification of the detector, the chosen one first; choices beside the detector's
        are tried where they can matter to the claim. A datasource that does not measure the place
        is no way to look, and one alone is none to look at a disagreement of two.
    """
    found: Association | None = None
    looks = [evidence[0], *(one for one in evidence[1:] if _can_tell(claim, one, evidence[0]))]
    if isinstance(claim, claims.RateRatio):
        chosen, curve, found = decide_rate_ratio(claim, looks)
        if curve is None:
            return Verdict(claim, chosen, len(looks), len(looks), ())
    else:
        chosen, curve = verdict_curve(claim, looks, judge)
    return Verdict(claim, chosen, curve.holds, curve.of, curve.differing(), curve, found)


def decide_record(claim: Any, records: Records) -> Verdict:
    """Judge a claim of :data:`~darkdays.claims.records.records.JUDGED`, and count who agrees."""
    found = list(judged(claim, records))
    chosen = found[0][1]
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
        Of a type of :mod:`darkdays.case.studies`.
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


def told(
    verdict: Verdict,
    case: Case,
    unread: Mapping[str, str],
    partly: Mapping[str, Collection[str]] | None = None,
) -> Verdict:
    """Return a verdict with the claim's note and, if it is untested, how to get the data.

    Parameters
    ----------
    verdict
        As it was judged.
    case, unread
        As for :func:`explained`.
    partly
        Those of ``unread`` that were read in part, to the kinds of events they have. On days that
        a source keeps back nobody knows whether there was an event: a claim on such events is
        untested. Where a table lacks rows, what it does not show is no contradiction.
    """
    partly = partly or {}
    judgement, claim = verdict.judgement, verdict.claim
    kind = getattr(claim, "event", None)
    kept_back = [name for name, kinds in partly.items() if kind in kinds]
    if kept_back and judgement.verdict != UNTESTED:
        what = f"all {kind}s of the window"
        verdict = Verdict(claim, untested(what), verdict.of, verdict.of, ())
    lacking = [name for name in _looked_into(claim, case) if name in partly and name not in EVENTS]
    if lacking and judgement.verdict == CONTRADICTED:
        because = f"Not all that could show it was read. {judgement.because}"
        judgement = replace(judgement, verdict=INCONCLUSIVE, because=because)
        verdict = replace(verdict, judgement=judgement)
    said = explained(verdict.judgement, claim, case, unread, (*partly,))
    return replace(verdict, judgement=said)


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


LISTED: Final = (
    OutageReported, claims.OutageInWindow, claims.OnsetAfterEvent, claims.RateRatio,
)  # fmt: skip
"""The types that may rest on outages which others listed, where nothing was measured."""
_OF_A_LIST: Final = (
    " It rests on outages that others listed after looking into them: what they measured is not "
    "here, and an outage that is not in the list may have been."
)


def of_a_list(verdict: Verdict) -> Verdict:
    """Return a verdict that rests on a list of outages, and says so."""
    judgement = verdict.judgement
    return replace(verdict, judgement=replace(judgement, because=judgement.because + _OF_A_LIST))


def judge(claim: Any, evidence: Evidence) -> Judgement:
    """Judge a claim of any type under one specification."""
    return _JUDGES[type(claim)](claim, evidence)


def _can_tell(claim: Any, evidence: Evidence, chosen: Evidence) -> bool:
    """Say whether this is a way to look: a datasource that does not measure the place is none."""
    if isinstance(claim, disruptions.SignalsDisagree):
        return can_tell(claim, evidence.specification.datasources)
    measured = {getattr(claim, "entity", None), *getattr(claim, "with_entities", ())} - {None}
    return measured & chosen.measured <= evidence.measured


_JUDGES: Final[Mapping[type, Callable[[Any, Evidence], Judgement]]] = {
    claims.OnsetAfterEvent: onset_after_event,
    claims.MobileBeforeFixed: mobile_before_fixed,
    claims.OutageInWindow: outage_in_window,
    claims.StagedRecovery: staged_recovery,
    claims.RateRatio: rate_ratio,
    claims.SubNationalExcess: sub_national_excess,
    claims.Intermittent: intermittent,
    OutageReported: outage_reported,
    disruptions.Disrupted: disrupted,
    disruptions.NotExplainedBy: not_explained_by,
    disruptions.MobileOnly: mobile_only,
    disruptions.OnsetDaysAfter: onset_days_after,
    disruptions.SignalsDisagree: signals_disagree,
    disruptions.FellTogether: fell_together,
    disruptions.EarlyDrop: early_drop,
}


def explained(
    judgement: Judgement,
    claim: Any,
    case: Case,
    unread: Mapping[str, str],
    partly: Collection[str] = (),
) -> Judgement:
    """Return a judgement with the claim's note and, if it is untested, how to get the data.

    Parameters
    ----------
    judgement
        As it was judged.
    claim
        Of any type; only some have a note.
    case
        The case.
    unread
        What the case names and is not there, name to reason. Where everything was read nothing
        can be fetched, and no command is named.
    partly
        Those of ``unread`` that were read in part.
    """
    because = judgement.because
    looked_into = _looked_into(claim, case)
    if judgement.verdict == UNTESTED:
        missing = [name for name in looked_into if name in unread and name not in partly]
        if missing:
            because = f"{because} {how_to_get(case, missing)}".rstrip()
        # What was fetched and cannot be read has its own reason.
        because += "".join(
            f" {name} was not read: {unread[name].removesuffix('.')}."
            for name in missing
            if "`darkdays " not in unread[name]
        )
    if judgement.verdict == UNTESTED or not hasattr(claim, "entity"):
        because += "".join(
            f" Of {name} not all was read: {unread[name].removesuffix('.')}."
            for name in looked_into
            if name in partly
        )
    if note := getattr(claim, "note", ""):
        because += f" {note}"
    return replace(judgement, because=because)


def _looked_into(claim: Any, case: Case) -> list[str]:
    """Return the names of all that a claim is judged by."""
    if isinstance(claim, StudyClaim):
        # These say themselves which lists were not read, and why.
        return []
    if isinstance(claim, SingleProvider):
        return [SHARE, CONCENTRATION]
    if isinstance(claim, SurgeAfterEvent):
        return [claim.datasource, *(one.source for one in case.events)]
    tables = getattr(claim, "tables", ())
    if isinstance(claim, ReportsAgree) and not tables:
        return [one.source for one in case.events]
    if tables and not isinstance(claim, OutageReported):
        return list(tables)
    return [one.datasource for one in case.signals] + [one.source for one in case.events]
