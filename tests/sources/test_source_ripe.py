"""RIPEstat and RIPE Atlas: recorded samples, the traps of each contract, and any bytes at all."""

from __future__ import annotations

import csv
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.contracts.signals import MISSING_AT_SOURCE, NOT_READ
from darkdays.errors import InputError
from darkdays.sources.query import Query
from darkdays.sources.ripe import (
    ripe_atlas,
    ripestat,
    ripestat_concentration,
    ripestat_neighbours,
    ripestat_networks,
)
from examples import examples
from outcomes import invented, measured, outcome
from shared_data import SHARED, needs

NEIGHBOURS = SHARED / "measurements/ripestat/AS49666_neighbour_history_2025-10_2026-01.csv"
SAMPLES = SHARED / "api-samples"
needs_samples = needs(SAMPLES, NEIGHBOURS, leaves_open="recorded replies of RIPE")


def query(datasource, start="2021-07-11", end="2021-07-12", country="ZZ", **more):
    moments = (pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"))
    return Query(datasource, *moments, country, **more)


def reply(request, content, **more):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return {request.key: Reply(request, body, **more)}


def answer(module, asked, content):
    (request,) = module.requests(asked, {})
    return module.read(asked, reply(request, content))


def stat(data):
    return {"status": "ok", "messages": [], "data": data}


def line(start, end):
    return {"starttime": f"2021-07-11T{start}:00:00", "endtime": f"2021-07-11T{end}:00:00"}


def stats(*rows):
    return stat({"stats": [{"timeline": [span], "v4_prefixes_ris": n} for span, n in rows]})


# RIPEstat, country counts


@needs_samples
def test_merged_timelines_are_expanded_to_both_ends():
    content = (SAMPLES / "ripestat/INVENTED_country-resource-stats.json").read_bytes()
    node = answer(ripestat, query("ripestat.routed-prefixes"), content)
    assert node["value"].sel(entity="country/ZZ").values.tolist() == [100.0] * 19 + [40.5] * 5
    node = answer(ripestat, query("ripestat.routed-asns"), content)
    assert node["value"].values[0].tolist() == [5.0] * 19 + [3.0] * 5
    assert node.attrs["unit"] == "networks"
    assert "RIPE" in node.attrs["licence"]


def test_minus_one_is_missing_and_zero_is_zero():
    content = stats((line("00", "01"), -1), (line("02", "02"), 0), (line("05", "05"), 0.5))
    values = answer(ripestat, query("ripestat.routed-prefixes"), content)["value"].values[0]
    assert np.isnan(values[:2]).all()
    assert values[2] == 0
    assert np.isnan(values[3:5]).all()
    assert values[5] == 0.5


def test_what_lies_outside_the_window_is_dropped():
    content = stats(({"starttime": "2004-01-01", "endtime": "2021-07-11T01:00:00"}, 7))
    values = answer(ripestat, query("ripestat.routed-prefixes"), content)["value"].values[0]
    assert np.isfinite(values).sum() == 2
    content = stats(({"starttime": "2021-07-13", "endtime": "2021-08-01"}, 7))
    node = answer(ripestat, query("ripestat.routed-prefixes"), content)
    assert (node["coverage"] == MISSING_AT_SOURCE).all()


def test_a_request_says_window_resolution_and_project():
    (request,) = ripestat.requests(query("ripestat.routed-asns", country="IR"), {})
    assert request.path == "/country-resource-stats/data.json"
    assert dict(request.query) == {
        "resource": "IR",
        "starttime": "2021-07-11T00:00",
        "endtime": "2021-07-12T00:00",
        "resolution": "1h",
        "sourceapp": "darkdays",
    }


def test_a_country_without_a_reply_was_not_read():
    asked = query("ripestat.routed-prefixes", entities=("country/IR", "country/CU", "asn/1"))
    first, second = ripestat.requests(asked, {})
    both = reply(first, stats((line("00", "23"), 3))) | reply(second, stats((line("00", "23"), 4)))
    node = ripestat.read(asked, {second.key: both[second.key]})
    assert (node["coverage"].sel(entity="country/CU") == NOT_READ).all()
    assert (node["value"].sel(entity="country/IR") == 4).all()
    whole = ripestat.read(asked, both)
    assert whole.identical(ripestat.read(asked, dict(reversed(both.items()))))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"status": "error", "messages": [["error", "no such country"]]}, "no such country"),
        (b"<html>", "not JSON"),
        (b'{"status": "ok", "data": {"stats": NaN}}', "not JSON"),
        (stat({}), "stats is not a list"),
        (stat({"stats": [{"timeline": []}]}), "v4_prefixes_ris is missing"),
        (stat({"stats": [], "resolution": "1d"}), "1d wide"),
        (stats((line("05", "04"), 1)), "ends before it starts"),
        (stats((line("00", "05"), 1), (line("05", "06"), 2)), "two different counts"),
        (stats(({"starttime": "now", "endtime": "now"}, 1)), "not an ISO 8601 time"),
        (stats((line("00", "01"), "many")), "not a number"),
        (stats((line("00", "01"), 10**400)), "not a number"),
    ],
)
def test_what_is_no_answer_is_one_sentence(content, sentence):
    with pytest.raises(SourceError, match=sentence) as error:
        answer(ripestat, query("ripestat.routed-prefixes"), content)
    assert "ripestat, routed prefixes and networks of ZZ" in str(error.value)


