"""Every specification of a claim: the verdict under each, and what it hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from darkdays.association.cached_evidence import RECURRING, CachedEvidence
from darkdays.association.choices import detector_choices, event_choices, recurring_choices
from darkdays.claims.judging.verdicts import Judgement
from darkdays.contracts.events import of_kind
from darkdays.contracts.outages import DATED
from darkdays.correlate.multiverse import SpecificationCurve, specification_curve
from darkdays.evidence.evidence import Evidence

EVENTS: Final = "events"
NO_DETECTOR: Final = "no detector"
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "onset_after_event": (EVENTS, RECURRING),
    "mobile_before_fixed": (RECURRING,),
    "outage_in_window": (RECURRING,),
    "intermittent": ("apart_hours",),
    "sub_national_excess": (EVENTS, NO_DETECTOR, "days_after"),
    "onset_days_after": (EVENTS, RECURRING),
    "disrupted": (RECURRING,),
    "mobile_only": (RECURRING,),
    "not_explained_by": (RECURRING,),
}
"""Choices that matter to a type of claim, beside those of the detector."""
_COMPARING: Final = frozenset({"onset_days_after", "disrupted", "mobile_only", "not_explained_by"})
"""Claims whose entity is held against others: what these show matters to the verdict as well."""
_LOOKED_AT: Final[Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    "onset_after_event": (DATED, ()),
    "outage_in_window": ([*DATED, "first_seen", "end", "restored", "depth"], ()),
    "staged_recovery": (
        ("entity", "datasource", "onset", "restored", "last_seen"),
        ("entity", "datasource", "start", "apart", "new_ground", "sustained"),
    ),
}
"""Of claims that see no more of outages and of stages than these columns."""
_OPTIONS: Final[Mapping[str, tuple[Any, ...]]] = {
    "apart_hours": (1.0, 6.0, 24.0),
    "days_after": (0, 1, 2, 3),
}


def verdict_curve(
    claim: Any, evidence: Sequence[Evidence], judge: Callable[[Any, Evidence], Judgement]
) -> tuple[Judgement, SpecificationCurve]:
    """Judge a claim under every specification that can make a difference to it.

    Parameters
    ----------
    claim
        Of any type about signals and events.
    evidence
        One a specification of the detector, the chosen one first.
    judge
        Judges it under one.

    Returns
    -------
    (Judgement, SpecificationCurve)
        The judgement under the chosen specification, and all of them.
    """
    comparing = claim.type in _COMPARING
    entities = () if comparing else _entities(claim)
    read = CachedEvidence(evidence, entities, _LOOKED_AT.get(claim.type))
    judged: dict[Any, Judgement] = {}

    def evaluate(one: Mapping[str, Any]) -> dict[str, Any]:
        changed = {name: one[name] for name in _OPTIONS if name in one}
        alone = claim.type in _ALSO and not comparing
        seen = (read.content(one) if alone else len(judged), *changed.values())
        if seen not in judged:
            asked = claim.model_copy(update=changed) if changed else claim
            judged[seen] = judge(asked, read.under(one))
        return _range_of(judged[seen])

    curve = specification_curve(_choices(claim, evidence), evaluate)
    units = [one.numbers[0].unit for one in judged.values() if one.numbers]
    return next(iter(judged.values())), replace(curve, unit=units[0] if units else "")


def _choices(claim: Any, evidence: Sequence[Evidence]) -> dict[str, tuple[Any, ...]]:
    also = _ALSO.get(claim.type, ())
    choices: dict[str, tuple[Any, ...]] = {}
    for name in also:
        if name in _OPTIONS:
            stated = getattr(claim, name)
            choices[name] = tuple(dict.fromkeys([stated, *_OPTIONS[name]]))
    if EVENTS in also:
        choices |= event_choices(evidence[0], of_kind(evidence[0].events, claim.event))
    if RECURRING in also:
        choices |= recurring_choices(evidence, _entities(claim))
    detector = detector_choices(evidence)
    if NO_DETECTOR in also:
        detector = {"datasources": detector["datasources"]}
    return choices | detector


def _entities(claim: Any) -> tuple[str, ...]:
    return (claim.entity,) if hasattr(claim, "entity") else ()


def _range_of(found: Judgement) -> dict[str, Any]:
    """Return the verdict, and the number it rests on with its bounds."""
    lows = [number.value if number.low is None else number.low for number in found.numbers]
    highs = [number.value if number.high is None else number.high for number in found.numbers]
    known_lows = [one for one in lows if one is not None]
    known_highs = [one for one in highs if one is not None]
    return {
        "value": found.numbers[0].value if len(found.numbers) == 1 else None,
        "low": min(known_lows, default=None),
        # Open where any of them is.
        "high": max(known_highs) if known_highs and len(known_highs) == len(highs) else None,
        "verdict": found.verdict,
    }
