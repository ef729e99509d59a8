"""Verdicts on generated studies of known truth; `benchmarks/verdicts.py` makes many more."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from record_worlds import FALSE, TRUE, UNDECIDABLE
from situations import ALL as WORLDS

EACH = 3
RIGHT = {
    TRUE: {"supported", "inconclusive", "untested"},
    FALSE: {"contradicted", "inconclusive", "untested"},
    UNDECIDABLE: {"inconclusive", "untested"},
}


def test_hours_that_are_missing_bound_an_outage_whose_edges_are_in_doubt():
    """Seven hours of nothing are five for certain, wherever in a bin they begin."""
    world = WORLDS["outage_in_window", TRUE, "dark for seven samples"]
    rng = np.random.default_rng(3)
    assert [world(rng).verdict(rng) for _ in range(8)] == ["supported"] * 8


@pytest.mark.parametrize(
    "world",
    [
        ("outage_in_window", FALSE, "probes gone for good"),
        ("outage_in_window", FALSE, "the end of ten days of more"),
        ("signals_disagree", FALSE, "quarter hours and days, depth"),
        ("onset_after_event", UNDECIDABLE, "in a cable cut since five days"),
        ("onset_after_event", FALSE, "after another country's protest, before its own"),
        ("mobile_before_fixed", UNDECIDABLE, "in a cable cut of fixed lines since five days"),
        ("mobile_only", FALSE, "a province alone"),
        ("rate_ratio", UNDECIDABLE, "three protests, all followed, of sixty outages"),
        ("surge_after_event", UNDECIDABLE, "not counted from the event on"),
        ("throttled", UNDECIDABLE, "policed: half the speed, no queue"),
    ],
    ids=" - ".join,
)
def test_what_was_judged_wrong_for_most_of_such_records_is_not(world):
    rng = np.random.default_rng(8)
    found = [WORLDS[world](rng).verdict(rng) for _ in range(8)]
    assert sum(one not in RIGHT[world[1]] for one in found) <= 1, found


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS, ids=" - ".join)
def test_verdicts_of_worlds_of_known_truth_are_right(world):
    rng = np.random.default_rng([zlib.crc32(" ".join(world).encode()), 2])
    found = [WORLDS[world](rng).verdict(rng) for _ in range(EACH)]
    # One in three may be wrong by chance; a kind of situation that is judged wrong is all of them.
    assert sum(one not in RIGHT[world[1]] for one in found) <= 1, found
    if world[1] == TRUE:
        assert "supported" in found
