"""IODA: every trap of its API, its list of regions, its alerts, its dashboard, its curated list."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import Reply, SourceError
from darkdays.contracts.events import COLUMNS, KINDS, read_csv
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE, NOT_READ
from darkdays.errors import InputError
from darkdays.files.writing import csv_text
from darkdays.sources.ioda import (
    ioda,
    ioda_csv,
    ioda_curated,
    ioda_entities,
    ioda_outages,
    ioda_series,
)
from darkdays.sources.query import Query
from examples import examples
from outcomes import invented, outcome
from shared_data import SHARED, needs

SAMPLES = SHARED / "api-samples" / "ioda"
CURATED = SHARED / "events" / "ioda-curated" / "ioda_investigated_outages.csv"
EXPORT = SHARED / "measurements" / "ioda" / "ioda_IR_country_normalized_2025-12_2026-01.csv"
needs_samples = needs(SAMPLES, leaves_open="recorded replies of IODA")
DAY = 86_400
START = 1_573_776_000  # 2019-11-15


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def query(datasource="ioda.bgp", entities=("country/IR",), days=1, country="IR", **options):
    start = utc("2019-11-15")
    return Query(
        datasource, start, start + pd.Timedelta(days=days), country, tuple(entities), options
    )


def series(values, entity="country/IR", datasource="bgp", start=START, step=300, **others):
    kind, _, code = entity.partition("/")
    return {
        "entityType": kind,
        "entityCode": code,
        "datasource": datasource,
        "subtype": "",
        "from": start,
        "until": start + (step or 0) * len(values),
        "step": step,
        "nativeStep": step,
        "values": values,
    } | others


def body(*found, **others):
    return json.dumps({"type": "signals", "error": None, "data": [list(found)], **others}).encode()


def answered(asked, *bodies, fetched=""):
    """Replies to the requests of a query, in their order."""
    return {
        one.key: Reply(one, text, fetched=fetched)
        for one, text in zip(ioda.requests(asked, {}), bodies, strict=False)
    }


def read_one(values, asked=None, fetched="", **others):
    asked = asked or query()
    return ioda.read(asked, answered(asked, body(series(values, **others)), fetched=fetched))


def refused(asked, content):
    (request, *_) = ioda.requests(asked, {})
    with pytest.raises(SourceError) as caught:
        ioda.read(asked, {request.key: Reply(request, content)})
    return str(caught.value)


def test_times_are_whole_seconds_and_windows_short_and_seamless():
    found = ioda.requests(query(days=365), {})
    edges = [(int(dict(one.query)["from"]), int(dict(one.query)["until"])) for one in found]
    assert edges[0][0] == START
    assert edges[-1][1] == START + 365 * DAY
    assert all(after - since <= 30 * DAY for since, after in edges)
    assert all(edge % DAY == 0 for pair in edges for edge in pair)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(edges))
    assert {one.path for one in found} == {"/signals/raw/country/IR"}
    assert all("maxPoints" not in dict(one.query) for one in found)


def test_a_window_within_a_day_asks_for_whole_days():
    asked = Query("ioda.bgp", utc("2019-11-15T10:02"), utc("2019-11-16T00:01"), "IR", ())
    asked = Query(asked.datasource, asked.start, asked.end, "IR", ("country/IR",))
    (request,) = ioda.requests(asked, {})
    assert dict(request.query)["until"] == str(START + 2 * DAY)
    node = ioda.read(asked, {request.key: Reply(request, body(series([7] * 576)))})
    assert node["time"].values[0] == np.datetime64("2019-11-15T10:00")
    assert (node["value"] == 7).all()


def test_windows_are_joined_without_a_bin_twice_or_left_out():
    asked = query(days=60)
    middle = START + 30 * DAY
    n = 30 * DAY // 300
    # Each reply goes on into the other's window, with other numbers there.
    first = body(series([1] * n + [99] * 3))
    second = body(series([99] * 3 + [2] * n, start=middle - 900))
    node = ioda.read(asked, answered(asked, first, second))
    values = node["value"].values[0]
    assert (values[:n] == 1).all()
    assert (values[n:] == 2).all()
    assert values.size == 2 * n


def test_networks_are_asked_together_and_told_apart():
    entities = [f"asn/{number}" for number in range(1, 24)]
    asked = query(entities=entities)
    found = ioda.requests(asked, {})
    assert [one.path.count(",") for one in found] == [9, 9, 2]
    texts = [
        body(*(series([int(c)] * 288, f"asn/{c}") for c in one.path.rsplit("/", 1)[1].split(",")))
        for one in found
    ]
    node = ioda.read(asked, answered(asked, *texts))
    for label in entities:
        assert (node["value"].sel(entity=label) == int(label[4:])).all()


def test_null_is_missing_and_zero_is_zero():
    node = read_one([5, None, 0] + [1] * 285)
    assert node["value"].values[0, 0] == 5
    assert math.isnan(node["value"].values[0, 1])
    assert node["value"].values[0, 2] == 0
    assert list(node["coverage"].values[0, :3]) == [MEASURED, MISSING_AT_SOURCE, MEASURED]
    assert node.attrs["unit"] == "/24 blocks"
    assert "all rights reserved" in node.attrs["licence"]
    assert not ioda.SERVICE.redistributable


@pytest.mark.parametrize("data", [[[]], [], [[], []]])
def test_no_data_is_an_empty_series_and_no_error(data):
    asked = query(entities=["asn/4200000000"])
    node = ioda.read(asked, answered(asked, json.dumps({"error": None, "data": data}).encode()))
    assert (node["coverage"] == MISSING_AT_SOURCE).all()
    assert "asn/4200000000 from 2019-11-15T00:00Z until 2019-11-16" in node.attrs["cut_off"]


def test_a_network_ioda_made_up_is_an_empty_series():
    asked = query(entities=["asn/4200000000"])
    empty = series([], "asn/4200000000", step=0, nativeStep=None)
    nulls = series([None, None], "asn/4200000000", step=0, until=START + 600)
    for one in (empty, nulls):
        node = ioda.read(asked, answered(asked, body(one)))
        assert (node["coverage"] == MISSING_AT_SOURCE).all()


def test_an_error_is_an_error_even_with_data():
    sentence = refused(query(), body(series([1] * 288), error="backend failure"))
    assert "IODA says 'backend failure'" in sentence
    assert "BGP visibility of country IR from 2019-11-15 until 2019-11-16" in sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"data": null}', "no list of data"),
        (b'{"data": [[3]]}', "a series is not an object"),
        (b'{"data": [[{"values": [NaN]}]]}', "not JSON"),
        (body(series([1] * 288) | {"values": {"a": 1}}), "no list of values"),
        (body(series([1] * 288, **{"from": "2019-11-15"})), "'from' of a series is '2019-11-15'"),
        (body(series([1] * 288, **{"from": True})), "not a time"),
        (body(series([1] * 288, until=10**30)), "not a time"),
        (body(series([1] * 288, step=0)), "not part of a day"),
        (body(series([1] * 288, step=7)), "not part of a day"),
        (body(series([1] * 288, step=None)), "not part of a day"),
        (
            body(series([1] * 288, step=600, until=START + DAY)),
            "288 values of 600 s do not fit 86400 s",
        ),
        (body(series([-1] * 288)), "cannot be measured"),
        (body(series([10**400] * 288)), "larger than any number"),
        (body(series(["12"] * 288)), "'12', not a number"),
        (body(series([True] * 288)), "not a number"),
        (body(series([1] * 288, "country/CU")), "about 'country/CU', not what was asked"),
        (body(series([1] * 288, datasource="merit-nt")), "holds 'merit-nt' only"),
        (body(series([1] * 288), series([1] * 288)), "two series of country/IR"),
    ],
)
def test_what_cannot_be_right_is_refused(content, sentence):
    assert sentence in refused(query(), content)


def test_infinite_numbers_are_refused():
    text = body(series([1.5] * 288)).replace(b"1.5,", b"1e999,", 1)
    assert "cannot be measured" in refused(query(), text)


def test_others_beside_what_was_asked_are_left_out():
    asked = query()
    text = body(
        series([1] * 288, "country/CU"),
        series([2] * 288),
        series([3] * 288, datasource="merit-nt"),
        extra="ignored",
    )
    assert (ioda.read(asked, answered(asked, text))["value"] == 2).all()


def test_the_step_is_read_from_the_reply():
    coarse = read_one([4, 5], step=DAY // 2)
    assert coarse.attrs["step_seconds"] == DAY // 2
    assert coarse["value"].values.tolist() == [[4, 5]]
    assert coarse.attrs["resampled"] == ""
    fine = read_one([1, 2, 3, None, 5] * 288, step=60)
    assert fine.attrs["step_seconds"] == 300
    assert np.allclose(fine["value"], (1 + 2 + 3 + 5) / 4)
    assert fine.attrs["resampled"] == "60 s averaged to 300 s"
    single = read_one([8], until=START + 300)
    assert single["value"].values[0, 0] == 8


def test_whole_numbers_may_come_as_floats_and_the_native_step_counts():
    plain = read_one([1, None, 3] * 96)
    floats = {"step": 300.0, "nativeStep": 300.0, "from": float(START), "until": START + DAY + 0.0}
    assert read_one([1.0, None, 3.0] * 96, **floats).identical(plain)
    # The first difference is wider where the second bin is missing.
    assert read_one([1, None, 3] * 96, step=600, nativeStep=300, until=START + DAY).equals(plain)
    assert "is '1.5', not a time" in refused(query(), body(series([1] * 288, **{"from": 1.5})))


@pytest.mark.parametrize(
    ("datasource", "step", "subtype", "unit"),
    [
        ("ioda.gtr-norm", 1800, "BLENDED", "normalised"), ("ioda.mozilla", 3600, "", "percent"),
        ("ioda.upstream-delay-penult-asns", 3600, "", "networks"),
        ("ioda.upstream-delay-penult-e2e-latency", 3600, "", "ms"),
    ],
)  # fmt: skip
def test_newer_datasources_are_read(datasource, step, subtype, unit):
    entity = "asn/1299" if "upstream" in datasource else "country/IR"
    asked, name = query(datasource, [entity]), datasource.removeprefix("ioda.")
    (request,) = ioda.requests(asked, {})
    assert "sourceParams" not in dict(request.query)
    one = series([2, None] * (DAY // step // 2), entity, name, step=step, subtype=subtype)
    node = ioda.read(asked, answered(asked, body(one)))
    assert node["value"].attrs["units"] == unit
    assert node["value"].sel(entity=entity).values[0] == 2


def test_events_of_other_times_are_not_asked_for_and_not_read():
    (request,) = ioda_outages.requests(query("ioda-events"), {})
    assert dict(request.query)["extendWindow"] == "0"
    (request,) = ioda_outages.requests(query("ioda-alerts"), {})
    assert "extendWindow" not in dict(request.query)
    inside = event(START, overlaps_window=True, duration=600.0)
    outside = event(START - 20 * DAY, overlaps_window=False)
    (row,) = rows_of(query("ioda-events"), [inside, outside]).to_dict("records")
    assert row["end"] - row["start"] == pd.Timedelta("10min")


def test_a_step_that_changes_is_averaged_or_refused():
    asked = query(days=60)
    n = 30 * DAY
    first = body(series([2, 4] * (n // 600)))
    second = body(series([6] * (n // 600), start=START + n, step=600))
    node = ioda.read(asked, answered(asked, first, second))
    assert node.attrs["step_seconds"] == 600
    assert np.unique(node["value"]).tolist() == [3, 6]
    assert node.attrs["resampled"] == "300 s averaged to 600 s"
    odd = body(series([6] * (n // 720), start=START + n, step=720))
    with pytest.raises(SourceError, match="step of 300 s does not fit the 720 s of others"):
        ioda.read(asked, answered(asked, first, odd))


def test_an_era_cut_off_is_missing_at_the_source_and_said():
    node = read_one([1] * 144)
    assert (node["coverage"].values[0, 144:] == MISSING_AT_SOURCE).all()
    assert node.attrs["cut_off"] == ("country/IR from 2019-11-15T12:00Z until 2019-11-16T00:00Z")
    late = read_one([1] * 144, start=START + DAY // 2)
    assert late.attrs["cut_off"].startswith("country/IR from 2019-11-15T00:00Z until 2019-11-15T12")
    assert read_one([1] * 288).attrs["cut_off"] == ""


def test_windows_without_a_reply_and_the_future_were_not_read():
    asked = query(days=60)
    n = 30 * DAY // 300
    node = ioda.read(asked, answered(asked, body(series([1] * n))))
    assert (node["coverage"].values[0, :n] == MEASURED).all()
    assert (node["coverage"].values[0, n:] == NOT_READ).all()
    early = read_one([1] * 288, fetched="2019-11-15T12:02:00Z")
    assert (early["coverage"].values[0, :144] == MEASURED).all()
    assert (early["coverage"].values[0, 144:] == NOT_READ).all()
    assert early.attrs["fetched"] == "2019-11-15T12:02:00Z"
    assert (ioda.read(asked, {})["coverage"] == NOT_READ).all()


@pytest.mark.parametrize(
    ("datasource", "element", "number"),
    [
        ("ping-slash24-loss", [{"agg_values": {"loss_pct": 12.5, "probe_count": 9}}], 12.5),
        ("ping-slash24-loss", [{"agg_values": {"loss_pct": None, "probe_count": 0}}], math.nan),
        ("ping-slash24-loss", [{"agg_values": {}}], math.nan),
        ("ping-slash24-loss", [{"agg_values": []}], math.nan),
        ("ping-slash24-loss", [], math.nan),
        (
            "ping-slash24-loss",
            [
                {"agg_values": {"loss_pct": 10, "probe_count": 1}},
                {"agg_values": {"loss_pct": 20, "probe_count": 3}},
            ],
            17.5,
        ),
        ("ping-slash24-latency", [{"agg_values": {"mean_latency": 1, "median_latency": 2}}], 2),
        ("ping-slash24-latency", [{"agg_values": {"mean_latency": 1}}], 1),
        ("ping-slash24-latency", 3.5, 3.5),
        ("ping-slash24-latency", {"agg_values": {"median_latency": 4}}, 4),
        ("ping-slash24-latency", [{"agg_values": {"m": 2}}, {"agg_values": {"m": 4}}], 3),
        ("ping-slash24-latency", [7], 7),
        ("bgp", [{"agg_values": {"anything": 4}}], 4),
    ],
)
def test_objects_and_plain_numbers_are_read(datasource, element, number):
    asked = query(f"ioda.{datasource}")
    node = read_one([element, None, 1] * 48, asked, datasource=datasource, step=600)
    values = node["value"].values[0]
    assert values[0] == pytest.approx(number, nan_ok=True)
    assert math.isnan(values[1])
    assert values[2] == 1


@pytest.mark.parametrize(
    ("element", "sentence"),
    [
        ([{"loss_pct": 3}], "without agg_values"),
        ([{"agg_values": {"a": 1, "b": 2}}], "which of a, b is meant"),
        ([{"agg_values": {"loss_pct": "3"}}], "'loss_pct' of a value is '3'"),
        ([{"agg_values": {"loss_pct": -3}}], "cannot be measured"),
        ([["deep"]], "without agg_values"),
    ],
)
def test_objects_that_are_not_understood_are_refused(element, sentence):
    asked = query("ioda.ping-slash24-loss")
    content = body(series([element] * 144, datasource="ping-slash24-loss", step=600))
    assert sentence in refused(asked, content)


def test_google_is_of_countries_and_one_product():
    asked = query("ioda.gtr", ["country/IR", "asn/44244", "region/Khuzestan"], product="search")
    (request,) = ioda.requests(asked, {})
    assert request.path == "/signals/raw/country/IR"
    assert dict(request.query)["sourceParams"] == "WEB_SEARCH"
    web = series([5] * 48, datasource="gtr", step=1800, subtype="WEB_SEARCH")
    tube = series([9] * 48, datasource="gtr", step=1800, subtype="YOUTUBE")
    node = ioda.read(asked, answered(asked, body(tube, web)))
    assert list(node["entity"].values) == ["country/IR"]
    assert (node["value"] == 5).all()
    assert "holds 'gtr YOUTUBE' only, not 'gtr WEB_SEARCH'" in refused(asked, body(tube))
    (only,) = ioda.requests(query("ioda.gtr", ["asn/44244"]), {})
    assert only.path == "/signals/raw/country/IR"
    with pytest.raises(InputError, match="one product"):
        ioda.requests(query("ioda.gtr", product="WEB_SEARCH,YOUTUBE"), {})


def test_wrong_questions_are_refused():
    with pytest.raises(InputError, match=r"no 'ioda\.ucsd-nt'"):
        ioda.requests(query("ioda.ucsd-nt"), {})
    with pytest.raises(InputError, match="lists no 'county'"):
        ioda.requests(query(entities=(), entity_types="county"), {})


def test_names_of_no_place_are_not_asked_for():
    asked = query(entities=["asn/unknown", "country/all", "country/IR"])
    assert [one.path for one in ioda.requests(asked, {})] == ["/signals/raw/country/IR"]


REGIONS = [
    ("1840", "Khuzestan"),
    ("1841", "Kordestan"),
    ("1842", "Esfahan"),
    ("1843", "Tehran"),
    ("1899", "Invalid Region"),
    ("1900", "Unknown Region"),
]


def listed(*regions, country="IR"):
    items = [
        {"code": code, "name": name, "type": "region", "attrs": {"country_code": country}}
        for code, name in regions
    ]
    return json.dumps({"type": "entities.lookup", "error": None, "data": items}).encode()


def grown(source, asked, reply_to, rounds=8):
    """Ask as the archive does, until nothing new is asked."""
    replies = {}
    for _ in range(rounds):
        new = [one for one in source.requests(asked, replies) if one.key not in replies]
        if not new:
            return replies
        replies |= {one.key: Reply(one, reply_to(one)) for one in new}
    raise AssertionError("there is no end of requests")


def of_region(request):
    if request.path == "/entities/query":
        return listed(*REGIONS)
    kind, codes = request.path.split("/")[-2:]
    return body(*(series([len(code)] * 288, f"{kind}/{code}") for code in codes.split(",")))


def test_a_region_is_looked_up_by_name_and_keeps_it():
    asked = query(entities=["region/Khuzestan", "region/Isfahan", "region/1843", "country/IR"])
    first = ioda.requests(asked, {})
    assert [one.path for one in first] == ["/entities/query", "/signals/raw/country/IR"]
    assert dict(first[0].query)["relatedTo"] == "country/IR"
    assert "entityCode" not in dict(first[0].query)
    replies = grown(ioda, asked, of_region)
    assert {one.request.path for one in replies.values()} == {
        "/entities/query",
        "/signals/raw/country/IR",
        "/signals/raw/region/1840,1842,1843",
    }
    node = ioda.read(asked, replies)
    assert set(node["entity"].values) == set(asked.entities)
    assert (node["coverage"] == MEASURED).all()
    assert "region/Isfahan is region/1842, Esfahan" in node.attrs["regions"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Kuzestan", "no regions of IR are called 'Kuzestan'; write region/ and the number of one"),
        ("Invalid Region", "no regions of IR"),
        ("IR-10", "no regions of IR"),
    ],
)
def test_a_name_of_no_region_is_refused_with_those_there_are(name, sentence):
    asked = query(entities=[f"region/{name}"])
    (request,) = ioda.requests(asked, {})
    replies = {request.key: Reply(request, listed(*REGIONS))}
    for ask in (ioda.requests, ioda.read):
        with pytest.raises(SourceError) as caught:
            ask(asked, replies)
        assert sentence in str(caught.value)
        assert "Khuzestan (1840)" in str(caught.value)
        assert "Unknown Region" not in str(caught.value)


def test_a_name_of_two_regions_is_refused():
    asked = query(entities=["region/Kurdistan"])
    (request,) = ioda.requests(asked, {})
    replies = {request.key: Reply(request, listed(("1", "Kordestan"), ("2", "Kurdistan")))}
    with pytest.raises(SourceError, match=r"2 regions of IR .* Kordestan \(1\), Kurdistan \(2\)"):
        ioda.requests(asked, replies)


def test_without_entities_it_is_the_country_and_its_regions():
    replies = grown(ioda, query(entities=()), of_region)
    node = ioda.read(query(entities=()), replies)
    assert list(node["entity"].values) == ["country/IR", *(f"region/184{i}" for i in range(4))]
    assert (node["coverage"] == MEASURED).all()


def test_a_list_is_asked_page_by_page_and_ends():
    asked = query(entities=(), entity_types="asn")

    def page_of(items, same):
        def reply_to(request):
            if request.path != "/entities/query":
                return body()
            page = int(dict(request.query).get("page", "0"))
            at = 0 if same else page * 2000
            found = [
                {"code": str(code), "name": f"AS{code}", "type": "asn", "attrs": {}}
                for code in range(at + 1, min(at + 2000, items) + 1)
            ]
            return json.dumps({"data": found}).encode()

        return reply_to

    replies = grown(ioda, asked, page_of(2003, same=False))
    pages = [one for one in replies.values() if one.request.path == "/entities/query"]
    assert len(pages) == 2
    assert sum(one.request.path.startswith("/signals/raw/asn") for one in replies.values()) == 201
    with pytest.raises(SourceError, match="the page before came back again"):
        grown(ioda, asked, page_of(2003, same=True))


@needs_samples
def test_real_regions_are_read():
    content = (SAMPLES / "entities_query_region_items_real.json").read_bytes()
    asked = query(entities=["region/Kinmen"], country="TW")
    (request,) = ioda.requests(asked, {})
    replies = {request.key: Reply(request, content)}
    # Izmir is of another country.
    assert ioda.requests(asked, replies)[1].path == "/signals/raw/region/4209"
    with pytest.raises(SourceError, match="no regions of TW are called 'Izmir'"):
        ioda.requests(query(entities=["region/Izmir"], country="TW"), replies)


@needs_samples
@pytest.mark.parametrize(
    ("field", "bins"), [("median_e2e_latency", 24), ("penultimate_as_count", 24)]
)
def test_real_objects_are_read(field, bins):
    name = "asns" if "count" in field else "e2e-latency"
    path = SAMPLES / f"signals_raw_asn_1299_upstream-delay-penult-{name}.json"
    # The envelope and the objects are those of latencies, under another name.
    content = path.read_bytes().replace(
        f"upstream-delay-penult-{name}".encode(), b"ping-slash24-latency"
    )
    whole = json.loads(content)["data"][0][0]["values"]
    start = utc("2024-10-01")
    asked = Query(
        "ioda.ping-slash24-latency", start, start + pd.Timedelta("1D"), "US", ("asn/1299",)
    )
    node = ioda.read(asked, answered(asked, content))
    assert node.attrs["step_seconds"] == 3600
    expected = [
        np.mean([one["agg_values"][field] for one in cell if one["agg_values"][field] is not None])
        if any(one["agg_values"][field] is not None for one in cell or [])
        else math.nan
        for cell in whole
    ]
    assert len(expected) == bins
    np.testing.assert_allclose(node["value"].values[0], expected)


@needs_samples
@pytest.mark.parametrize(
    "path", sorted(SAMPLES.glob("INVENTED_signals_raw_*")), ids=lambda p: p.stem
)
def test_shapes_without_a_recording_are_read(path):
    content = path.read_bytes()
    found = [one for part in json.loads(content)["data"] for one in part]
    entity = f"{found[0]['entityType']}/{found[0]['entityCode']}" if found else "asn/1"
    start = utc("2021-07-15")
    name = f"ioda.{found[0]['datasource']}" if found else "ioda.bgp"
    asked = Query(name, start, start + pd.Timedelta("1D"), "ZZ", (entity,))
    node = ioda.read(asked, answered(asked, content))
    known = {"ioda.ping-slash24": [100, 101, 99, 98], "ioda.ping-slash24-latency": [110]}
    assert node["value"].values[np.isfinite(node["value"].values)].tolist() == known.get(name, [])


@needs_samples
def test_the_recorded_refusal_is_told():
    content = (SAMPLES / "INVENTED_error_400_range.json").read_bytes()
    assert "must be less than 100 days" in refused(query(), content)


def rows_of(asked, items):
    replies = grown(ioda_outages, asked, lambda _: json.dumps({"data": items}).encode())
    return ioda_outages.table(asked, replies)


@needs_samples
def test_documented_alerts_and_events_are_read():
    found = json.loads(
        (SAMPLES / "outages_alerts_and_events_documented_examples.json").read_bytes()
    )
    (alert,) = rows_of(query("ioda-alerts"), [found["alert_item"]]).to_dict("records")
    assert (alert["entity"], alert["datasource"]) == ("country/IR", "ioda.bgp")
    assert alert["time"] == utc("2026-03-01T23:55")
    assert (alert["level"], alert["condition"]) == ("critical", "< 0.99")
    assert (alert["value"], alert["history_value"]) == (40704, 41355)
    asked = query("ioda-events", ["country/CF"], country="CF")
    (event,) = rows_of(asked, [found["event_item_codf"]]).to_dict("records")
    assert event["end"] - event["start"] == pd.Timedelta("14D")
    assert event["score"] == 69517.24


def event(start, **others):
    return {"location": "country/IR", "start": start, "duration": 600, "datasource": "bgp"} | others


def test_outages_are_asked_page_by_page_and_none_is_ordinary():
    asked = query("ioda-events")
    assert rows_of(asked, []).empty
    (request,) = ioda_outages.requests(asked, {})
    assert dict(request.query)["ignoreMethods"] == "*.sarima"
    (request,) = ioda_outages.requests(query("ioda-events", methods="all"), {})
    assert "ignoreMethods" not in dict(request.query)

    def reply_to(request):
        page = int(dict(request.query)["page"])
        found = [event(START + i) for i in range(page * 500, min(page * 500 + 500, 1203))]
        return json.dumps({"data": found}).encode()

    replies = grown(ioda_outages, asked, reply_to)
    assert len(replies) == 3
    table = ioda_outages.table(asked, replies)
    assert len(table) == 1203
    assert table["start"].is_monotonic_increasing
    backwards = dict(reversed(replies.items()))
    pd.testing.assert_frame_equal(ioda_outages.table(asked, backwards), table)
    with pytest.raises(SourceError, match="came back again"):
        rows_of(asked, [event(START + i) for i in range(500)])


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (3, "not an object"),
        ({}, "no datasource"),
        (event(START, location="country/CU"), "about 'country/CU', not country/IR"),
        (event("soon"), "start of a row is 'soon'"),
        (event(START, duration=-5), "duration of a row is '-5'"),
        (event(START, score="big"), "score of a row is 'big'"),
    ],
)
def test_outages_that_cannot_be_right_are_refused(item, sentence):
    with pytest.raises(SourceError) as caught:
        rows_of(query("ioda-events"), [item])
    assert sentence in str(caught.value)


def test_outages_of_regions_keep_their_names():
    asked = query("ioda-alerts", ["region/Khuzestan"])
    item = {
        "datasource": "ping-slash24",
        "entity": {"type": "region", "code": "1840"},
        "time": START,
        "value": None,
    }

    def reply_to(request):
        regions = request.path == "/entities/query"
        return listed(*REGIONS) if regions else json.dumps({"data": [item]}).encode()

    assert ioda_outages.table(asked, {}).empty
    (row,) = ioda_outages.table(asked, grown(ioda_outages, asked, reply_to)).to_dict("records")
    assert row["entity"] == "region/Khuzestan"
    assert math.isnan(row["value"])
    with pytest.raises(InputError, match=r"no 'ioda\.bgp'"):
        ioda_outages.requests(query(), {})
    with pytest.raises(InputError, match="set methods to all"):
        ioda_outages.requests(query("ioda-alerts", methods="some"), {})


def dated(name, *items, **options):
    """Events of a case, as any other reader of events gets them."""
    asked = query(name, **options)
    there = grown(ioda_outages, asked, lambda _: json.dumps({"data": list(items)}).encode())
    return read_csv(csv_text(ioda_outages.read(asked, there)).encode(), name)


def test_events_of_ioda_are_disruptions_that_are_cut_at_the_end_of_the_window():
    early = event(START + 3600, score=1234.5, method="median") | {"duration": 600}
    late = event(START + DAY - 600, score=None) | {"duration": 600}
    table = dated("ioda-events", late, early, event(START - 2 * DAY) | {"duration": 60})
    assert table["kind"].tolist() == ["disruption"] * 2
    assert table["start"].tolist() == ["2019-11-15T01:00", "2019-11-15T23:50"]
    assert table["end"].tolist() == ["2019-11-15T01:10", "2019-11-16T00:00"]
    assert table["place"].tolist() == ["IR", "IR"]
    assert table["statement"][0] == (
        "IODA event in ioda.bgp; score 1234.5 percent x minutes; method median"
    )
    assert table["conflict"].tolist() == ["", "not over at the end of what was asked"]
    assert table["start_low"][0] == utc("2019-11-15T01:00")


def test_alerts_are_disruptions_and_restorations():
    def alert(level, at, **more):
        about = {"type": "country", "code": "IR"}
        return {"datasource": "bgp", "entity": about, "time": at, "level": level, **more}

    table = dated(
        "ioda-alerts",
        alert("normal", START + 7200, condition="normal", value=99, historyValue=100),
        alert("critical", START + 3600, condition="< 0.99", value=1e5, method="median"),
        alert("odd", START + 10800),
    )
    assert table["kind"].tolist() == ["disruption", "restoration", "disruption"]
    assert table["statement"].tolist() == [
        "IODA alert in ioda.bgp: critical (< 0.99); 100000 seen; method median",
        "IODA alert in ioda.bgp: normal (normal); 99 seen; 100 usual",
        "IODA alert in ioda.bgp: odd ()",
    ]
    assert table["end"].tolist() == ["", "", ""]


def test_events_are_asked_of_listed_entities_or_of_all():
    asked = query("ioda-events", ["country/IR", "asn/44244"])
    codes = [dict(one.query).get("entityCode") for one in ioda_outages.requests(asked, {})]
    assert codes == ["44244", "IR"]
    everyone = replace(asked, options={"entities": "all"})
    (listing,) = ioda_outages.requests(everyone, {})
    assert listing.path == "/entities/query"
    with pytest.raises(InputError, match="set entities to all"):
        ioda_outages.requests(replace(asked, options={"entities": "none"}), {})


HEAD = '"Time (UTC)","Google (Search)","BGP (#Visible /24s)"\n'


def exported(text, name="ioda.bgp", **options):
    asked = query(name, **options)
    (request,) = ioda_csv.requests(asked, {})
    reply = Reply(request, text if isinstance(text, bytes) else text.encode())
    return ioda_csv.read(asked, {request.key: reply})


def test_a_saved_table_is_read_by_column_name():
    rows = '"2019-11-15 00:00:00",,100\n"2019-11-15 00:30:00",3,\n"2019-11-15 01:00:00",4,0\n'
    node = exported(HEAD + rows)
    assert node.attrs["unit"] == ioda_csv.UNIT == "percent of own maximum"
    assert node.attrs["step_seconds"] == 1800
    assert node["coverage"].values[0, :4].tolist() == [0, 1, 0, 2]
    assert node["value"].values[0, [0, 2]].tolist() == [100, 0]
    shuffled = '"BGP (#Visible /24s)","new","Time (UTC)"\n100,x,2019-11-15 00:00:00\n'
    shuffled += "0,x,2019-11-15 01:00:00\n,x,2019-11-15 00:30:00\n"
    assert exported(shuffled)["value"].equals(node["value"])
    assert exported(HEAD + rows, scale="absolute").attrs["unit"] == "/24 blocks"
    assert (ioda_csv.read(query(), {})["coverage"] == NOT_READ).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"\xff", "not UTF-8"),
        ("<html>", "a web page"),
        ("", "one column 'Time (UTC)'"),
        (HEAD, "no rows"),
        (HEAD + "2019-11-15 00:00:00,1,2\n", "one row has no step"),
        (HEAD + "yesterday,1,2\n", "'yesterday' is not a time"),
        (HEAD + "2019-11-15 00:00:00,1,2\n" * 2, "occurs twice"),
        (HEAD + "2019-11-15 00:00:00,1,nan\n", "'nan' is not a number"),
        (HEAD + "2019-11-15 00:00:00,1,101\n", "set scale to absolute"),
        (
            HEAD + "2019-11-15 00:00:00,1,1\n2019-11-15 00:00:07,1,1\n",
            "not whole steps of 7 s",
        ),
        ("Time (UTC)\n2019-11-15 00:00:00\n", "one column that begins with 'BGP'"),
    ],
)
def test_tables_that_were_not_saved_there_are_refused(text, sentence):
    with pytest.raises(SourceError) as caught:
        exported(text)
    assert sentence in str(caught.value)


def test_wrong_questions_of_a_table_are_refused():
    with pytest.raises(InputError, match="saves no"):
        exported(HEAD, "ioda.ping-slash24-loss")
    with pytest.raises(InputError, match="no scale"):
        exported(HEAD, scale="log")


@needs(EXPORT, leaves_open="the table saved from IODA's dashboard")
def test_the_real_saved_table_is_read():
    raw = pd.read_csv(EXPORT)
    start = utc("2025-12-01")
    for name, column in (
        ("ioda.bgp", "BGP (#Visible /24s)"),
        ("ioda.ping-slash24", "Active Probing (#/24s Up)"),
        ("ioda.merit-nt", "Telescope (# Unique Source IPs)"),
        ("ioda.gtr", "Google (Search)"),
    ):
        asked = Query(name, start, utc("2026-02-01"), "IR")
        (request,) = ioda_csv.requests(asked, {})
        node = ioda_csv.read(asked, {request.key: Reply(request, EXPORT.read_bytes())})
        mine = node["value"].to_series().droplevel("entity")
        theirs = raw.set_axis(pd.DatetimeIndex(raw["Time (UTC)"]))[column]
        assert np.array_equal(mine.reindex(theirs.index), theirs, equal_nan=True)
        assert mine.notna().sum() == theirs.notna().sum() > 2000
        after = node["time"].values > np.datetime64("2026-01-29T15:30")
        assert (node["coverage"].values[0, after] == NOT_READ).all()


CURATED_HEAD = (
    "ID,Begin time,End time,Country,IODA BGP visible by human,IODA AP visible by human ,"
    " IODA IBR visible by human,Scope (long),Region,AS,Cause,Confirmation Status,,\n"
)


def curated(content, country="IR", since="2010-01-01", until="2030-01-01"):
    asked = Query("ioda-curated", utc(since), utc(until), country)
    (request,) = ioda_curated.requests(asked, {})
    text = content if isinstance(content, bytes) else (CURATED_HEAD + content).encode()
    table = ioda_curated.read(asked, {request.key: Reply(request, text)})
    assert list(table.columns) == list(COLUMNS)
    assert set(table["kind"]) <= set(KINDS)
    # Whatever is read keeps the contract of events.
    assert len(read_csv(csv_text(table).encode(), "curated")) == len(table)
    return table


def curated_row(begin, end, cause="Unknown", scope="Country", country="Iran"):
    return f'X1,"{begin}","{end}",{country},TRUE,ture,FALSE,{scope},,,{cause},Confirmed,,\n'


NOON = "Saturday, November 16, 2019, 12:00:00 PM"


@pytest.mark.parametrize(
    ("end", "iso", "doubt"),
    [
        ("Saturday, November 16, 2019, 2:30:00 PM", "2019-11-16T14:30", ""),
        ("Saturday, November 16, 2019, 2:30: PM", "2019-11-16T14:30", ""),
        ("Saturday November 16, 2019, 2:30 PM", "2019-11-16T14:30", ""),
        ("11/16/2019  14:30:00 PM", "2019-11-16T14:30", ""),
        ("11/16/2019  16:1:00 PM", "2019-11-16T16:10", "its end is written 16:1, read as 16:10"),
        ("11/16/2019  23:40:00 AM", "2019-11-16T23:40", "read by the 24-hour clock"),
        ("Sunday, November 17, 2019, 12:00:00 AM", "2019-11-17T00:00", ""),
        ("Monday, November 17, 2019, 12:00:00 AM", "2019-11-17T00:00", "is called a Monday"),
        ("Saturday, November 16, 2019, 2:30:00 AM", "", "ends it at 2019-11-16T02:30, before it"),
        ("N/A", "", "the list gives no end"),
        ("", "", "the list gives no end"),
        ("whenever", "", "its end 'whenever' is not a time"),
        ("11/31/2019  14:30:00 PM", "", "is not a time"),
    ],
)
def test_times_in_prose_are_read(end, iso, doubt):
    (row,) = curated(curated_row(NOON, end)).to_dict("records")
    assert (row["start"], row["end"], row["time_zone"]) == ("2019-11-16T12:00", iso, "UTC")
    assert doubt in row["conflict"]
    assert bool(doubt) == bool(row["conflict"])


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        ("Government-Ordered", "shutdown-label"),
        ("Unknown", "disruption"),
        ("", "disruption"),
        ("Exams", "rival"),
        ("Power-Outage", "rival"),
        ("Never-Heard-Of", "rival"),
    ],
)
def test_kinds_follow_the_cause(cause, kind):
    (row,) = curated(curated_row(NOON, NOON, cause)).to_dict("records")
    assert row["kind"] == kind
    assert "seen in routes, active probing;" in row["statement"]


def test_places_and_windows():
    rows = (
        curated_row(NOON, NOON, scope="Region (Kordestan)")
        + curated_row(NOON, NOON, scope="AS (58224)")
        + curated_row("no time", NOON)
        + curated_row(NOON, NOON, country="Atlantis")
        + curated_row(NOON, NOON) * 2
    )
    table = curated(rows)
    assert sorted(zip(table["place"], table["network"], strict=True)) == [
        ("IR", ""),
        ("IR", "asn/58224"),
        ("IR/Kurdistan", ""),
    ]
    assert table.attrs["unread"] == "country Atlantis; row X1"
    assert curated(rows, since="2019-11-16T12:10").empty
    assert curated(rows, until="2019-11-16T12:00").empty
    assert curated(rows, country="CU").empty


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "one column 'ID'"),
        (b"\xff\xfe", "not UTF-8"),
        (CURATED_HEAD.replace("Scope", "Reach").encode() + b"a,b,c,Iran,,,,,,,,,,\n", "'Scope'"),
        (CURATED_HEAD.replace("Cause", "Why").encode(), "one column 'Cause'"),
    ],
)
def test_what_is_not_the_list_is_refused(content, sentence):
    with pytest.raises(SourceError) as caught:
        curated(content)
    assert sentence in str(caught.value)


@needs(CURATED, leaves_open="IODA's curated list of outages")
def test_the_real_list_is_read():
    content = CURATED.read_bytes()
    iran = curated(content)
    assert len(iran) == 103
    (label,) = iran[iran["kind"] == "shutdown-label"].to_dict("records")
    assert (label["start"], label["end"]) == ("2019-11-16T14:00", "2019-11-24T20:30")
    assert label["source"].startswith("IODA curated list, row 5A446C2E")
    cuba = curated(content, "CU")
    assert len(cuba) == 5
    assert "2021-07-11T20:50" in set(cuba["end"])
    # No row of Khuzestan in July 2021; one of a neighbour.
    july = curated(content, since="2021-07-01", until="2021-08-01")
    assert list(july["place"]) == ["IR/Mazandaran"]
    assert "unread" in july.attrs
    assert july.attrs["unread"] == ""


@needs(CURATED, leaves_open="IODA's curated list of outages")
def test_every_row_of_the_real_list_is_kept():
    content = CURATED.read_bytes()
    with CURATED.open(newline="", encoding="utf-8-sig") as lines:
        names = set(pd.read_csv(lines, dtype=str, keep_default_na=False)["Country"])
    codes = {ioda_curated.country_of(name) for name in names}
    assert "" not in codes
    asked = [Query("ioda-curated", utc("2010-01-01"), utc("2030-01-01"), code) for code in codes]
    (request,) = ioda_curated.requests(asked[0], {})
    reply = Reply(request, content)
    # The same rows, read once for all countries.
    rows = list(ioda_curated.outages_of(reply))
    found = [
        ioda_curated._event(one, cells)
        for one in asked
        for cells in rows
        if ioda_curated.country_of(cells["Country"]) == one.country
    ]
    assert len(found) == 1704
    assert all(found)
    conflicts = [row[-1] for row in found]
    assert sum("before it begins" in text for text in conflicts) == 76
    assert sum("gives no end" in text for text in conflicts) == 34
    assert sum(row[0] == "shutdown-label" for row in found) == 102


def test_the_order_of_replies_does_not_matter():
    asked = query(entities=["region/Khuzestan", "asn/44244", "country/IR"], days=60)
    replies = grown(ioda, asked, of_region)
    backwards = dict(reversed(replies.items()))
    assert ioda.requests(asked, backwards) == ioda.requests(asked, replies)
    assert ioda.read(asked, backwards).identical(ioda.read(asked, replies))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=8)
    | st.sampled_from(["country", "IR", "bgp", "region", START, 300, "", 600]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["agg_values"]), inner, max_size=4)
    ),
    max_leaves=6,
)
SHAPES = (
    series([1, None, [{"agg_values": {"loss_pct": 3}}], 0]),
    {"code": "1840", "name": "Khuzestan", "type": "region", "attrs": {"country_code": "IR"}},
    event(START, score=3.5, method="median"),
    {
        "datasource": "bgp",
        "entity": {"type": "country", "code": "IR"},
        "time": START,
        "value": 3,
        "level": "critical",
    },
)


@st.composite
def mutated(draw):
    """A reply of the right shape, with one or two fields of anything."""
    item = dict(draw(st.sampled_from(SHAPES)))
    for _ in range(draw(st.integers(0, 2))):
        field = draw(st.sampled_from(sorted(item)))
        if draw(st.booleans()):
            item[field] = draw(JSON)
        else:
            del item[field]
        if not item:
            break
    data = draw(st.sampled_from([[[item]], [item], [[item], [item]], item, [item, None]]))
    return json.dumps({"error": draw(st.sampled_from([None, "", "no"])), "data": data}).encode()


def read_or_told(source, asked, content):
    def read():
        replies = {}
        for _ in range(3):
            asks = source.requests(asked, replies)
            assert asks == source.requests(asked, replies)
            replies |= {one.key: Reply(one, content) for one in asks}
        return source.read(asked, replies)

    return outcome(read, about="ioda")


ASKED = [
    (ioda, query()),
    (ioda, query("ioda.ping-slash24-loss", ["region/Khuzestan", "region/1840"])),
    (ioda, query(entities=())),
    (ioda, query("ioda.gtr")),
    (ioda_csv, query()),
    (ioda_outages, query("ioda-alerts")),
    (ioda_outages, query("ioda-events", ["region/Khuzestan"])),
    (ioda_curated, Query("ioda-curated", utc("2010-01-01"), utc("2030-01-01"), "IR")),
]


@pytest.mark.parametrize(("source", "asked"), ASKED)
@settings(max_examples=examples(40))
@given(content=st.binary(max_size=60) | mutated())
def test_whatever_comes_back_is_read_or_refused(source, asked, content):
    found = read_or_told(source, asked, content)
    if isinstance(found, str):
        assert source is ioda_csv or found.startswith(f"{source.SERVICE.name}, ")
    else:
        document = json.loads(content)
        assert document["error"] is None or not document["error"]
        assert not invented(found, document, rows=2 * max(len(asked.entities), 1))


@settings(max_examples=examples(40))
@given(rows=st.lists(st.text(max_size=30), max_size=4))
def test_whatever_a_table_holds_is_read_or_refused(rows):
    for source, asked, head in (
        (ioda_csv, query(), HEAD),
        (ioda_curated, ASKED[-1][1], CURATED_HEAD),
    ):
        cells = ",".join(rows).replace("\n", " ")
        for table in (head + "\n".join(rows), head + f"X,{cells},Iran,,,,,,,,"):
            found = read_or_told(source, asked, table.encode(errors="replace"))
            assert isinstance(found, str) or (source is ioda_curated and found.empty)


def test_a_deep_reply_is_refused_at_any_depth():
    for depth in range(900, 1000, 7):
        deep = b"[" * depth + b"]" * depth
        for field in (b"entityCode", b"values", b"from", b"code", b"name", b"datasource"):
            content = b'{"data": [{"%b": %b}]}' % (field, deep)
            for source, asked in ASKED[:3] + ASKED[5:7]:
                assert isinstance(read_or_told(source, asked, content), str)


def test_names_of_entities_are_those_of_the_module():
    assert ioda.SERVICE is ioda_entities.SERVICE is ioda_outages.SERVICE
    assert ioda_series.DAY == DAY
