"""OONI: every question fits its OpenAPI document, every answer is read or one sentence."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import re
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE, NOT_READ
from darkdays.errors import InputError
from darkdays.sources.ooni import ooni, ooni_headers, ooni_measurements
from darkdays.sources.query import Query
from examples import examples
from outcomes import outcome
from shared_data import SHARED, needs

SAMPLES = SHARED / "api-samples" / "ooni"
needs_samples = needs(SAMPLES, leaves_open="recorded replies of OONI")
COUNT, SHARE = "ooni.measurement-count", "ooni.anomaly-share"


def query(datasource=COUNT, *, start="2021-07-01", end="2021-07-04", country="IR", **more):
    window = pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC")
    return Query(datasource, *window, country=country, **more)


def sample(name):
    return (SAMPLES / name).read_bytes()


def body_of(answer):
    return answer if isinstance(answer, bytes) else json.dumps(answer).encode()


def replied(asked, *answers, source=ooni, **more):
    found = source.requests(asked, {})
    return {
        one.key: Reply(one, body_of(answer), **more)
        for one, answer in zip(found, answers, strict=True)
    }


def group(day, asn, all_=10, anomaly=1, confirmed=2, failure=3, **more):
    counts = {"anomaly_count": anomaly, "confirmed_count": confirmed, "failure_count": failure}
    counts |= {"measurement_count": all_, "ok_count": all_ - anomaly - confirmed - failure}
    return {**counts, "measurement_start_day": day, "probe_asn": asn, **more}


def answered(*groups):
    return {"v": 0, "dimension_count": 2, "db_stats": {}, "result": list(groups)}


def read(*groups, **more):
    asked = query(**more)
    return ooni.read(asked, replied(asked, answered(*groups)))


def values(node, entity):
    return node["value"].sel(entity=entity).values.tolist()


# --- every question fits the OpenAPI document ---


@functools.cache
def document_of_the_service():
    return json.loads(sample("oonimeasurements_openapi_generated.json"))


def conforms(request):
    """Check a request against the OpenAPI document of the service that answers it."""
    document = document_of_the_service()
    declared = {
        one["name"]: one
        for one in document["paths"][f"/api/v1{request.path}"]["get"]["parameters"]
        if one["in"] == "query"
    }
    names = [name for name, _ in request.query]
    assert len(set(names)) == len(names)
    assert set(names) <= set(declared), set(names) - set(declared)
    for name, text in request.query:
        schema = {**declared[name]["schema"], "components": document["components"]}
        kinds = {one.get("type") for one in schema.get("anyOf", [schema])}
        formats = {one.get("format") for one in schema.get("anyOf", [schema])}
        value = int(text) if kinds == {"integer"} else text
        value = {"true": True, "false": False}[text] if "boolean" in kinds else value
        jsonschema.validate(value, schema)
        if "date" in formats:
            assert date.fromisoformat(text).isoformat() == text
        if "date-time" in formats:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
            datetime.fromisoformat(text)


@needs_samples
@pytest.mark.parametrize("span", ["1h", "8D", "181D", "400D"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"time_grain": "hour"},
        {"test_name": "web_connectivity,signal", "domain": "a.example,b.example"},
        {"input": "https://a.example/", "category_code": "NEWS", "anomaly": "true"},
    ],
)
def test_every_request_fits_the_document_of_the_service(span, options):
    start = pd.Timestamp("2021-07-01T13:45:30.5Z")
    for entities in ((), ("asn/44244", "asn/197207"), ("country/IR", "country/TR", "region/x")):
        asked = Query(COUNT, start, start + pd.Timedelta(span), "IR", entities, options)
        for source in (ooni, ooni_measurements):
            found = source.requests(asked, {})
            assert found
            for request in found:
                conforms(request)
            assert len({one.key for one in found}) == len(found)


@needs_samples
def test_a_page_that_follows_fits_the_document_too():
    asked = query(ooni_measurements.SERVICE.name)
    there = replied(asked, page(next_url=link(asked, offset=10_000)), source=ooni_measurements)
    _, after = ooni_measurements.requests(asked, there)
    conforms(after)
    assert dict(after.query)["offset"] == "10000"


@pytest.mark.parametrize("grain", ["hour", "day"])
@pytest.mark.parametrize("days", [0.5, 1, 7, 8, 30, 31, 365, 366, 1000])
def test_stretches_are_whole_days_that_the_grain_is_allowed_for(grain, days):
    start = pd.Timestamp("2019-11-10T06:30Z")
    asked = Query(COUNT, start, start + pd.Timedelta(days=days), "IR", (), {"time_grain": grain})
    stretches = [dict(one.query) for one in ooni.requests(asked, {})]
    for one in stretches:
        width = (date.fromisoformat(one["until"]) - date.fromisoformat(one["since"])).days
        # The service's own rule: (at most so many days, these grains).
        rule = [(7, {"hour", "day"}), (30, {"day"}), (365, {"day"}), (9999999, {"day"})]
        assert width > 0
        assert one["time_grain"] in next(allowed for most, allowed in rule if width <= most)
    assert stretches[0]["since"] == "2019-11-10"
    assert pd.Timestamp(stretches[-1]["until"], tz="UTC") == asked.end.ceil("1D")
    for one, following in itertools.pairwise(stretches):
        assert one["until"] == following["since"]


def test_count_share_and_any_choice_of_networks_share_their_requests():
    keys = {
        tuple(one.key for one in ooni.requests(query(name, entities=entities), {}))
        for name in (COUNT, SHARE)
        for entities in ((), ("asn/1",), ("country/IR", "asn/44244", "region/5", "country/all"))
    }
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (query("tor.relay-users"), "ask for one of"),
        (query(options={"time_grain": "week"}), "time_grain to day or hour"),
        (query(options={"test_name": "Web Connectivity"}), "option test_name"),
        (query(options={"domain": "a"}), "option domain"),
    ],
)
def test_a_question_ooni_would_refuse_is_not_asked(asked, sentence):
    with pytest.raises(InputError, match=sentence):
        ooni.requests(asked, {})


# --- counts and shares ---


def test_absent_groups_are_zero_for_counts_and_missing_for_shares():
    groups = group("2021-07-01", 44244), group("2021-07-03", 0, 4, 0, 0, 4)
    count = read(*groups)
    assert list(count["entity"].values) == ["asn/44244", "asn/unknown", "country/IR"]
    assert values(count, "asn/44244") == [10, 0, 0]
    assert values(count, "asn/unknown") == [0, 0, 4]
    assert values(count, "country/IR") == [10, 0, 4]
    assert (count["coverage"] == MEASURED).all()
    share = read(*groups, datasource=SHARE)
    # Three blocked of seven that did not fail; then nothing, then failures only.
    assert np.array_equal(values(share, "country/IR"), [3 / 7, np.nan, np.nan], equal_nan=True)
    assert list(share["coverage"].sel(entity="country/IR")) == [
        MEASURED, MISSING_AT_SOURCE, MISSING_AT_SOURCE,
    ]  # fmt: skip


def test_listed_entities_are_held_others_not_and_the_country_counts_all_networks():
    groups = group("2021-07-01", 44244), group("2021-07-01", 1, 5), group("2021-07-01", 0, 7)
    node = read(*groups, entities=("country/IR", "asn/44244", "asn/9", "region/5", "country/all"))
    assert list(node["entity"].values) == ["asn/44244", "asn/9", "country/IR"]
    assert values(node, "asn/9") == [0, 0, 0]
    assert values(node, "country/IR") == [22, 0, 0]


def test_other_countries_are_asked_for_themselves_and_networks_stay_in_the_first():
    asked = query(entities=("country/IR", "country/TR", "asn/44244"))
    assert [dict(one.query)["probe_cc"] for one in ooni.requests(asked, {})] == ["IR", "TR"]
    answers = answered(group("2021-07-01", 44244)), answered(group("2021-07-01", 44244, 7))
    node = ooni.read(asked, replied(asked, *answers))
    assert values(node, "asn/44244") == [10, 0, 0]
    assert values(node, "country/TR") == [7, 0, 0]
    first = dict(list(replied(asked, *answers).items())[:1])
    assert (ooni.read(asked, first)["coverage"].sel(entity="country/TR") == NOT_READ).all()
    assert (ooni.read(asked, first)["coverage"].sel(entity="asn/44244") == MEASURED).all()


def test_hours_are_put_together_to_days_and_days_outside_left_out():
    node = read(
        group("2021-07-01T00:00:00Z", 1, 10), group("2021-07-01T23:00:00Z", 1, 7),
        group("2021-06-30", 1, 99), group("2021-07-04", 1, 99), group("9999-12-31", 1, 99),
    )  # fmt: skip
    assert values(node, "asn/1") == [17, 0, 0]


def test_hours_asked_for_are_hours_in_a_window_that_begins_within_a_day():
    asked = query(start="2021-07-01T22:00", end="2021-07-02T02:00", options={"time_grain": "hour"})
    hours = [group(f"2021-07-0{day}:00:00Z", 1, 9) for day in ("1T00", "1T22", "2T01", "2T02")]
    node = ooni.read(asked, replied(asked, answered(*hours)))
    assert node.attrs["step_seconds"] == 3600
    assert values(node, "asn/1") == [9, 0, 0, 9]
    with pytest.raises(SourceError, match="days came back where hours were asked for"):
        ooni.read(asked, replied(asked, answered(group("2021-07-01", 1))))


def test_a_day_that_was_not_over_and_a_stretch_without_reply_were_not_read():
    asked = query()
    there = replied(asked, answered(group("2021-07-02", 1)), fetched="2021-07-02T12:00:00Z")
    node = ooni.read(asked, there)
    assert np.array_equal(values(node, "country/IR"), [0, np.nan, np.nan], equal_nan=True)
    assert list(node["coverage"].sel(entity="country/IR")) == [MEASURED, NOT_READ, NOT_READ]
    long = query(end="2022-12-31")
    one = replied(long, answered(), answered())
    node = ooni.read(long, {key: one[key] for key in list(one)[1:]})
    assert list(node["coverage"][0].values[[0, 364, 365, -1]]) == [NOT_READ] * 2 + [MEASURED] * 2
    assert (ooni.read(asked, {})["coverage"] == NOT_READ).all()


def test_empty_fields_left_out_are_a_network_that_is_not_known():
    left_out = group("2021-07-01", 5)
    del left_out["probe_asn"]
    node = read(left_out, group("2021-07-01", 0, 2), group("2021-07-02", None, 1))
    assert values(node, "asn/unknown") == [12, 1, 0]


def test_the_order_of_replies_and_groups_does_not_matter():
    asked = query(SHARE, end="2022-12-31")
    groups = [group("2021-07-01", 3), group("2021-07-01", 1), group("2021-07-02", 2)]
    there = replied(asked, answered(*groups), answered(group("2022-07-02", 1)))
    back = replied(
        asked, answered(*groups[::-1]), answered(group("2022-07-02", 1)), origin=USER_SUPPLIED
    )
    xr.testing.assert_identical(
        ooni.read(asked, there), ooni.read(asked, dict(reversed(list(back.items()))))
    )


@needs_samples
def test_real_counts_by_day_have_no_network_and_are_read():
    asked = query(start="2024-01-01", end="2024-02-01", country="IT")
    there = replied(asked, sample("local_aggregation_1d_day.json"))
    node = ooni.read(asked, there)
    # The service left the network out: it was not asked for.
    assert node["value"].sel(entity="country/IT").values.tolist() == [999, *[0] * 29, 1]
    share = ooni.read(query(SHARE, start="2024-01-01", end="2024-02-01", country="IT"), there)
    assert share["value"].sel(entity="country/IT").values[0] == (61 + 17) / (61 + 17 + 730)


@needs_samples
@pytest.mark.parametrize(("grain", "bins"), [("hour", 48), ("day", 2)])
def test_real_counts_by_hour_are_read_as_hours_and_as_days(grain, bins):
    body = sample("local_aggregation_1d_hour_auto.json")
    total = sum(row["measurement_count"] for row in json.loads(body)["result"])
    asked = query(start="2021-07-09", end="2021-07-11", options={"time_grain": grain})
    node = ooni.read(asked, replied(asked, body))
    assert node.sizes["time"] == bins
    assert node["value"].sel(entity="country/IR").sum() == total
    assert node["value"].sel(entity="country/IR").values[0] == (20 if grain == "hour" else total)


@needs_samples
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("local_aggregation_0d.json", "not grouped by measurement_start_day"),
        ("local_aggregation_2d_cc_hour.json", "it is about 'CH', not IR"),
        ("local_aggregation_asn_domain.json", "not grouped by measurement_start_day"),
        ("recorded_live_aggregation_VE_domain_x_asn_excerpt.json", "not grouped by"),
        ("local_aggregation_error_axis.json", "OONI says 'Invalid axis name'"),
        ("local_aggregation_error_same_axis_http200.json", "Axis X and Y cannot be the same"),
        ("local_aggregation_error_datetime_422.json", "Datetimes provided to dates should"),
        ("local_aggregation_1d_day_csv.csv", "not JSON"),
        ("local_measurement_meta_notfound.json", "holds no result"),
        ("local_measurements_error_range_400.json", "must not exceed 6 months"),
        ("local_raw_measurement_error.json", "ooni, measurements of IR"),
        ("local_observations_empty.json", "ooni, measurements of IR"),
        ("local_changepoints.json", "ooni, measurements of IR"),
        ("local_measurements_list.json", "not a list of groups"),
    ],
)
def test_a_real_answer_to_another_question_is_one_sentence(name, sentence):
    asked = query()
    with pytest.raises(SourceError, match=re.escape(sentence)):
        ooni.read(asked, replied(asked, sample(name)))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ([], "not a JSON object"),
        ({"error": "quota exceeded"}, "OONI says 'quota exceeded'"),
        ({"detail": []}, "holds no result"),
        ({"result": None}, "not a list of groups"),
        ({"result": [1]}, "not a list of groups"),
        (answered(group("2021-07-01", 1), group("2021-07-01", 1)), "network 1 occurs twice"),
        (answered(group("1 July", 1)), "'1 July' is not a day"),
        (answered(group("2021-07-01T10:00:00", 1)), "is not a day or an hour"),
        (answered(group(20210701, 1)), "not grouped by measurement_start_day"),
        (answered(group("2021-07-01", "AS1")), "probe_asn of a group is 'AS1'"),
        (answered(group("2021-07-01", [1])), "probe_asn of a group"),
        (answered(group("2021-07-01", 1, probe_cc="ZZ")), "about 'ZZ', not IR"),
        (answered(group("2021-07-01", 1) | {"measurement_count": -1}), "'-1', not a count"),
        (answered(group("2021-07-01", 1) | {"measurement_count": True}), "not a count"),
        (answered(group("2021-07-01", 1) | {"measurement_count": 10**400}), "not a count"),
        (answered({"measurement_start_day": "2021-07-01"}), "measurement_count of a group"),
    ],
)
def test_an_answer_that_cannot_be_used_is_one_sentence(answer, sentence):
    asked = query()
    start = r"^ooni, measurements of IR from 2021-07-01 until 2021-07-04: .*; ask for less"
    with pytest.raises(SourceError, match=start) as error:
        ooni.read(asked, replied(asked, answer))
    assert sentence in str(error.value)


# --- the list of measurements ---


def link(asked, host="https://api.ooni.io", path="/api/v1/measurements", **more):
    (first,) = ooni_measurements.requests(asked, {})[:1]
    return f"{host}{path}?{urlencode(dict(first.query) | more)}"


def page(*results, next_url=None):
    return {"metadata": {"count": -1, "pages": -1, "next_url": next_url}, "results": list(results)}


def measurement(start="2021-07-01T00:00:01.000000Z", **more):
    return {
        "measurement_start_time": start, "probe_cc": "IR", "probe_asn": "AS44244",
        "test_name": "web_connectivity", "input": "https://News.example/a", "anomaly": True,
        "confirmed": False, "failure": False, "report_id": "R", "measurement_uid": "secret-uid",
        "measurement_url": "https://x/?measurement_uid=secret-uid",
        "scores": {"analysis": {"blocking_type": "dns"}}, **more,
    }  # fmt: skip


def listed(*answers, **more):
    """Answer page after page, as the archive does, and read what came."""
    asked = query("ooni", **more)
    replies = {}
    for answer in answers:
        (wanted,) = [
            one for one in ooni_measurements.requests(asked, replies) if one.key not in replies
        ]
        replies[wanted.key] = Reply(wanted, body_of(answer(asked) if callable(answer) else answer))
    table = ooni_measurements.read(asked, dict(reversed(list(replies.items()))))
    pd.testing.assert_frame_equal(table, ooni_measurements.read(asked, replies))
    return table


def test_a_row_is_what_ooni_says_without_ids():
    table = listed(page(measurement()))
    assert tuple(table.columns) == ooni_measurements.COLUMNS
    (row,) = table.to_dict("records")
    assert row == {
        "measurement_start_time": pd.Timestamp("2021-07-01T00:00:01Z"), "probe_cc": "IR",
        "probe_asn": 44244, "test_name": "web_connectivity", "input": "https://News.example/a",
        "domain": "news.example", "anomaly": True, "confirmed": False, "failure": False,
        "blocking_type": "dns",
    }  # fmt: skip
    assert "secret" not in table.to_csv()
    assert table.attrs["complete"]
    assert str(table["measurement_start_time"].dt.tz) == "UTC"


def test_what_is_empty_is_missing():
    (row,) = listed(page({"measurement_start_time": "2021-07-01T00:00:00Z"})).to_dict("records")
    assert all(row[name] is None or row[name] is pd.NA for name in row if name[:5] != "measu")
    assert listed(page()).empty


@pytest.mark.parametrize(
    "tested",
    ["dot://9.9.9.9:853/", "9.9.9.9", "obfs4 192.0.2.7:443 AB cert=x", "http://[2001:db8::1]/",
     "2001:db8::1", "https://a.example/?from=192.0.2.7"],
)  # fmt: skip
def test_inputs_with_an_address_of_a_machine_are_dropped(tested):
    (row,) = listed(page(measurement(input=tested))).to_dict("records")
    assert (row["input"], row["domain"]) == (None, None)


def test_rows_outside_the_window_and_rows_twice_are_left_out():
    moments = ["2021-06-30T23:59:59Z", "2021-07-01T00:00:00Z", "2021-07-03T23:59:59.9+00:00",
               "2021-07-04T00:00:00Z", "2021-07-01T00:00:00Z", "9999-12-31T00:00:00Z"]  # fmt: skip
    table = listed(page(*(measurement(one) for one in moments)))
    assert list(table["measurement_start_time"].dt.strftime("%d %H:%M")) == ["01 00:00", "03 23:59"]
    (asked,) = ooni_measurements.requests(query("ooni"), {})
    # OONI leaves the first moment out.
    assert dict(asked.query)["since"] == "2021-06-30T23:59:59Z"


def test_a_long_window_is_asked_in_stretches_of_at_most_180_days():
    asked = query("ooni", start="2019-01-01", end="2020-12-31")
    found = [dict(one.query) for one in ooni_measurements.requests(asked, {})]
    widths = [pd.Timestamp(one["until"]) - pd.Timestamp(one["since"]) for one in found]
    assert len(found) == 5
    assert max(widths).days <= 180
    for one, following in itertools.pairwise(found):
        assert pd.Timestamp(following["since"]) < pd.Timestamp(one["until"])


def test_networks_narrow_the_list_unless_the_country_is_wanted_too():
    (one,) = ooni_measurements.requests(query("ooni", entities=("asn/5", "asn/44244")), {})
    assert dict(one.query)["probe_asn"] == "AS5,AS44244"
    (one,) = ooni_measurements.requests(query("ooni", entities=("asn/5", "country/IR")), {})
    assert "probe_asn" not in dict(one.query)
    with pytest.raises(InputError, match="option anomaly"):
        ooni_measurements.requests(query("ooni", options={"anomaly": "yes"}), {})


@pytest.mark.parametrize("host", ["https://api.ooni.io", "http://127.0.0.1:8080", ""])
@pytest.mark.parametrize(
    "onwards", [{"offset": "2"}, {"cont": "20210701000001-20210701_IR_web_ab"}]
)
def test_pages_are_followed_to_the_last(host, onwards):
    table = listed(
        lambda asked: page(measurement(), next_url=link(asked, host, **onwards)),
        lambda asked: page(
            measurement("2021-07-01T01:00:00Z"), next_url=link(asked, host, offset="4")
        ),
        page(measurement("2021-07-01T02:00:00Z")),
    )
    assert list(table["measurement_start_time"].dt.hour) == [0, 1, 2]


def test_a_page_that_is_not_there_yet_makes_the_list_incomplete():
    table = listed(lambda asked: page(measurement(), next_url=link(asked, offset="2")))
    assert len(table) == 1
    assert not table.attrs["complete"]


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda asked: link(asked, "https://evil.example", offset="2"), "leads to 'evil.example'"),
        (lambda asked: link(asked, "ftp://api.ooni.io", offset="2"), "leads to 'api.ooni.io'"),
        (lambda asked: link(asked, path="/api/v1/raw_measurement", offset="2"), "another path"),
        (lambda asked: link(asked, path="/x/api/v1/measurements", offset="2"), "another path"),
        (lambda asked: link(asked, offset="2", probe_cc="TR"), "asks another question"),
        (lambda asked: link(asked, offset="2", report_id="R"), "asks another question"),
        (lambda asked: link(asked), "does not say how far"),
        (lambda asked: link(asked, offset="-2"), "does not say how far"),
        (lambda asked: link(asked, cont="a b&c"), "does not say how far"),
        (lambda _: "http://[1::2", "no address"),
        (lambda _: 7, "another path"),
    ],
)
def test_a_link_that_leads_elsewhere_is_one_sentence(made, sentence):
    with pytest.raises(SourceError, match=r"^ooni, list of measurements of IR.*; ") as error:
        listed(lambda asked: page(next_url=made(asked)))
    assert sentence in str(error.value)


def test_a_mirror_may_name_itself_if_the_case_says_so():
    table = listed(
        lambda asked: page(measurement(), next_url=link(asked, "https://m.example", offset="2")),
        page(),
        options={"link_host": "m.example"},
    )
    assert table.attrs["complete"]


def test_links_in_a_circle_and_without_end_are_found():
    ahead = [
        lambda asked, offset=offset: page(next_url=link(asked, offset=str(offset)))
        for offset in range(1, 100)
    ]
    with pytest.raises(SourceError, match="leads back to one before"):
        listed(ahead[0], ahead[1], ahead[0])
    with pytest.raises(SourceError, match="more than 50 pages of 10000; ask for a shorter window"):
        listed(*ahead)


@needs_samples
def test_the_real_list_is_read_whole():
    rows = json.loads(sample("local_measurements_last_page.json"))["results"]
    asked = query("ooni", start="2024-01-01", end="2024-02-01", country="IT")
    there = replied(asked, sample("local_measurements_last_page.json"), source=ooni_measurements)
    assert ooni_measurements.requests(asked, there) == ooni_measurements.requests(asked, {})
    table = ooni_measurements.read(asked, there)
    inside = [row for row in rows if row["measurement_start_time"] >= "2024"]
    assert len(table) == len(inside) == 31
    assert table["blocking_type"].value_counts().to_dict() == {"tcp_ip": 1}
    assert table["anomaly"].sum() == 1
    assert table["failure"].sum() == 14
    assert set(table["probe_asn"]) == {int(row["probe_asn"][2:]) for row in inside}
    text = table.to_csv()
    for row in rows:
        assert row["report_id"] not in text
        assert row["measurement_uid"] not in text


@needs_samples
def test_the_live_list_is_read_once_its_link_asks_the_same():
    answer = json.loads(sample("recorded_live_measurements_VE_limit1.json"))
    asked = query("ooni", start="2026-09-24", end="2026-09-25", country="VE")
    with pytest.raises(SourceError, match="asks another question"):
        ooni_measurements.read(asked, replied(asked, answer, source=ooni_measurements))
    answer["metadata"]["next_url"] = None
    (row,) = ooni_measurements.read(
        asked, replied(asked, answer, source=ooni_measurements)
    ).to_dict("records")
    assert (row["domain"], row["probe_asn"], row["blocking_type"]) == ("76crimes.com", 61461, None)
    assert row["measurement_start_time"] == datetime(2026, 9, 24, 23, 43, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"detail": "Time range must not exceed 6 months."}, "must not exceed"),
        ({"results": []}, "no metadata"),
        ({"metadata": {}, "results": {}}, "is no list"),
        (page({"measurement_url": ""}), "began at 'None'"),
        (page(measurement("yesterday")), "began at 'yesterday'"),
        (page(measurement("0001-01-01T00:00:00+10:00")), "began at '0001"),
        (page(measurement(anomaly="t")), "neither true nor false"),
        (page(measurement(probe_asn="Comcast")), "is not a network"),
        (page(measurement(probe_asn=7)), "probe_asn of a measurement is not text"),
        (page(measurement(input="\ud800")), "not printable"),
    ],
)
def test_a_page_that_cannot_be_used_is_one_sentence(answer, sentence):
    with pytest.raises(SourceError, match=r"^ooni, list of measurements of IR.*; ") as error:
        listed(answer)
    assert sentence in str(error.value)


# --- headers of single measurements ---


def raw(*exchanges, **more):
    """A measurement as OONI keeps it: exchanges of status and headers."""
    requests = [
        {"request": {"url": "http://news.example/"}, "failure": None,
         "response": {"code": code, "body": "A SECRET BODY", **headers}}
        for code, headers in exchanges
    ]  # fmt: skip
    return {"test_name": "web_connectivity", "test_keys": {"requests": requests}, **more}


def headers_of(*answers, uids=("uid-1",), start=0, **more):
    asked = query("ooni-headers", **more)
    rows = [
        measurement(f"2021-07-01T00:00:{n:02}Z", measurement_uid=uid) for n, uid in enumerate(uids)
    ]
    (first,) = ooni_headers.requests(asked, {})
    replies = {first.key: Reply(first, body_of(page(*rows)))}
    single = ooni_headers.requests(asked, replies)[1:]
    for request, answer in zip(single, answers, strict=True):
        given = answer if isinstance(answer, Reply) else Reply(request, body_of(answer))
        replies[request.key] = Reply(request, given.body, status=given.status)
    return ooni_headers.read(asked, dict(reversed(list(replies.items())))), single


def test_headers_that_tell_a_server_are_a_row_each():
    answer = raw(
        (403, {"headers": {"Server": "V2R2C00-IAE/1.0", "Set-Cookie": "secret=1", "X-Odd": "z"}}),
        (302, {"headers_list": [["Location", "http://10.10.34.34/"], ["Via", "a"], ["via", "b"]]}),
        (None, {"headers": {"Content-Type": {"format": "base64", "data": "dGV4dC9odG1s"}}}),
    )
    table, (request,) = headers_of(answer)
    assert (request.path, request.query) == ("/raw_measurement", (("measurement_uid", "uid-1"),))
    assert tuple(table.columns) == ooni_headers.COLUMNS
    assert table["status"].fillna(0).tolist() == [403, 302, 302, 302, 0]
    assert table[["exchange", "header", "value"]].to_numpy().tolist() == [
        [0, "server", "V2R2C00-IAE/1.0"],
        [1, "location", "http://10.10.34.34/"],
        [1, "via", "a"],
        [1, "via", "b"],
        [2, "content-type", "text/html"],
    ]
    assert set(table["domain"]) == {"news.example"}
    written = table.to_csv()
    assert not any(told in written for told in ("secret", "SECRET", "uid-1"))
    assert table.attrs["measurements"] == 1


def test_what_is_listed_and_lost_is_counted_and_so_is_what_was_not_asked_for():
    lost = Reply(None, b'{"detail":"Measurement not found"}', status=500)
    table, single = headers_of(
        raw((200, {"headers": {}})), lost, {}, uids=("a", "b", "c", "d"), options={"most": "3"}
    )
    assert len(single) == 3
    assert {k: table.attrs[k] for k in ("measurements", "not_found", "left_out")} == {
        "measurements": 1, "not_found": 2, "left_out": 1,
    }  # fmt: skip
    assert table["header"].tolist() == [""], "an exchange without any of the headers"
    assert (500, b"Measurement not found") in [
        (one.status, one.words) for one in ooni.SERVICE.absences
    ]


def test_other_headers_may_be_named_but_none_that_tells_persons():
    table, _ = headers_of(
        raw((200, {"headers": {"X-Odd": "z", "Server": "s"}})), options={"headers": "X-odd, age"}
    )
    assert table["header"].tolist() == ["x-odd"]
    with pytest.raises(InputError, match="set-cookie can tell persons"):
        headers_of(raw(), options={"headers": "server,Set-Cookie"})
    for most in ("0", "-1", "many", "1001"):
        with pytest.raises(InputError, match="give a number from 1 to 1000"):
            headers_of(raw(), options={"most": most})


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"<html>", "not JSON"),
        ([1], "the measurement is not an object"),
        ({"test_keys": 1}, "test_keys is not an object"),
        ({"test_keys": {"requests": {}}, "a": 1}, None),
        ({"test_keys": {"requests": 7}}, "requests is not a list"),
        ({"test_keys": {"requests": [None]}}, "an exchange is not an object"),
        (raw((200, {"headers_list": [["a"]]})), "is not a name and a value"),
        (raw((200, {"headers_list": 7})), "headers_list is not a list"),
    ],
)
def test_what_is_no_measurement_is_one_sentence(answer, sentence):
    if sentence is None:
        assert headers_of(answer)[0].empty
        return
    with pytest.raises(SourceError, match=sentence) as error:
        headers_of(answer)
    assert str(error.value).startswith("ooni, measurement of https://News.example/a at 2021-07-01")


@needs_samples
def test_requests_for_single_measurements_fit_the_document_of_the_service():
    _, single = headers_of(raw())
    assert [one.path for one in single] == ["/raw_measurement"]
    conforms(*single)


# --- anything at all ---

ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["2021-07-01", "2021-07-01T00:00:00Z", 10**400, "AS1", "http://[", -1]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def mutated(row):
    changes = st.dictionaries(st.sampled_from(sorted(row)), ANY, max_size=2)
    return changes.map(lambda change: row | change)


GROUPS = st.lists(mutated(group("2021-07-01", 1)), max_size=3)
PAGES = st.lists(mutated(measurement()), max_size=3)


@settings(max_examples=examples(60))
@given(st.binary(max_size=40) | ANY | GROUPS.map(lambda groups: answered(*groups)))
def test_any_answer_is_values_or_one_sentence(answer):
    for asked in (query(), query(SHARE), query(options={"time_grain": "hour"})):
        there = replied(asked, answer)
        assert ooni.requests(asked, there) == ooni.requests(asked, {})
        try:
            node = ooni.read(asked, there)
        except SourceError:
            continue
        assert not np.isinf(node["value"]).any()
        assert (node["value"].fillna(0) >= 0).all()


@settings(max_examples=examples(60))
@given(
    st.binary(max_size=40)
    | ANY
    | PAGES.map(lambda results: page(*results))
    | ANY.map(lambda next_url: page(next_url=next_url))
)
def test_any_page_is_a_table_or_one_sentence(answer):
    asked = query("ooni")
    there = replied(asked, answer, source=ooni_measurements)
    found = outcome(ooni_measurements.read, asked, there, about="ooni, ")
    given = answer["results"] if isinstance(answer, dict) and "results" in answer else []
    assert isinstance(found, str) or len(found) <= len(given)
    # A link that came is followed only if it asks the same of the same service.
    with contextlib.suppress(SourceError):
        asks = ooni_measurements.requests(asked, there)
        assert {one.path for one in asks} == {"/measurements"}


EXCHANGES = raw((200, {"headers": {"Server": "x"}}), (302, {"headers_list": [["Via", "a"]]}))


@settings(max_examples=examples(80))
@given(st.binary(max_size=30) | ANY | mutated(EXCHANGES["test_keys"]["requests"][0]))
def test_any_measurement_is_a_table_or_one_sentence(answer):
    if isinstance(answer, dict) and "response" in answer:
        answer = {"test_keys": {"requests": [answer]}}
    found = outcome(lambda: headers_of(answer)[0], about="ooni, ")
    assert isinstance(found, str) or isinstance(answer, dict)
    assert "SECRET" not in (found if isinstance(found, str) else found.to_csv())
