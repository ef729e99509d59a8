"""What an outage could have been and not be found, worked out where a claim asks for it."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from darkdays.case.disruptions import Disrupted, MobileOnly
from darkdays.contracts import signals
from darkdays.detect.missed.bounds import HOURS, Window, joined, outage_bounds
from darkdays.detect.missed.injection import Detector
from darkdays.evidence.evidence import Evidence
from darkdays.files import writing
from darkdays.stages.products import Detected

_SEED: Final = 1
_COARSEST: Final = pd.Timedelta(days=1)
"""What is measured less often than that has no bounds."""


def with_bounds(evidence: Sequence[Evidence], detected: Detected) -> list[Evidence]:
    """Return the evidence with the bounds that the claims of its case ask for.

    The bounds are those of the chosen settings, the first specification.
    """
    wanted = _wanted(evidence[0])
    if not wanted:
        return list(evidence)
    fetched = detected.fetched
    detector = Detector(
        detected.level, detected.min_depth, fetched.case.time_zone, len(detected.analyses)
    )
    table = joined(
        outage_bounds(one, wanted[one.entity], detector, rng=_rng(one), hours=_lengths(one))
        for one in signals.each(fetched.signals)
        if one.entity in wanted and one.step <= _COARSEST
    )
    writing.write_text(fetched.folder / "bounds.csv", writing.csv_text(table))
    table = writing.read_table(fetched.folder / "bounds.csv")
    return [dataclasses.replace(one, bounds=table) for one in evidence]


def _wanted(evidence: Evidence) -> dict[str, Window]:
    """Return the window that each entity is asked about."""
    found = {}
    for claim in evidence.case.claims:
        if isinstance(claim, Disrupted):
            entities, span = [claim.entity], evidence.window_of(claim.event, claim.entity)
        elif isinstance(claim, MobileOnly):
            entities = evidence.members("mobile")
            span = evidence.window_of(claim.event, claim.place)
        else:
            continue
        for entity in entities:
            if span is not None and entity in evidence.measured:
                start, end = (moment.tz_localize(None) for moment in span)
                found[entity] = Window(start, end)
    return found


def _lengths(signal: signals.Signal) -> list[float]:
    """Return the lengths that a signal can show: a sample at least."""
    return [one for one in HOURS if pd.Timedelta(hours=one) >= signal.step]


def _rng(signal: signals.Signal) -> np.random.Generator:
    name = f"{signal.datasource} {signal.entity}".encode()
    return np.random.default_rng([_SEED, zlib.crc32(name)])
