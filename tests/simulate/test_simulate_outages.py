"""Simulated signals are what they are said to be, and say that they are simulated."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from darkdays.simulate.signals import simulated_tree
from simulated_outages import KINDS, Event, World, nightly, scattered, simulated_signal, times_of

TIMES = times_of(weeks=26)
STILL = World(noise=0.0, daily=0.0, weekly=0.0, trend=0.0, dips_a_week=0, missing=0, gaps=0)


def test_the_same_seed_gives_the_same_signal():
    one, other = (simulated_signal(World(), TIMES, rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("tail", ["part", "innovations"])
@pytest.mark.parametrize("phi", [0.3, 0.8])
def test_noise_is_as_large_and_as_correlated_as_stated(tail, phi):
    world = World(
        autocorrelation=phi, tail=tail, daily=0, weekly=0, trend=0, dips_a_week=0, missing=0, gaps=0
    )
    rng = np.random.default_rng(2)
    logs = np.log(simulated_signal(world, times_of(weeks=104), rng=rng) / world.level)
    assert np.std(logs) == pytest.approx(0.04, rel=0.25)
    share = 0.75 if tail == "part" else 1.0
    assert np.corrcoef(logs[1:], logs[:-1])[0, 1] == pytest.approx(share * phi, abs=0.08)


def test_an_event_takes_its_share_of_the_bins_it_covers():
    start = TIMES[100] + pd.Timedelta(minutes=45)
    event = Event("cut", start, TIMES[110], 0.8)
    values = simulated_signal(STILL, TIMES, [event], rng=np.random.default_rng(0))
    assert values[99] == values[110] == 20_000
    assert values[100] == pytest.approx(20_000 * (1 - 0.8 / 4))
    assert (values[101:110] == 4_000).all()


def test_a_ramp_falls_slowly_and_returns_at_once():
    event = Event("ramp", TIMES[100], TIMES[160], 0.8, pd.Timedelta(hours=40))
    values = simulated_signal(STILL, TIMES, [event], rng=np.random.default_rng(0))
    assert (np.diff(values[100:140]) < 0).all()
    assert values[159] == 4_000
    assert values[160] == 20_000


def test_events_of_each_kind_are_scattered_apart():
    events = scattered(TIMES, rng=np.random.default_rng(1))
    assert {event.kind for event in events} == set(KINDS)
    for one, other in itertools.pairwise(events):
        assert other.start - one.end > pd.Timedelta(days=5)


def test_a_curfew_keeps_the_clock():
    events = nightly(TIMES, (16, 24), (60, 90), depth=0.5, time_zone="America/Havana")
    assert len(events) == 30
    for event in events:
        begin, end = (
            moment.tz_localize("UTC").tz_convert("America/Havana")
            for moment in (event.start, event.end)
        )
        assert begin.hour == 16
        assert end.hour == 0 or (end.month, end.day) == (3, 14), "that midnight did not exist"
    assert len({event.start.hour for event in events}) == 2, "clocks go forward on 14 March"


def test_simulated_signals_say_so():
    tree = simulated_tree({"asn/1": np.ones(TIMES.size)}, TIMES)
    attrs = tree["ioda.bgp"].attrs
    assert attrs["simulated"] is True
    assert "SIMULATED" in attrs["title"]
