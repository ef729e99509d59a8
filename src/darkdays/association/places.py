"""Places like a place: where the same question should have the answer no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from darkdays.contracts.events import of_kind
from darkdays.detect.outages.controls import OUTAGE
from darkdays.evidence.evidence import Evidence, in_region


def places_like(
    evidence: Evidence, entities: Sequence[str], kind: str
) -> tuple[list[str], list[str]]:
    """Return the places an entity can be held against, and those that had events of their own.

    For a region the other regions of the case, its donors first of all, and for a country the
    countries among its donors, neighbours and controls. An operator has no place of its own: what
    is done to one in the country may be done to all.

    Parameters
    ----------
    evidence
        Of which only what is measured counts.
    entities
        The places of the claim, of one kind.
    kind
        Of the events.

    Returns
    -------
    (list of str, list of str)
        Places without events of their own, and regions that name some.
    """
    case = evidence.case
    network = case.network_of(entities[0])
    outside = case.donors + case.controls + case.neighbours
    known = {"region": case.entities + outside, "country": outside}.get(network or "", ())
    alike = [
        one.id
        for one in known
        if one.network == network and one.id in evidence.measured and one.id not in entities
    ]
    if network != "region":
        return alike, []
    happened = of_kind(evidence.events, kind)
    touched = [one for one in alike if in_region(happened, case, one).any()]
    return [one for one in alike if one not in touched], touched


def outages_of_places(evidence: Evidence, entities: Sequence[str]) -> Evidence:
    """Return the evidence with the outages of controls and neighbours among the case's own."""
    theirs = evidence.aside[evidence.aside["entity"].isin(list(entities))]
    if theirs.empty:
        return evidence
    together = pd.concat([evidence.outages, theirs.assign(label=OUTAGE)], ignore_index=True)
    return replace(evidence, outages=together)