# RIPEstat, networks


def history(neighbours, start="2025-10-15T00:00:00", end="2026-01-13T08:00:00"):
    return stat(
        {
            "neighbours": neighbours,
            "query_starttime": start,
            "query_endtime": end,
            "earliest_time": "2019-08-01T00:00:00",
            "latest_time": "2026-02-01T00:00:00",
        }
    )


@needs_samples
def test_neighbours_of_a_recorded_network_are_counted_every_8_hours():
    with NEIGHBOURS.open(newline="", encoding="utf-8") as rows:
        table = list(csv.DictReader(rows))
    spans = {}
    for row in table:
        spans.setdefault(int(row["neighbor_asn"]), []).append(
            {"starttime": row["start"], "endtime": row["end"]}
        )
    content = history(
        [{"neighbour": n, "timelines": found} for n, found in spans.items()],
        end="2026-01-13T00:00:00",
    )
    asked = query("ripestat.neighbours", "2025-10-15", "2026-01-14", entities=("asn/49666",))
    values = answer(ripestat_neighbours, asked, content)["value"].to_series().droplevel("entity")
    for moment in ("2025-10-15 00:00", "2025-11-11 08:00", "2026-01-09 00:00"):
        text = pd.Timestamp(moment).isoformat()
        expected = {row["neighbor_asn"] for row in table if row["start"] <= text <= row["end"]}
        assert values[moment] == len(expected)
    assert values["2026-01-09 00:00"] < values["2026-01-08 16:00"]
    # Every neighbour stops at the edge of what was asked: that is no fall to zero.
    assert values["2026-01-12 16:00"] > 0
    assert values["2026-01-13":].isna().all()


def test_no_neighbours_is_zero_and_before_the_history_is_missing():
    asked = query("ripestat.neighbours", "2019-07-31", "2019-08-02", entities=("asn/1",))
    content = history([], start="2019-07-31T00:00:00", end="2019-08-02T08:00:00")
    values = answer(ripestat_neighbours, asked, content)["value"].values[0]
    assert np.isnan(values[:3]).all()
    assert (values[3:] == 0).all()


def test_a_list_that_was_cut_off_is_refused():
    asked = query("ripestat.neighbours", entities=("asn/1",))
    content = history([{"neighbour": n, "timelines": []} for n in range(1800)])
    with pytest.raises(SourceError, match="cut off after 1800"):
        answer(ripestat_neighbours, asked, content)


