"""Local days of 23 and of 25 hours, and what was not measured: neither moves a verdict."""

from __future__ import annotations

import zoneinfo

import numpy as np
import pandas as pd
import pytest

from darkdays.contracts.events import read_csv
from darkdays.contracts.moments import day_begins, utc_of_local
from darkdays.correlate.beyond import largest_beyond
from darkdays.correlate.crossover.exact import exact_ratio
from darkdays.correlate.crossover.stratified import StratifiedCounts
from darkdays.correlate.exposure import exposure_by_day
from darkdays.correlate.shifts.strata import bound_to_weekdays
from darkdays.errors import InputError
from made_up_evidence import HEADER

HOUR = pd.Timedelta(hours=1)


def event(day, zone, end="", precision="day"):
    row = f"protest,{day},{end},{zone},{precision},XX,,x,y,\n"
    return read_csv((HEADER + row).encode(), "events")


def check_days_around_changes(zone):
    days = pd.date_range("1990-01-01", "2035-12-31")
    noon = (days[::3] + 12 * HOUR).tz_localize("UTC")
    offsets = noon.tz_convert(zone).tz_localize(None) - noon.tz_localize(None)
    changed = np.flatnonzero(np.diff(offsets.asi8))
    for number in sorted({3 * at + more for at in changed for more in range(5)}):
        day = days[min(number, len(days) - 1)]
        begins, after = (utc_of_local(one, zone) for one in (day, day + 24 * HOUR))
        assert begins <= after
        if begins == after:
            continue  # a day that a place left out when it moved over the date line
        assert begins.tz_convert(zone).date() == day.date()
        assert (begins - pd.Timedelta(seconds=1)).tz_convert(zone).date() < day.date()
        # Vostok moved its clocks by seven hours in 1994.
        assert 17 * HOUR <= after - begins <= 31 * HOUR
        assert day_begins(begins, zone) == begins
        assert day_begins(begins, zone, later=1) == after


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Tehran", "Pacific/Apia"])
def test_days_follow_each_other(zone):
    check_days_around_changes(zone)


@pytest.mark.slow
@pytest.mark.parametrize("zone", sorted(zoneinfo.available_timezones()))
def test_days_follow_each_other_in_every_zone(zone):
    check_days_around_changes(zone)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2021-03-14", "America/Havana", 23),
        ("2021-11-07", "America/Havana", 25),
        ("2019-03-22", "Asia/Tehran", 23),
        ("2018-11-04", "America/Sao_Paulo", 23),
        ("2019-03-31", "Asia/Beirut", 23),
    ],
)
def test_an_event_of_a_short_or_long_day_is_on_that_day(day, zone, hours):
    found = event(day, zone)
    assert (found["start_high"] - found["start_low"])[0] == hours * HOUR
    days = pd.date_range(pd.Timestamp(day) - 48 * HOUR, periods=5)
    exposure = exposure_by_day(found, days, zone)
    assert (
        exposure.certain.tolist()
        == exposure.possible.tolist()
        == [False, False, True, False, False]
    )


def test_an_event_that_ends_on_a_short_day_is_on_it_for_sure():
    days, zone = pd.date_range("2010-03-27", periods=4), "Europe/Minsk"
    exposure = exposure_by_day(event("2010-03-27", zone, "2010-03-28"), days, zone)
    assert exposure.certain.tolist() == [True, True, False, False]


def test_offsets_are_read_and_days_that_never_were_are_refused():
    found = event("2019-11-16T10:00+03:30", "Asia/Tehran", precision="hour")
    assert found["start_low"][0] == pd.Timestamp("2019-11-16T06:30Z")
    with pytest.raises(InputError, match="is no day of"):
        event("2011-12-30", "Pacific/Apia")


def test_windows_that_nobody_measured_are_no_windows():
    start = pd.Timestamp("2021-07-16", tz="UTC")
    moments = dict.fromkeys(["onset", "onset_low", "onset_high"], start)
    back = ["recovery", "recovery_low", "recovery_high", "restored", "last_seen"]
    row = moments | dict.fromkeys(back, start + 6 * HOUR)
    row |= {"entity": "a", "datasource": "d", "first_seen": start}
    row |= dict.fromkeys(["depth", "depth_low", "depth_high"], 0.3) | {"duration_low": 6.0}
    bins = pd.date_range("2021-07-01", "2021-07-31", freq="h", inclusive="left")
    window = (start - 24 * HOUR, start + 216 * HOUR)
    found = [
        largest_beyond(
            pd.DataFrame([row]), "a", window, [], [pd.Timestamp(one, tz="UTC") for one in record],
            {"a": (bins, HOUR)},
        )
        for record in (("2021-07-01", "2021-07-31"), ("2019-01-01", "2021-12-31"))
    ]  # fmt: skip
    short, long = found
    assert short.compared == 1
    # One at a border of what was measured, half of it there, may count as well.
    assert 1 <= long.compared <= 2
    assert long.left_out > 80
    assert short.measured == 1


@pytest.mark.parametrize("places", [1, 5, 31])
def test_what_all_places_saw_on_one_day_is_one_witness_of_a_weekday(places):
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        events = np.zeros((places, 181), bool)
        events[:, rng.choice(181, 6, replace=False)] = True
        hits += bound_to_weekdays(events)
    assert hits <= 12
    fridays = rng.random((places, 182)) < np.where(np.arange(182) % 7 == 4, 0.5, 0.02)
    assert bound_to_weekdays(fridays)


def test_an_exact_ratio_of_thousands_of_onsets_is_exact():
    counts = StratifiedCounts(*(np.array([one]) for one in (2500, 2500, 1000, 9000)))
    found = exact_ratio(counts, "rate")
    assert (found.value, found.low, found.high) == pytest.approx((9, 8.51, 9.52), abs=0.01)
