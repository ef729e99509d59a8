"""Claims about coincidence: more often than chance would have it, or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from darkdays.association.answers import NOT_MEASURED, Answer
from darkdays.association.associate import (
    Association,
    Tested,
    associate,
    families_of,
    tested,
    unknown,
)
from darkdays.association.directions import EVENTS_AFTER, Direction, without_any_date
from darkdays.association.family import Families, adjusted, hypothesis
from darkdays.case import claims
from darkdays.case.case import Case
from darkdays.claims.judging.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    SUPPORTED,
    UNTESTED,
    Judgement,
    Number,
    untested,
)
from darkdays.correlate.multiverse import SpecificationCurve
from darkdays.evidence.evidence import Evidence

_OVERTURNED_BY = "A longer record of the same place with more episodes, with and without events."


def rate_ratio(claim: claims.RateRatio, evidence: Evidence) -> Judgement:
    """Judge whether onsets fall on days of events more often than chance has it."""
    missing = unknown(claim, evidence)
    found = tested(claim, evidence)
    if missing or found is None:
        return untested(missing)
    main, level = found.main, evidence.specification.level
    without = None
    if main.quoted is not None:
        without = without_any_date(found.calendar, main.quoted, level=level)
    return judgement(claim, evidence, found, families_of(evidence), without)


def decide_rate_ratio(
    claim: claims.RateRatio, evidence: Sequence[Evidence]
) -> tuple[Judgement, SpecificationCurve | None, Association | None]:
    """Judge a claim under the chosen specification, the first, and under every other.

    Parameters
    ----------
    claim
        About rates.
    evidence
        One a specification of the detector.

    Returns
    -------
    (Judgement, SpecificationCurve or None, Association or None)
        No curve and no association where the claim is untested.
    """
    found = associate(claim, evidence)
    if found is None:
        return rate_ratio(claim, evidence[0]), None, None
    adjust = _adjusting(evidence[0].case, claim, found.families)
    curve = found.curve.specifications
    alone = curve.table
    verdict = [_verdict(one, adjust, 1 - found.level) for one in alone.to_dict("records")]
    table = alone.assign(p=alone["p"].map(adjust), verdict=verdict, p_alone=alone["p"])
    judged = replace(curve, table=table.drop(columns=["p_without", "p_fewer"]))
    chosen = alone.iloc[0]
    without = float(chosen["p_without"]), float(chosen["p_fewer"])
    return judgement(claim, evidence[0], found.tested, found.families, without), judged, found


def judgement(
    claim: claims.RateRatio,
    evidence: Evidence,
    both: Tested,
    families: Families,
    without: tuple[float, float] | None,
) -> Judgement:
    """Judge a claim by its primary analysis and its place in the family of the case.

    Events that come after outages as often as outages after events leave open which follows
    which: the other direction stands in the sentence. ``without`` holds the p-values, of more and
    of fewer, when any one date is left out.
    """
    main = both.main
    alpha = 1 - evidence.specification.level
    p_value = families.adjusted(hypothesis(claim.id))
    numbers = _numbers(main, families)
    if main.inconclusive or main.quoted is None or p_value is None:
        return Judgement(
            INCONCLUSIVE, f"This record cannot tell: {main.inconclusive}", _OVERTURNED_BY, numbers
        )
    adjust = _adjusting(evidence.case, claim, families)
    verdict = _verdict(Answer(main.ratio, main.quoted, without).row(), adjust, alpha)
    chance = (
        f"by chance as many coincide with probability {main.quoted.p_value:.2g}, {p_value:.2g} "
        f"in a family of {families.size} test{'' if families.size == 1 else 's'}"
    )
    how_many = (
        f"{main.quoted.coincidences} of {main.analysis.crossover.onsets} outages began on exposed "
        f"days, {main.quoted.expected:.2g} expected"
    )
    alone = 1.0 if without is None else adjust(without[0])
    if p_value <= alpha < alone:
        least = f"It rests on single dates: without one of them it is {alone:.2g}."
    else:
        least = _least(main)
    because = {
        SUPPORTED: f"{_times(main)} {how_many}; {chance}.",
        CONTRADICTED: f"They begin less often on such days: {how_many}.",
    }.get(verdict, f"{how_many}; {chance}. {least}")
    return Judgement(verdict, f"{because} {_other(claim, families)}", _OVERTURNED_BY, numbers)


def _other(claim: claims.RateRatio, families: Families) -> str:
    """Say what the other direction gives."""
    p_value = families.adjusted(hypothesis(claim.id, EVENTS_AFTER))
    if p_value is None:
        return f"Whether {claim.event}s follow outages this record cannot tell."
    return f"The other way round, {claim.event}s after outages, the probability is {p_value:.2g}."


def _adjusting(case: Case, claim: claims.RateRatio, families: Families) -> Callable[[float], float]:
    """Return what adjusts a p-value of a claim with the others of the family as they are."""
    own = hypothesis(claim.id)

    @cache
    def adjust(p_value: float) -> float:
        if math.isnan(p_value):
            return p_value
        found = adjusted(case, {**families.dependent.p_values, own: p_value}).adjusted(own)
        assert found is not None
        return found

    return adjust


def _verdict(row: Mapping[Any, Any], adjust: Callable[[float], float], alpha: float) -> str:
    """Return the verdict of one specification, p-values adjusted within the family."""
    if row["reason"] == NOT_MEASURED:
        return UNTESTED
    if pd.isna(row["p"]):
        return INCONCLUSIVE
    value = row["low"] if pd.isna(row["value"]) else row["value"]
    if value is not None and value > 1 and adjust(row["p_without"]) <= alpha:
        return SUPPORTED
    below = not pd.isna(row["value"]) and row["value"] < 1
    return CONTRADICTED if below and adjust(row["p_fewer"]) <= alpha else INCONCLUSIVE


def _numbers(main: Direction, families: Families) -> tuple[Number, ...]:
    """Return what a verdict rests on; the rest is in the findings of the association."""
    crossover, detectable = main.analysis.crossover, main.detectable
    numbers = []
    if main.quoted is not None:
        test, how = main.quoted, "by whole weeks" if main.by_weeks else "within months"
        numbers.append(
            Number(
                "coincidence.p",
                test.p_value,
                "probability",
                n=crossover.onsets,
                note=f"{test.coincidences} of {crossover.onsets} onsets on one of "
                f"{crossover.exposed_days} exposed days out of {crossover.days}; "
                f"{test.combinations()} admissible shifts {how}, smallest attainable p "
                f"{test.smallest_p:.2g}; family of {families.size}",
            )
        )
    ratio = main.ratio
    numbers.append(
        Number(
            "ratio",
            ratio.value,
            "ratio",
            ratio.low,
            ratio.high,
            n=crossover.onsets,
            note=ratio.reason or "of rates, within weekdays of a month of a place",
        )
    )
    if detectable is not None:
        numbers.append(
            Number(
                "detectable_ratio",
                detectable.ratio,
                "ratio",
                n=crossover.onsets,
                note=detectable.reason or f"found with power {detectable.power:g}",
            )
        )
    return tuple(numbers)


def _times(main: Direction) -> str:
    value, low = main.ratio.value, main.ratio.low
    if value is None and low is None:
        return "No ratio of rates comes out, nor a limit of one:"
    if value is None:
        return f"Outages begin on exposed days at least {low:.2g} times as often as on others:"
    return f"Outages begin on exposed days {value:.2g} times as often as on others:"


def _least(main: Direction) -> str:
    detectable = main.detectable
    if detectable is None or detectable.ratio is None:
        return "No ratio would have been found with power 0.8."
    return f"A ratio of {detectable.ratio:.2g} would have been found with probability 0.8."