@needs_samples
def test_a_published_table_of_timelines_is_read_as_the_answer_it_came_from():
    asked = query("ripestat.neighbours", "2025-10-01", "2026-01-20", entities=("asn/49666",))
    (request,) = ripestat_neighbours.requests(asked, {})
    there = reply(request, NEIGHBOURS.read_bytes(), origin=USER_SUPPLIED)
    values = ripestat_neighbours.read(asked, there)["value"].to_series().droplevel("entity")
    table = pd.read_csv(NEIGHBOURS)
    for moment in ("2025-10-15 00:00", "2025-11-11 08:00", "2026-01-09 00:00", "2026-01-12 16:00"):
        text = pd.Timestamp(moment).isoformat()
        inside = (table["start"] <= text) & (table["end"] >= text)
        assert values[moment] == table["neighbor_asn"][inside].nunique()
    # What the file does not speak of is missing, never zero.
    assert values[:"2025-10-14"].isna().all()
    assert values["2026-01-13":].isna().all()
    assert values["2026-01-12 16:00"] > 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "neither an answer of RIPEstat nor a table"),
        (b"neighbor_asn,start,end\n", "no rows"),
        (b"neighbor_asn,start,end\nx,2021-07-11,2021-07-12\n", "not a number"),
        (b"neighbor_asn,start,end\n1,soon,2021-07-12\n", "not an ISO 8601 time"),
        (b"neighbor_asn,start,end\n1,2021-07-12,2021-07-11\n", "ends before it starts"),
    ],
)
def test_what_is_no_table_of_timelines_is_one_sentence(content, sentence):
    asked = query("ripestat.neighbours", entities=("asn/1",))
    (request,) = ripestat_neighbours.requests(asked, {})
    with pytest.raises(SourceError, match=sentence):
        ripestat_neighbours.read(asked, reply(request, content, origin=USER_SUPPLIED))
    # A service answers in its own form, never with a table.
    with pytest.raises(SourceError, match="not JSON"):
        ripestat_neighbours.read(asked, reply(request, content))


def test_neighbours_are_of_networks():
    with pytest.raises(InputError, match="at least one network"):
        ripestat_neighbours.requests(query("ripestat.neighbours"), {})
    with pytest.raises(InputError, match="not a datasource"):
        ripestat_neighbours.requests(query("ripestat.largest-share"), {})


def test_registered_and_routed_networks_are_a_table():
    asked = query("ripestat-networks", end="2021-07-13", country="CU")
    first, second = ripestat_networks.requests(asked, {})
    assert dict(first.query)["query_time"] == "2021-07-11T00:00"

    def counts(day, routed):
        found = {"resource": "cu", "stats": {"registered": 3, "routed": routed}}
        return stat({"countries": [found], "query_time": f"2021-07-{day}T00:00:00"})

    both = reply(second, counts(12, 1)) | reply(first, counts(11, 2))
    table = ripestat_networks.read(asked, both)
    assert tuple(table.columns) == ripestat_networks.COLUMNS
    assert table[["country", "registered", "routed"]].to_numpy().tolist() == [
        ["CU", 3, 2],
        ["CU", 3, 1],
    ]
    assert "RIPE" in table.attrs["citation"]
    with pytest.raises(SourceError, match="CU is not among"):
        ripestat_networks.read(
            asked, reply(first, stat({"countries": [], "query_time": "2021-07-11"}))
        )


# RIPEstat, concentration of address space


def networks(*numbers, code="CU"):
    listed = "{" + ", ".join(f"AsnSingle({number})" for number in numbers) + "}"
    stats = {"registered": 9, "routed": len(numbers)}
    return stat({"countries": [{"resource": code, "stats": stats, "routed": listed}]})


def announced(*prefixes, start="2021-07-11T00:00:00", end="2021-07-12T08:00:00"):
    lines = [
        {"prefix": prefix, "timelines": [{"starttime": first, "endtime": last}]}
        for prefix, first, last in prefixes
    ]
    edges = {"earliest_time": "2000-08-01T00:00:00", "latest_time": "2026-06-10T16:00:00"}
    return stat({"prefixes": lines, "query_starttime": start, "query_endtime": end, **edges})


ALL_DAY = ("2021-07-11T00:00:00", "2021-07-12T00:00:00")


