"""Claims about studies whose signals are damaged: judged, whatever is left of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verdict_worlds
from examples import examples
from situations import ALL

VERDICTS = {"supported", "contradicted", "inconclusive", "untested"}


def damaged(values, rng):
    """One of eight kinds of damage, or none."""
    values = np.asarray(values, dtype=float).copy()
    place = int(rng.integers(0, values.size))
    match int(rng.integers(0, 10)):
        case 0:
            values[place:] = np.nan
        case 1:
            values[:place] = np.nan
        case 2:
            values[:] = values[0]
        case 3:
            values[:] = 0.0
        case 4:
            values[rng.random(values.size) < 0.7] = np.nan
        case 5:
            values = np.round(values / 1e4)
        case 6:
            values[place : place + 200] = 0.0
        case 7:
            values[place:] *= 5
    return values


@pytest.mark.slow
@settings(max_examples=examples(200), deadline=None)
@given(name=st.sampled_from(sorted(ALL)), seed=st.integers(0, 10**6))
def test_any_claim_is_judged_of_damaged_signals(name, seed):
    rng = np.random.default_rng(seed)
    whole = verdict_worlds.signal

    def made(of, world, entity, datasource):
        signal = whole(of, world, entity, datasource)
        return replace(signal, values=damaged(signal.values, rng))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdict_worlds, "signal", made)
        assert ALL[name](rng).verdict(rng) in VERDICTS
