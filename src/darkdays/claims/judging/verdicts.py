"""What a claim comes to: a verdict, why, and the numbers it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from darkdays.contracts.verdict_words import CONTRADICTED as CONTRADICTED
from darkdays.contracts.verdict_words import INCONCLUSIVE as INCONCLUSIVE
from darkdays.contracts.verdict_words import SUPPORTED as SUPPORTED
from darkdays.contracts.verdict_words import UNTESTED as UNTESTED
from darkdays.evidence.evidence import Evidence


@dataclass(frozen=True)
class Number:
    """A number a verdict rests on, with its bounds.

    ``is_finding`` says that it is a finding of its own already, under this very name.
    """

    name: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""
    is_finding: bool = False


@dataclass(frozen=True)
class Judgement:
    """A verdict under one specification, and why."""

    verdict: str
    because: str
    overturned_by: str
    numbers: tuple[Number, ...] = ()


def untested(what: str) -> Judgement:
    """Return the verdict on a claim there are no data for."""
    return Judgement(
        UNTESTED, f"There are no data on {what}.", f"Any measurement of {what} would start a test."
    )


def no_outage(evidence: Evidence, entity: str, when: str = "") -> Judgement:
    """Return the verdict where the data show no outage to judge."""
    aside = " A fall that goes on may be a new level." if entity in evidence.may_be_levels else ""
    return Judgement(
        INCONCLUSIVE,
        f"No outage of {evidence.case.name_of(entity)}{when} with an observed beginning was found."
        f"{aside}",
        "A datasource that shows one.",
    )


def either(holds: bool, fails: bool) -> str:
    """Return the verdict where data show that a claim holds, that it fails, or neither."""
    return SUPPORTED if holds else CONTRADICTED if fails else INCONCLUSIVE


def by_sign(low: float, high: float) -> str:
    """Return the verdict on "it is above zero" from the bounds of a number."""
    return either(low > 0, high < 0)