def grown(asked, first, last, by_network):
    """Answer the lists, then the prefixes of each network they lead to."""
    begin, end = ripestat_concentration.requests(asked, {})
    replies = reply(begin, first) | reply(end, last)
    for request in ripestat_concentration.requests(asked, replies)[2:]:
        replies |= reply(request, by_network[dict(request.query)["resource"]])
    return replies


def test_shares_and_index_count_every_address_of_a_network_once():
    big = announced(
        ("10.0.0.0/22", *ALL_DAY),
        ("10.0.1.0/24", *ALL_DAY),  # inside the first
        ("10.0.8.0/23", "2021-07-11T08:00:00", "2021-07-11T08:00:00"),
        ("2001:db8::/32", *ALL_DAY),
    )
    small = announced(("192.0.2.0/24", *ALL_DAY), ("198.51.100.0/24", *ALL_DAY))
    gone = announced()
    by_network = {"AS27725": big, "AS2": small, "AS3": gone}
    asked = query("ripestat.largest-share", country="CU")
    replies = grown(asked, networks(27725, 2), networks(2, 3), by_network)
    assert [dict(one.query)["resource"] for one in ripestat_concentration.requests(asked, replies)][
        2:
    ] == ["AS2", "AS3", "AS27725"]
    node = ripestat_concentration.read(asked, replies)
    sizes = np.array([[1024, 512, 0], [1536, 512, 0], [1024, 512, 0]])
    shares = sizes / sizes.sum(axis=1, keepdims=True)
    assert node["value"].sel(entity="country/CU").values.tolist() == shares.max(axis=1).tolist()
    assert node.attrs["largest"] == "country/CU: asn/27725"
    assert node.attrs["networks"] == 3
    index = query("ripestat.concentration", country="CU")
    assert [one.key for one in ripestat_concentration.requests(index, replies)] == [
        one.key for one in ripestat_concentration.requests(asked, replies)
    ]
    found = ripestat_concentration.read(index, replies)["value"].values[0]
    assert np.allclose(found, (shares**2).sum(axis=1), rtol=0, atol=1e-15)
    backwards = dict(reversed(replies.items()))
    assert ripestat_concentration.read(asked, backwards).identical(node)


def test_one_network_has_everything_and_nothing_routed_is_missing():
    late = ("10.0.0.0/24", "2021-07-11T08:00:00", "2021-07-12T00:00:00")
    asked = query("ripestat.concentration", country="CU")
    replies = grown(asked, networks(1), networks(1), {"AS1": announced(late)})
    values = ripestat_concentration.read(asked, replies)["value"].values[0]
    assert np.array_equal(values, [np.nan, 1, 1], equal_nan=True)


def test_a_country_with_a_network_missing_was_not_read():
    asked = query("ripestat.largest-share", country="CU")
    some = announced(("10.0.0.0/24", *ALL_DAY))
    replies = grown(asked, networks(1, 2), networks(1), {"AS1": some, "AS2": some})
    last = ripestat_concentration.requests(asked, replies)[-1]
    del replies[last.key]
    node = ripestat_concentration.read(asked, replies)
    assert (node["coverage"] == NOT_READ).all()


@pytest.mark.parametrize("listed", ["{AsnSingle(7), AsnSingle(9)}", [7, 9], ["7", "9"], "7,9"])
def test_every_form_of_a_list_of_networks_is_read(listed):
    asked = query("ripestat.largest-share", country="CU")
    content = stat({"countries": [{"resource": "CU", "routed": listed}]})
    begin, end = ripestat_concentration.requests(asked, {})
    replies = reply(begin, content) | reply(end, content)
    found = ripestat_concentration.requests(asked, replies)[2:]
    assert [dict(one.query)["resource"] for one in found] == ["AS7", "AS9"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (stat({"countries": []}), "CU is not among the countries"),
        (stat({"countries": [{"resource": "CU"}]}), "networks are not listed"),
        (networks(*range(1, 1600)), "each of them a request; raise the option most above 1500"),
        ({"status": "error"}, "status is not ok"),
    ],
)
def test_lists_of_networks_that_cannot_be_used(content, sentence):
    asked = query("ripestat.largest-share", country="CU")
    begin, end = ripestat_concentration.requests(asked, {})
    with pytest.raises(SourceError, match=sentence):
        ripestat_concentration.requests(asked, reply(begin, content) | reply(end, content))


