"""Events keep their time zone and precision: a day in Tehran is not a day in UTC."""

from __future__ import annotations

import pandas as pd
import pytest

from darkdays.contracts.events import COLUMNS, local_days, of_country, of_kind, read_csv
from darkdays.errors import InputError

HEADER = ",".join(COLUMNS)


def table(*rows):
    return read_csv("\n".join([HEADER, *rows]).encode(), "facts")


def row(start, end="", zone="Asia/Tehran", precision="day", kind="protest"):
    return f"{kind},{start},{end},{zone},{precision},IR,,something,somebody,"


def test_a_day_in_tehran_begins_in_utc_the_evening_before():
    (event,) = table(row("2019-11-15")).itertuples()
    assert event.start_low == pd.Timestamp("2019-11-14 20:30", tz="UTC")
    assert event.start_high == event.end_high == pd.Timestamp("2019-11-15 20:30", tz="UTC")


def test_an_approximate_time_lies_in_the_hour_around_it():
    (event,) = table(row("2019-11-16T14:30", zone="UTC", precision="approximate")).itertuples()
    assert event.start_low == pd.Timestamp("2019-11-16 14:00", tz="UTC")
    assert event.start_high == pd.Timestamp("2019-11-16 15:00", tz="UTC")


def test_local_days_are_counted_once():
    events = table(row("2019-11-15"), row("2019-11-15"), row("2019-11-17", "2019-11-18"))
    days = local_days(events, "Asia/Tehran")
    assert [f"{day:%d}" for day in days] == ["15", "17", "18"]


def test_kinds_come_apart_in_order_of_time():
    events = table(row("2019-11-17"), row("2019-11-16", kind="disruption"), row("2019-11-15"))
    assert of_kind(events, "protest")["start"].tolist() == ["2019-11-15", "2019-11-17"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (row("2019-11-15", kind="riot"), "kind 'riot' is not known"),
        (row("2019-11-15", precision="roughly"), "precision 'roughly' is not known"),
        (row("2019-11-15", zone="Asia/Teheran"), "time zone 'Asia/Teheran' is not known"),
        (row("Friday evening"), "line 2"),
        (row(""), "no start"),
        (row("2019-11-15", "2019-11-14"), "ends before it starts"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(line, why):
    with pytest.raises(InputError, match=why):
        table(line)


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="'conflict' is missing"):
        read_csv(b"kind,start,end,time_zone,precision,place,network,statement,source\n", "facts")


def test_events_of_other_countries_are_dropped_but_for_what_crosses_borders():
    named = [("protest", "IQ"), ("protest", "IR/Khuzestan"), ("protest", "iq/Basra"),
             ("protest", ""), ("protest", "Ahvaz"), ("cable-cut", "IQ")]  # fmt: skip
    rows = "".join(f"{kind},2019-11-16,,UTC,day,{place},,s,s,\n" for kind, place in named)
    table = read_csv((",".join(COLUMNS) + "\n" + rows).encode(), "events")
    assert of_country(table, "IR").index.tolist() == [1, 3, 4, 5]
