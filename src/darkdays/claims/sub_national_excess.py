"""Claims that a region lost more than the others did."""

from __future__ import annotations

from darkdays.association.associate import families_of, unknown
from darkdays.association.excess import Excess, excesses, says_of
from darkdays.association.family import adjusted, hypothesis
from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.evidence.evidence import Evidence


def sub_national_excess(claim: claims.SubNationalExcess, evidence: Evidence) -> Judgement:
    """Judge whether a region lost more during events than the regions without events did.

    Every datasource that measures the region and others has to show it, by a permutation test
    adjusted within the family of the case; that it lost less than they did takes the same test of
    the other side. A rank among thirty regions cannot get below 1/31: in a family of several
    tests that is no proof, and the verdict says so.
    """
    missing = unknown(claim, evidence)
    if missing:
        return verdicts.untested(missing)
    name = evidence.case.name_of(claim.entity)
    found, why = excesses(evidence, [claim.entity], claim.event, days_after=claim.days_after)
    known = [one for one in found if one.found.effect is not None]
    if not known:
        reason = why or found[0].found.reason
        return Judgement(
            verdicts.INCONCLUSIVE,
            f"{name} cannot be held against others: {reason}",
            "Signals of other regions over the same days, and of days before the events.",
        )
    families = families_of(evidence)
    alpha = 1 - evidence.specification.level
    own = hypothesis(claim.id)
    more, less = (
        adjusted(evidence.case, {**families.dependent.p_values, own: max(tested)}).adjusted(own)
        for tested in (
            [one.found.p_value or 1.0 for one in known],
            [one.found.p_other or 1.0 for one in known],
        )
    )
    assert more is not None
    assert less is not None
    decided = min(more, less) <= alpha
    doubt = _doubt(known, alpha, families.size, decided=decided)
    verdict = verdicts.either(more <= alpha and not doubt, less <= alpha and not doubt)
    told = " ".join(says_of(one) for one in known)
    return Judgement(
        verdict,
        f"{told}{doubt}",
        f"Other regions that lost as much as {name}, or a datasource in which it lost no more.",
        tuple(_number(one, families.size) for one in known),
    )


def _doubt(known: list[Excess], alpha: float, family: int, *, decided: bool) -> str:
    """Return why a comparison with donors cannot decide, empty if it could."""
    if any(one.ruled_by_donors for one in known):
        return " Most of the others changed as it did: what reached all leaves no comparison."
    if any(one.found.before_p is not None and one.found.before_p <= alpha for one in known):
        return " They were drifting apart before, so that the difference may be older."
    smallest = max(one.found.smallest_p or 1.0 for one in known)
    harmonic = sum(1 / number for number in range(1, family + 1))
    if not decided and smallest * family * harmonic > alpha:
        return (
            f" With so few others no p-value below {smallest:.2g} can come out, too large in a "
            f"family of {family} test{'' if family == 1 else 's'}."
        )
    return ""


def _number(one: Excess, family: int) -> Number:
    found = one.found
    return Number(
        f"excess.{one.datasource}",
        found.effect,
        "share of the normal level",
        n=found.donors,
        note=f"difference in differences from {one.first} to {one.last}; p {found.p_value:.2g}, "
        f"smallest attainable {found.smallest_p:.2g}, family of {family}",
    )