@pytest.mark.parametrize("prefix", ["10.0.0.0/33", "", None, "::", "x/8"])
def test_a_prefix_that_is_none(prefix):
    asked = query("ripestat.largest-share", country="CU")
    odd = announced((prefix, *ALL_DAY))
    replies = grown(asked, networks(1), networks(1), {"AS1": odd})
    if prefix == "::":
        assert np.isnan(ripestat_concentration.read(asked, replies)["value"]).all()
        return
    with pytest.raises(SourceError, match="is no prefix"):
        ripestat_concentration.read(asked, replies)


# RIPE Atlas


def probe(number, state, since):
    return {"id": number, "status": {"id": state, "name": "?"}, "status_since": since}


def listed(*probes, following=None):
    return {"count": len(probes), "next": following, "results": list(probes)}


def event(number, time, kind):
    return {"prb_id": number, "timestamp": time, "type": "connection", "event": kind}


T0 = int(pd.Timestamp("2021-07-11", tz="UTC").timestamp())


def connected(probes, events, **more):
    asked = query("ripe-atlas.connected")
    (page,) = ripe_atlas.requests(asked, {})
    replies = reply(page, listed(*probes))
    for request in ripe_atlas.requests(asked, replies)[1:]:
        replies |= reply(request, events, **more)
    return ripe_atlas.read(asked, replies)


def test_probes_are_counted_from_their_events_in_any_order():
    probes = [probe(1, 1, T0 + 9**9), probe(2, 1, T0 - 5), probe(3, 2, T0 - 5), probe(4, 0, None)]
    # The disconnect is logged after the connect that follows it, and one connect occurs twice.
    events = [
        event(1, T0 + 1200, "connect"),
        event(1, T0 + 1201, "connect"),
        event(1, T0 + 600, "disconnect"),
        event(99, T0 + 1, "connect"),
        event(1, T0 + 700, "reboot"),
    ]
    node = connected(probes, events)
    assert node["value"].values[0, :6].tolist() == [2, 2, 1, 1, 2, 2]
    assert node.attrs["undetermined"] == 0
    assert node.identical(connected(probes[::-1], events[::-1]))
    assert "prb" not in str(node.to_dict())


def test_a_reconnect_in_the_same_second_stays_connected():
    events = [event(1, T0 + 300, "connect"), event(1, T0 + 300, "disconnect")]
    assert (connected([probe(1, 1, T0 + 300)], events)["value"] == 1).all()


def test_a_probe_nobody_can_tell_about_is_left_out_and_counted():
    node = connected([probe(1, 1, T0 + 9**9), probe(2, 1, T0 - 5)], [])
    assert (node["value"] == 1).all()
    assert node.attrs["undetermined"] == 1
    assert np.isnan(connected([], [])["value"].values).all()


def test_the_time_after_the_fetch_is_missing():
    node = connected(
        [probe(1, 1, T0 + 9**9)], [event(1, T0, "connect")], fetched="2021-07-11T12:00:00Z"
    )
    assert np.isfinite(node["value"].values[0]).sum() == 145


def test_pages_are_followed_and_a_link_elsewhere_is_refused():
    asked = query("ripe-atlas.connected", country="IR")
    (first,) = ripe_atlas.requests(asked, {})
    assert "geometry" not in str(first)
    link = "http://mirror.example/api/v2/probes/?country_code=IR&page={}&page_size=500"
    replies = reply(first, listed(probe(1, 1, T0 + 9), following=link.format(2)))
    (_, second) = ripe_atlas.requests(asked, replies)
    replies |= reply(second, listed(probe(2, 1, T0 + 9)))
    third = ripe_atlas.requests(asked, replies)[2]
    assert dict(third.query)["probe_ids"] == "1,2"
    assert (ripe_atlas.read(asked, replies)["coverage"] == NOT_READ).all()
    for bad in (link.format(1), link.format(3), "/elsewhere/?page=2", "http://[", 5):
        with pytest.raises(SourceError, match="leads elsewhere"):
            ripe_atlas.requests(asked, reply(first, listed(following=bad)))


