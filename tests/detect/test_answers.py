"""Three answers on other people's series: steps without noise, clocks, trends, walks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.detect import change_points
from darkdays.detect.baseline.cycles import of_clock
from darkdays.detect.baseline.season import comes_back
from darkdays.detect.changepoints.jumps import stand_out
from darkdays.detect.segmentation.exact import exact_steps


def steps_of(values):
    return (np.flatnonzero(np.diff(values)) + 1).tolist()


@pytest.mark.parametrize(
    ("levels", "lengths"),
    [
        ([100, 0, 100], [30, 10, 30]),
        ([0, 1], [30, 30]),
        ([49152.0, 57344.0], [12, 4]),
        ([500, 1100], [22, 14]),
        ([0.37, 5.2, 0.37, 9.1, 2.0], [50, 20, 70, 30, 40]),
        ([47, 0] * 12 + [47], [20] * 25),
    ],
)
def test_steps_without_noise_are_found_exactly(levels, lengths):
    values = np.repeat(np.array(levels, float), lengths)
    found = change_points(values)
    assert found.index.tolist() == steps_of(values)
    assert found.intervals.tolist() == [[place, place] for place in steps_of(values)]
    assert found.levels.tolist() == pytest.approx(levels)
    assert found.confirmed.all()
    assert found.verdict == "changes"


@pytest.mark.parametrize("glitches", [0.0, 0.03, 0.08])
def test_a_blackout_in_a_series_that_mostly_sits_still_is_found_exactly(glitches):
    rng = np.random.default_rng(1)
    for _ in range(5):
        values = np.full(336, 100.0)
        off = rng.random(336) < glitches
        values[off] += rng.choice([-1, 1], off.sum())
        start = int(rng.integers(20, 290))
        values[start : start + 24] = 0
        assert change_points(values).index.tolist() == [start, start + 24]


def test_rounded_noise_and_a_rounded_walk_are_not_without_noise():
    rng = np.random.default_rng(2)
    assert exact_steps(np.round(rng.normal(size=300))) is None
    assert exact_steps(np.round(np.cumsum(0.15 * rng.normal(size=600)))) is None


def test_no_change_says_what_would_have_been_found():
    rng = np.random.default_rng(3)
    found = change_points(rng.normal(size=300))
    assert found.verdict == "no change"
    assert 0.5 < found.smallest_detectable < 2
    hit = 0
    for _ in range(20):
        values = rng.normal(size=300)
        values[int(rng.integers(30, 270)) :] += found.smallest_detectable
        hit += len(change_points(values)) > 0
    assert hit >= 17


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.cumsum(np.random.default_rng(7).normal(size=300)), "wanders"),
        (40 * np.linspace(0, 1, 200) ** 2 + np.random.default_rng(5).normal(size=200), "curve"),
        (np.array([3.0, 1.0, 4.0, 1.0, 5.0]), "too few"),
    ],
)
def test_nobody_can_tell_where_something_else_explains_it_as_well(values, why):
    found = change_points(values)
    assert found.verdict == "cannot tell"
    assert why in found.reason
    assert np.isnan(found.smallest_detectable)
    value, when = found.largest_excursion
    assert value == values[when]


def test_a_jump_of_a_walk_stands_out_from_its_other_steps():
    rng = np.random.default_rng(6)
    steps = rng.normal(size=400)
    assert stand_out(steps, 0.02)[0].size == 0
    steps[150] += 12
    where, p_values = stand_out(steps, 0.02)
    assert where.tolist() == [150]
    assert p_values[0] < 1e-6
    found = change_points(np.cumsum(steps))
    assert 150 in found.index.tolist()
    assert found.after[found.index == 150] - found.before[found.index == 150] > 8


def test_walks_without_a_jump_rarely_show_one():
    rng = np.random.default_rng(7)
    alarms = sum(len(change_points(np.cumsum(rng.normal(size=200)))) > 0 for _ in range(40))
    assert alarms <= 5


@pytest.mark.parametrize("tail", ["t3", "lognormal"])
def test_a_short_walk_is_no_change_however_heavy_the_tails_of_its_steps(tail):
    rng = np.random.default_rng(8)
    shocks = {
        "t3": lambda: rng.standard_t(3, 50),
        "lognormal": lambda: rng.lognormal(size=50) - 1.6,
    }
    found = [change_points(np.cumsum(shocks[tail]())) for _ in range(30)]
    assert sum(len(one) > 0 for one in found) <= 4
    assert sum(one.verdict == "cannot tell" for one in found) >= 24


def test_levels_that_noise_returns_to_are_no_walk():
    rng = np.random.default_rng(9)
    values = rng.normal(size=60) + np.repeat([0.0, 4.0], 30)
    assert len(change_points(values)) == 1


@pytest.mark.parametrize(
    ("step", "days", "rhythm"),
    [(60, 21, "three"), (15, 13, "three"), (60, 6, "day"), (30, 30, "day")],
)
def test_a_rhythm_without_noise_hides_no_blackout(step, days, rhythm):
    count, day = days * 1440 // step, 1440 // step
    table = np.random.default_rng(3).integers(50, 200, day).astype(float)
    plain = 5.0 + np.arange(count) % 3 if rhythm == "three" else table[np.arange(count) % day]
    times = pd.date_range("2021-01-04", periods=count, freq=f"{step}min")
    assert change_points(plain, times=times).verdict == "no change"
    first, end = count // 3, count // 3 + max(180 // step, 3)
    plain[first:end] = 0
    found = change_points(plain, times=times)
    assert found.index.tolist() == [first, end]
    assert found.after[0] == 0


def test_a_lasting_factor_on_a_repeated_table_is_one_exact_step():
    table = np.random.default_rng(3).integers(50, 200, 24).astype(float)
    values = np.tile(table, 12)
    values[100] = 7.0  # a glitch
    values[150:] *= 0.5
    found = change_points(values)
    assert found.index.tolist() == [150]
    assert found.after[0] == pytest.approx(found.before[0] / 2)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_a_weekend_seen_once_is_cannot_tell(noise):
    times = pd.date_range("2021-06-01", periods=9 * 24, freq="h")
    weekend = times.day_of_week.to_numpy() >= 5
    table = np.random.default_rng(3).integers(100, 200, 24).astype(float)
    values = table[times.hour] * np.where(weekend, 0.75, 1.0)
    values += noise * np.random.default_rng(4).normal(size=times.size)
    found = change_points(values, times=times)
    assert len(found) == 0
    assert found.verdict == "cannot tell"
    assert "Saturdays and Sundays" in found.reason
    dark = np.where(weekend, 0.0, table[times.hour])
    assert len(change_points(dark, times=times)) == 2


def traffic(step, days, *, weekend=0.06, relative=True, seed=8):
    """Ordinary traffic: a daily swing, lower weekends, little noise."""
    rng = np.random.default_rng(seed)
    times = pd.date_range("2021-06-01", periods=days * 1440 // step, freq=f"{step}min")
    hours = 2 * np.pi * (times.hour + times.minute / 60).to_numpy() / 24
    swing = 0.3 * np.sin(hours) + 0.1 * np.sin(2 * hours)
    swing = swing - weekend * (times.day_of_week >= 5)
    noise = rng.normal(size=times.size)
    if relative:
        return times, 1000 * (1 + swing) * np.exp(0.02 * noise)
    return times, 1000 * (1 + swing) + 20 * noise


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize(
    ("step", "days", "weekend"),
    [(2, 14, 0.0), (10, 7, 0.0), (15, 14, 0.0), (60, 28, 0.06), (30, 28, 0.06), (360, 28, 0.06)],
)
def test_a_day_and_a_week_are_no_changes(step, days, weekend, relative):
    times, values = traffic(step, days, weekend=weekend, relative=relative)
    found = change_points(values, times=times)
    assert found.index.tolist() == []
    assert any("that of a day" in note for note in found.notes)
    assert (weekend > 0) == any("a week" in note for note in found.notes)


def test_a_swing_that_shrinks_with_an_outage_is_one_outage():
    times, values = traffic(60, 28)
    values[300:372] *= 0.45
    found = change_points(values, times=times)
    assert found.index.tolist() == [300, 372]
    assert found.after[0] == pytest.approx(0.45 * found.before[0], rel=0.1)


def test_the_day_keeps_the_clock_of_the_place():
    times = pd.date_range("2021-03-01", periods=24 * 28, freq="h", tz="UTC")
    local = times.tz_convert("Europe/Oslo")
    open_hours = (local.hour >= 8) & (local.hour < 17)
    rng = np.random.default_rng(9)
    values = 100 + 50 * open_hours + rng.normal(size=times.size)
    for found in (
        change_points(values, times=local),
        change_points(values, times=times, time_zone="Europe/Oslo"),
    ):
        assert len(found) == 0
        assert found.noise.scale < 1.5, "summer time is followed"


def test_cycles_are_tried_only_where_the_record_can_show_them():
    hour = np.arange(24 * 20) * 3600
    assert [cycle.name for cycle in of_clock(hour[:60], 3600)] == []
    assert [cycle.name for cycle in of_clock(hour[:80], 3600)] == ["a day"]
    names = [cycle.name for cycle in of_clock(hour, 3600)]
    assert names == ["a day", "a week", "every hour of a week"]
    noise = np.random.default_rng(10).normal(size=hour.size)
    day = of_clock(hour, 3600)[0]
    assert not comes_back(noise, day)
    assert comes_back(noise + np.sin(2 * np.pi * hour / 86400), day)


@pytest.mark.parametrize("count", [300, 1500])
def test_a_step_beside_a_trend_keeps_its_levels_at_any_length(count):
    rng = np.random.default_rng(11)
    place = 2 * count // 3
    along = np.arange(count)
    values = 100 - 45 * along / count - 20.0 * (along >= place) + rng.normal(size=count)
    found = change_points(values)
    assert found.index.tolist() == [place]
    assert found.before[0] == pytest.approx(70, abs=1)
    assert found.after[0] == pytest.approx(50, abs=1)
    assert any("slope" in note for note in found.notes)


@pytest.mark.parametrize("days", [60, 150])
def test_counts_that_multiply_are_found_whatever_window_holds_them(days):
    rng = np.random.default_rng(12)
    users = np.r_[np.full(days, 9000.0), np.full(40, 180000.0)]
    values = np.round(users * np.exp(0.15 * rng.normal(size=users.size)))
    found = change_points(values)
    assert found.index.tolist() == [days]
    assert any("logarithm" in note for note in found.notes)


def test_one_odd_sample_among_six_equal_ones_is_no_change():
    values = np.array([1001.0, 1001, 1000, 1001, 1001, 1001])
    assert change_points(values).index.size == 0
