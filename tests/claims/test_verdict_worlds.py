"""Verdicts on generated studies of known truth; `benchmarks/verdicts.py` makes many more."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from record_worlds import FALSE, TRUE, UNDECIDABLE
from verdict_worlds import WORLDS

EACH = 3
RIGHT = {
    TRUE: {"supported", "inconclusive", "untested"},
    FALSE: {"contradicted", "inconclusive", "untested"},
    UNDECIDABLE: {"inconclusive", "untested"},
}


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS, ids=" - ".join)
def test_verdicts_of_worlds_of_known_truth_are_right(world):
    rng = np.random.default_rng([zlib.crc32(" ".join(world).encode()), 2])
    found = [WORLDS[world](rng).verdict(rng) for _ in range(EACH)]
    # One in three may be wrong by chance; a kind of situation that is judged wrong is all of them.
    assert sum(one not in RIGHT[world[1]] for one in found) <= 1, found
    if world[1] == TRUE:
        assert "supported" in found
