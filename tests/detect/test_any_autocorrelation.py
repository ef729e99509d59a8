"""Short records, in which nobody can tell how slow the noise is: what is an outage nevertheless."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.signal import lfilter

from darkdays.contracts.signals import each
from darkdays.detect.noise.any_autocorrelation import LEFT_OUT, stages_p_value
from darkdays.detect.outages.low_runs import _p_of_stages
from darkdays.detect.outages.outages import outages
from darkdays.detect.outages.prepared import prepare
from darkdays.simulate.signals import simulated_tree
from simulated_outages import Event, World, simulated_signal, times_of


def ar1(phi, count, rng):
    return lfilter([np.sqrt(1 - phi**2)], [1.0, -phi], rng.standard_normal(count + 500))[500:]


def step_p_value(values, inside, usual):
    return stages_p_value(values, np.where(inside, 1, np.where(usual, 0, LEFT_OUT)))


def stretch(count, first, length):
    inside = np.zeros(count, np.bool_)
    inside[first : first + length] = True
    return inside


@pytest.mark.parametrize("phi", [0.0, 0.8, 0.95, 0.99])
def test_the_lowest_stretch_of_noise_is_seldom_one_whatever_its_autocorrelation(phi):
    found = 0
    for seed in range(200):
        values = ar1(phi, 200, np.random.default_rng([36, seed]))
        sums = np.convolve(values, np.ones(12), "valid")
        inside = stretch(200, int(np.argmin(sums)), 12)
        found += step_p_value(values, inside, ~inside) <= 0.05
    assert found / 200 <= 0.05


def test_without_autocorrelation_it_is_hardly_dearer_than_students_t():
    values = np.random.default_rng(37).standard_normal(300)
    inside = stretch(300, 100, 24)
    values[inside] -= 2.0
    known = 300 * stats.ttest_ind(values[inside], values[~inside]).pvalue
    assert known < step_p_value(values, inside, ~inside) < 1e-6


def test_what_falls_at_once_is_told_from_what_sinks_slowly():
    inside = stretch(240, 120, 12)
    sinking = np.convolve(np.where(inside, -6.0, 0.0), np.full(24, 1 / 24), "same")
    noise = ar1(0.95, 240, np.random.default_rng(38))
    assert step_p_value(noise + np.where(inside, -6.0, 0.0), inside, ~inside) < 1e-6
    assert step_p_value(noise + sinking, inside, ~inside) > 0.05


def test_samples_that_stand_beside_none_tell_nothing():
    values = np.r_[np.zeros(30), -9.0, np.zeros(30)]
    inside = stretch(61, 30, 1)
    usual = ~stretch(61, 29, 3)
    assert step_p_value(values + 0.1 * np.arange(61) % 0.3, inside, usual) == 1.0
    assert step_p_value(values, inside, np.zeros(61, np.bool_)) == 1.0


@pytest.mark.parametrize("phi", [0.9, 0.95])
def test_slow_noise_of_days_is_seldom_an_outage(phi):
    times, found = times_of(weeks=13 / 7), 0
    for seed in range(60):
        noise = ar1(phi, times.size, np.random.default_rng([39, seed]))
        values = np.round(10_000 * (1 + 0.06 * noise))
        found += not outages(simulated_tree({"asn/1": values}, times)).empty
    assert found / 60 <= 0.05


@pytest.mark.parametrize("seed", range(8, 12))
def test_a_day_in_the_dark_is_found_beside_nights_that_are_low(seed):
    times = times_of(weeks=10 / 7)
    world = World(
        missing=0, gaps=0, autocorrelation=0, daily=0.3, weekly=0, trend=0, dips_a_week=0
    )  # fmt: skip
    start = times[100]
    event = Event("full", start, start + pd.Timedelta(days=1), 1.0)
    values = simulated_signal(world, times, [event], rng=np.random.default_rng([34, seed]))
    table = outages(simulated_tree({"asn/1": values}, times))
    (row,) = table[table["depth"] > 0.9].itertuples()
    assert row.onset_low <= start.tz_localize("UTC") <= row.onset_high


@pytest.mark.parametrize("dips", [5, 14])
def test_two_of_many_single_dips_side_by_side_are_no_outage_in_days_either(dips):
    times, found = times_of(weeks=13 / 7), 0
    world = World(missing=0, gaps=0, daily=0, weekly=0, trend=0, dips_a_week=dips)
    for seed in range(40):
        values = simulated_signal(world, times, [], rng=np.random.default_rng([40, seed]))
        found += not outages(simulated_tree({"asn/1": values}, times)).empty
    assert found / 40 <= 0.05


def test_an_index_in_tens_that_hardly_moves_is_seldom_down():
    times, found = times_of(weeks=10 / 7), 0
    for seed in range(40):
        noise = ar1(0.5, times.size, np.random.default_rng([41, seed]))
        values = np.clip(np.round(9.7 + 0.8 * noise) * 10, 0, 100)
        found += len(outages(simulated_tree({"asn/1": values}, times)))
    assert found / 40 <= 0.5


@pytest.mark.parametrize("seed", range(3))
def test_a_fall_in_many_stages_is_found_in_fine_bins(seed):
    times = times_of(weeks=8 / 7, step="10min")
    rng = np.random.default_rng([42, seed])
    shown = np.ones(times.size)
    for number, first in enumerate(range(400, 430, 3)):
        shown[first:] = 0.96 - 0.04 * number
    for first in range(460, times.size, 40):
        shown[first:] = rng.uniform(0.55, 0.65)
    noise = ar1(0.5, times.size, rng)
    values = np.round(8_000 * shown * (1 + 0.003 * noise))
    tree = simulated_tree({"asn/1": values}, times)
    table = outages(tree)
    (row,) = table[table["recovery"].isna()].itertuples()
    assert row.onset_low <= times[409].tz_localize("UTC")
    assert row.depth == pytest.approx(0.4, abs=0.05)


def test_the_stages_of_a_fall_are_the_same_whatever_least_depth_is_asked_for():
    values = 10_000 * (1 + 0.02 * ar1(0.5, 240, np.random.default_rng(43)))
    values[100:160] *= np.repeat([0.8, 0.5, 0.05, 0.6], [10, 10, 30, 10])
    times = times_of(weeks=10 / 7)
    analysis = prepare(next(each(simulated_tree({"asn/1": np.round(values)}, times)))).analyse(0.95)
    roots, down = np.sqrt(analysis.values), analysis.levels < 0.9
    first, last = np.flatnonzero(down)[[0, -1]] + [0, 1]
    deepest = int(np.argmin(analysis.levels))
    assert last - first > 3
    whole = _p_of_stages(analysis, roots, first, last, down)
    assert _p_of_stages(analysis, roots, deepest, deepest + 1, analysis.levels < 0.3) == whole
