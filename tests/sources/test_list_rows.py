"""Lists read whole: every row of every country, as written."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import SourceError
from examples import examples
from shared_lists import lists, needs_lists, read_list

ONE_STATE = "It affected more than one city in the same state, province, or region"
ONE_CITY = "It only affected one city, county, or village"


def sheet(*rows):
    """A CSV of rows, the first of them the header."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def stop(prose="p", full="Full network"):
    return sheet(
        (
            *("start_date", "end_date", "country", "geo_scope", "area_name", "shutdown_type"),
            *("affected_network", "shutdown_extent", "event", "count_year"),
        ),
        ("2019-07-01", "2019-07-04", "Iran (Islamic Republic of)", ONE_STATE, "Qom", "Shutdown",
         "Mobile", full, prose, "2019"),
        ("7/1/2020", "", "India;Nepal", "Level 3", "", "Shutdown, Throttle",
         "Mobile", f"{full}, Service-based", "", "2020"),
        ("2020-01-01", "2020-01-02", "Iraq", ONE_CITY, "Basra", "Throttle", "", full, "", ""),
        ("2020-01-01", "2020-01-02", "Iraq", "Not sure", "", "Shutdown", "", "Service-based"),
        ("someday", "", "Iraq", "", "", "Shutdown", "Mobile", full, "", "2020"),
        ("2020-01-01", "", "Atlantis", "", "", "Shutdown", "Mobile", full, "", "2020"),
    )  # fmt: skip


CURATED = sheet(
    (
        *("ID", "Begin time", "End time", "Country", "IODA BGP visible by human"),
        *("IODA AP visible by human ", " IODA IBR visible by human", "Scope (of the outage)"),
        *("Region", "AS", "Cause", "Confirmation Status"),
    ),
    ("A1", "Friday, May 1, 2020, 2:00:00 PM", "Saturday, May 2, 2020, 8:30:00 PM", "Iran",
     "TRUE", "True ", "ture", "Country", "", "", "Government-Ordered", "Confirmed"),
    ("B2", "Friday, May 1, 2020, 9:50:00 AM", "Friday, May 1, 2020, 8:50:00 AM", "Myanmar/Burma",
     "FALSE", "TRUE", "N/A", "Region (Táchira)", "", "", "", ""),
    ("C3", "5/3/2020  21:3:00 PM", "N/A", "European Union",
     "", "", "", "AS (64496)", "", "", "Unknown", ""),
    ("D4", "whenever", "", "Iran", "", "", "", "Country", "", "", "", ""),
)  # fmt: skip
PROTESTS = sheet(
    ("country", "protest", "start_date", "end_date"),
    ("Iran", "1", "2018-05-15", "2018-05-19"),
    ("Iran", "1", "2018-06-15", "2018-06-10"),
    ("Cuba", "0", "", ""),
    ("Yugoslavia", "1", "1990-01-01", "1990-01-02"),
    ("Chile", "1", "1/2/2020", ""),
)


def test_a_row_of_stop_is_kept_for_each_of_its_countries():
    prose = "x" * 900 + " between 7:20 to 10:20 UTC+0"
    table = read_list("stop", stop(prose).encode())
    assert list(table["country"]) == ["IR", "IN", "NP", "IQ", "IQ"]
    assert list(table["row"]) == [1, 2, 2, 3, 4]
    assert list(table["scope"]) == ["regional", "national", "national", "local", ""]
    assert list(table["full_network"]) == [True, True, True, False, False]
    assert table["event"][0] == prose, "prose is handed over whole"
    assert table["start"][1] == pd.Timestamp("2020-07-01")
    assert pd.isna(table["end"][1])
    assert table.attrs["unread"] == 2


def test_a_sheet_that_never_says_what_was_cut_is_refused():
    body = stop(full="mobile internet").encode()
    with pytest.raises(SourceError, match="combines all years"):
        read_list("stop", body)


def test_times_of_the_curated_list_stay_as_written():
    table = read_list("ioda-curated", CURATED.encode())
    assert list(table["id"]) == ["A1", "B2", "C3"]
    assert list(table["country"]) == ["IR", "MM", "EU"]
    assert list(table["scope"]) == ["country", "region", "network"]
    assert list(table["place"]) == ["", "Táchira", "64496"]
    assert table["end"][1] < table["start"][1]
    assert pd.isna(table["end"][2])
    assert list(table["bgp"]) == [True, False, False]
    assert list(table["telescope"]) == [True, False, False]
    assert table["start"][0] == pd.Timestamp("2020-05-01T14:00Z")
    assert table.attrs["unread"] == 1


def test_protests_keep_their_days_and_the_countries_without_any():
    table = read_list("mass-mobilization", PROTESTS.encode())
    assert list(table["country"]) == ["IR", "IR", "CL"]
    assert table["end"][1] == table["start"][1], "an end before the start is none"
    assert table["start"][2] == pd.Timestamp("2020-01-02")
    assert table.attrs["watched"] == ["CL", "CU", "IR"]
    assert table.attrs["unread"] == 1
    assert table.attrs["last"] == "2020-01-02"


@pytest.mark.parametrize("name", ["stop", "ioda-curated", "mass-mobilization"])
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"a,b\n1,2\n", b"\xff\xfe\x00"])
def test_what_is_no_list_is_one_sentence(name, body):
    with pytest.raises(SourceError) as caught:
        read_list(name, body)
    assert "\n" not in str(caught.value)


@given(st.sampled_from(["stop", "ioda-curated", "mass-mobilization"]), st.data())
@settings(max_examples=examples(150))
def test_mutilated_lists_are_read_or_refused(name, data):
    text = {"stop": stop(), "ioda-curated": CURATED, "mass-mobilization": PROTESTS}
    body = bytearray(text[name].encode())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=4))
    try:
        table = read_list(name, bytes(body))
    except SourceError:
        return
    assert isinstance(table, pd.DataFrame)
    assert table["start"].notna().all()


@needs_lists("the rows of STOP, IODA's curated list and Mass Mobilization")
def test_the_real_lists_are_read_to_the_last_row():
    real = lists()
    assert real["stop"]["row"].nunique() == 2102
    assert len(real["stop"]) == 2108, "three rows are of several countries"
    assert len(real["ioda-curated"]) == 1704
    curated = real["ioda-curated"]
    assert int(curated["end"].isna().sum()) == 34
    assert int((curated["end"] < curated["start"]).sum()) == 76
    assert len(real["mass-mobilization"].attrs["watched"]) == 160
    assert all(table.attrs["unread"] in (0, 203) for table in real.values())
