"""Onsets and events in local days, with what is in doubt kept in doubt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.contracts.events import read_csv
from darkdays.correlate.exposure import Exposure, days_around, exposure_by_day
from darkdays.correlate.intervals import (
    Moment,
)
from darkdays.correlate.onsets import local_days_of, onsets_by_day
from darkdays.errors import InputError

HEADER = "kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def moment(text, minutes=20):
    doubt = pd.Timedelta(minutes=minutes)
    return Moment(utc(text), utc(text) - doubt, utc(text) + doubt)


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
