"""The family of a case: every test its claims rest on, declared by the case file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from darkdays.association.directions import DIRECTIONS, OUTAGES_AFTER
from darkdays.case.case import Case
from darkdays.case.claims import RateRatio, SubNationalExcess
from darkdays.correlate.multiplicity import Family, adjust


@dataclass(frozen=True)
class Families:
    """One family of tests, adjusted two ways.

    Attributes
    ----------
    independent
        Benjamini & Hochberg.
    dependent
        Benjamini & Yekutieli, under any dependence: what verdicts rest on, for the tests of one
        case share their data.
    """

    independent: Family
    dependent: Family

    @property
    def size(self) -> int:
        """Number of tests declared, carried out or not."""
        return self.dependent.size

    def adjusted(self, hypothesis: str) -> float | None:
        """Return the p-value a verdict rests on."""
        return self.dependent.adjusted[hypothesis]


def hypothesis(claim_id: str, direction: str = OUTAGES_AFTER) -> str:
    """Return what a test is called in its family."""
    return f"{claim_id}.{direction}"


def declared(case: Case) -> list[str]:
    """Return the family of a case, in the order of its claims.

    Both directions of every rate ratio, and every excess over other regions.
    """
    family: list[str] = []
    for claim in case.claims:
        if isinstance(claim, RateRatio):
            family += [hypothesis(claim.id, direction) for direction in DIRECTIONS]
        elif isinstance(claim, SubNationalExcess):
            family.append(hypothesis(claim.id))
    return family


def adjusted(case: Case, p_values: Mapping[str, float | None]) -> Families:
    """Adjust p-values within the family of a case; what was not tested counts with p = 1."""
    names = declared(case)
    return Families(adjust(p_values, names, method="bh"), adjust(p_values, names, method="by"))
