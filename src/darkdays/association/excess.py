"""What a region lost beyond what others lost: difference in differences over donor regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.association.calendar import event_days, record_days
from darkdays.association.control import Control, not_possible
from darkdays.association.places import places_like
from darkdays.contracts.events import of_kind
from darkdays.correlate.differences import Differences, difference_in_differences
from darkdays.evidence.evidence import Evidence

SEED: Final = 1
_NAME: Final = "difference_in_differences"
ABOUT: Final = "change of other places at the same time"


@dataclass(frozen=True)
class Excess:
    """What places lost beyond others, in one datasource.

    Attributes
    ----------
    datasource
        Which.
    found
        Changes are of the mean share of the normal level, before and during the events.
    first, last
        Local days of the event.
    """

    datasource: str
    found: Differences
    first: str
    last: str

    @property
    def ruled_by_donors(self) -> bool:
        """Whether most donors changed as the place did: then there is nothing to compare with."""
        return 2 * self.found.donors_alike > self.found.donors


def excesses(
    evidence: Evidence, entities: Sequence[str], kind: str, *, days_after: int
) -> tuple[list[Excess], str]:
    """Compare the change of places with that of donors, in each datasource by itself.

    Parameters
    ----------
    evidence
        With its analyses.
    entities
        The places of the claim.
    kind
        Of the events: from the first to the last of them is the time compared.
    days_after
        Days after the last event that count too.

    Returns
    -------
    (list of Excess, str)
        One a datasource, and why there is none at all.
    """
    donors, touched = places_like(evidence, entities, kind)
    if not donors:
        told = f"; all {len(touched)} others had events of their own" if touched else ""
        return [], f"the case measures no other place of the kind to compare with{told}."
    days = record_days(evidence, entities)
    happened = of_kind(evidence.events, kind)
    events = event_days(evidence, happened, entities, days, before=min(days_after, len(days)))
    inside = np.flatnonzero(events.exposed(days_after).any(axis=0))
    if not inside.size or not inside[0]:
        return [], "there is no time without events before them to compare with."
    start, end = int(inside[0]), int(inside[-1]) + 1
    names = [*entities, *donors]
    treated = np.arange(len(names)) < len(entities)
    found = []
    for datasource in evidence.specification.datasources:
        shares = daily_shares(evidence, names, datasource, days)
        if not np.isfinite(shares[: len(entities)]).any():
            continue
        compared = difference_in_differences(
            shares, treated, start, end=end, rng=np.random.default_rng(SEED)
        )
        found.append(
            Excess(datasource, compared, f"{days[start]:%Y-%m-%d}", f"{days[end - 1]:%Y-%m-%d}")
        )
    return found, "" if found else "no datasource measures the place and another like it."


def daily_shares(
    evidence: Evidence, entities: Sequence[str], datasource: str, days: pd.DatetimeIndex
) -> NDArray[np.float64]:
    """Return the mean share of the normal level on each local day, NaN where not measured.

    Shape ``(entities, days)``.
    """
    shares = np.full((len(entities), len(days)), np.nan)
    for one in evidence.analyses:
        if one.datasource != datasource or one.entity not in entities:
            continue
        local = one.times.tz_localize("UTC").tz_convert(evidence.clock).tz_localize(None)
        at = days.get_indexer(local.normalize())
        sums = np.bincount(at[at >= 0], weights=one.values[at >= 0], minlength=len(days))
        counts = np.bincount(at[at >= 0], minlength=len(days))
        row = entities.index(one.entity)
        np.divide(sums, counts * one.baseline, out=shares[row], where=counts > 0)
    return shares


def excess_controls(
    evidence: Evidence, entities: Sequence[str], kind: str, *, days_after: int
) -> list[Control]:
    """Return the differences in differences of a claim as controls, one a datasource."""
    found, why = excesses(evidence, entities, kind, days_after=days_after)
    if not found:
        return [not_possible(_NAME, ABOUT, why)]
    return [_as_control(one) for one in found]


def _as_control(one: Excess) -> Control:
    found = one.found
    about = f"{ABOUT}, {one.datasource}"
    if found.effect is None or found.p_value is None:
        return not_possible(_NAME, about, found.reason)
    return Control(
        f"{_NAME}.{one.datasource}",
        _NAME,
        about,
        says_of(one),
        value=found.effect,
        unit="share of the normal level",
        p_value=found.p_value,
        smallest_p=found.smallest_p,
        n=found.donors,
        more={
            "change of the place": found.treated_change,
            "change of the others": found.donor_change,
            "others that changed at least half as much": found.donors_alike,
            "same difference before": found.before_effect,
            "its p": found.before_p,
            "places without values": found.left_out,
        },
    )


def says_of(one: Excess) -> str:
    """Return what a difference in differences found, in a sentence."""
    found = one.found
    assert found.effect is not None
    assert found.treated_change is not None
    assert found.donor_change is not None
    drift = ""
    if found.before_effect is not None and found.before_p is not None and found.before_p <= 0.05:
        drift = " They were drifting apart before."
    return (
        f"In {one.datasource} it changed by {found.treated_change:+.1%} of its normal level from "
        f"{one.first} to {one.last}, {found.donors} others by {found.donor_change:+.1%}: "
        f"{found.effect:+.1%}, p = {found.p_value:.2g} (no smaller than {found.smallest_p:.2g}); "
        f"{found.donors_alike} of them changed at least half as much.{drift}"
    )
