"""Depth, duration and kind of outages in simulated half years, and what is not an outage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from darkdays.detect.noise.noise import Noise
from darkdays.detect.outages.low_runs import p_of_stretch
from darkdays.detect.outages.outages import outages
from darkdays.simulate.signals import simulated_tree
from simulated_outages import KINDS, Event, World, scattered, simulated_signal, times_of

WORLDS = {
    "as stated": World(gaps=0),
    "correlated": World(autocorrelation=0.8, gaps=0),
    "heavy": World(autocorrelation=0.5, tail="innovations", gaps=0),
    "halving": World(trend=-0.7, gaps=0),
}
HOUR = pd.Timedelta(hours=1)


def utc(moment):
    return pd.Timestamp(moment).tz_localize("UTC")


def found_in(values, times, datasource="ioda.bgp", **options):
    return outages(simulated_tree({"asn/1": values}, times, datasource), **options)


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_three_kinds_are_found_dated_and_sized(world):
    times, covered, total = times_of(), {"onset": 0, "depth": 0, "duration": 0}, 0
    for seed in range(8):
        rng = np.random.default_rng([7, seed])
        events = scattered(times, rng=rng)
        table = found_in(simulated_signal(world, times, events, rng=rng), times)
        assert len(table) <= len(events) + 1
        for event in events:
            (row,) = table[
                (table["onset"] < utc(event.end)) & (table["recovery"] > utc(event.start))
            ].itertuples()
            assert abs(row.onset - utc(event.start)) <= 2 * HOUR
            assert row.kind == ("degradation" if event.depth < 0.3 else "cut")
            hours, depth = KINDS[event.kind]
            covered["onset"] += row.onset_low <= utc(event.start) <= row.onset_high
            covered["depth"] += row.depth_low <= depth <= row.depth_high
            covered["duration"] += row.duration_low <= hours <= row.duration_high
            total += 1
    assert min(covered.values()) >= 0.9 * total


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_hardly_anything_is_made_up(world):
    times = times_of()
    counts = [
        len(found_in(simulated_signal(world, times, rng=np.random.default_rng([8, seed])), times))
        for seed in range(12)
    ]
    assert sum(counts) <= 2


def test_a_fall_over_a_day_is_no_cut():
    times = times_of(step="30min", weeks=8)
    start = times[1200]
    slow = Event("ramp", start, start + pd.Timedelta(days=4), 0.8, pd.Timedelta(days=1))
    fast = Event("cut", start, start + pd.Timedelta(days=4), 0.8)
    kinds = []
    for event in (slow, fast):
        values = simulated_signal(World(gaps=0), times, [event], rng=np.random.default_rng(0))
        (row,) = found_in(values, times).itertuples()
        assert utc(start) <= row.onset_high
        kinds.append(row.kind)
    assert kinds == ["degradation", "cut"]


def test_what_the_record_does_not_show_is_open():
    times = times_of(weeks=8)
    values = simulated_signal(World(gaps=0, missing=0), times, rng=np.random.default_rng(2))
    values[:100] *= 0.1
    values[-60:] *= 0.1
    first, last = found_in(values, times).sort_values("restored").itertuples()
    assert pd.isna(first.onset)
    assert first.kind == "unknown"
    assert np.isnan(first.duration)
    assert first.duration_low == pytest.approx(100, abs=2)
    assert pd.isna(last.recovery)
    assert np.isnan(last.duration_high)
    assert last.duration_low == pytest.approx(58, abs=2)
    assert last.depth_low <= 0.9 <= last.depth_high


def test_an_onset_is_never_dated_finer_than_a_bin():
    times = times_of(weeks=8)
    start = times[500] + pd.Timedelta(minutes=40)
    event = Event("cut", start, start + pd.Timedelta(days=2), 0.9)
    values = simulated_signal(
        World(gaps=0, missing=0), times, [event], rng=np.random.default_rng(2)
    )
    (row,) = found_in(values, times).itertuples()
    assert row.onset_high - row.onset_low >= HOUR
    assert row.onset_low <= utc(start) <= row.onset_high
    assert row.duration_high - row.duration_low >= 2


@pytest.mark.parametrize(
    ("datasource", "ceiling"), [("ioda.ping-slash24-loss", 100.0), ("mlab.lost-share", 1.0)]
)
def test_where_an_outage_is_a_rise_the_rise_is_found(datasource, ceiling):
    rng = np.random.default_rng(4)
    times = times_of(weeks=8)
    lost = ceiling * np.clip(0.04 + 0.01 * rng.standard_normal(times.size), 0, 1)
    assert found_in(lost, times, datasource).empty
    lost[700:760] = 0.9 * ceiling
    lost[200:260] = 0.0
    (row,) = found_in(lost, times, datasource).itertuples()
    assert row.onset == utc(times[700])
    assert row.recovery == utc(times[760])
    assert row.depth == pytest.approx(1 - 0.1 / 0.96, abs=0.01)


def test_what_says_nothing_of_being_up_is_not_judged():
    times = times_of(weeks=8)
    table = found_in(np.full(times.size, 0.1), times, "ooni.anomaly-share")
    assert table.empty
    assert table.attrs["not_assessed"] == ["ooni.anomaly-share asn/1"]


def test_two_dips_side_by_side_are_less_where_dips_are_many():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(4000)
    values[2000:2002] -= 12
    normal = np.ones(4000, bool)
    normal[2000:2002] = False
    noise = Noise(1.0, 0.0)
    rare = p_of_stretch(values, noise, slice(2000, 2002), normal)
    assert rare < 0.01
    values[50:4000:200] = -13.0
    often = p_of_stretch(values, noise, slice(2000, 2002), normal)
    assert often > 0.05
    bound = stats.binomtest(20, 3998, alternative="less").proportion_ci(0.95).high
    assert rare < often == pytest.approx(min(1.0, 2 * 4000 * bound**2), rel=1e-6)


def test_coverage_of_the_depth_of_throttling():
    times, inside = times_of(weeks=12), 0
    for seed in range(40):
        rng = np.random.default_rng([9, seed])
        start = times[800 + int(rng.integers(0, 200))]
        event = Event("throttling", start, start + pd.Timedelta(hours=36), 0.25)
        values = simulated_signal(World(autocorrelation=0.6, gaps=0), times, [event], rng=rng)
        table = found_in(values, times)
        row = table.loc[table["samples"].idxmax()]
        inside += row["depth_low"] <= 0.25 <= row["depth_high"]
    assert inside >= 36
