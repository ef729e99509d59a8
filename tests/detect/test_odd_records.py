"""Records as people bring them: short, coarse, of few values, with much missing, at either end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.detect import answer
from darkdays.detect.outages.outages import outages
from darkdays.simulate.signals import simulated_tree
from examples import examples

STEPS = ["1min", "5min", "15min", "30min", "1h", "6h", "7h", "1D", "3D", "W-MON", "MS"]
COUNTS = [8, 9, 12, 25, 60, 200, 400]


def odd(seed, step, count):
    """Noise around a level, or a swing, with one of eight oddities; at least one value."""
    rng = np.random.default_rng(seed)
    start = rng.choice(["2021-03-20", "2020-10-20", "1999-12-31 23:00"])
    times = pd.date_range(start, periods=count, freq=step, tz="UTC")
    level = rng.choice([0.0, 1.0, 5.0, 1000.0, 1e7])
    swing = rng.choice([0.0, 0.3]) * np.sin(2 * np.pi * np.arange(count) / rng.choice([7, 24, 48]))
    noise = rng.choice([0.0, 0.01, 0.1]) * max(level, 1.0) * rng.normal(size=count)
    values = np.abs(level * (1 + swing) + noise)
    place = int(rng.integers(0, count))
    match int(rng.integers(0, 8)):
        case 0:
            values = np.round(values)
        case 1:
            values[place : place + int(rng.integers(1, count))] = 0.0
        case 2:
            values[rng.random(count) < 0.4] = np.nan
        case 3:
            values[: count // 3] = np.nan
        case 4:
            values[-(count // 3) :] = np.nan
        case 5:
            values[place:] *= rng.choice([0.2, 5.0])
        case 6:
            values = np.where(rng.random(count) < 0.9, values[0], values)
        case _:
            values = np.round(values / max(level, 1.0)) * level
    values[place] = level
    return pd.Series(values, times)


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), step=st.sampled_from(STEPS), count=st.sampled_from(COUNTS))
def test_any_record_is_answered(seed, step, count):
    record = odd(seed, step, count)
    found = answer(record)
    assert found.verdict in ("changes", "no change", "cannot tell")
    seen = record.index[record.notna()]
    assert set(found.changes.times) <= set(seen.tz_localize(None))
    assert (found.outages["onset"].dropna() >= seen[0]).all()


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), step=st.sampled_from(STEPS[:-2]), count=st.sampled_from(COUNTS))
def test_outages_of_any_record_are_listed(seed, step, count):
    record = odd(seed, step, count)
    found = outages(simulated_tree({"asn/1": record.to_numpy()}, record.index.tz_localize(None)))
    assert found["p"].between(0, 1).all()
    dated = found.dropna(subset="onset")
    assert (dated["onset_low"] <= dated["onset"]).all()
