"""Both questions on one series: one answer, and no contradiction in silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from darkdays.detect import answer
from darkdays.detect.answers import together
from darkdays.simulate.worlds import WORLDS, World, draw

TIMES = pd.date_range("2021-01-04", periods=21 * 24, freq="h")


def _counts(rng=0):
    return np.random.default_rng(rng).normal(400.0, 4.0, TIMES.size).round()


def test_a_blackout_is_two_changes_and_one_outage_and_nothing_is_remarked():
    values = _counts()
    values[200:230] = 0
    found = answer(values, times=TIMES)
    assert found.verdict == "changes"
    assert found.changes.index.tolist() == [200, 230]
    (row,) = found.outages.itertuples()
    assert row.onset == TIMES[200].tz_localize("UTC")
    assert row.recovery == TIMES[230].tz_localize("UTC")
    assert row.depth == pytest.approx(1.0, abs=0.01)
    assert found.remarks == ()


def test_a_quiet_series_says_what_would_have_been_found():
    found = answer(_counts(), times=TIMES)
    assert (found.verdict, found.reason) == ("no change", "")
    assert found.outages.empty
    assert 0 < found.changes.smallest_detectable < 8


def test_an_outage_without_a_change_point_is_never_no_change():
    """Three dark hours in a year are an outage and too short a segment to be worth its price."""
    quiet = answer(_counts(), times=TIMES)
    values = _counts()
    values[200:203] = 0
    down = answer(values, times=TIMES).outages
    for p, verdict in ((1e-9, "changes"), (0.04, "cannot tell")):
        found = _with_outage(quiet, down.assign(p=p, q=p))
        assert found.verdict == verdict
        assert (found.reason != "") == (verdict == "cannot tell")
        assert any("there is no change-point" in one for one in found.remarks)


def _with_outage(quiet, down):
    """Answer a quiet series as if the outages were in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("darkdays.detect.answers.change_points", lambda *_, **__: quiet.changes)
        patch.setattr("darkdays.detect.answers._down", lambda *_: (down, []))
        return answer(_counts(), times=TIMES)


def test_a_low_day_like_a_holiday_is_no_change_and_nobody_can_tell():
    """Two months of days, half as alike as neighbours: no weekly or yearly season to blame."""
    told = []
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(size=257) * np.sqrt(0.75)
        days = 1000 + 50 * lfilter([1.0], [1.0, -0.5], noise)[200:]
        found = answer(days, times=pd.date_range("2019-01-01", periods=57))
        if len(found.outages) and not len(found.changes):
            told.append(found.verdict)
            assert set(found.outages["label"]) <= {"holiday-like", "rise"}
    assert told
    assert set(told) == {"cannot tell"}


def test_a_new_level_is_a_change_and_the_answer_says_that_it_is_no_outage():
    made = draw(
        World(level=100.0, steps=(-30.0,), places=(0.5,)), 24 * 120, np.random.default_rng(1)
    )
    found = answer(made.values, times=made.times)
    assert found.verdict == "changes"
    assert found.outages.empty == any("no outage begins" in one for one in found.remarks)


def test_a_walk_is_cannot_tell_with_or_without_outages():
    made = draw(replace(WORLDS["walk"], level=100.0), 400, np.random.default_rng(4))
    found = answer(made.values, times=made.times)
    assert found.verdict == "cannot tell"
    assert found.reason
    assert found.changes.largest_excursion is not None
    assert bool(len(found.outages)) == any("candidates only" in one for one in found.remarks)


def test_the_nights_of_a_week_are_no_outages_and_a_blackout_among_them_is_one():
    """Under two weeks the outages have no season of their own; both share that of the changes."""
    world = World(level=1000.0, scale=0.02, daily=0.5, relative=True)
    made = draw(world, 7 * 24, np.random.default_rng(3))
    quiet = answer(made.values, times=made.times)
    assert (quiet.verdict, len(quiet.outages)) == ("no change", 0)
    made.values[80:100] = 0
    (row,) = answer(made.values, times=made.times).outages.itertuples()
    assert (row.onset, row.recovery) == tuple(made.times[[80, 100]].tz_localize("UTC"))


@pytest.mark.parametrize(
    ("values", "times", "why"),
    [
        (_counts(), None, "need times"),
        (_counts() - 400, TIMES, "cannot be below 0"),
        (_counts()[:24], TIMES[0] + pd.to_timedelta(np.arange(24) ** 2, unit="h"), "even steps"),
    ],
)
def test_where_outages_cannot_be_asked_for_it_is_said(values, times, why):
    (remark,) = answer(values, times=times).remarks
    assert why in remark


@pytest.mark.parametrize(
    ("step", "jitter"), [("1h", 4), ("1h", 300), ("5min", 30), ("1D", 3600), ("MS", 0)]
)
def test_times_that_are_even_but_for_a_little_are_asked_for_outages(step, jitter):
    rng = np.random.default_rng(2)
    times = pd.date_range("2018-04-01 00:02:44", periods=300, freq=step, tz="UTC").delete([7, 8])
    times += pd.to_timedelta(rng.integers(0, jitter + 1, times.size), unit="s")
    values = np.round(500 + 20 * rng.normal(size=times.size))
    values[100:130] = 0
    (row,) = answer(values, times=times).outages.itertuples()
    assert (row.onset, row.recovery) == tuple(times[[100, 130]].floor("s"))


