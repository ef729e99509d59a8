"""Anyone's own series: found in a file, mistakes named with their line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.cli.detect import read_file, series_of
from darkdays.errors import InputError


def series_in(path, entities=(), time_zone="UTC", **columns):
    return series_of(read_file(path, form={"time_zone": time_zone}, **columns), entities)


@pytest.fixture
def csv(tmp_path):
    def write(text):
        path = tmp_path / "mine.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_times_and_values_are_found_by_themselves(csv):
    (series,) = series_in(csv("time,value\n2020-01-01,1\n2020-01-02,\n2020-01-03,3.5\n"))
    assert np.array_equal(series.values, [1, np.nan, 3.5], equal_nan=True)
    assert series.times[0] == pd.Timestamp("2020-01-01", tz="UTC")


def test_local_times_become_utc(csv):
    path = csv("when,blocks\n2019-11-16 17:55,5\n")
    (series,) = series_in(
        path, time_column="when", value_columns=["blocks"], time_zone="Asia/Tehran"
    )
    assert series.times[0] == pd.Timestamp("2019-11-16 14:25", tz="UTC")


def test_the_hour_that_occurs_twice_is_told_apart_by_order(csv):
    rows = ["2021-10-31 01:30", "2021-10-31 02:30", "2021-10-31 02:30", "2021-10-31 03:30"]
    text = "time,value\n" + "".join(f"{row},1\n" for row in rows)
    (series,) = series_in(csv(text), time_zone="Europe/Berlin")
    assert np.diff(series.times.asi8).tolist() == [pd.Timedelta("1h") // pd.Timedelta("1us")] * 3


def test_times_without_an_offset_are_of_the_zone_beside_those_with_one(csv):
    path = csv("time,value\n2020-01-01T00:00+03:30,1\n2020-01-01T01:30,2\n")
    (series,) = series_in(path, time_zone="Asia/Tehran")
    assert list(series.times.strftime("%H:%M")) == ["20:30", "22:00"]


def test_one_column_has_no_times(csv):
    (series,) = series_in(csv("value\n1\n2\n"))
    assert series.times is None


def test_rows_of_many_entities_are_a_series_each(csv):
    text = "time,place,a,b\n2020-01-01,IR,1,5\n2020-01-01,IQ,2,6\n2020-01-02,IR,3,7\n"
    found = series_in(csv(text), value_columns=["b"], entity_column="place")
    assert [(one.name, one.values.tolist()) for one in found] == [("IR", [5, 7]), ("IQ", [6])]
    assert [one.times.size for one in found] == [2, 1]
    both = series_in(csv(text), value_columns=["a", "b"], entity_column="place", entities=["IQ"])
    assert [(one.name, one.values.tolist()) for one in both] == [("IQ a", [2]), ("IQ b", [6])]


def test_of_a_wide_table_every_column_of_numbers_is_a_series(csv):
    found = series_in(csv("time,IR,IQ,note\n2020-01-01,1,2,a\n2020-01-02,3,,b\n"))
    assert [one.name for one in found] == ["IR", "IQ"]


def test_several_columns_are_a_series_each(csv):
    found = series_in(csv("time,a,b\n2020-01-01,1,2\n"), value_columns=["b", "a"])
    assert [(one.name, one.values.tolist()) for one in found] == [("b", [2]), ("a", [1])]


def test_a_mistake_among_many_entities_is_named_with_its_line(csv):
    text = "time,place,value\n2020-01-01,IR,1\n2020-01-01,IQ,2\nnoon,IQ,3\n"
    with pytest.raises(InputError, match="line 4: 'noon'"):
        series_in(csv(text), entity_column="place")


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("", {}, "is empty"),
        ("time,value\n", {}, "no rows"),
        ("time,value\n2020-01-01,1\n", {"value_columns": ["valu"]}, "did you mean 'value'"),
        ("time,value\n2020-01-01,1\n", {"time_column": "date"}, "no column 'date'"),
        ("time,a,b\n2020-01-01,x,y\n", {}, "--value-column"),
        ("time,value\n2020-01-01,1\n", {"entity_column": "place"}, "no column 'place'"),
        (
            "time,place,value\n2020-01-01,Iran,1\n",
            {"entity_column": "place", "entities": ["Iram"]},
            "no place 'Iram'; did you mean 'Iran'",
        ),
        (
            "time,value\n2020-01-01,1\nyesterday,2\n",
            {},
            "line 3: 'yesterday' is not a time",
        ),
        ("time,value\n2020-01-01,1\n,2\n", {}, "line 3"),
        ("time,value\n2020-01-01,one\n", {}, "line 2: 'one'"),
        ("time,value\n2020-01-01,1\n", {"time_zone": "Mars/Base"}, "unknown time zone"),
        ("time,value\n2021-03-28 02:30,1\n", {"time_zone": "Europe/Berlin"}, "change of clocks"),
    ],
)
def test_mistakes_are_one_sentence(csv, text, options, why):
    with pytest.raises(InputError, match=why) as caught:
        series_in(csv(text), **options)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        series_in(tmp_path / "none.csv")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\x00")
    with pytest.raises(InputError, match="is no table; save it as CSV"):
        series_in(path)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ("time,value", "more than once; leave one of them out"),
        ("time,value,latitude", "which column tells such rows apart (latitude does), or leave"),
        ("time,value,state,county", "join those that do in one, or leave one of them out"),
    ],
)
def test_rows_of_one_time_are_told_apart_by_what_there_is(csv, columns, sentence):
    rows = (f"2020-01-0{day},7,{at % 2},{at // 2}" for day in (1, 2) for at in range(4))
    cells = "".join(f"{','.join(row.split(',')[: columns.count(',') + 1])}\n" for row in rows)
    if columns.endswith("latitude"):
        cells = "".join(f"2020-01-0{day},7,{at}.5\n" for day in (1, 2) for at in range(4))
    with pytest.raises(InputError, match="occurs more than once") as caught:
        series_in(csv(f"{columns}\n{cells}"), value_columns=["value"])
    assert sentence in str(caught.value)
