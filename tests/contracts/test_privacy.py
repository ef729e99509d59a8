"""What tells persons or their places does not leave the reading of a reply."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.archive.request import Reply
from darkdays.contracts import events
from darkdays.contracts.disclosure import FEWEST, coarse, count, parts
from darkdays.files import paths
from darkdays.files.writing import csv_text
from darkdays.report.version.json_values import leaves
from darkdays.sources import acled
from darkdays.sources.ooni import ooni_headers, ooni_measurements
from darkdays.sources.query import Query
from darkdays.sources.ripe import ripe_atlas
from every_source import SOURCES
from shared_data import SHARED, needs

SAMPLES = SHARED / "api-samples" / "ooni"
ADDRESS = re.compile(
    r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){4,7}\b"
)
SECRETS = {
    "probe_ip": "203.0.113.77",
    "report_id": "20210715T000000Z_secretreport",
    "measurement_uid": "20210715000000.000000_IR_secretuid",
    "measurement_url": "https://api.ooni.io/secreturl",
    "resolver_ip": "203.0.113.78",
    "annotations": {"platform": "secretplatform"},
    "client_resolver": "203.0.113.79",
}


def query(datasource="ooni", **options):
    start = pd.Timestamp("2021-07-15", tz="UTC")
    return Query(datasource, start, start + pd.Timedelta("2D"), "IR", (), options, "Asia/Tehran")


def answered(source, asked, document):
    replies = {}
    for _ in range(4):
        for one in source.requests(asked, replies):
            replies.setdefault(
                one.key, Reply(one, json.dumps(document).encode(), "2026-12-01T00:00:00Z")
            )
    return source.read(asked, replies)


def told(found):
    """Everything a table or a signal says, its attributes too."""
    text = csv_text(found) if isinstance(found, pd.DataFrame) else found.to_dataframe().to_csv()
    return text + repr(found.attrs)


def test_measurements_hold_no_probe():
    row = {
        "measurement_start_time": "2021-07-15T00:00:00Z", "probe_cc": "IR", "probe_asn": "AS44244",
        "test_name": "web_connectivity", "input": "https://news.example/", "anomaly": True,
        "confirmed": False, "failure": False, **SECRETS,
    }  # fmt: skip
    found = told(answered(ooni_measurements, query(), {"metadata": {}, "results": [row]}))
    assert "news.example" in found
    assert "secret" not in found
    assert not ADDRESS.search(found)


def test_headers_hold_no_probe():
    row = {
        "measurement_start_time": "2021-07-15T00:00:00Z", "probe_cc": "IR", "probe_asn": "AS44244",
        "input": "http://news.example/", **SECRETS,
    }  # fmt: skip
    headers = {
        "Server": "gateway", "Set-Cookie": "secretcookie", "X-Client-IP": "203.0.113.77",
        "X-Forwarded-For": "203.0.113.77", "Location": "http://10.10.34.34/",
    }  # fmt: skip
    document = {
        "metadata": {}, "results": [row], **SECRETS,
        "test_keys": {"client_resolver": "203.0.113.79", "requests": [
            {"response": {"code": 302, "headers": headers}}]},
    }  # fmt: skip
    found = told(answered(ooni_headers, query("ooni-headers", most="3"), document))
    assert "gateway" in found
    assert "secret" not in found
    assert "203.0.113" not in found


def test_probes_are_counted_and_not_named():
    probe = {
        "id": 987654321, "status": {"id": 1, "since": "2021-07-01T00:00:00Z"},
        "address_v4": "203.0.113.77", "address_v6": "2001:db8::77", "prefix_v4": "203.0.113.0/24",
        "geometry": {"coordinates": [51.38901, 35.68921]}, "description": "secret name",
    }  # fmt: skip
    document = {"results": [probe], "next": None}
    asked = query("ripe-atlas.connected")
    first = ripe_atlas.requests(asked, {})
    replies = {one.key: Reply(one, json.dumps(document).encode(), "2026-12-01T00:00:00Z")
               for one in first}  # fmt: skip
    for one in ripe_atlas.requests(asked, replies):
        replies.setdefault(one.key, Reply(one, b"[]", "2026-12-01T00:00:00Z"))
    found = told(ripe_atlas.read(asked, replies))
    assert "987654321" not in found
    assert "secret" not in found
    assert not ADDRESS.search(found)
    # Addresses and places of probes are not even asked for.
    assert dict(first[0].query)["fields"] == "id,status,status_since,first_connected"


def test_protests_are_of_divisions_and_few_are_not_told_apart():
    assert not {"latitude", "longitude", "location", "notes", "actor1"} & set(
        acled._FIELDS.split("|")
    )
    row = {
        "event_id_cnty": "IRN1", "event_date": "2021-07-15", "time_precision": "1",
        "event_type": "Protests", "sub_event_type": "Peaceful protest",
        "country": "Iran", "admin1": "Khuzestan", "location": "secret village",
        "latitude": "31.31830",
        "longitude": "48.67062", "notes": "secret name", "actor1": "secret actor",
    }  # fmt: skip
    few = [row | {"event_id_cnty": f"IRN{n}"} for n in range(4)]
    many = [row | {"event_id_cnty": f"IRN{n}", "admin1": "Tehran"} for n in range(10, 17)]
    found = answered(acled, query("acled", time_zone="Asia/Tehran"), {"data": few + many})
    assert "secret" not in told(found)
    assert "31.3" not in told(found)
    said = dict(zip(found["place"], found["statement"], strict=True))
    assert said == {
        "Khuzestan": "<5 events: <5 peaceful protest",
        "Tehran": "7 events: 7 peaceful protest",
    }


@needs(SAMPLES, leaves_open="that recorded measurements of OONI lose what tells their probe")
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*measurements*.json")), ids=str)
def test_recorded_measurements_hold_no_probe(path):
    document = json.loads(path.read_bytes())
    if "results" not in document:
        pytest.skip("it is an error")
    names = [str(one.get(key)) for one in document["results"] for key in SECRETS if one.get(key)]
    for one in document["results"]:
        one["measurement_start_time"] = "2021-07-15T00:00:00Z"
    document["metadata"]["next_url"] = None
    found = told(answered(ooni_measurements, query(), document))
    assert found.count("\n") > 1
    assert not [name for name in names if name in found]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("at 35.68921, 51.38901", "at 35.7, 51.4"),
        ("35.68921 51.38901", "35.7 51.4"),
        ("35.689° N, 51.389° E", "35.7° N, 51.4° E"),
        ("-23.1136;-82.3666", "-23.1;-82.4"),
        ("35.7, 51.4", "35.7, 51.4"),
        ("from 12.50, to 13.75", "from 12.50, to 13.75"),
        ("version 10.12.13", "version 10.12.13"),
        ("95.123, 51.389", "95.123, 51.389"),
        ("Ahvaz", "Ahvaz"),
        ("7 of 10.55 % and 3.14", "7 of 10.55 % and 3.14"),
    ],
)
def test_places_are_as_coarse_as_a_city(given, said):
    assert coarse(given) == said


def test_places_of_ones_own_events_are_rounded():
    header = ",".join(events.COLUMNS)
    row = 'protest,2021-07-15,,Asia/Tehran,day,"31.31830, 48.67062",,"at 31.3183 N 48.6706 E",us,'
    found = events.read_csv(f"{header}\n{row}\n".encode(), "x")
    assert found.loc[0, "place"] == "31.3, 48.7"


@given(st.integers(0, 10_000))
def test_counts_under_five_are_not_told_apart(number):
    assert count(number) == ("<5" if 1 <= number <= 4 else str(number))


def test_no_shipped_report_places_anything_finer_than_a_city():
    for path in (paths.root() / "reports").rglob("findings.json"):
        for name, value in leaves(json.loads(path.read_text(encoding="utf-8"))):
            assert not isinstance(value, str) or coarse(value) == value, (path, name)


# What needs an account to be counted, and what nobody but its owner has.
NOT_PUBLIC = {"acled", "user-csv"}


def test_every_service_is_public_at_its_grain_or_is_said_not_to_be():
    services = {source.SERVICE.name: source.SERVICE for source in SOURCES.values()}
    names = services.keys()
    assert {name for name, one in services.items() if not one.public} == NOT_PUBLIC
    told = (paths.root() / "docs" / "ethics.md").read_text(encoding="utf-8").lower()
    for name in names - {"citizenlab", "ripestat"}:  # neither counts anybody
        assert name.partition("-")[0].rstrip("2").replace("mlab", "m-lab") in told, name


@given(st.dictionaries(st.sampled_from(["", "a", "b", "c"]), st.integers(0, 12), max_size=4))
def test_no_part_under_five_follows_from_what_is_said(kinds):
    whole, each = parts(kinds)
    assert whole == count(sum(kinds.values()))
    said = {name: int(number) for number, _, name in (one.partition(" ") for one in each)
            if number.isdigit()}  # fmt: skip
    assert all(said[name] == kinds[name] >= FEWEST for name in said)
    if whole.isdigit() and said:
        rest = int(whole) - sum(said.values())
        assert (
            rest == 0 or rest >= FEWEST or not any(0 < number < FEWEST for number in kinds.values())
        )


def test_a_small_part_of_a_stated_sum_is_named_and_not_counted():
    assert parts({"Riot": 2, "Peaceful protest": 5}) == ("7", ["Peaceful protest", "Riot"])
    assert parts({"Riot": 6, "Peaceful protest": 5}) == ("11", ["5 Peaceful protest", "6 Riot"])
    assert parts({"Riot": 1, "": 1}) == ("<5", ["<5 Riot"])
    assert parts({"Riot": 5, "": 2}) == ("7", ["Riot"])
