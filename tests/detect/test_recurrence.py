"""Outages at the same hours again: curfews, and exams on the mornings they are held."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.contracts.signals import Signal
from darkdays.detect.outages.outages import analyse_all, outages, outages_of
from darkdays.detect.outages.prepared import prepare
from darkdays.detect.outages.recurrence import recurring
from darkdays.simulate.signals import simulated_tree
from simulated_outages import World, nightly, scattered, simulated_signal, times_of


def patterns(times, events, zone, seed=0):
    rng = np.random.default_rng(seed)
    values = simulated_signal(World(gaps=0), times, events, rng=rng, time_zone=zone)
    table = outages(simulated_tree({"asn/1": values}, times), time_zone=zone)
    return recurring(table, time_zone=zone)


def test_nightly_cuts_of_ten_weeks_are_one_pattern():
    # Myanmar, from February 2021: 01:00 to 09:00, on a clock half an hour off UTC's.
    zone = "Asia/Yangon"
    times = times_of(weeks=20, step="30min")
    events = nightly(times, (1, 9), (40, 110), depth=0.85, time_zone=zone)
    (found,) = patterns(times, events, zone).itertuples()
    assert found.pattern == "every day"
    assert (found.clock_start, found.clock_end) == ("01:00", "09:00")
    assert found.days >= 0.95 * 70
    assert found.of_days == 70
    assert (found.first_day, found.last_day) == ("2021-02-13", "2021-04-23")
    assert found.depth == pytest.approx(0.85, abs=0.02)
    assert found.p < 1e-6


def test_a_mobile_curfew_until_midnight_keeps_the_clock_through_the_change_of_time():
    # Iran, from 21 September 2022: 16:00 to midnight; clocks went back that night.
    zone = "Asia/Tehran"
    times = times_of(weeks=8, step="30min", start="2022-08-28")
    events = nightly(times, (16, 24), (20, 36), depth=0.5, time_zone=zone)
    (found,) = patterns(times, events, zone).itertuples()
    assert found.pattern == "every day"
    assert (found.clock_start, found.clock_end) == ("16:00", "00:00")
    assert found.clock_start_low == found.clock_start_high == "16:00"


def test_exams_on_irregular_mornings_are_told_from_a_curfew():
    zone = "Asia/Baghdad"
    times = times_of(step="30min")
    days = np.sort(np.random.default_rng(3).permutation(np.arange(60, 95))[:13])
    events = [
        event
        for day in days
        for event in nightly(times, (4, 8), (day, day + 1), depth=0.95, time_zone=zone)
    ]
    (found,) = patterns(times, events, zone).itertuples()
    assert found.pattern == "irregular days"
    assert (found.clock_start, found.clock_end) == ("04:00", "08:00")
    assert found.days == 13
    assert found.of_days == days[-1] - days[0] + 1


def test_fridays_are_the_same_weekday():
    zone = "Asia/Tehran"
    times = times_of(step="30min")
    events = [
        event
        for day in range(60, 120)
        if (times[0] + pd.Timedelta(days=day)).day_of_week == 4
        for event in nightly(times, (11, 15), (day, day + 1), depth=0.9, time_zone=zone)
    ]
    (found,) = patterns(times, events, zone).itertuples()
    assert found.pattern == "same weekdays"
    assert found.weekdays == "Fri"


def table_of(moments, hours=3.0):
    onsets = pd.DatetimeIndex(moments).tz_localize("UTC")
    return pd.DataFrame(
        {
            "entity": "asn/1",
            "datasource": "ioda.bgp",
            "onset": onsets,
            "recovery": onsets + pd.Timedelta(hours=hours),
            "depth": 0.9,
            "label": "outage",
        }
    )


def test_a_few_outages_at_any_hour_are_no_pattern():
    rng = np.random.default_rng(0)
    for _ in range(50):
        hours = np.sort(rng.integers(0, 24 * 90, 6))
        moments = pd.Timestamp("2021-01-04") + pd.to_timedelta(hours, unit="h")
        found = recurring(table_of(moments.unique()), time_zone="UTC")
        assert len(found) <= 1
        assert (found["p"] <= 0.05).all()
    assert patterns(times_of(), scattered(times_of(), rng=rng), "UTC").empty


def test_chance_gives_a_pattern_about_as_often_as_stated():
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(300):
        hours = np.sort(rng.integers(0, 24 * 90, 8))
        moments = (pd.Timestamp("2021-01-04") + pd.to_timedelta(hours, unit="h")).unique()
        found += not recurring(table_of(moments), time_zone="UTC").empty
    assert found <= 300 * 0.05 + 12


def test_two_patterns_of_one_signal_are_two_rows():
    days = pd.date_range("2021-03-01", periods=10)
    moments = days.append(days + pd.Timedelta("12h")).sort_values()
    found = recurring(table_of(moments), time_zone="UTC")
    assert sorted(found["clock_start"]) == ["00:00", "12:00"]


def test_the_instruments_outages_make_no_pattern():
    table = table_of(pd.date_range("2021-03-01", periods=10))
    assert len(recurring(table, time_zone="UTC")) == 1
    assert recurring(table.assign(label="instrument"), time_zone="UTC").empty
    assert recurring(table.iloc[:0], time_zone="UTC").empty


@pytest.mark.parametrize(("low", "label"), [(0.3, "daily rhythm"), (0.9, "outage")])
def test_of_a_record_without_a_season_low_hours_of_every_day_are_no_finding_unless_dark(low, label):
    rng = np.random.default_rng(5)
    times = pd.date_range("2021-04-05", periods=12 * 24, freq="h")
    nights = np.asarray(times.hour) < 9
    values = rng.poisson(3000 * np.where(nights, 1 - low, 1.0)).astype(float)
    values[5 * 24 + 12 : 5 * 24 + 20] *= 0.1
    signal = Signal("country/IR", "cloudflare.http", pd.Timedelta(hours=1), times, values)
    found = outages_of(analyse_all([prepare(signal)], 0.95), min_depth=0.1)
    assert (found["label"] == label).sum() >= 10
    cut = found[(found["onset"] >= "2021-04-10 10:00Z") & (found["onset"] < "2021-04-10 15:00Z")]
    assert cut["label"].tolist() == ["outage"]
