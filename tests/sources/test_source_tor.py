"""Tor Metrics: real tables, columns by name, empty fields, and pages that are no tables."""

from __future__ import annotations

import csv
import random

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE, NOT_READ
from darkdays.errors import InputError
from darkdays.sources import tor
from darkdays.sources.query import Query
from examples import examples
from shared_data import SHARED, needs

SAMPLES = SHARED / "api-samples" / "tor-metrics"
needs_samples = needs(SAMPLES, leaves_open="recorded replies of Tor Metrics")
HEADER = "date,country,users,lower,upper,frac"


def query(datasource="tor.relay-users", *, start="2021-07-01", end="2021-07-05", entities=()):
    window = pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC")
    return Query(datasource, *window, country="IR", entities=entities)


def replied(asked, *bodies, **more):
    found = tor.requests(asked, {})
    return {
        one.key: Reply(one, body if isinstance(body, bytes) else body.encode(), **more)
        for one, body in zip(found, bodies, strict=True)
    }


def table(*lines, header=HEADER):
    return "\n".join(["#", "# The Tor Project", "#", header, *lines, ""])


def read(*lines, header=HEADER, **more):
    asked = query(**more)
    return tor.read(asked, replied(asked, table(*lines, header=header)))


def test_a_request_is_one_country_and_the_end_is_counted_in():
    (one,) = tor.requests(query(), {})
    assert one.url(tor.SERVICE.base_url) == (
        "https://metrics.torproject.org/userstats-relay-country.csv"
        "?start=2021-07-01&end=2021-07-04&country=ir"
    )
    (bridges,) = tor.requests(query("tor.bridge-users", end="2021-07-04T12:00"), {})
    assert bridges.path == "/userstats-bridge-country.csv"
    assert dict(bridges.query)["end"] == "2021-07-04"


def test_only_countries_among_the_entities_are_asked_for():
    asked = query(entities=("asn/44244", "country/TR", "region/7", "country/IR", "country/all"))
    assert [dict(one.query)["country"] for one in tor.requests(asked, {})] == ["ir", "tr", "all"]
    (one,) = tor.requests(query(entities=("asn/44244",)), {})
    assert dict(one.query)["country"] == "ir"


@pytest.mark.parametrize("name", ["tor.transport", "ooni.measurement-count", ""])
def test_another_datasource_is_refused(name):
    with pytest.raises(InputError, match="ask for one of"):
        tor.requests(query(name), {})


@needs_samples
def test_the_recorded_relay_table_is_read_whole():
    body = (SAMPLES / "userstats-relay-country_ve_2026-05-28_2026-09-25_events-on.csv").read_bytes()
    asked = query(start="2026-05-28", end="2026-09-26", entities=("country/VE",))
    node = tor.read(asked, replied(asked, body, fetched="2026-09-25T00:00:00+00:00"))
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert len(rows) == 118
    for row in rows:
        day = node.sel(entity="country/VE", time=row["date"])
        assert [day[name].item() for name in ("value", "lower", "upper")] == [
            float(row[name]) for name in ("users", "lower", "upper")
        ]
    assert int(np.isfinite(node["value"]).sum()) == 118
    assert node.sizes["time"] == 121
    # The range can lie wholly above the users.
    spike = node.sel(entity="country/VE", time="2026-07-03")
    assert spike["lower"].item() == 16931 > spike["value"].item() == 16647
    assert node.attrs["fetched"] == "2026-09-25T00:00:00+00:00"
    assert (node.attrs["licence"], node.attrs["unit"]) == ("CC0 1.0", "users")


@needs_samples
def test_the_recorded_bridge_table_leaves_missing_days_missing():
    body = (SAMPLES / "userstats-bridge-country_ve_2026-05-28_2026-09-25_excerpt.csv").read_bytes()
    asked = query(
        "tor.bridge-users", start="2026-05-28", end="2026-09-26", entities=("country/VE",)
    )
    node = tor.read(asked, replied(asked, body))
    series = node["value"].sel(entity="country/VE").to_series()
    assert series["2026-05-28"] == 114
    assert series["2026-09-22"] == 71
    assert series.notna().sum() == 16
    assert np.isnan(series["2026-06-04"])
    assert node["coverage"].sel(entity="country/VE", time="2026-06-04") == MISSING_AT_SOURCE
    assert "lower" not in node


@needs_samples
def test_the_recorded_table_of_all_countries_has_no_country_and_no_range():
    path = SAMPLES / "userstats-relay-country_all_2023-01_2024-03_events-off.csv"
    asked = query(start="2023-01-04", end="2024-03-04", entities=("country/all",))
    node = tor.read(asked, replied(asked, path.read_bytes()))
    assert node["value"].sel(entity="country/all", time="2023-01-07") == 2297430
    assert np.isnan(node["lower"]).all()
    assert np.isnan(node["upper"]).all()
    # The sum of the world is nobody's country.
    one = query(start="2023-01-04", end="2024-03-04", entities=("country/VE",))
    there = replied(one, path.read_bytes())
    with pytest.raises(SourceError, match="about 'all countries together' only"):
        tor.read(one, there)


