"""A date fixed beforehand: one test of its own size, and the size of the change with its bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from darkdays.detect import changes_at
from darkdays.detect.noise.uncertainty import SMALLEST_P
from darkdays.errors import InputError
from darkdays.simulate.worlds import WORLDS, World, draw


def _series(world, count=300, seed=1):
    return draw(world, count, np.random.default_rng(seed))


@pytest.mark.parametrize("name", ["gauss", "ar 0.8", "day", "trend"])
def test_size_power_and_coverage(name):
    """Coarse here; the benchmark has the numbers. Power by adding the step to the same series."""
    alarms, found, covered, runs = 0, 0, 0, 25
    for seed in range(runs):
        made = _series(WORLDS[name], seed=seed)
        date = made.times[150]
        alarms += changes_at(made.values, [date], times=made.times, rng=seed)["p"][0] <= 0.05
        made.values[150:] += 2.0
        (row,) = changes_at(made.values, [date], times=made.times, rng=seed).itertuples()
        found += row.p <= 0.05
        covered += row.low <= 2.0 <= row.high
    assert alarms <= 4  # of 25 at 5 %: more has a chance of 0.7 %
    assert found >= 21
    assert covered >= 21


def test_each_of_several_dates_has_its_own_step():
    world = World(steps=(3.0, -5.0), places=(0.3, 0.7), scale=0.5)
    made = _series(world)
    found = changes_at(made.values, [made.times[210], made.times[90]], times=made.times)
    assert found["index"].tolist() == [90, 210]
    np.testing.assert_allclose(found["size"], [1.5, -2.5], atol=0.8)
    assert (found["low"] < found["size"]).all()
    assert (found["size"] < found["high"]).all()
    assert (found["p"] < 0.01).all()


def test_p_and_interval_say_the_same():
    for seed in range(20):
        made = _series(WORLDS["ar 0.5"], 80, seed)
        (row,) = changes_at(made.values, [40], rng=seed).itertuples()
        assert (row.p <= 0.05) == (not row.low <= 0 <= row.high)
    (wider,) = changes_at(made.values, [40], level=0.99, rng=seed).itertuples()
    assert (wider.p, wider.size) == (row.p, row.size)
    assert wider.low < row.low < row.high < wider.high


def test_a_series_without_noise_leaves_nothing_to_doubt():
    values = np.repeat([5.0, 8.0], [40, 60])
    assert changes_at(values, [40]).iloc[0].tolist()[2:] == pytest.approx([3, 3, 3, SMALLEST_P])
    assert changes_at(np.full(100, 5.0), [40])["p"][0] == 1.0


def test_a_date_is_a_day_of_the_zone():
    times = pd.date_range("2021-03-20", periods=96, freq="h")
    values = np.arange(96.0) % 3
    # Midnight of 22 March 2021 did not exist in Tehran; the day began at one o'clock.
    (row,) = changes_at(values, ["2021-03-22"], times=times, time_zone="Asia/Tehran").itertuples()
    assert row.time == pd.Timestamp("2021-03-21 21:00")
    stated = changes_at(values, ["2021-03-22T00:00+00:00"], times=times, time_zone="Asia/Tehran")
    assert stated["time"][0] == pd.Timestamp("2021-03-22")


def test_gaps_count_as_nothing():
    made = _series(WORLDS["step"], 400)
    place = int(made.changes[0])
    made.values[place : place + 5] = np.nan
    (row,) = changes_at(made.values, [made.times[place]], times=made.times).itertuples()
    assert row[2] == place + 5
    assert row.low <= 2.0 <= row.high


def test_a_long_record_is_averaged_and_the_date_stays_between_two_averages():
    made = _series(World(daily=3.0, steps=(0.3,), every="1min"), 50_000)
    (row,) = changes_at(made.values, [made.times[made.changes[0]]], times=made.times).itertuples()
    assert row.low <= 0.3 <= row.high
    assert row.high - row.low < 0.15


@pytest.mark.parametrize("count", [16, 17, 24, 40])
@pytest.mark.parametrize("every", ["1h", "6h", "1D"])
def test_the_shortest_records_get_an_answer_and_no_certainty(count, every):
    for name in ("gauss", "walk", "counts", "one level", "rounded"):
        made = _series(replace(WORLDS[name], every=every), count)
        (row,) = changes_at(made.values, [made.times[count // 2]], times=made.times).itertuples()
        assert 1e-6 < row.p <= 1
        assert row.low <= row.size <= row.high


@pytest.mark.parametrize(
    ("dates", "times", "why"),
    [
        ([3], None, "8 measured samples"),
        ([30, 35], None, "further apart"),
        (["2021-07-11"], None, "has no times"),
        (["today"], "h", "not a date"),
        (["2021-02-30"], "h", "not a date"),
        (["2030-01-01"], "h", "within the record"),
        ([], None, "8 measured samples"),
    ],
)
def test_what_is_no_date_of_the_record_is_refused(dates, times, why):
    stamps = times and pd.date_range("2021-07-01", periods=60, freq=times)
    if dates == []:
        assert changes_at(np.arange(60.0), dates, times=stamps).empty
        return
    with pytest.raises(InputError, match=why):
        changes_at(np.arange(60.0), dates, times=stamps)


@pytest.mark.parametrize(("every", "count"), [("D", 1600), ("W", 300), ("1h", 40000)])
def test_a_season_of_the_year_is_no_change_at_a_date(every, count):
    """Where a year is at its steepest a step would be seen at every date."""
    times = pd.date_range("2015-03-04", periods=count, freq=every)
    rng = np.random.default_rng(3)
    noise = rng.normal(size=count)
    values = np.asarray(3 * np.sin(2 * np.pi * times.day_of_year / 365.25) + noise)
    (row,) = changes_at(values, ["2018-01-02"], times=times).itertuples()
    (alone,) = changes_at(noise, ["2018-01-02"], times=times).itertuples()
    assert row.size == pytest.approx(alone.size, abs=0.05 + 0.5 * (alone.high - alone.low))
    assert row.high - row.low < 1.2 * (alone.high - alone.low)