@needs_samples
def test_recorded_probes_and_events():
    probes = json.loads((SAMPLES / "ripe-atlas/probes_VE_fields-subset_excerpt.json").read_bytes())
    name = "ripe-atlas/measurement_7000_connection_events_VE_excerpt.json"
    events = json.loads((SAMPLES / name).read_bytes())
    numbers = {one["prb_id"] for one in events}
    probes["results"] += [probe(number, 1, 1790300000) for number in sorted(numbers)]
    asked = query("ripe-atlas.connected", "2026-09-23T12:00", "2026-09-25", "VE")
    (page,) = ripe_atlas.requests(asked, {})
    replies = reply(page, probes)
    _, results = ripe_atlas.requests(asked, replies)
    values = ripe_atlas.read(asked, replies | reply(results, events))["value"].values[0]
    # Connected before: one of the listed six is not in time, and those that first disconnect.
    first = {}
    for one in sorted(events, key=lambda one: one["timestamp"]):
        first.setdefault(one["prb_id"], one["event"])
    assert values[0] == sum(kind == "disconnect" for kind in first.values())
    last = {one["prb_id"]: one["event"] for one in sorted(events, key=lambda o: o["timestamp"])}
    # 7049 connected at 13:28, after the beginning, and has no event here.
    assert values[-1] == sum(kind == "connect" for kind in last.values())


# Any bytes, any shape


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(["", "ok", "connect", "2021-07-11T05:00:00", "9999-12-31", "0001-01-01", "1h"]),
    st.text(max_size=4),
)
JUNK = st.one_of(LEAVES, st.lists(LEAVES, max_size=2), st.dictionaries(st.text(), LEAVES))
SHAPES = {
    "ripestat.routed-prefixes": stats((line("00", "03"), 1)),
    "ripestat.neighbours": history([{"neighbour": 2, "timelines": [line("00", "08")]}]),
    "ripestat.largest-share": networks(1, code="ZZ"),
    "ripestat.concentration": announced(("10.0.0.0/24", *ALL_DAY)),
    "ripe-atlas.connected": listed(probe(1, 1, T0 + 9)),
}
MODULES = {
    "ripestat.routed-prefixes": ripestat,
    "ripestat.neighbours": ripestat_neighbours,
    "ripestat.largest-share": ripestat_concentration,
    "ripestat.concentration": ripestat_concentration,
    "ripe-atlas.connected": ripe_atlas,
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


def read_or_told(datasource, body):
    asked = query(datasource, entities=("asn/1",) if "neighb" in datasource else ())
    module = MODULES[datasource]

    def read():
        replies = {}
        for _ in range(4):
            wanted = module.requests(asked, replies)
            replies |= {one.key: Reply(one, body) for one in wanted}
        return module.read(asked, replies)

    return outcome(read, about=f"{module.SERVICE.name}, ")


@settings(max_examples=examples(60))
@given(st.sampled_from(sorted(SHAPES)), st.binary(max_size=40))
def test_any_bytes_give_values_or_one_sentence(datasource, body):
    assert isinstance(read_or_told(datasource, body), str)


@settings(max_examples=examples(60))
@given(st.sampled_from(sorted(SHAPES)), st.data())
def test_any_mutation_gives_values_or_one_sentence(datasource, data):
    content = mutated(SHAPES[datasource], data.draw)
    found = read_or_told(datasource, json.dumps(content).encode())
    if datasource == "ripestat.routed-prefixes":
        assert not invented(found, content)
    else:  # there is one network, one neighbour, one probe
        assert isinstance(found, str) or measured(found) <= {0.0, 1.0}


@settings(max_examples=examples(40))
@given(st.data())
def test_mutated_connection_events(data):
    content = mutated([event(1, T0 + 300, "connect")], data.draw)
    found = outcome(connected, [probe(1, 1, T0 + 9)], content, about="ripe-atlas, ")
    assert isinstance(found, str) or measured(found) <= {0.0, 1.0}