def test_a_surge_of_days_is_not_the_level_that_follows_it():
    rng = np.random.default_rng(3)
    level = np.repeat([9000.0, 60_000.0], [400, 200])
    level[400:406] = [44_000, 170_000, 200_000, 127_000, 45_000, 50_000]
    times = pd.date_range("2021-01-01", periods=600, freq="D", tz="UTC")
    found = answer(np.round(level * np.exp(0.05 * rng.normal(size=600))), times=times)
    assert found.verdict == "changes"
    assert (found.outages["depth"] < 0.5).all()


@pytest.mark.parametrize("step", ["30min", "1h"])
@pytest.mark.parametrize(("weeks", "weekend"), [(6, 4), (20, 4), (6, 5), (20, 5)])
def test_nights_before_work_and_mornings_of_a_weekend_are_no_outages(step, weeks, weekend):
    times = pd.date_range("2014-07-07", periods=weeks * 7 * 24, freq="h", tz="UTC")
    times = pd.date_range(times[0], times[-1], freq=step)
    hour = np.asarray(times.hour + times.minute / 60)
    hours = [0, 1, 2, 3, 4, 5, 6, 7, 24]
    work = np.interp(hour, hours, [0.6, 0.35, 0.2, 0.12, 0.15, 0.2, 0.5, 1, 1])
    free = np.interp(hour, hours, [1, 1, 0.9, 0.7, 0.5, 0.3, 0.2, 0.3, 1])
    level = 18_000 * np.where(times.day_of_week < weekend, work, free)
    noise = np.exp(0.06 * np.random.default_rng(1).normal(size=times.size))
    found = answer(np.round(level * noise), times=times)
    assert (found.verdict, len(found.outages)) == ("no change", 0)


def test_a_fixed_date_is_answered_beside():
    values = _counts()
    values[250:] -= 8
    found = answer(values, times=TIMES, at=[TIMES[250], TIMES[100]])
    assert found.dated["index"].tolist() == [100, 250]
    assert found.dated["p"][1] < 1e-4 < found.dated["p"][0]
    assert answer(values, times=TIMES).dated.empty


def test_many_series_are_corrected_over_all_of_them():
    loud, quiet = _counts(), answer(_counts(), times=TIMES)
    loud[250:] -= 200
    sure = answer(loud, times=TIMES)
    weak = replace(sure, changes=replace(sure.changes, p_values=np.array([0.03])),
                   outages=sure.outages.iloc[:0])  # fmt: skip
    judged, rates = together([sure, quiet, weak], 0.95)
    assert [one.verdict for one in judged] == ["changes", "no change", "cannot tell"]
    assert "among 3 series" in judged[2].reason
    assert rates[0] < 1e-6
    assert np.isnan(rates[1])
    assert 0.03 < rates[2] <= 1
    alone, _ = together([weak], 0.95)
    assert alone[0].verdict == "changes"
    silent, none = together([quiet, quiet], 0.95)
    assert [one.verdict for one in silent] == ["no change"] * 2
    assert np.isnan(none).all()


@pytest.mark.parametrize(
    ("step", "count"), [("1h", 500), ("10min", 700), ("1D", 400), ("MS", 121), ("W-MON", 60)]
)
def test_a_record_that_ends_without_a_value_is_answered_as_one_that_ends_before(step, count):
    times = pd.date_range("2019-01-06", periods=count, freq=step, tz="UTC")
    values = pd.Series(100 + np.random.default_rng(4).normal(size=count), times)
    values.iloc[count // 2 :] -= 9
    full = answer(values[:-3])
    values.iloc[-3:] = np.nan
    found = answer(values)
    assert found.verdict == full.verdict == "changes"
    assert list(found.changes.times) == list(full.changes.times)
    assert np.array_equal(found.changes.p_values, full.changes.p_values)


def test_a_level_that_a_weekly_record_begins_with_is_no_new_one():
    """Samples a week apart: what dates a shift is samples there, and not days."""
    rng = np.random.default_rng(0)
    for _ in range(40):
        count = int(rng.integers(30, 130))
        times = pd.date_range("2019-01-07", periods=count, freq="W-MON", tz="UTC")
        values = 1000 * (1 + 0.2 * np.cumsum(rng.normal(size=count)) / np.sqrt(count))
        values[rng.integers(0, count) :] *= rng.choice([0.4, 1.6])
        values[rng.random(count) < rng.choice([0.0, 0.4])] = np.nan
        assert (answer(pd.Series(np.abs(values), times)).outages["samples"] > 0).all()


def test_a_root_of_nothing_at_all_is_no_scale():
    """Where most values are 0 and few differ, a root had an infinite slope there."""
    values = np.zeros(9)
    values[:4] = [0.11, 0.08, 0.13, 0.05]
    times = pd.date_range("2021-03-20", periods=9, freq="D", tz="UTC")
    assert answer(pd.Series(values, times)).verdict in ("changes", "cannot tell")
