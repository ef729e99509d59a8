"""Outages of a list that somebody keeps, in place of measurements that are not here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from darkdays.contracts.outages import ended
from darkdays.detect.outages.outages import COLUMNS
from darkdays.evidence.evidence import Evidence

TABLE: Final = "listed-outages"
"""What a case calls the table."""
DATASOURCE: Final = "published.listed-outages"


def with_listed(evidence: Sequence[Evidence], listed: pd.DataFrame) -> list[Evidence]:
    """Return evidence in which places that nothing here measures have the outages of a list.

    Every specification sees the same ones: how they were found is not ours to vary. What is
    measured stands alone, so that a list never speaks where a signal can.

    Parameters
    ----------
    evidence
        One a specification.
    listed
        As :mod:`darkdays.sources.published.published_tables` reads ``listed-outages``.
    """
    measured = frozenset().union(*(one.measured for one in evidence))
    listed = listed[~listed["entity"].isin(measured)]
    rows = ended(_as_found(listed))
    known = frozenset(listed["entity"])
    return [
        replace(
            one,
            outages=pd.concat([one.outages, rows], ignore_index=True) if len(rows) else one.outages,
            measured=one.measured | known,
        )
        for one in evidence
    ]


def _as_found(listed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a list as a table of outages; each time is known to so many minutes."""
    doubt = pd.to_timedelta(listed["minutes"], unit="min")
    hours = (listed["end"] - listed["start"]).dt.total_seconds() / 3600
    unsure = listed["minutes"] / 30
    found = listed.assign(
        datasource=DATASOURCE,
        onset=listed["start"],
        onset_low=listed["start"] - doubt,
        onset_high=listed["start"] + doubt,
        recovery=listed["end"],
        recovery_low=listed["end"] - doubt,
        recovery_high=listed["end"] + doubt,
        restored=listed["end"] + doubt,
        last_seen=listed["end"] + doubt,
        first_seen=listed["start"],
        duration=hours,
        duration_low=(hours - unsure).clip(lower=0.0),
        duration_high=hours + unsure,
    )
    return found.reindex(columns=list(COLUMNS)).reset_index(drop=True)
