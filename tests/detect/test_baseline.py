"""A baseline follows season, drift and lasting shifts, and learns nothing from outages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.seasonal import MSTL

from darkdays.detect.baseline import clock
from darkdays.detect.baseline.baseline import running_baseline
from darkdays.detect.baseline.down_days import judge_days
from darkdays.detect.baseline.quantiles import by_group, running_medians
from simulated_outages import Event, World, nightly, simulated_signal, times_of

HOUR = pd.Timedelta(hours=1)
CALM = World(missing=0.0, gaps=0, dips_a_week=0)


def normal_and_seen(world=CALM, events=(), *, weeks=26, step="1h", zone="UTC", seed=0, start=None):
    """The baseline of a signal with events, and the signal it would be without them."""
    times = times_of(weeks=weeks, step=step, **({"start": start} if start else {}))
    quiet = simulated_signal(world, times, rng=np.random.default_rng(seed), time_zone=zone)
    seen = simulated_signal(world, times, events, rng=np.random.default_rng(seed), time_zone=zone)
    measured = np.isfinite(seen)
    found = running_baseline(seen[measured], times[measured], pd.Timedelta(step), time_zone=zone)
    return times[measured], quiet[measured], found


def at(day):
    return times_of()[0] + pd.Timedelta(days=day)


def test_medians_are_those_of_numpy_and_pandas():
    rng = np.random.default_rng(1)
    values = rng.normal(size=500)
    values[rng.random(500) < 0.1] = np.nan
    edges = np.unique(np.r_[0, rng.integers(1, 500, 40), 500]).astype(np.intp)
    parts = [part[~np.isnan(part)] for part in np.split(values, edges[1:-1])]
    expected = [np.median(part) if part.size else np.nan for part in parts]
    np.testing.assert_array_equal(by_group(values, edges, 0.5), expected)
    upper = [
        np.quantile(part, 0.8, method="inverted_cdf") if part.size else np.nan for part in parts
    ]
    np.testing.assert_array_equal(by_group(values, edges, 0.8), upper)
    places = np.arange(500.0)
    rolled = pd.Series(values).rolling(21, center=True, min_periods=1).median()
    np.testing.assert_array_equal(running_medians(values, places, places, 10.0), rolled)


def test_a_quiet_signal_is_its_own_baseline():
    world = World(noise=0.0, missing=0.0, gaps=0, dips_a_week=0)
    _, quiet, found = normal_and_seen(world)
    assert found.season == "hour of week"
    assert np.abs(quiet / found.expected - 1).max() < 0.03


def test_the_season_is_the_one_statsmodels_finds():
    times, quiet, found = normal_and_seen(weeks=8)
    logs = pd.Series(np.log(quiet), index=times)
    parts = MSTL(logs, periods=(24, 168)).fit()
    theirs = (parts.trend + parts.seasonal.sum(axis=1)).to_numpy()
    assert np.std(np.log(found.expected) - theirs) < 0.03


@pytest.mark.parametrize(
    ("days", "depth"), [(5, 0.9), (10, 0.9), (30, 0.9), (60, 0.95), (1.5, 0.25), (20, 0.3)]
)
def test_an_outage_teaches_it_nothing(days, depth):
    event = Event("cut", at(60), at(60 + days), depth)
    times, quiet, found = normal_and_seen(events=[event])
    _, _, without = normal_and_seen()
    inside = (times >= event.start) & (times < event.end)
    assert np.median(quiet[inside] / found.expected[inside]) == pytest.approx(1, abs=0.03)
    # What the level did while nothing was seen of it is not known as well.
    assert np.abs(found.expected / without.expected - 1)[~inside].mean() < 0.01


def test_nor_does_a_curfew_of_most_of_the_record():
    times = times_of(weeks=12)
    events = nightly(times, (1, 9), (20, 84), depth=0.85, time_zone="Asia/Yangon")
    times, quiet, found = normal_and_seen(events=events, weeks=12, zone="Asia/Yangon")
    late = times > times[0] + pd.Timedelta(days=25)
    assert np.abs(quiet[late] / found.expected[late] - 1).mean() < 0.08


def test_a_record_that_ends_inside_keeps_the_level_from_before():
    event = Event("cut", at(150), at(190), 0.9)
    times, quiet, found = normal_and_seen(events=[event])
    inside = times >= event.start
    assert np.median(quiet[inside] / found.expected[inside]) == pytest.approx(1, abs=0.05)
    assert found.shifts.size == 0


@pytest.mark.parametrize("trend", [-1.0, 1.0])
def test_a_drift_is_followed_to_the_ends(trend):
    times, quiet, found = normal_and_seen(World(trend=trend, missing=0, gaps=0, dips_a_week=0))
    for part in (slice(0, 72), slice(-72, None)):
        assert np.median(quiet[part] / found.expected[part]) == pytest.approx(1, abs=0.04)
    assert times.size == quiet.size


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_a_level_that_never_comes_back_is_a_shift_dated_to_the_sample(factor):
    times = times_of()
    values = simulated_signal(CALM, times, rng=np.random.default_rng(3))
    values[2000:] *= factor
    found = running_baseline(values, times, HOUR)
    (shift,) = found.shifts
    assert abs(shift - 2000) <= 1
    assert found.shift_ratios[0] == pytest.approx(factor, rel=0.05)
    assert np.median(values[2000:2200] / found.expected[2000:2200]) == pytest.approx(1, abs=0.03)


def test_a_fall_to_a_tenth_is_given_half_a_year():
    levels = np.zeros(300)
    levels[50:120] -= 2.0
    down, _, shifts = judge_days(levels, 0.08, np.log(2))
    assert np.flatnonzero(down).tolist() == list(range(50, 120))
    assert shifts.size == 0
    levels[50:] = -2.0
    assert judge_days(levels, 0.08, np.log(2))[2].tolist() == [50]


def test_a_surge_of_days_does_not_make_the_days_after_it_low():
    levels = np.random.default_rng(0).normal(0, 0.01, 150)
    levels[60:66] += 0.5
    down, _, shifts = judge_days(levels, 0.08, np.log(2))
    assert not down.any()
    assert shifts.size == 0


def test_a_rise_near_an_end_for_a_fortnight_teaches_no_level_and_any_other_does():
    levels = np.random.default_rng(0).normal(0, 0.01, 150)
    levels[40:54] += 0.5
    levels[128:142] += 0.5
    down, raised, shifts = judge_days(levels, 0.08, np.log(2))
    assert np.flatnonzero(raised).tolist() == list(range(128, 142))
    assert not down.any()
    assert shifts.size == 0
    levels[127] += 0.5
    assert not judge_days(levels, 0.08, np.log(2))[1].any()


def test_ten_days_of_more_near_the_end_do_not_make_what_follows_low():
    times = times_of()
    values = simulated_signal(CALM, times, rng=np.random.default_rng(3))
    values[-18 * 24 : -8 * 24] *= 2.0
    found = running_baseline(values, times, HOUR)
    assert np.median(values[-150:] / found.expected[-150:]) == pytest.approx(1, abs=0.03)


def test_the_season_keeps_the_clock_of_the_place():
    zone = "America/Havana"
    times = times_of()
    world = World(noise=0.02, daily=0.5, missing=0, gaps=0, dips_a_week=0)
    values = simulated_signal(world, times, rng=np.random.default_rng(0), time_zone=zone)
    local = running_baseline(values, times, HOUR, time_zone=zone).expected
    utc = running_baseline(values, times, HOUR).expected
    winter = times < pd.Timestamp("2021-03-14")
    assert np.std(np.log(values[winter] / local[winter])) < 0.03
    assert np.std(np.log(values[winter] / utc[winter])) > 0.05


def test_an_hour_that_comes_twice_is_still_that_hour():
    times = pd.date_range("2021-11-07 03:00", periods=4, freq="1h")
    shown = clock.local_seconds(times, "America/Havana") % clock.DAY // clock.HOUR
    assert shown.tolist() == [23, 0, 0, 1]


def test_shorter_records_fall_back():
    times, quiet, found = normal_and_seen(World(weekly=0.0, missing=0, gaps=0), weeks=3)
    assert found.season == "hour of day"
    assert np.std(np.log(quiet / found.expected)) < 0.06
    times = pd.date_range("2021-01-04", periods=60, freq="1D")
    daily = running_baseline(np.full(60, 50.0), times, pd.Timedelta(days=1))
    assert daily.season == "day of week"
    weekly = pd.date_range("2021-01-04", periods=60, freq="7D")
    assert running_baseline(np.full(60, 50.0), weekly, pd.Timedelta(days=7)).season == "none"


def test_irregular_times_and_gaps_will_do():
    times, rng = times_of(), np.random.default_rng(5)
    values = simulated_signal(CALM, times, rng=rng)
    kept = np.sort(rng.permutation(times.size)[:3000])
    kept = kept[(kept < 1000) | (kept > 1400)]
    moved = times[kept] + pd.to_timedelta(rng.integers(0, 3000, kept.size), unit="s")
    found = running_baseline(values[kept], moved, HOUR)
    assert np.std(np.log(values[kept] / found.expected)) < 0.06


@pytest.mark.parametrize("step", ["1h", "30min"])
def test_a_season_that_changes_is_followed_and_an_outage_still_is_not(step):
    times = times_of(step=step)
    hours = np.asarray((times - times.normalize()) / HOUR, float)
    grows = np.linspace(0.2, 0.6, times.size)
    rng = np.random.default_rng(0)
    quiet = 1000 * np.exp(grows * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 0.03, times.size))
    values = quiet.copy()
    inside = (times >= at(90)) & (times < at(97))
    values[inside] *= 0.2
    found = running_baseline(values, times, pd.Timedelta(step)).expected
    assert np.std(np.log(quiet / found)) < 0.05
    for part in (inside, times < at(7), times > at(175)):
        assert np.median(quiet[part] / found[part]) == pytest.approx(1, abs=0.02)


def test_a_season_that_stands_still_is_not_moved_by_weeks_of_weak_nights():
    times = times_of()
    events = nightly(times, (1, 7), (50, 100), depth=0.25, time_zone="UTC")
    times, quiet, found = normal_and_seen(events=events)
    nights = (times.hour >= 1) & (times.hour < 7) & (times > at(55)) & (times < at(95))
    assert np.median(quiet[nights] / found.expected[nights]) == pytest.approx(1, abs=0.03)


def test_an_additive_season_stays_the_same_size_when_the_level_moves():
    times = times_of()
    hours = np.asarray(times.hour, float)
    values = 10 + np.linspace(0, 30, times.size) + 3 * np.sin(2 * np.pi * hours / 24)
    added = running_baseline(values, times, HOUR, scale="additive").expected
    multiplied = running_baseline(values, times, HOUR).expected
    assert np.abs(values - added).max() < 0.5
    assert np.abs(values - multiplied).max() > 1


@pytest.mark.parametrize("turned", [(60, 88), (150, 178), (172, 182)], ids=["in it", "late", "end"])
def test_a_rhythm_that_moves_by_hours_is_followed(turned):
    rng = np.random.default_rng(3)
    hours = np.arange(26 * 168) + 0.5
    late = 4.0 * ((hours >= turned[0] * 24) & (hours < turned[1] * 24))
    truth = 3000 * np.exp(0.25 * np.sin(2 * np.pi * (hours - late) / 24))
    values = rng.poisson(truth * np.exp(rng.normal(0, 0.03, hours.size))).astype(float)
    times = pd.date_range("2021-04-05", periods=hours.size, freq="h")
    found = running_baseline(values, times, pd.Timedelta(hours=1))
    off = np.abs(found.expected / truth - 1)[late > 0]
    assert np.median(off) < 0.03
    assert np.quantile(off, 0.99) < 0.12


@pytest.mark.parametrize("hours", [8, 12, 16])
def test_nights_that_go_dark_for_weeks_are_no_rhythm_that_moves(hours):
    rng = np.random.default_rng(4)
    clock_now = np.arange(26 * 168) + 0.5
    truth = 3000 * np.exp(0.25 * np.sin(2 * np.pi * clock_now / 24))
    dark = (clock_now % 24 < hours) & (clock_now // 24 >= 60) & (clock_now // 24 < 80)
    values = rng.poisson(truth * np.where(dark, 0.6, 1) * np.exp(rng.normal(0, 0.03, dark.size)))
    times = pd.date_range("2021-04-05", periods=dark.size, freq="h")
    found = running_baseline(values.astype(float), times, pd.Timedelta(hours=1))
    assert np.median(found.expected[dark] / truth[dark]) == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("hour", [10, 13, 15])
def test_hours_of_the_day_of_a_fall_do_not_stand_for_days_after_it(hour, seed):
    rng = np.random.default_rng(seed)
    hours = np.arange(6 * 168) + 0.5
    truth = 3000 * np.exp(0.25 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 0.03, hours.size))
    later = hours > 25 * 24 + hour
    values = rng.poisson(truth * np.where(later, 0.6, 1.0)).astype(float)
    times = pd.date_range("2021-04-05", periods=hours.size, freq="h")
    found = running_baseline(values, times, pd.Timedelta(hours=1))
    assert (values / found.expected)[later].max() < 0.8
