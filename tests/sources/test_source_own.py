"""Files of a person's own: signals as CSV, the Monash files, tables saved from IODA's dashboard."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.case import case as cases
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE, NOT_READ
from darkdays.errors import InputError
from darkdays.evidence.evidence import in_region
from darkdays.sources import monash
from darkdays.sources.ioda import ioda_csv
from darkdays.sources.own import user_csv, user_signals
from darkdays.sources.query import Query
from examples import examples
from shared_data import SHARED, needs

MONASH = SHARED / "measurements/monash/irn-2019-11-11_gif.csv"
needs_file = needs(MONASH, leaves_open="the file of the Monash IP Observatory")


def query(datasource, start="2019-11-15", end="2019-11-17", entities=(), time_zone="", **options):
    window = (pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"))
    return Query(datasource, *window, "IR", entities, options, time_zone)


def read(module, asked, *bodies):
    found = module.requests(asked, {})
    replies = {
        one.key: Reply(
            one, body if isinstance(body, bytes) else body.encode(), origin=USER_SUPPLIED
        )
        for one, body in zip(found, bodies, strict=True)
    }
    return module.read(asked, replies)


# --- signals ---

OWN = {"unit": "Mbit/s", "step": "10min", "title": "A link", "entity": "=asn/44244"}


def test_a_datasource_of_ones_own_says_unit_and_step():
    asked = query("own.link", entities=("asn/44244",), time="When", value="v", **OWN)
    node = read(
        user_signals, asked, "v,When\n7.5,2019-11-16T00:00\n,2019-11-16T00:10\n0,2019-11-16 00:20\n"
    )
    assert (node.attrs["unit"], node.attrs["step_seconds"]) == ("Mbit/s", 600)
    assert (node.attrs["title"], node.attrs["datasource"]) == ("A link", "own.link")
    values = node["value"].sel(entity="asn/44244", time="2019-11-16T00").values
    assert np.array_equal(values[:3], [7.5, np.nan, 0], equal_nan=True)
    flags = node["coverage"].sel(entity="asn/44244", time="2019-11-16T00").values
    assert flags.tolist()[:4] == [MEASURED, MISSING_AT_SOURCE, MEASURED, MISSING_AT_SOURCE]


def test_local_times_are_told_by_the_option_and_offsets_by_themselves():
    # The zone of the place is not presumed: that of the file is stated.
    stated = {"time": "t", "value": "v", "entity": "=country/IR", "time_zone": "Asia/Tehran"}
    asked = replace(query("ioda.bgp", time_zone="America/Havana"), options=stated)
    node = read(user_signals, asked, "t,v\n2019-11-16T03:30,5\n2019-11-16T00:05Z,6\n")
    series = node["value"].sel(entity="country/IR").to_series().dropna()
    assert series.to_dict() == {
        pd.Timestamp("2019-11-16T00:00"): 5, pd.Timestamp("2019-11-16T00:05"): 6,
    }  # fmt: skip


def test_bins_begin_where_the_file_says():
    asked = query("own.x", time="t", value="v", unit="1", step="1h", entity="=country/IR")
    node = read(user_signals, asked, "t,v\n2019-11-15T10:30,1\n2019-11-15T11:30,2\n")
    assert node["time"].values[0] == np.datetime64("2019-11-14T23:30")
    assert node["value"].to_series().dropna().index[0][1] == pd.Timestamp("2019-11-15T10:30")


def test_entities_in_a_column_are_told_apart_and_others_left_out():
    asked = query("own.x", entities=("asn/1", "asn/2"), unit="1", step="1D", time="day")
    body = "entity,day,value\nasn/1,2019-11-15,1\nasn/9,2019-11-15,9\nasn/1,2019-11-16,3\n"
    node = read(user_signals, asked, body)
    assert list(node["entity"].values) == ["asn/1", "asn/2"]
    assert node["value"].sel(entity="asn/1").values.tolist() == [1, 3]
    assert np.isnan(node["value"].sel(entity="asn/2")).all()


@pytest.mark.parametrize(
    ("body", "options", "sentence"),
    [
        ("time,value\n2019-11-15,1\n", {"entity": "who"}, "no column 'who'"),
        ("time,value\n2019-11-15T00:00,1\n2019-11-15T00:02,2\n", {"entity": "=country/IR"},
         "two rows of country/IR are of one bin of 0 days 00:05:00"),
        ("time,value\n2019-11-15,1\n", {"entity": "=x", "step": "7min"}, "is no part of a day"),
        ("time,value\n2019-11-15,1\n", {"entity": "=x", "step": "soon"}, "is no part of a day"),
        ("time,value\n2019-11-15,1\n", {"entity": "=x", "step": "-1h"}, "is no part of a day"),
        ("time,value\n2019-11-15,x\n", {"entity": "=x"}, "line 2: 'x' in column 'value' is not"),
        ("time,value\nsoon,1\n", {"entity": "=x"}, "line 2: 'soon' is not a time"),
        ("time,value\n2019-11-15,1\n", {"entity": "=x", "time_zone": "Mars"},
         "unknown time zone 'Mars'"),
        ("", {}, "signal.csv is empty"),
    ],
)  # fmt: skip
def test_a_signal_that_cannot_be_used_is_one_sentence(body, options, sentence):
    asked = replace(query("ioda.bgp"), options=options)
    with pytest.raises(SourceError, match=sentence):
        read(user_signals, asked, body)


# --- Monash ---

HEAD = "iso,id_1,name_1,id_2,name_2,time_e,time_e_str,lat,lon,connectivity\n"


def hour(province, county, day, at, value, iso="IRN"):
    return f"{iso},1,{province},2,{county},0,{day}-Nov-2019 {at:02}:00:00,1,1,{value}\n"


def test_provinces_are_means_of_their_counties_at_local_hours():
    body = HEAD + "".join(
        [
            hour("Khuzestan", "Ahvaz", 16, 2, 100), hour("Khuzestan", "Abadan", 16, 2, 50),
            hour("Khuzestan", "Ahvaz", 16, 3, "-0"), hour("Khuzestan", "Abadan", 16, 3, 1),
            hour("Khuzestan", "Ahvaz", 16, 4, 30), hour("Kordestan", "Bandar/Port", 16, 2, 7),
        ]
    )  # fmt: skip
    asked = query(
        "monash.connectivity", entities=("region/Khuzestan", "region/Kurdistan", "region/Qom"),
        time_zone="Asia/Tehran",
    )  # fmt: skip
    node = read(monash, asked, body)
    series = node["value"].sel(entity="region/Khuzestan").to_series().dropna()
    # 02:00 in Tehran began at 22:30 UTC the day before; an hour without all counties is missing.
    assert series.to_dict() == {
        pd.Timestamp("2019-11-15T22:30"): 75, pd.Timestamp("2019-11-15T23:30"): 0.5,
    }  # fmt: skip
    assert not np.signbit(series.to_numpy()).any()
    assert node["value"].sel(entity="region/Kurdistan").max() == 7, "whatever the spelling"
    assert np.isnan(node["value"].sel(entity="region/Qom")).all()
    everyone = read(monash, query("monash.connectivity", time_zone="Asia/Tehran"), body)
    assert list(everyone["entity"].values) == ["region/Khuzestan", "region/Kordestan"]
    counties = read(
        monash, query("monash.connectivity", level="county", time_zone="Asia/Tehran"), body
    )
    assert list(counties["entity"].values) == [
        "region/Khuzestan.Abadan", "region/Khuzestan.Ahvaz", "region/Kordestan.Bandar Port",
    ]  # fmt: skip
    assert (monash.read(asked, {})["coverage"] == NOT_READ).all()


@needs_file
def test_the_real_file_is_read_in_local_time():
    asked = query("monash.connectivity", "2019-11-10", "2019-11-21", time_zone="Asia/Tehran")
    node = read(monash, asked, MONASH.read_bytes())
    assert node.sizes["entity"] == 30
    with MONASH.open(newline="", encoding="utf-8") as rows:
        mine = [row for row in csv.DictReader(rows) if row["name_1"] == "Khuzestan"]
    at = [row for row in mine if row["time_e_str"] == "16-Nov-2019 18:00:00"]
    assert len(at) == 6
    expected = sum(float(row["connectivity"]) for row in at) / 6
    assert node["value"].sel(entity="region/Khuzestan", time="2019-11-16T14:30") == expected
    measured = node["value"].sel(entity="region/Khuzestan").to_series().dropna()
    assert measured.index[0] == pd.Timestamp("2019-11-10T20:30"), "midnight of Tehran"
    assert len(measured) == 223
    # Counted otherwise, the fall of 16 November would begin hours too late.
    assert measured[:"2019-11-16T08:00"].median() > 80
    assert measured["2019-11-17T00:30":"2019-11-20"].median() < 20


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("a,b\n", "one column 'iso'"),
        (HEAD + hour("A", "B", 16, 2, 101), "not from 0 to 100"),
        (HEAD + hour("A", "B", 16, 2, "many"), "connectivity is not a number"),
        (HEAD + hour("A", "B", 16, 2, 1) * 2, "B has two values"),
        (HEAD + hour("A", "B", 31, 2, 1), "is not a time"),
        (HEAD + hour("A", "B", 1, 2, 1) + hour("A", "B", 1, 2, 1, "CUB"), "it is of CUB, IRN|two"),
    ],
)
def test_what_is_no_monash_file_is_one_sentence(body, sentence):
    asked = query("monash.connectivity", time_zone="Asia/Tehran")
    with pytest.raises(SourceError, match=sentence):
        read(monash, asked, body)


def test_monash_needs_a_time_zone_and_a_level_it_knows():
    with pytest.raises(InputError, match="its times are local"):
        read(monash, query("monash.connectivity"), HEAD)
    with pytest.raises(InputError, match="set level to province or county"):
        read(monash, query("monash.connectivity", level="town", time_zone="Asia/Tehran"), HEAD)


# --- tables of IODA's dashboard ---

TABLE = '"Time (UTC)","BGP (#Visible /24s)"\n2019-11-15 00:00:00,{}\n2019-11-15 00:30:00,{}\n'


def test_tables_of_several_entities_are_told_apart_by_their_names():
    asked = query("ioda.bgp", files="country/IR=iran.csv, asn/44244=irancell.csv")
    assert [one.file for one in ioda_csv.requests(asked, {})] == ["iran.csv", "irancell.csv"]
    node = read(ioda_csv, asked, TABLE.format(100, 90), TABLE.format(1, 2))
    assert node["value"].sel(entity="asn/44244").values[:2].tolist() == [1, 2]
    assert node["value"].sel(entity="country/IR").values[:2].tolist() == [100, 90]
    assert node["coverage"].sel(entity="asn/44244").values[2] == NOT_READ
    other = '"Time (UTC)","BGP (#)"\n2019-11-15 00:00:00,1\n2019-11-15 00:05:00,1\n'
    with pytest.raises(SourceError, match="its step is 0 days 00:05:00, not"):
        read(ioda_csv, asked, TABLE.format(1, 2), other)
    for files in ("iran.csv", "country/IR=../iran.csv", "country/IR="):
        with pytest.raises(InputError, match="name files without folders"):
            ioda_csv.requests(query("ioda.bgp", files=files), {})


# --- anything at all ---


@settings(max_examples=examples(60))
@given(
    st.sampled_from(["monash", "csv"]),
    st.lists(
        st.lists(
            st.sampled_from(
                ["", "IRN", "16-Nov-2019 02:00:00", "99-Xxx-0000 25:61:61", "1e308", "-1", "nan",
                 "2019-11-15T00:00", "9999-12-31T23:59+14:00", "0001-01-01", "country/IR", "=x"]
            ) | st.text(max_size=4),
            min_size=10, max_size=10,
        ),
        max_size=3,
    ),
)  # fmt: skip
def test_any_cells_are_values_or_one_sentence(which, rows):
    lines = "\n".join(",".join(row) for row in rows)
    try:
        if which == "monash":
            node = read(
                monash, query("monash.connectivity", time_zone="Asia/Tehran"),
                (HEAD + lines).encode("utf-8", "replace"),
            )  # fmt: skip
        else:
            head = "time,value,entity,a,b,c,d,e,f,g\n"
            asked = query("ioda.bgp")
            node = read(user_signals, asked, (head + lines).encode("utf-8", "replace"))
    except SourceError as error:
        sentence = str(error)
    else:
        assert not np.isinf(node["value"]).any()
        return
    assert sentence.endswith(".")


def test_a_number_that_means_nothing_was_measured_is_stated_by_the_case():
    body = b"time,value,entity\n2019-11-15T00:00,5,asn/1\n2019-11-15T01:00,-1,asn/1\n"
    options = {"unit": "1", "step": "1h", "missing_values": "-1.0"}
    asked = replace(query("own.x", entities=("asn/1",)), options=options)
    node = read(user_signals, asked, body)
    assert np.isfinite(node["value"].values).sum() == 1
    without = replace(asked, options={"unit": "1", "step": "1h"})
    with pytest.raises(SourceError, match=r"line 3: .*-1.*missing_values: \[-1\]"):
        read(user_signals, without, body)


# --- power outages by region ----------------------------------------------------------------------


def test_power_outages_are_read_as_they_are_gathered_and_found_in_their_region():
    asked = query("user-csv", "2021-07-01", "2021-08-01", (), "Asia/Tehran")
    rows = 'Khuzestan,2021-07-15 18:00,2021-07-15 22:00,Tavanir\n"Fars; Gilan",2021-07-16,,ISNA\n'
    found = read(user_csv, asked, f"region,start,end,source\n{rows}")
    assert found["kind"].tolist() == ["power-cut"] * 2
    assert found["place"].tolist() == ["IR/Khuzestan", "IR/Fars/Gilan"]
    assert found["source"].tolist() == ["Tavanir", "ISNA"]
    case = cases.load("khuzestan-2021")
    assert in_region(found, case, "region/Khuzestan").tolist() == [True, False]
    # With a column that says what it was it is another file.
    other = read(user_csv, asked, "region,start,end,source,kind\nFars,2021-07-16,,ISNA,protest\n")
    assert other["kind"].tolist() == ["protest"]
