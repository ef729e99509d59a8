"""Change-points of one series: truth found, nothing invented, bounds that hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from darkdays.detect import change_points
from darkdays.errors import InputError


def ar1(phi, count, rng):
    shocks = rng.normal(0, np.sqrt(1 - phi**2), count + 200)
    return lfilter([1.0], [1.0, -phi], shocks)[200:]


# Nominal is 5 %. Strong autocorrelation and skewed tails in 300 samples still exceed it.
@pytest.mark.parametrize(
    ("noise", "most"),
    [
        (lambda rng: ar1(0.0, 300, rng), 0.05),
        (lambda rng: ar1(0.5, 300, rng), 0.05),
        (lambda rng: ar1(0.8, 300, rng), 0.15),
        (lambda rng: rng.standard_t(3, 300), 0.05),
        (lambda rng: rng.lognormal(size=300), 0.30),
    ],
    ids=["white", "ar0.5", "ar0.8", "t3", "lognormal"],
)
def test_series_without_a_change_rarely_report_one(noise, most):
    rng = np.random.default_rng(11)
    alarms = sum(len(change_points(noise(rng))) > 0 for _ in range(200))
    assert alarms / 200 <= most, f"{alarms} of 200 series without a change report one"


@pytest.mark.parametrize(("phi", "jump"), [(0.0, 3.0), (0.5, 4.0)])
def test_bounds_hold_the_truth_as_often_as_they_say(phi, jump):
    rng = np.random.default_rng(13)
    held = found = 0
    for _ in range(200):
        values = ar1(phi, 300, rng)
        values[150:] += jump
        result = change_points(values)
        if len(result) == 1:
            found += 1
            low, high = result.intervals[0]
            held += low <= 150 <= high
    assert found >= 180
    assert held / found >= 0.93, f"{held} of {found} intervals hold the change"


def test_a_cliff_is_dated_to_its_bin():
    times = pd.date_range("2020-01-01", periods=400, freq="5min")
    values = np.where(np.arange(400) < 250, 1000.0, 40.0) + np.tile([0.0, 1.0, 2.0, 1.0], 100)
    result = change_points(values, times=times)
    assert result.index.tolist() == [250]
    assert result.times[0] == times[250]
    assert (
        pd.Timestamp(result.intervals[0][0]) == pd.Timestamp(result.intervals[0][1]) == times[250]
    )
    assert result.p_values[0] < 1e-6


def test_missing_values_widen_bounds_and_are_never_filled():
    values = np.where(np.arange(300) < 150, 100.0, 10.0) + np.tile([0.0, 1.0, 3.0], 100)
    values[140:155] = np.nan
    result = change_points(values)
    assert result.index.tolist() == [155], "the first sample seen after the gap"
    assert result.intervals[0].tolist() == [140, 155], "it may have been anywhere in the gap"


def test_a_season_is_taken_out_when_asked():
    rng = np.random.default_rng(2)
    times = pd.date_range("2020-01-01", periods=24 * 21, freq="h")
    values = (
        100 + 30 * np.sin(2 * np.pi * times.hour.to_numpy() / 24) + rng.normal(0, 1, times.size)
    )
    assert len(change_points(values, times=times, period="day")) == 0
    values[300:] -= 40
    result = change_points(values, times=times, period="day")
    assert abs(result.index - 300).min() <= 1


def test_a_record_too_short_for_its_season_says_so():
    times = pd.date_range("2020-01-01", periods=48, freq="h")
    result = change_points(np.arange(48.0) % 5, times=times, period="week")
    assert any("season not taken out" in note for note in result.notes)


def test_a_data_array_brings_its_times():
    times = pd.date_range("2020-01-01", periods=100, freq="h")
    values = np.r_[np.tile([1.0, 2.0], 25), np.tile([50.0, 51.0], 25)]
    array = xr.DataArray(values, coords={"time": times}, dims="time")
    assert change_points(array).times[0] == times[50]


def test_a_series_brings_its_times():
    times = pd.date_range("2020-01-01", periods=100, freq="h")
    values = pd.Series(np.r_[np.tile([1.0, 2.0], 25), np.tile([50.0, 51.0], 25)], index=times)
    assert change_points(values).times[0] == times[50]


def test_a_constant_series_has_no_change():
    assert len(change_points(np.full(100, 4.0))) == 0


@pytest.mark.parametrize(
    ("values", "times", "why"),
    [
        ([], None, "empty"),
        ([np.nan] * 5, None, "every value of the series is missing"),
        ([1.0, np.inf], None, "infinite"),
        ([[1.0], [2.0]], None, "2 dimensions"),
        ([1.0, 2.0], ["2020-01-01", "2020-01-01"], "more than once"),
        ([1.0, 2.0], ["2020-01-02", "2020-01-01"], "do not ascend"),
        ([1.0, 2.0], ["2020-01-02"], "2 values but 1 times"),
    ],
)
def test_input_that_cannot_be_used_is_refused(values, times, why):
    with pytest.raises(InputError, match=why):
        change_points(values, times=times)


def test_few_samples_say_nothing():
    result = change_points([1.0, 50.0, 1.0])
    assert len(result) == 0
    assert any("too few to say" in note for note in result.notes)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=120), st.integers(-500, 500))
def test_adding_a_constant_moves_no_change(numbers, constant):
    values = np.array(numbers, dtype=float)
    assert change_points(values).index.tolist() == change_points(values + constant).index.tolist()


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=60))
def test_any_finite_series_gives_an_answer(numbers):
    values = np.array([np.nan if number is None else number for number in numbers])
    if not np.isfinite(values).any():
        return
    result = change_points(values)
    assert len(result.p_values) == len(result.index) == len(result.levels) - 1
    assert ((result.p_values >= 0) & (result.p_values <= 0.05)).all()
    for position, (low, high) in zip(result.index, result.intervals, strict=True):
        assert 0 < low <= high < values.size
        assert np.isfinite(values[position])
