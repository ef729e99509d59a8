"""Onsets and events in local days, with what is in doubt kept in doubt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.contracts.events import read_csv
from darkdays.correlate.exposure import Exposure, days_around, exposure_by_day
from darkdays.correlate.intervals import (
    Coincident,
    Moment,
    Span,
    count_coincident,
    follows_within,
    within_span,
)
from darkdays.correlate.onsets import local_days_of, merge_onsets, onsets_by_day
from darkdays.correlate.readings import shift_range
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import time_strata
from darkdays.errors import InputError

HEADER = "kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"
HOUR = pd.Timedelta(hours=1)


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def moment(text, minutes=20):
    doubt = pd.Timedelta(minutes=minutes)
    return Moment(utc(text), utc(text) - doubt, utc(text) + doubt)


def tehran_day(text, days=1):
    start = pd.Timestamp(text, tz="Asia/Tehran")
    return Span(start.tz_convert("UTC"), (start + pd.Timedelta(days=days)).tz_convert("UTC"))


def episodes(*times, minutes=20, ends=None):
    moments = [moment(one, minutes) for one in times]
    table = pd.DataFrame(
        {
            "onset": [one.value for one in moments],
            "onset_low": [one.low for one in moments],
            "onset_high": [one.high for one in moments],
        }
    )
    return table if ends is None else table.assign(end=[utc(one) for one in ends])


def events(*rows, zone="Asia/Tehran"):
    lines = "".join(f"protest,{start},{end},{zone},day,IR,,x,y,\n" for start, end in rows)
    return read_csv((HEADER + lines).encode(), "events")


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ("2019-11-15 12:00", "certainly"),
        ("2019-11-15 20:25", "possibly"),  # 23:55 in Tehran, give or take 20 minutes
        ("2019-11-15 20:55", "not"),  # past midnight whatever the doubt
        ("2019-11-14 20:25", "possibly"),
        ("2019-11-14 20:00", "not"),
    ],
)
def test_an_onset_known_to_minutes_against_a_protest_known_to_a_local_day(onset, expected):
    assert within_span(moment(onset), [tehran_day("2019-11-15")]) == expected


def test_days_that_touch_are_one_stretch():
    spans = [tehran_day("2019-11-16"), tehran_day("2019-11-15")]
    assert within_span(moment("2019-11-15 20:25"), spans) is Coincident.CERTAINLY
    assert within_span(moment("2019-11-15 20:25"), []) is Coincident.NOT


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ("2019-11-15 12:00", "possibly"),  # the protest may have begun later that day
        ("2019-11-15 21:00", "possibly"),  # or more than 24 hours before
        ("2019-11-14 12:00", "not"),
        ("2019-11-17 12:00", "not"),
    ],
)
def test_a_protest_known_to_a_day_never_certainly_began_within_24_hours(onset, expected):
    protest = Moment(utc("2019-11-15 08:30"), utc("2019-11-14 20:30"), utc("2019-11-15 20:30"))
    assert follows_within(protest, moment(onset), 24 * HOUR) == expected
    later = follows_within(protest, moment("2019-11-15 21:00"), 48 * HOUR)
    assert later is Coincident.CERTAINLY


times = st.integers(0, 200)


@given(times, times, times, times, st.integers(1, 100), st.floats(0, 1), st.floats(0, 1))
def test_a_verdict_holds_for_every_pair_of_moments(a, b, c, d, within, one, other):
    base = utc("2020-01-01")
    low, high = sorted((a, b))
    begin, end = sorted((c, d))
    minute = pd.Timedelta(minutes=1)
    event = Moment(base + low * minute, base + low * minute, base + high * minute)
    onset = Moment(base + begin * minute, base + begin * minute, base + end * minute)
    verdict = follows_within(event, onset, within * minute)
    lag = round(begin + other * (end - begin)) - round(low + one * (high - low))
    if verdict is Coincident.CERTAINLY:
        assert 0 <= lag <= within
    if verdict is Coincident.NOT:
        assert not 0 <= lag <= within


def test_counts_have_a_least_and_a_greatest():
    found = count_coincident([Coincident.CERTAINLY, Coincident.POSSIBLY, Coincident.NOT])
    assert (found.certain, found.possible, found.rate) == (1, 2, (1 / 3, 2 / 3))
    assert count_coincident([]).rate is None


def test_outages_less_than_a_day_apart_are_one_episode():
    table = episodes(
        "2021-01-01 00:00", "2021-01-02 12:00", "2021-01-04 00:00",
        ends=["2021-01-02 00:00", "2021-01-02 13:00", "2021-01-04 01:00"],
    )  # fmt: skip
    merged = merge_onsets(table)
    assert merged["onset"].tolist() == [utc("2021-01-01"), utc("2021-01-04")]
    assert merged["outages"].tolist() == [2, 1]
    assert merged["end"].tolist() == [utc("2021-01-02 13:00"), utc("2021-01-04 01:00")]
    apart = merge_onsets(table.drop(columns="end"))
    assert apart["outages"].tolist() == [1, 1, 1], "from onset to onset it is more than a day"


def test_an_outage_inside_a_longer_one_does_not_end_it():
    table = episodes(
        "2021-01-01 00:00", "2021-01-01 06:00", "2021-01-05 12:00",
        ends=["2021-01-05 00:00", "2021-01-01 07:00", "2021-01-05 13:00"],
    )  # fmt: skip
    assert merge_onsets(table)["outages"].tolist() == [3]


def test_places_are_merged_apart_and_undated_outages_left_out():
    table = pd.concat(
        [
            episodes("2021-01-01 00:00", "2021-01-01 05:00").assign(place="b"),
            episodes("2021-01-01 02:00").assign(place="a"),
            episodes("2021-01-01 03:00").assign(place="a", onset=pd.NaT),
        ]
    )
    merged = merge_onsets(table)
    assert merged["place"].tolist() == ["a", "b"]
    assert merged["outages"].tolist() == [1, 2]
    assert merge_onsets(table.iloc[:0]).empty


@given(st.lists(st.integers(0, 500), min_size=1, max_size=15), st.integers(1, 48))
def test_merging_keeps_every_outage_and_leaves_gaps(starts, hours):
    table = episodes(*[f"{utc('2021-01-01') + one * HOUR:%Y-%m-%d %H:%M}" for one in starts])
    merged = merge_onsets(table, within=hours * HOUR)
    assert merged["outages"].sum() == len(starts)
    gaps = merged["onset"].diff().dropna()
    assert (gaps >= hours * HOUR).all()
    again = merge_onsets(merged.drop(columns=["end", "outages"]), within=hours * HOUR)
    assert again["onset"].tolist() == merged["onset"].tolist()


def test_onsets_are_counted_on_local_days_with_their_doubt():
    days = pd.date_range("2019-11-14", "2019-11-17")
    table = episodes("2019-11-15 12:00", "2019-11-15 20:25", "2019-11-20 00:00")
    exposure = Exposure(days == "2019-11-16", days == "2019-11-16")
    found = onsets_by_day(table, days, "Asia/Tehran", exposure)
    assert found.stated.tolist() == [0, 2, 0, 0]
    assert found.fewest.tolist() == [0, 2, 0, 0]
    assert found.most.tolist() == [0, 1, 1, 0]
    assert found.left_out == 1
    plain = onsets_by_day(table, days, "Asia/Tehran")
    assert (plain.fewest == plain.stated).all()
    local = local_days_of(table, "Asia/Tehran")
    assert local["day_high"].tolist()[1] == pd.Timestamp("2019-11-16")


def test_a_missing_bound_is_the_stated_moment():
    table = episodes("2019-11-15 20:25").assign(onset_low=pd.NaT, onset_high=pd.NaT)
    local = local_days_of(table, "Asia/Tehran")
    assert local["day_low"].tolist() == local["day"].tolist() == [pd.Timestamp("2019-11-15")]
    with pytest.raises(InputError, match="no column 'onset_low'"):
        local_days_of(table.drop(columns="onset_low"), "UTC")


def test_a_local_day_is_certain_and_a_day_of_another_zone_is_not():
    days = pd.date_range("2019-11-13", "2019-11-18")
    own = exposure_by_day(events(("2019-11-15", "")), days, "Asia/Tehran")
    assert days[own.certain].tolist() == days[own.possible].tolist() == [days[2]]
    foreign = exposure_by_day(events(("2019-11-15", ""), zone="UTC"), days, "Asia/Tehran")
    assert not foreign.certain.any()
    assert days[foreign.possible].tolist() == [days[2], days[3]]
    long = exposure_by_day(events(("2019-11-14", "2019-11-16")), days, "Asia/Tehran")
    assert days[long.certain].tolist() == list(days[1:4])


def test_events_outside_the_record_reach_into_it():
    days = pd.date_range("2019-11-16", "2019-11-20")
    found = exposure_by_day(events(("2019-11-15", "")), days, "Asia/Tehran", days_after=2)
    assert found.possible.tolist() == [True, True, False, False, False]
    before = exposure_by_day(events(("2019-11-21", "")), days, "Asia/Tehran", days_before=1)
    assert before.possible.tolist() == [False, False, False, False, True]


def test_windows_go_both_ways():
    day = np.arange(6) == 2
    assert days_around(day, days_after=2).tolist() == [False, False, True, True, True, False]
    assert days_around(day, days_after=0, days_before=9).tolist() == [True] * 3 + [False] * 3
    with pytest.raises(InputError, match="negative width"):
        days_around(day, days_after=-1)


def test_a_test_gives_a_range_where_onsets_are_in_doubt():
    days = pd.date_range("2019-11-01", "2019-11-30")
    exposure = exposure_by_day(events(("2019-11-16", "")), days, "Asia/Tehran")
    sure = onsets_by_day(episodes("2019-11-16 09:00"), days, "Asia/Tehran", exposure)
    torn = onsets_by_day(episodes("2019-11-15 20:25"), days, "Asia/Tehran", exposure)
    certain = shift_range([(sure, exposure)])
    assert certain.p_range == pytest.approx((1 / 30, 1 / 30))
    found = shift_range([(torn, exposure)])
    assert found.p_range == pytest.approx((1 / 30, 1))
    assert found.rate_range == (0, 1)
    both = shift_range([(torn, exposure), (sure, exposure)])
    assert both.rate_range == (0.5, 1)
    assert both.most.shifts == 900
    again = circular_shift_test(
        np.concatenate([torn.most, sure.most]),
        np.tile(exposure.possible, 2),
        np.concatenate([time_strata(days, "month"), 1 + time_strata(days, "month")]),
    )
    assert both.most == again


def test_a_range_without_places_is_refused():
    with pytest.raises(ValueError, match="one length"):
        shift_range([])
