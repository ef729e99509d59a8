"""Days have a rhythm, which may be strong, may move, and is not known of a short record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.contracts.signals import Signal
from darkdays.detect.noise.noise import Noise
from darkdays.detect.outages.outages import outages_of
from darkdays.detect.outages.prepared import prepare
from darkdays.detect.outages.segments import cut

HOURS = 6 * 168


def found(values, start="2021-04-05"):
    times = pd.date_range(start, periods=values.size, freq="h")
    signal = Signal("country/IR", "cloudflare.http", pd.Timedelta(hours=1), times, values)
    prepared = prepare(signal, "Asia/Tehran")
    table = outages_of([prepared.analyse(0.95)], min_depth=0.1)
    return table[table["label"] == "outage"]


def counted(rng, rhythm):
    return rng.poisson(4000 * np.exp(rhythm + rng.normal(0, 0.03, rhythm.size))).astype(float)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("swing", [0.15, 0.25, 0.5])
def test_nights_of_twelve_days_are_no_outages(swing, seed):
    clock = np.arange(12 * 24)
    rhythm = swing * np.sin(2 * np.pi * clock / 24) - 0.08 * (clock // 24 % 7 >= 5)
    assert found(counted(np.random.default_rng(seed), rhythm)).empty


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("swing", [0.25, 0.7])
def test_hours_that_move_for_weeks_are_no_outages_and_a_blackout_then_is_one(swing, seed):
    rng = np.random.default_rng(seed)
    clock = np.arange(HOURS)
    late = 4 * ((clock >= 12 * 24) & (clock < 40 * 24))
    values = counted(rng, swing * np.sin(2 * np.pi * (clock - late) / 24))
    assert found(values).empty
    values[700:730] = np.round(values[700:730] * 0.1)
    one = found(values)
    assert one["onset"].tolist() == [pd.Timestamp("2021-04-05", tz="UTC") + pd.Timedelta(hours=700)]
    assert one["duration"].iloc[0] == pytest.approx(30, abs=1)


def test_two_hours_that_are_down_in_part_are_an_outage_of_a_flat_signal():
    values = np.full(HOURS, 7000.0)
    values[::7] += 1
    for day, (first, second) in enumerate([(0.19, 0.14), (0.36, 0.14), (0.32, 0.6)]):
        begin = 600 + 24 * day
        values[begin : begin + 2] = np.round(7000 * np.array([first, second]))
    assert found(values)["onset"].dt.day.tolist() == [30, 1, 2]


def test_samples_far_down_beside_each_other_are_a_segment_and_one_alone_is_none():
    values = np.random.default_rng(0).normal(size=300)
    values[[50, 100, 101, 200, 201, 202]] = [-30, -20, -60, -40, -25, -50]
    assert cut(values, Noise(1.0, 0.0)).tolist() == [100, 102, 200, 203]
