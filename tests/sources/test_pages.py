"""Pages of a service are read once each, not all of them again after every page."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from darkdays.archive.client.client import fetch_all
from darkdays.archive.request import Reply, Request
from darkdays.archive.store import Store
from darkdays.sources import pages
from darkdays.sources.ioda import ioda_outages
from darkdays.sources.ooni import ooni_measurements
from darkdays.sources.query import Query
from services import Server, whole

START, END = pd.Timestamp("2021-07-01", tz="UTC"), pd.Timestamp("2021-07-08", tz="UTC")


def ooni_page(count):
    def answer(handler):
        parts = urlsplit(handler.path)
        number = int(parse_qs(parts.query).get("offset", ["0"])[0])
        onwards = f"{ooni_measurements.SERVICE.base_url}/measurements?offset={number + 1}"
        link = onwards if number + 1 < count else None
        # The count makes every page other bytes.
        document = {"metadata": {"count": number, "next_url": link}, "results": []}
        whole(json.dumps(document).encode(), "application/json")(handler)

    return answer


def ioda_page(count):
    def answer(handler):
        number = int(parse_qs(urlsplit(handler.path).query)["page"][0])
        row = {"datasource": "bgp", "location": "country/IR", "level": "critical", "value": number}
        size = ioda_outages._PAGE if number + 1 < count else 1
        rows = [{**row, "time": 1625097600 + one} for one in range(size)]
        whole(json.dumps({"error": None, "data": rows}).encode(), "application/json")(handler)

    return answer


@pytest.mark.parametrize(
    ("source", "query", "path", "answer"),
    [
        (ooni_measurements, Query("ooni", START, END, "IR"), "/measurements", ooni_page),
        (
            ioda_outages,
            Query("ioda-alerts", START, END, "IR", ("country/IR",)),
            "/outages/alerts",
            ioda_page,
        ),
    ],
)
def test_each_page_is_read_once(tmp_path, monkeypatch, source, query, path, answer):
    read, get = [], Store.get

    def counted(self, digest, length):
        body = get(self, digest, length)
        if body is not None:
            read.append(digest)
        return body

    monkeypatch.setattr(Store, "get", counted)
    service = source.SERVICE if hasattr(source, "SERVICE") else ioda_outages._SERVICE
    with Server() as server:
        server.on(path, answer(12))
        done = fetch_all(
            {service.name: service},
            lambda replies: source.requests(query, replies),
            Store(tmp_path),
            case="trial",
            base_urls={service.name: server.base},
        )
    assert done.failures == []
    assert len(done.snapshot.manifest.replies) == 12
    assert sorted(read) == sorted({one.sha256 for one in done.snapshot.manifest.replies})


def test_what_is_remembered_depends_on_body_and_arguments_and_no_error_is(monkeypatch):
    monkeypatch.setattr(pages, "_MOST", 2)
    asked = []

    @pages.once_a_page
    def length(reply, more=0):
        asked.append((reply.body, more))
        if not reply.body:
            raise reply.error("it is empty", "fetch it again")
        return len(reply.body) + more

    def of(body, about=""):
        return Reply(Request("tor", "/a", about=about), body)

    assert [length(of(b"abc")), length(of(b"abc", "other")), length(of(b"abc"), more=1)] == [
        3,
        3,
        4,
    ]
    assert asked == [(b"abc", 0), (b"abc", 1)]
    for about in ("first", "second"):
        with pytest.raises(Exception, match=f"tor, {about}: it is empty"):
            length(of(b"", about))
    assert length(of(b"abcd")) == 4  # the oldest makes room
    assert length(of(b"abc")) == 3
    assert asked[-1] == (b"abc", 0)
