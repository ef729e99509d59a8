"""Citizen Lab test lists: the real ones whole, and files that are no lists."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.errors import InputError
from darkdays.sources import citizenlab
from darkdays.sources.query import Query
from examples import examples
from shared_data import SHARED, needs

LISTS = SHARED / "events" / "citizenlab"
needs_lists = needs(LISTS, leaves_open="the Citizen Lab's lists of sites")
HEADER = "url,category_code,category_description,date_added,source,notes\n"


def query(**options):
    window = pd.Timestamp("2021-07-01", tz="UTC"), pd.Timestamp("2021-07-05", tz="UTC")
    return Query("citizenlab", *window, country="IR", options=options)


def replied(asked, *bodies, origin="service"):
    found = citizenlab.requests(asked, {})
    return {
        one.key: Reply(one, body if isinstance(body, bytes) else body.encode(), origin=origin)
        for one, body in zip(found, bodies, strict=True)
    }


def test_the_list_of_the_country_and_the_global_one_are_asked_for():
    found = citizenlab.requests(query(), {})
    assert [one.path for one in found] == ["/lists/ir.csv", "/lists/global.csv"]
    found = citizenlab.requests(query(lists="cis, ir,cis"), {})
    assert [one.path for one in found] == ["/lists/cis.csv", "/lists/ir.csv"]


@pytest.mark.parametrize("lists", ["../x", "IR", "", "ir,", "00-LEGEND"])
def test_a_list_that_cannot_be_is_refused(lists):
    with pytest.raises(InputError, match="no test list"):
        citizenlab.requests(query(lists=lists), {})


@needs_lists
@pytest.mark.parametrize(("name", "sites"), [("ir", 903), ("cu", 338)])
def test_a_real_list_is_read_whole(name, sites):
    asked = query(lists=name)
    body = (LISTS / f"{name}.csv").read_bytes()
    table = citizenlab.read(asked, replied(asked, body, origin=USER_SUPPLIED))
    assert tuple(table.columns) == citizenlab.COLUMNS
    assert len(table) == sites
    assert (table["domain"] != "").all()
    assert table["domain"].str.islower().all()
    mine = table.set_index("url")
    for row in csv.DictReader(body.decode().splitlines()):
        assert mine.loc[row["url"], "category_code"] == row["category_code"]
        assert mine.loc[row["url"], "date_added"] == row["date_added"]
    assert table.attrs["licence"] == "CC BY-NC-SA 4.0"


def test_columns_by_name_unknown_codes_kept_persons_dropped():
    asked = query(lists="ir")
    body = (
        "notes,new,category_code,source,url\n"
        "call me,1,XYZ,A Person,https://News.Example.IR:8080/path?x=1\n"
        ",,NEWS,,http://b.example/\n"
        ",,NEWS,, http://b.example/\n"
        ",,NEWS,,\n"
    )
    table = citizenlab.read(asked, replied(asked, body))
    assert table.to_dict("records") == [
        {"list": "ir", "url": "http://b.example/", "domain": "b.example",
         "category_code": "NEWS", "category": "", "date_added": ""},
        {"list": "ir", "url": "https://News.Example.IR:8080/path?x=1", "domain": "news.example.ir",
         "category_code": "XYZ", "category": "", "date_added": ""},
    ]  # fmt: skip
    assert "A Person" not in table.to_csv()


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.Example.ORG./a", "www.example.org"),
        ("dot://dns.quad9.net/dns-query", "dns.quad9.net"),
        ("example.org:443", "example.org"),
        ("http://[1::2", ""),
        ("", ""),
        ("https:///path", ""),
    ],
)
def test_the_host_of_an_address(url, domain):
    assert citizenlab.domain_of(url) == domain


def test_the_order_of_replies_does_not_matter_and_a_list_may_be_missing():
    asked = query()
    there = replied(asked, HEADER + "http://b/,A,,,,\n", HEADER + "http://a/,B,,,,\n")
    table = citizenlab.read(asked, there)
    assert list(table["list"]) == ["global", "ir"]
    back = citizenlab.read(asked, dict(reversed(list(there.items()))))
    pd.testing.assert_frame_equal(table, back)
    only = citizenlab.read(asked, dict(list(there.items())[:1]))
    assert list(only["url"]) == ["http://b/"]
    assert list(citizenlab.read(asked, {}).columns) == list(citizenlab.COLUMNS)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("404: Not Found", "one column 'url'"),
        ("", "one column 'url'"),
        ("<html>", "a web page came back"),
        ("url,notes\n", "one column 'category_code'"),
        ("url,category_code\nhttp://a/\n", "line 2 is cut off"),
        (b"\xc3\x28", "not UTF-8"),
    ],
)
def test_what_is_no_list_is_one_sentence(body, sentence):
    asked = query(lists="ir")
    with pytest.raises(
        SourceError, match=r"^citizenlab, test list ir: .*; fetch it again"
    ) as error:
        citizenlab.read(asked, replied(asked, body))
    assert sentence in str(error.value)


@settings(max_examples=examples(60))
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_are_a_table_or_one_sentence(drawn):
    asked = query(lists="ir")
    body = drawn if isinstance(drawn, bytes) else (HEADER + drawn).encode("utf-8", "replace")
    there = replied(asked, body)
    assert citizenlab.requests(asked, there) == citizenlab.requests(asked, {})
    try:
        table = citizenlab.read(asked, there)
    except SourceError:
        return
    assert tuple(table.columns) == citizenlab.COLUMNS
