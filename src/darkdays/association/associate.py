"""Everything a report says of one claim about rates, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from darkdays.association.control import Control
from darkdays.association.curve import Curve, rate_curve
from darkdays.association.description import epoch_curves, event_coincidences, lag_profiles
from darkdays.association.directions import (
    OUTAGES_AFTER,
    Calendar,
    Direction,
    both_ways,
    calendar_of,
)
from darkdays.association.excess import excess_controls, excesses
from darkdays.association.family import Families, adjusted, hypothesis
from darkdays.association.negatives import negative_control_tests
from darkdays.association.placebos import placebo_date_control, placebo_place_control
from darkdays.case.claims import RateRatio, SubNationalExcess
from darkdays.contracts.events import of_kind
from darkdays.correlate.coincidence import EventCoincidence
from darkdays.correlate.crossover.primary import WINDOW
from darkdays.correlate.epochs import EpochCurve
from darkdays.correlate.lag_profile import LagProfile
from darkdays.evidence.evidence import Evidence


@dataclass(frozen=True)
class Tested:
    """Both directions of a claim under one specification."""

    calendar: Calendar
    directions: dict[str, Direction]

    @property
    def main(self) -> Direction:
        """Outages after events: the direction the claim is about."""
        return self.directions[OUTAGES_AFTER]


@dataclass(frozen=True)
class Association:
    """A claim about rates with everything that is printed beside its verdict.

    Attributes
    ----------
    claim
        Which.
    tested
        Both directions under the chosen specification.
    families
        Their place in the family of the case.
    coincidences
        A description by direction, where enough began for a share.
    profiles, epochs
        Descriptions by direction and by datasource; why there are none in ``no_profiles`` and
        ``no_epochs``.
    controls
        The same question where the answer should be no.
    curve
        Every specification.
    level
        Confidence of limits; tests are at ``1 - level``.
    """

    claim: RateRatio
    tested: Tested
    families: Families
    coincidences: dict[str, EventCoincidence]
    profiles: dict[str, LagProfile]
    no_profiles: str
    epochs: dict[str, EpochCurve]
    no_epochs: str
    controls: tuple[Control, ...]
    curve: Curve
    level: float


def entities_of(claim: RateRatio) -> tuple[str, ...]:
    """Return the places of a claim, each once."""
    return tuple(dict.fromkeys([claim.entity, *claim.with_entities]))


def unknown(claim: RateRatio | SubNationalExcess, evidence: Evidence) -> str:
    """Return what there are no data on, so that a claim is untested; empty if there are."""
    entities = entities_of(claim) if isinstance(claim, RateRatio) else (claim.entity,)
    missing = [one for one in entities if one not in evidence.measured]
    if missing:
        return f"{evidence.case.name_of(missing[0])}'s connectivity"
    return f"days of {claim.event}" if of_kind(evidence.events, claim.event).empty else ""


def tested(claim: RateRatio, evidence: Evidence) -> Tested | None:
    """Test a claim in both directions; None where there is nothing to test."""
    if unknown(claim, evidence):
        return None
    events = of_kind(evidence.events, claim.event)
    calendar = calendar_of(evidence, entities_of(claim), events)
    return Tested(calendar, both_ways(evidence, calendar, level=evidence.specification.level))


def p_values_of(claim: object, evidence: Evidence) -> dict[str, float | None]:
    """Return the p-values a claim adds to the family of its case."""
    if isinstance(claim, RateRatio):
        found = tested(claim, evidence)
        directions = found.directions if found else {}
        return {hypothesis(claim.id, name): one.p_value for name, one in directions.items()}
    if isinstance(claim, SubNationalExcess) and not unknown(claim, evidence):
        listed, _ = excesses(evidence, [claim.entity], claim.event, days_after=claim.days_after)
        known = [one.found.p_value for one in listed if one.found.p_value is not None]
        # Every datasource has to show it: the largest p-value is that of all together.
        return {hypothesis(claim.id): max(known) if known else None}
    return {}


def families_of(evidence: Evidence) -> Families:
    """Carry out every test of a case under one specification, and adjust their p-values."""
    p_values: dict[str, float | None] = {}
    for claim in evidence.case.claims:
        p_values |= p_values_of(claim, evidence)
    return adjusted(evidence.case, p_values)


def associate(claim: RateRatio, evidence: Sequence[Evidence]) -> Association | None:
    """Hold outages against events in every way a report shows.

    Parameters
    ----------
    claim
        About rates.
    evidence
        One a specification of the detector, the chosen one first.

    Returns
    -------
    Association or None
        None where the claim is untested.
    """
    chosen = evidence[0]
    found = tested(claim, chosen)
    if found is None:
        return None
    level, kind, entities = chosen.specification.level, claim.event, entities_of(claim)
    calendar = found.calendar
    profiles, no_profiles = lag_profiles(calendar, level=level)
    epochs, no_epochs = epoch_curves(chosen, calendar, level=level)
    controls = (
        placebo_place_control(chosen, calendar, kind, days_after=WINDOW),
        placebo_date_control(calendar, days_after=WINDOW),
        *negative_control_tests(chosen, calendar, kind, days_after=WINDOW, alpha=1 - level),
        *excess_controls(chosen, entities, kind, days_after=WINDOW),
    )
    return Association(
        claim=claim,
        tested=found,
        families=families_of(chosen),
        coincidences=event_coincidences(calendar),
        profiles=profiles,
        no_profiles=no_profiles,
        epochs=epochs,
        no_epochs=no_epochs,
        controls=controls,
        curve=rate_curve(evidence, entities, kind, by_weeks=found.main.by_weeks, level=level),
        level=level,
    )
