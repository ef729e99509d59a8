"""Outages that could have been missed: put into records, found or not, and bounded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.contracts.signals import Signal
from darkdays.detect.missed import bounds
from darkdays.detect.missed.bounds import COLUMNS, Window, excluded, outage_bounds
from darkdays.detect.missed.injection import Detector, is_found, with_outage
from examples import examples

STEP = pd.Timedelta("30min")
START = pd.Timestamp("2021-06-15")
TIMES = pd.date_range(START, periods=48 * 40, freq=STEP)
WINDOW = Window(START + pd.Timedelta(days=25), START + pd.Timedelta(days=35))
DETECTOR = Detector(0.95, 0.10, "Asia/Tehran")


def signal(seed=0, noise=0.01, level=400.0):
    rng = np.random.default_rng(seed)
    values = level * (1 + noise * rng.standard_normal(TIMES.size))
    return Signal("region/Khuzestan", "ioda.ping-slash24", STEP, TIMES, np.round(values))


@given(
    start=st.integers(0, 60 * 24 * 30),
    minutes=st.integers(1, 60 * 48),
    depth=st.floats(0, 1),
)
@settings(max_examples=examples(60))
def test_an_outage_takes_its_share_of_exactly_its_hours(start, minutes, depth):
    flat = Signal("x", "ioda.bgp", STEP, TIMES, np.full(TIMES.size, 1000.5))
    begin = START + pd.Timedelta(minutes=start)
    after = with_outage(flat, begin, minutes / 60, depth)
    lost = (flat.values - after.values).sum() * (STEP / pd.Timedelta(hours=1))
    assert lost == pytest.approx(1000.5 * depth * minutes / 60, rel=1e-6, abs=1e-6)
    changed = TIMES[after.values != flat.values]
    if len(changed):
        assert changed[0] > begin - STEP
        assert changed[-1] < begin + pd.Timedelta(minutes=minutes)


def test_counts_stay_whole_and_gaps_stay_gaps():
    one = signal()
    one.values[100:110] = np.nan
    after = with_outage(one, TIMES[90], 30, 0.37)
    assert np.isnan(after.values[100:110]).all()
    seen = after.values[np.isfinite(after.values)]
    assert (seen == np.round(seen)).all()
    assert np.isfinite(one.values[90:100]).all()


def test_a_deep_outage_is_found_and_a_faint_one_is_not():
    one = signal()
    known = DETECTOR.down(one)
    begin = WINDOW.start + pd.Timedelta(hours=30)
    assert is_found(one, known, begin, 6, 0.5, DETECTOR)
    assert not is_found(one, known, begin, 6, 0.02, DETECTOR)
    # What is reported anyway is no discovery.
    cut = with_outage(one, begin, 6, 0.5)
    assert not is_found(cut, DETECTOR.down(cut), begin, 6, 0.01, DETECTOR)


@pytest.fixture(scope="module")
def quiet():
    return outage_bounds(
        signal(), WINDOW, DETECTOR, rng=np.random.default_rng(1), hours=(1.0, 6.0, 24.0)
    )


def test_a_quiet_record_excludes_deep_outages_and_longer_ones_at_least_as_well(quiet):
    assert list(quiet.columns) == list(COLUMNS)
    assert quiet["hours"].tolist() == [1, 6, 24]
    known = quiet["excluded_from"].dropna()
    assert (known.diff().dropna() <= 0).all()
    # Nothing below the least depth of an outage is ever excluded.
    assert (known >= DETECTOR.min_depth).all()
    assert quiet.loc[1, "excluded_from"] <= 0.2
    assert (known >= quiet.loc[known.index, "limit"]).all()
    assert excluded(quiet, 6) == excluded(quiet, 23.9) == quiet.loc[1, "excluded_from"]
    assert np.isnan(excluded(quiet, 0.5))
    assert np.isnan(excluded(quiet, 25))


def test_what_is_excluded_is_found_wherever_it_is_put(quiet):
    one, rng = signal(), np.random.default_rng(99)
    known = DETECTOR.down(one)
    depth = excluded(quiet, 6)
    length = (WINDOW.end - WINDOW.start) / pd.Timedelta(hours=1)
    found = [
        is_found(one, known, WINDOW.start + pd.Timedelta(hours=float(late)), 6, depth, DETECTOR)
        for late in rng.uniform(0, length - 6, 40)
    ]
    # At 95 % of places with 95 % confidence; these places are others than those it was set by.
    assert sum(found) >= 36


def test_an_outage_that_was_there_is_never_excluded():
    begin = WINDOW.start + pd.Timedelta(days=3)
    for depth in (0.15, 0.4, 0.9):
        table = outage_bounds(
            with_outage(signal(), begin, 6, depth), WINDOW, DETECTOR,
            rng=np.random.default_rng(1), hours=(6.0,),
        )  # fmt: skip
        limit = excluded(table, 6)
        assert np.isnan(limit) or limit > depth


def test_noise_excludes_less_and_a_short_record_nothing():
    noisy = outage_bounds(
        signal(noise=0.08), WINDOW, DETECTOR, rng=np.random.default_rng(1), hours=(6.0,)
    )
    calm = outage_bounds(signal(), WINDOW, DETECTOR, rng=np.random.default_rng(1), hours=(6.0,))
    assert noisy["limit"].iloc[0] > calm["limit"].iloc[0]
    assert not noisy["excluded_from"].iloc[0] < calm["excluded_from"].iloc[0]
    short = Signal("x", "ioda.bgp", STEP, TIMES[:3], np.array([1.0, 2.0, 3.0]))
    table = outage_bounds(short, WINDOW, DETECTOR, rng=np.random.default_rng(1))
    assert table.empty
    assert list(bounds.joined([table, table]).columns) == list(COLUMNS)


def test_the_same_seed_gives_the_same_bounds_whatever_else_is_asked(quiet):
    again = outage_bounds(
        signal(), WINDOW, DETECTOR, rng=np.random.default_rng(1), hours=(1.0, 6.0, 24.0)
    )
    pd.testing.assert_frame_equal(again, quiet)