@needs_samples
def test_a_table_of_transports_is_refused():
    asked = query()
    body = (SAMPLES / "userstats-bridge-transport_2023-01_2024-03.csv").read_bytes()
    with pytest.raises(SourceError, match="one column 'country'"):
        tor.read(asked, replied(asked, body))


def test_columns_are_found_by_name_in_any_order():
    cells = {"date": "2021-07-01", "country": "ir", "users": "5000"}
    cells |= {"lower": "4000", "upper": "6000", "frac": "88", "new": "7"}
    names = list(cells)
    for seed in range(20):
        random.Random(seed).shuffle(names)
        node = read(",".join(cells[name] for name in names), header=",".join(names))
        assert node["value"].values[0, 0] == 5000
        assert (node["lower"].values[0, 0], node["upper"].values[0, 0]) == (4000, 6000)


def test_zero_is_a_value_and_nothing_is_missing():
    node = read("2021-07-01,ir,0,,,88", "2021-07-02,ir,,NA,,", "2021-07-04,ir,12,0,30,80")
    assert np.array_equal(node["value"][0], [0, np.nan, np.nan, 12], equal_nan=True)
    assert np.array_equal(node["lower"][0], [np.nan, np.nan, np.nan, 0], equal_nan=True)
    assert list(node["coverage"].values[0]) == [MEASURED, *[MISSING_AT_SOURCE] * 2, MEASURED]


def test_rows_of_other_countries_and_days_are_left_out():
    node = read(
        "2021-07-01,tr,1,,,88", "2021-07-01,,2,,,88", "2021-07-01,ir,3,,,88", "1999-01-01,ir,4,,,88"
    )
    assert np.array_equal(node["value"][0], [3, *[np.nan] * 3], equal_nan=True)


def test_a_header_alone_is_a_window_without_estimates():
    node = read()
    assert np.isnan(node["value"]).all()
    assert (node["coverage"] == MISSING_AT_SOURCE).all()


def test_a_country_without_a_reply_was_not_read():
    asked = query(entities=("country/IR", "country/TR"))
    node = tor.read(
        asked, dict(list(replied(asked, table("2021-07-01,ir,3,,,88"), "").items())[:1])
    )
    assert list(node["entity"].values) == ["country/IR", "country/TR"]
    assert (node["coverage"].sel(entity="country/TR") == NOT_READ).all()
    assert (tor.read(asked, {})["coverage"] == NOT_READ).all()


def test_the_order_of_replies_and_where_they_came_from_do_not_matter():
    asked = query(entities=("country/IR", "country/TR"))
    bodies = table("2021-07-01,ir,3,1,9,88"), table("2021-07-02,tr,4,,,88")
    there = replied(asked, *bodies)
    back = dict(reversed(list(replied(asked, *bodies, origin=USER_SUPPLIED).items())))
    xr.testing.assert_identical(tor.read(asked, there), tor.read(asked, back))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("<html><h1>500 Internal Server Error</h1></html>", "a web page came back"),
        ("\r\n  <!DOCTYPE html>", "a web page came back"),
        ("", "one column 'date'"),
        ("# only a comment", "one column 'date'"),
        (table(header="date,country,users,frac"), "one column 'lower'"),
        (table(header="date,date,country,users,lower,upper"), "one column 'date'"),
        (table("2021-07-01,ir,5"), "line 5 is cut off"),
        (table("2021-07-01,ir,5,1,9,88", "2021-07-01,ir,6,1,9,88"), "2021-07-01 occurs twice"),
        (table("01.07.2021,ir,5,1,9,88"), "is not a date"),
        (table("2021-07-01,ir,many,1,9,88"), "'many' in column 'users' is not a number"),
        (table("2021-07-01,ir,-5,1,9,88"), "is not a number"),
        (table("2021-07-01,ir,nan,1,9,88"), "is not a number"),
        (table("2021-07-01,ir,1_000,1,9,88"), "is not a number"),
        (table("2021-07-01,ir,5,inf,9,88"), "in column 'lower'"),
        (table("2021-07-01,tr,5,1,9,88"), "about 'tr' only"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (table('"' + "x" * 1_100_000), "cannot be read"),
    ],
)
def test_what_is_no_such_table_is_one_sentence(body, sentence):
    asked = query()
    with pytest.raises(
        SourceError, match=r"^tor, Tor users.*country/IR.*; fetch it again"
    ) as error:
        tor.read(asked, replied(asked, body))
    assert sentence in str(error.value)


CELL = st.sampled_from(
    ["2021-07-01", "2021-07-02", "9999-12-31", "0001-01-01", "ir", "", "0", "7", "1e99", "1E400",
     "-1", '"', "\x00", "\r", "#", "<"]
) | st.text(max_size=4)  # fmt: skip


@settings(max_examples=examples(60))
@given(st.binary(max_size=60) | st.lists(st.lists(CELL, max_size=7), max_size=4))
def test_any_bytes_are_values_or_one_sentence(drawn):
    body = drawn if isinstance(drawn, bytes) else table(*(",".join(row) for row in drawn))
    asked = query()
    there = replied(asked, body if isinstance(body, bytes) else body.encode("utf-8", "replace"))
    assert tor.requests(asked, there) == tor.requests(asked, {})
    try:
        node = tor.read(asked, there)
    except SourceError:
        return
    assert node["value"].shape == (1, 4)
    assert not np.isinf(node["value"]).any()
