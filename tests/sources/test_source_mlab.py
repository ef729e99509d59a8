"""M-Lab: the recorded file, its traps, the BigQuery export, and any bytes at all."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import Reply, SourceError
from darkdays.contracts.signals import MISSING_AT_SOURCE, NOT_READ
from darkdays.errors import InputError
from darkdays.sources.mlab import mlab, mlab_bigquery
from darkdays.sources.query import Query
from examples import examples
from outcomes import invented, measured, outcome
from shared_data import SHARED, needs

SAMPLE = SHARED / "api-samples/mlab/asn14593_2024-01-01_histogram_daily_stats_excerpt.json"
needs_sample = needs(SAMPLE, leaves_open="recorded replies of M-Lab")


def query(datasource, start="2024-01-01", end="2024-01-03", country="IR", **more):
    moments = (pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"))
    return Query(datasource, *moments, country, **more)


def answer(asked, content, module=mlab):
    (request,) = module.requests(asked, {})
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return module.read(asked, {request.key: Reply(request, body)})


def day(date="2024-01-01", buckets=8, tests=100, **more):
    shared = {"date": date, "dl_samples_day": tests, "download_MED": 4.5} | more
    return [{"bucket_min": n, "dl_samples_bucket": 10, **shared} for n in range(buckets)]


@needs_sample
@pytest.mark.parametrize(
    ("direction", "median", "lost", "tests"),
    [("download", 42.251, 0.0206, 11193), ("upload", 5.199, 0.1095, 9281)],
)
def test_the_recorded_file_gives_median_and_lost_share(direction, median, lost, tests):
    more = {"entities": ("asn/14593",), "options": {"direction": direction}}
    node = answer(query("mlab.download", **more), SAMPLE.read_bytes())
    assert node["value"].values[0, 0] == median
    assert node["samples"].values[0].tolist()[0] == tests
    assert np.isnan(node["value"].values[0, 1])
    assert node["coverage"].values.tolist() == [[0, MISSING_AT_SOURCE]]
    node = answer(query("mlab.lost-share", **more), SAMPLE.read_bytes())
    assert round(node["value"].values[0, 0], 4) == lost
    rows = json.loads(SAMPLE.read_bytes())[::-1]
    assert answer(query("mlab.lost-share", **more), rows).identical(node)


def test_every_place_has_its_folder():
    paths = [
        one.path
        for one in mlab.requests(
            query(
                "mlab.download",
                "2019-12-01",
                "2021-01-01",
                entities=("country/CU", "asn/27725", "region/IR-06", "region/4417"),
                options={"regions": "region/4417=IR-10, region/9=IR-11"},
            ),
            {},
        )
    ]
    assert paths == [
        f"/v0/{place}/2020/histogram_daily_stats.json"
        for place in ("asn/27725", "NA/CU", "AS/IR/IR-10", "AS/IR/IR-06")
    ]


@pytest.mark.parametrize("entity", ["region/Khuzestan", "country/QQ", "asn/x", "geoasn/1-IR", "IR"])
def test_a_place_that_is_not_known_is_one_sentence(entity):
    with pytest.raises(InputError, match=r"mlab\.download"):
        mlab.requests(query("mlab.download", entities=(entity,)), {})


def test_the_files_are_frozen():
    assert mlab.requests(query("mlab.download", "2019-11-01", "2019-12-01"), {}) == []
    before = mlab.read(query("mlab.download", "2019-11-01", "2019-12-01"), {})
    assert (before["coverage"] == NOT_READ).all()
    node = answer(query("mlab.download", "2024-03-25", "2024-03-29"), day("2024-03-26"))
    assert node["coverage"].values.tolist() == [[1, 0, 2, 2]]


def test_a_place_without_tests_is_missing_not_unread():
    asked = query("mlab.download")
    body = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"
    assert (answer(asked, body)["coverage"] == MISSING_AT_SOURCE).all()
    assert (mlab.read(asked, {})["coverage"] == NOT_READ).all()


def test_an_absence_is_a_place_without_tests():
    asked = query("mlab.download")
    (request,) = mlab.requests(asked, {})
    gone = {request.key: Reply(request, b"<Error><Code>NoSuchKey</Code></Error>", status=404)}
    assert (mlab.read(asked, gone)["coverage"] == MISSING_AT_SOURCE).all()
    assert [(one.status, one.words) for one in mlab.SERVICE.absences] == [(404, b"NoSuchKey")]


def test_a_day_without_all_buckets_has_no_lost_share():
    asked = query("mlab.lost-share")
    assert round(answer(asked, day())["value"].values[0, 0], 6) == 0.2
    assert np.isnan(answer(asked, day(buckets=7))["value"].values[0, 0])
    assert np.isnan(answer(asked, day(tests=0, dl_samples_bucket=0))["value"].values[0, 0])


@pytest.mark.parametrize(
    ("datasource", "content", "sentence"),
    [
        ("mlab.download", b"<html>", "not JSON"),
        ("mlab.download", {}, "not a list"),
        ("mlab.download", [{"date": "2024-01-01"}], "dl_samples_day is missing"),
        ("mlab.download", day(date="2023-01-01"), "a row is of 2023"),
        ("mlab.download", day() + day(download_MED=5), "disagree on download_MED"),
        ("mlab.lost-share", day() + day(), "same bucket twice"),
        ("mlab.lost-share", day(tests=79), "more tests than the day"),
        ("mlab.lost-share", day(dl_samples_bucket="x"), "not a number"),
    ],
)
def test_what_is_no_file_is_one_sentence(datasource, content, sentence):
    with pytest.raises(SourceError, match=sentence) as error:
        answer(query(datasource), content)
    assert "mlab, speed tests of country/IR in 2024" in str(error.value)


# BigQuery

ROWS = [
    {"date": "2024-01-02", "place": "region/IR-06", "tests": 50, "addresses": 40}
    | {"q25": 1.5, "median": 2.5, "q75": None, "slow_share": 0},
    {"date": "2024-01-01", "place": "region/IR-23", "tests": 90, "addresses": 70}
    | {"q25": 2.5, "median": 3.5, "q75": 4.5, "slow_share": 0.25},
]
PROVINCES = {"entities": ("region/IR-06", "region/IR-23")}


def test_the_questions_are_bounded_by_the_partition_and_name_no_address():
    asked = query("mlab.download", entities=("country/IR", "region/IR-06", "asn/44244"))
    questions = [dict(one.query)["sql"] for one in mlab_bigquery.requests(asked, {})]
    assert len(questions) == 3
    for text in questions:
        assert "date >= '2024-01-01' AND date < '2024-01-03'" in text
        assert "CountryCode = 'IR'" in text
        assert "unified_downloads" in text
        assert text.count("client.IP") == text.count("COUNT(DISTINCT client.IP)") == 1
    upload = query("mlab.download", options={"direction": "upload"})
    assert "unified_uploads" in mlab_bigquery.sql(upload, "country")
    with pytest.raises(InputError, match="country code"):
        mlab_bigquery.sql(query("mlab.download", country="I'"), "country")
    with pytest.raises(InputError, match="sideways"):
        mlab_bigquery.requests(query("mlab.download", options={"direction": "sideways"}), {})
    with pytest.raises(InputError, match="give its ISO 3166-2 code"):
        mlab_bigquery.requests(query("mlab.download", entities=("region/Khuzestan",)), {})


def test_every_form_of_export_reads_the_same():
    asked = query("mlab.download", **PROVINCES)
    node = answer(asked, ROWS, mlab_bigquery)
    assert node["value"].sel(entity="region/IR-23").values.tolist()[0] == 3.5
    assert node["value"].sel(entity="region/IR-06").values.tolist()[1] == 2.5
    assert node["coverage"].sel(entity="region/IR-06").values.tolist() == [MISSING_AT_SOURCE, 0]
    assert node["samples"].sel(entity="region/IR-23").values[0] == 90
    lines = "\n".join(json.dumps(row) for row in ROWS).encode()
    shuffled = pd.DataFrame(ROWS)[sorted(ROWS[0], reverse=True)].to_csv(index=False).encode()
    for other in (lines, shuffled, ROWS[::-1]):
        assert answer(asked, other, mlab_bigquery).identical(node)
    share = answer(query("mlab.lost-share", **PROVINCES), ROWS, mlab_bigquery)
    assert share["value"].sel(entity="region/IR-23").values[0] == 0.25
    assert share["value"].sel(entity="region/IR-06").values[1] == 0
    assert (mlab_bigquery.read(asked, {})["coverage"] == NOT_READ).all()
    other = query(
        "mlab.download", entities=("region/4417",), options={"regions": "region/4417=IR-06"}
    )
    assert answer(other, ROWS, mlab_bigquery)["value"].sel(entity="region/4417").values[1] == 2.5


def test_one_export_of_several_kinds_of_place_serves_each_question():
    asked = query("mlab.download")
    rows = [*ROWS, {**ROWS[0], "place": "country/IR", "median": 9.5}]
    body = json.dumps(rows).encode()
    replies = {one.key: Reply(one, body) for one in mlab_bigquery.requests(asked, {})}
    node = mlab_bigquery.read(asked, replies)
    assert list(node["entity"].values) == ["country/IR", "region/IR-06", "region/IR-23"]
    assert node["value"].sel(entity="country/IR").values[1] == 9.5


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "neither CSV nor JSON"),
        (b"date,place\n2024-01-01,region/IR-06\n", "column tests is missing"),
        ([ROWS[0], ROWS[0]], "come twice"),
        ([ROWS[0] | {"tests": "many"}], "tests is not a number"),
    ],
)
def test_what_is_no_export_is_one_sentence(content, sentence):
    with pytest.raises(SourceError, match=sentence):
        answer(query("mlab.download", **PROVINCES), content, mlab_bigquery)


# Any bytes, any shape


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(["", "2024-01-01", "9999-12-31", "0001-01-01", "0"]),
    st.text(max_size=4),
)
READ = [("mlab.download", mlab), ("mlab.lost-share", mlab), ("mlab.download", mlab_bigquery)]


def read_or_told(datasource, content, module):
    asked = query(datasource, **(PROVINCES if module is mlab_bigquery else {}))
    return outcome(answer, asked, content, module, about=f"{module.SERVICE.name}, ")


@settings(max_examples=examples(60))
@given(st.sampled_from(READ), st.binary(max_size=40) | st.text('[{}],\n"1:a', max_size=20))
def test_any_bytes_give_values_or_one_sentence(read, body):
    datasource, module = read
    content = body.encode() if isinstance(body, str) else body
    found = read_or_told(datasource, content, module)
    # An empty list says that nothing was measured; nothing else of these is a reply.
    assert isinstance(found, str) or (json.loads(content) == [] and not measured(found))


@settings(max_examples=examples(60))
@given(st.sampled_from(READ), st.data())
def test_any_mutation_gives_values_or_one_sentence(read, data):
    datasource, module = read
    rows = [dict(row) for row in (ROWS if module is mlab_bigquery else day(buckets=2))]
    junk = st.one_of(LEAVES, st.lists(LEAVES, max_size=2), st.dictionaries(st.text(), LEAVES))
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(junk)
    content = rows + data.draw(st.lists(junk, max_size=1))
    found = read_or_told(datasource, content, module)
    assert not invented(found, content)
    assert isinstance(found, str) or len(content) == len(rows)
