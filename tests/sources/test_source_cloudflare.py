"""Cloudflare Radar: samples, each trap of the contract, and any bytes at all."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import Reply, SourceError
from darkdays.contracts.events import COLUMNS, read_csv
from darkdays.contracts.signals import NOT_READ
from darkdays.errors import InputError
from darkdays.sources.cloudflare import cloudflare, cloudflare_outages
from darkdays.sources.query import Query
from examples import examples
from outcomes import invented, measured, outcome
from shared_data import SHARED, needs

SAMPLES = SHARED / "api-samples/cloudflare-radar"
needs_samples = needs(SAMPLES, leaves_open="recorded replies of Cloudflare Radar")


def query(datasource, start="2026-01-08", end="2026-01-08T03:00", country="IR", **more):
    moments = (pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"))
    return Query(datasource, *moments, country, **more)


def reply(request, content, **more):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return {request.key: Reply(request, body, **more)}


def answer(asked, content):
    module = cloudflare_outages if asked.datasource == "cloudflare" else cloudflare
    (request,) = module.requests(asked, {})
    return module.read(asked, reply(request, content))


def traffic(values=("0.5", "1", "0"), name="main", hours=(0, 1, 2), extra=None, **meta):
    series = {
        "timestamps": [f"2026-01-08T{hour:02}:00:00Z" for hour in hours],
        "values": list(values),
    }
    meta = {"aggInterval": "ONE_HOUR", "normalization": "MIN0_MAX"} | meta
    return {"success": True, "errors": [], "result": {"meta": meta, name: series, **(extra or {})}}


# Traffic


@needs_samples
def test_netflows_are_numbers_by_the_hour():
    content = (SAMPLES / "INVENTED_netflows_timeseries.json").read_bytes()
    node = answer(query("cloudflare.netflows"), content)
    assert node["value"].values.tolist() == [[0.91, 0.88, 0.02]]
    assert node["value"].dtype == np.float64
    assert node.attrs["licence"] == "CC BY-NC 4.0"


@needs_samples
def test_of_several_series_the_named_one_is_read():
    body = (SAMPLES / "INVENTED_http_timeseries_named.json").read_bytes()
    with pytest.raises(SourceError, match="which of 2 series"):
        answer(query("cloudflare.http"), body)
    node = answer(query("cloudflare.http"), body.replace(b'"ir"', b'"main"'))
    assert node["value"].values[0, 0] == 0.91
    assert np.isnan(node["value"].values[0, 1:]).all()


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "netflows_timeseries_csv_head_2022-11-04.txt",
        "http_timeseries_device_type_csv_head_ZA_2022-11-04.txt",
    ],
)
def test_recorded_csv_is_read_by_the_names_of_its_columns(name):
    _, head, *rows = (SAMPLES / name).read_text(encoding="utf-8").splitlines()
    table = [part.split("  ") for part in (" ".join(head.split("  ")).strip(), *rows)]
    names = [part.strip() for part in head.split("  ") if part.strip()]
    table = "\n".join([",".join(names), *(",".join(row.split()[1:]) for row in rows if row)])
    asked = query("cloudflare.netflows", "2022-11-04T14:00", "2022-11-04T21:00")
    if "device_type" in name:
        with pytest.raises(SourceError, match="not one series"):
            answer(asked, table.encode())
        return
    values = answer(asked, table.encode())["value"].values[0]
    assert np.isnan(values[:2]).all()
    assert values[2:].tolist() == [0.956361, 0.928291, 0.872635, 0.883436, 0.877827]


def test_zero_is_zero_and_the_newest_partial_bin_is_missing():
    content = traffic(["0.5", None, "0"], lastUpdated="2026-01-08T02:59:59Z")
    values = answer(query("cloudflare.http"), content)["value"].values[0]
    assert values[0] == 0.5
    assert np.isnan(values[1:]).all()
    content = traffic(lastUpdated="2026-01-08T03:00:00Z")
    assert answer(query("cloudflare.http"), content)["value"].values[0, 2] == 0


def test_a_request_asks_for_the_window_once_and_holds_no_token():
    assert cloudflare.SERVICE.credential == "cloudflare"
    entities = ("country/IR", "asn/44244", "region/127082")
    asked = cloudflare.requests(query("cloudflare.netflows", entities=entities), {})
    assert [one.query[1] for one in asked] == [
        ("asn", "44244"),
        ("location", "IR"),
        ("geoId", "127082"),
    ]
    for one in asked:
        found = dict(one.query)
        assert found["product"] == "ALL"
        assert found["dateStart"] == "2026-01-08T00:00:00Z"
        # The end is included.
        assert found["dateEnd"] == "2026-01-08T02:00:00Z"
        assert "token" not in str(one).lower()


def test_a_window_one_call_cannot_hold_is_refused():
    with pytest.raises(InputError, match="364 days"):
        cloudflare.requests(query("cloudflare.http", "2022-01-01", "2023-06-01"), {})
    with pytest.raises(InputError, match="GeoNames"):
        cloudflare.requests(query("cloudflare.http", entities=("region/Tehran",)), {})


def test_two_calls_are_never_spliced():
    glued = traffic(["0.5", "1", "0", "1"], hours=(0, 1, 1, 2))
    with pytest.raises(SourceError, match="two calls were put together"):
        answer(query("cloudflare.http"), glued)
    with pytest.raises(SourceError, match="several date ranges"):
        answer(query("cloudflare.http"), traffic(dateRange=[{}, {}]))


def test_known_data_problems_are_shown():
    info = {"annotations": [{"description": "Pipeline late"}, {"eventType": "PIPELINE"}, 3]}
    node = answer(query("cloudflare.http"), traffic(confidenceInfo=info))
    assert node.attrs["data_problems"] == "PIPELINE; Pipeline late"


def test_an_entity_without_a_reply_was_not_read():
    asked = query("cloudflare.http", entities=("country/IR", "asn/44244"))
    one, two = cloudflare.requests(asked, {})
    node = cloudflare.read(asked, reply(two, traffic()))
    assert (node["coverage"].sel(entity="asn/44244") == NOT_READ).all()
    both = reply(one, traffic()) | reply(two, traffic())
    turned = dict(reversed(both.items()))
    assert cloudflare.read(asked, both).identical(cloudflare.read(asked, turned))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "neither JSON nor CSV"),
        (b"{", "not JSON"),
        ({"success": False, "errors": [{"message": "Invalid token"}]}, "refused Invalid token"),
        (traffic(aggInterval="ONE_DAY"), "aggInterval is ONE_DAY"),
        (traffic(normalization="PERCENTAGE_CHANGE"), "normalization is PERCENTAGE_CHANGE"),
        (traffic(values=["1"]), "not as many values"),
        (traffic(values=["1", "nan", "1"]), "a value is not a number"),
        (traffic(hours=(0, 1, 25)), "not an ISO 8601 time"),
    ],
)
def test_what_is_no_answer_is_one_sentence(content, sentence):
    with pytest.raises(SourceError, match=sentence) as error:
        answer(query("cloudflare.http"), content)
    assert "cloudflare, HTTP traffic of country/IR" in str(error.value)


# Outages


def outage(number=1, cause="GOVERNMENT_DIRECTED", **more):
    return {
        "id": str(number),
        "startDate": "2026-01-08T11:45:00Z",
        "endDate": None,
        "asns": [],
        "description": f"Outage {number}",
        "outage": {"outageCause": cause, "outageType": "REGIONAL"},
    } | more


def page(*found):
    return {"success": True, "result": {"annotations": list(found)}}


@needs_samples
def test_a_recorded_exam_shutdown_is_a_shutdown_label():
    content = (SAMPLES / "annotations_outages_SD_2026-04-22_one_item.json").read_bytes()
    table = answer(query("cloudflare", "2026-04-01", "2026-05-01", "SD"), content)
    assert tuple(table.columns) == COLUMNS
    (row,) = table.to_dict("records")
    assert row["kind"] == "shutdown-label"
    assert (row["start"], row["end"]) == ("2026-04-22T11:45", "2026-04-22T15:15")
    assert row["place"] == "SD"
    assert row["network"] == "asn/15706 asn/36972 asn/36998"
    assert "nationwide" in row["conflict"]
    assert "GOVERNMENT_DIRECTED" in row["statement"]
    checked = read_csv(table.to_csv(index=False).encode(), "outages")
    assert checked["start_low"][0] == pd.Timestamp("2026-04-22T11:15Z")


def test_the_cause_decides_the_kind():
    causes = ["GOVERNMENT_DIRECTED", "POWER_OUTAGE", "BLOCKING", "NEWLY_NAMED", "UNKNOWN", None]
    found = [outage(number, cause) for number, cause in enumerate(causes)]
    table = answer(query("cloudflare"), page(*found, outage(9, outage=None)))
    kinds = {row["statement"][7]: row["kind"] for row in table.to_dict("records")}
    assert kinds["0"] == "shutdown-label"
    assert kinds["1"] == kinds["3"] == "rival"
    assert kinds["2"] == "blocking"
    assert kinds["4"] == kinds["5"] == kinds["9"] == "disruption"
    assert set(table["end"]) == {""}
    read_csv(table.to_csv(index=False).encode(), "outages")


def test_full_pages_are_followed_and_end():
    asked = query("cloudflare")
    (first,) = cloudflare_outages.requests(asked, {})
    replies = reply(first, page(*(outage(number) for number in range(100))))
    _, second = cloudflare_outages.requests(asked, replies)
    assert dict(second.query)["offset"] == "100"
    replies |= reply(second, page(outage(99), outage(100)))
    assert cloudflare_outages.requests(asked, replies) == [first, second]
    table = cloudflare_outages.read(asked, replies)
    assert len(table) == 101
    turned = dict(reversed(replies.items()))
    pd.testing.assert_frame_equal(cloudflare_outages.read(asked, turned), table)
    assert answer(asked, page()).empty


def test_pages_that_do_not_end_are_an_error():
    asked, endless = query("cloudflare"), {}
    full = page(*(outage() for _ in range(100)))
    for _ in range(49):
        endless |= reply(cloudflare_outages.requests(asked, endless)[-1], full)
    last = reply(cloudflare_outages.requests(asked, endless)[-1], full)
    with pytest.raises(SourceError, match="goes on after 50 pages"):
        cloudflare_outages.requests(asked, endless | last)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (page(outage(endDate="2025-01-01")), "ends before it starts"),
        (page(outage(startDate=None)), "startDate is not an ISO 8601 time"),
        (page(outage(asns=["x"])), "asns is not a number"),
        (page(3), "an annotation is not an object"),
        ({"success": True, "result": {}}, "annotations is not a list"),
    ],
)
def test_what_is_no_page_is_one_sentence(content, sentence):
    with pytest.raises(SourceError, match=sentence):
        answer(query("cloudflare"), content)


# Any bytes, any shape


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(["", "2026-01-08T01:00:00Z", "9999-12-31", "0001-01-01", "0"]),
    st.text(max_size=4),
)
JUNK = st.one_of(LEAVES, st.lists(LEAVES, max_size=2), st.dictionaries(st.text(), LEAVES))
SHAPES = {
    "cloudflare.http": traffic(lastUpdated="2026-01-09", confidenceInfo={"annotations": [{}]}),
    "cloudflare": page(outage(asns=[1])),
}


def mutated(content, draw):
    """Replace one value somewhere in a copy of the content."""
    content = json.loads(json.dumps(content))
    node = content
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return content
        key = draw(st.sampled_from(keys))
        if not isinstance(node[key], (dict, list)) or draw(st.booleans()):
            node[key] = draw(JUNK)
            return content
        node = node[key]


CSV = st.text('T timestamps,values\n"0', max_size=30).map(
    lambda text: f"T timestamps,T values\n{text}".encode()
)


@settings(max_examples=examples(60))
@given(st.sampled_from(sorted(SHAPES)), st.binary(max_size=40) | CSV)
def test_any_bytes_give_values_or_one_sentence(datasource, body):
    found = outcome(answer, query(datasource), body, about="cloudflare, ")
    # A header of CSV without a row is a table; nothing else of these is a reply.
    header_only = datasource == "cloudflare.http" and body.startswith(b"T timestamps,T values\n")
    assert isinstance(found, str) or (header_only and not measured(found))


@settings(max_examples=examples(60))
@given(st.sampled_from(sorted(SHAPES)), st.data())
def test_any_mutation_gives_values_or_one_sentence(datasource, data):
    content = mutated(SHAPES[datasource], data.draw)
    found = outcome(answer, query(datasource), content, about="cloudflare, ")
    assert not invented(found, content, rows=1)
    assert isinstance(found, str) or content["success"] is True
