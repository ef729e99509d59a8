"""What the client makes of services that misbehave: all replies, or one clear sentence."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit

import pytest

import services as bad
from darkdays.archive.client import redirects
from darkdays.archive.client.client import fetch_all
from darkdays.archive.client.config import Credentials, base_urls_from, credentials_from, files_from
from darkdays.archive.client.faults import Fault, retry_after
from darkdays.archive.client.local_files import StandIn
from darkdays.archive.client.redirects import is_public, target_of
from darkdays.archive.client.retry import Limits
from darkdays.archive.client.words import repeats, said
from darkdays.archive.exchange import export_snapshot
from darkdays.archive.manifest import diff
from darkdays.archive.request import USER_SUPPLIED, Absence, Complaint, Request, Service
from darkdays.archive.snapshot import list_snapshots, newest_complete
from darkdays.archive.store import Store
from darkdays.errors import DarkdaysError, InputError
from darkdays.files.staging import remove_abandoned
from services import SURVIVED, TOLD, Server, whole

CANARY = "canary-4d1c-token-b7"
PASSWORD = "canary-9f3a pass&word=ü"
LIMITS = Limits(silence=0.4, total=1.2, tries=4, first_wait=1.0)
GOOD = b"day,users\n2019-11-16,12\n"
OTHER = b'{"data": [1, 2, 3]}'
ANY_404 = (Absence(404),)


def service(name, **how):
    return Service(name, "http://192.0.2.1", "CC0", redistributable=True, citation=name, **how)


@pytest.fixture
def server():
    with Server() as running:
        yield running


@pytest.fixture
def waits():
    return []


class Bench:
    """Fetches from the loopback, without waiting."""

    def __init__(self, folder, base, waits):
        self.store, self.base, self.waits = Store(folder), base, waits
        self.steps = []

    def __call__(self, plan, *names, known=None, **how):
        known = known or {name: service(name) for name in names}
        bases = dict.fromkeys(known, self.base)
        settings = {
            "case": "trial",
            "base_urls": bases,
            "limits": LIMITS,
            "sleep": self.waits.append,
            "rng": random.Random(7),
            "progress": self.steps.append,
        }
        return fetch_all(
            known, plan if callable(plan) else lambda _: plan, self.store, **(settings | how)
        )


@pytest.fixture
def bench(tmp_path, server, waits):
    return Bench(tmp_path / "snapshots", server.base, waits)


def asks(path, name="tor", **query):
    return Request(name, path, tuple(query.items()), f"what is at {path}")


# Faults that pass: after retries the snapshot is complete.
PASSING = {
    "429 with Retry-After": [bad.status(429, Retry_After="7")],
    "a burst of 500": [bad.status(500), bad.status(500), bad.status(502)],
    "503 and 504": [bad.status(503), bad.status(504)],
    "a stalled body": [bad.stalled(GOOD)],
    "silence instead of a status line": [bad.silent],
    "transport gzip cut short": [bad.half_zipped(GOOD * 50)],
    "transport gzip with a wrong checksum": [bad.badly_zipped(GOOD)],
    "a compression nobody asked for": [bad.oddly_packed(GOOD)],
    "fewer bytes than stated": [bad.too_short(GOOD)],
    "more bytes than stated, cutting JSON": [bad.too_long(OTHER)],
    "a chunk cut short": [bad.half_chunked(GOOD)],
    "a zip file cut short": [whole(b"PK\3\4" + b"x" * 100, "application/zip")],
    "a web page with status 200": [bad.page],
    "an empty body": [bad.empty],
    "a garbage status line": [bad.garbage],
    "an end instead of a reply": [bad.closed],
    "a reset connection": [bad.reset, bad.reset],
}
# Faults that stay: one sentence, which holds these words, in so many requests.
STAYING = {
    "a decompression bomb of 10 GB": (bad.bomb(10 * 2**30), "larger than 1 MiB", 1),
    "a large body": (whole(b"x" * (2**20 + 1)), "larger than 1 MiB", 1),
    "a slow drip": (bad.drip(GOOD * 90), "did not finish within 1.2 s", 1),
    "a slow drip of headers": (bad.drip_of_headers, "did not finish within 1.2 s", 1),
    "a redirect to another host": (
        bad.redirect("http://localhost:1/a?sig=s3cret"),
        "redirected to localhost, which is not contacted",
        1,
    ),
    "a redirect to another port": (bad.redirect("http://127.0.0.1:1/"), "another port", 1),
    "a redirect to no address": (bad.status(302), "redirected to no address", 4),
    "a redirect to a broken address": (bad.redirect("http://[::1"), "in each of 4 tries", 4),
    "a redirect loop": (bad.redirect("/odd"), "redirected more than 5 times", 6),
    "404": (bad.status(404), "HTTP 404, it says 'no'; the service has no such data", 1),
    "400": (bad.status(400), "HTTP 400, it says 'no'; check what the case asks for", 1),
    "204": (bad.status(204, b""), "HTTP 204", 1),
    "a 404 of another kind": (bad.status(404, b"<Error>AccessDenied</Error>"), "HTTP 404", 1),
    "500 without an end": (
        bad.status(500),
        "HTTP 500, it says 'no', in each of 4 tries; try again later",
        4,
    ),
    "web pages without an end": (
        bad.page,
        "a web page ('Bad gateway') instead of data, in each of 4 tries",
        4,
    ),
    "gzip that nobody stated": (
        whole(gzip.compress(GOOD, mtime=0), "application/json"),
        "came back compressed without saying so, in each of 4 tries",
        4,
    ),
    "success that is none": (
        bad.jsonic({"success": False, "message": "Access denied", "data": [], "result": []}),
        "came back as a failure, it says 'Access denied'; check what the case asks for",
        1,
    ),
    "a status in the body": (bad.jsonic({"status": 403, "data": []}), "without a reason", 1),
    "silence without an end": (bad.silent, "fell silent, in each of 4 tries", 4),
    "garbage without an end": (bad.garbage, "in each of 4 tries", 4),
}


@pytest.mark.parametrize("fault", PASSING)
def test_survives(bench, server, waits, fault, record_property):
    script = PASSING[fault]
    server.on("/odd", *script, whole(GOOD)).on("/fine", whole(OTHER))
    wanted = [asks("/odd"), asks("/fine")]
    result = bench(wanted, "tor")
    assert result.failures == []
    assert result.snapshot.complete
    replies = result.snapshot.replies()
    assert [replies[one.key].body for one in wanted] == [GOOD, OTHER]
    assert server.count("/odd") == len(script) + 1
    assert len(waits) >= len(script)  # the other request may have waited too
    if fault == "429 with Retry-After":
        assert waits == [7.0]
    assert all(step.note for step in bench.steps[: len(script)])
    record_property("fault", SURVIVED)


@pytest.mark.parametrize("fault", STAYING)
def test_says_what_failed_and_keeps_the_rest(bench, server, fault, record_property):
    answer, words, count = STAYING[fault]
    server.on("/odd", answer).on("/fine", whole(GOOD)).on("/last", whole(OTHER))
    known = {"tor": service("tor", largest=2**20), "ooni": service("ooni")}
    result = bench([asks("/odd"), asks("/fine"), asks("/last", "ooni")], known=known)
    (sentence,) = result.failures
    assert sentence.startswith("tor, what is at /odd: ")
    assert words in sentence
    assert "; " in sentence
    assert sentence.endswith(".")
    assert "s3cret" not in sentence
    assert server.count("/odd") == count
    assert not result.snapshot.complete
    assert [one.body for one in result.snapshot.replies().values()] in (
        [GOOD, OTHER],
        [OTHER, GOOD],
    )
    assert [one.path for one in result.snapshot.manifest.unanswered] == ["/odd"]
    # A later fetch asks for nothing but what failed.
    server.on("/odd", whole(GOOD))
    before = len(server.asked)
    assert bench(
        [asks("/odd"), asks("/fine"), asks("/last", "ooni")], known=known
    ).snapshot.complete
    assert [one["path"] for one in server.asked[before:]] == ["/odd"]
    record_property("fault", TOLD)


# --- what is an answer although it is not 200 ---

GONE = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"


def test_an_absence_that_a_service_declares_is_an_answer(bench, server):
    server.on("/gone", bad.status(404, GONE)).on("/lost", bad.status(500, b'{"detail": "No x"}'))
    server.on("/empty", bad.status(404, b"")).on("/page", bad.status(404, bad.PAGE))
    server.on("/fine", whole(GOOD))
    told = (Absence(404, b"NoSuchKey"), Absence(500, b"No x"))
    known = {"mlab": service("mlab", absences=told), "gdelt": service("gdelt", absences=ANY_404)}
    wanted = [asks("/gone", "mlab"), asks("/lost", "mlab"), asks("/fine", "mlab")]
    wanted += [asks("/empty", "gdelt"), asks("/page", "gdelt")]
    result = bench(wanted, known=known)
    assert result.failures == []
    assert result.snapshot.complete
    replies = result.snapshot.replies()
    assert [(one.status, one.is_absence) for one in (replies[w.key] for w in wanted)] == [
        (404, True), (500, True), (200, False), (404, True), (404, True),
    ]  # fmt: skip
    assert replies[wanted[0].key].body == GONE
    assert {one.path: one.status for one in result.snapshot.manifest.replies}["/gone"] == 404
    assert len(server.asked) == 5, "an absence is no fault to try again"
    assert bench(wanted, known=known).snapshot.id == result.snapshot.id
    assert len(server.asked) == 5, "and is not asked again"


def test_an_absence_in_other_words_is_a_failure(bench, server):
    server.on("/gone", bad.status(404, b"<Error>AccessDenied</Error>"))
    known = {"mlab": service("mlab", absences=(Absence(404, b"NoSuchKey"),))}
    (sentence,) = bench([asks("/gone", "mlab")], known=known).failures
    assert "HTTP 404, it says 'AccessDenied'; the service has no such data there" in sentence


# --- replies that came and cannot be read ---


def unreadable(*bodies):
    """A check that cannot read replies with these bodies."""

    def check(replies):
        return [
            Complaint(f"cannot read {one.request.path}; ask again.", key)
            for key, one in replies.items()
            if one.body in bodies
        ]

    return check


def test_what_cannot_be_read_is_kept_and_asked_again(bench, server):
    server.on("/odd", whole(OTHER), whole(GOOD)).on("/fine", whole(GOOD))
    wanted = [asks("/odd"), asks("/fine")]
    first = bench(wanted, "tor", check=unreadable(OTHER))
    assert first.failures == ["cannot read /odd; ask again."]
    assert not first.snapshot.complete
    assert first.snapshot.replies()[wanted[0].key].body == OTHER
    assert [one.path for one in first.snapshot.manifest.unreadable] == ["/odd"]
    assert newest_complete(bench.store.folder, "trial") is None
    second = bench(wanted, "tor", check=unreadable(OTHER))
    assert second.failures == []
    assert second.snapshot.complete
    assert (server.count("/odd"), server.count("/fine")) == (2, 1)


def test_what_cannot_be_read_stays_if_it_is_not_answered_again(bench, server):
    server.on("/odd", whole(OTHER), bad.status(400)).on("/fine", whole(GOOD))
    wanted = [asks("/odd"), asks("/fine")]
    first = bench(wanted, "tor", check=unreadable(OTHER))
    second = bench(wanted, "tor", check=unreadable(OTHER))
    assert second.failures == [
        "tor, what is at /odd: HTTP 400, it says 'no'; check what the case asks for."
    ]
    assert second.snapshot.replies()[wanted[0].key].body == OTHER
    assert second.snapshot.id == first.snapshot.id


def test_a_complete_snapshot_that_a_later_version_cannot_read_is_asked_again(bench, server):
    server.on("/odd", whole(OTHER), whole(GOOD))
    assert bench([asks("/odd")], "tor").snapshot.complete
    later = bench([asks("/odd")], "tor", check=unreadable(OTHER))
    assert later.snapshot.complete
    assert server.count("/odd") == 2


def test_a_complaint_about_no_single_reply_keeps_the_snapshot_open(bench, server):
    server.on("/fine", whole(GOOD))
    result = bench([asks("/fine")], "tor", check=lambda _: [Complaint("makes no sense.")])
    assert result.failures == ["makes no sense."]
    assert not result.snapshot.complete
    assert result.snapshot.manifest.unreadable == ()


# --- redirects to declared stores ---


def test_only_declared_stores_are_followed_and_only_over_https():
    origin, asked = urlsplit("https://dataverse.example"), "https://dataverse.example/api/1?x=y"
    stores = ("bucket.s3.example", ".usercontent.example")
    for location in (
        "https://bucket.s3.example/a?sig=1", "https://doc-0s.usercontent.example/e",
        "https://a.b.usercontent.example:443/e", "/other", "https://dataverse.example/z",
    ):  # fmt: skip
        assert target_of(origin, asked, location, stores).startswith("https://")
    for location in (
        "http://bucket.s3.example/a", "https://bucket.s3.example:8443/a",
        "https://evil-bucket.s3.example/", "https://bucket.s3.example.evil.example/",
        "https://usercontent.example/", "https://eviluser-content.example/",
        "https://me:pw@bucket.s3.example/", "https://127.0.0.1/", "https://[::1]/",
        "https://10.0.0.1/", "//elsewhere.example/x", "http://dataverse.example/",
    ):  # fmt: skip
        with pytest.raises(Fault, match="not contacted unasked"):
            target_of(origin, asked, location, stores)
    with pytest.raises(Fault, match="not contacted unasked"):
        target_of(origin, asked, "https://bucket.s3.example/a", ())


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("::1", False), ("fd00::1", False),
        ("fe80::1%eth0", False), ("0.0.0.0", False), ("", False), ("store", False),
    ],
)  # fmt: skip
def test_private_addresses_are_told(address, public):
    assert is_public(address) is public


def resolving(monkeypatch, host, server):
    """Let a name lead to the loopback server, as a poisoned resolver could."""
    port = urlsplit(server.base).port
    resolve = socket.getaddrinfo

    def answer(name, asked_port, *more, **how):
        if name in (host, host.encode()):
            return resolve("127.0.0.1", port, *more, **how)
        return resolve(name, asked_port, *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_store_inside_a_private_network_is_not_spoken_to(bench, server, monkeypatch):
    resolving(monkeypatch, "store.example", server)
    server.on("/odd", bad.redirect("https://store.example/x?sig=s3cret")).on("/fine", whole(GOOD))
    known = {"tor": service("tor", stores=("store.example",))}
    result = bench([asks("/odd"), asks("/fine")], known=known)
    (sentence,) = result.failures
    assert "redirected to store.example, which leads into a private network" in sentence
    assert "s3cret" not in sentence
    assert [one["path"] for one in server.asked] == ["/odd", "/fine"], "nothing was sent there"


def test_a_download_from_a_store_carries_no_credentials(bench, server, monkeypatch):
    # The store is on the loopback here: what would stop that, tested above, is let through.
    resolving(monkeypatch, "store.example", server)
    monkeypatch.setattr(redirects, "is_public", lambda _: True)
    monkeypatch.setattr(redirects, "is_store", lambda parts, stores: parts.hostname in stores)
    server.on("/odd", bad.redirect(f"http://store.example:{urlsplit(server.base).port}/x?sig=1"))
    server.on("/x", whole(GOOD))
    known = {"cloudflare": replace(RADAR, stores=("store.example",))}
    result = bench([asks("/odd", "cloudflare")], known=known, credentials=SECRETS)
    assert result.failures == []
    first, second = server.asked
    assert "Authorization" in first["headers"]
    assert "Authorization" not in second["headers"]
    (entry,) = result.snapshot.manifest.replies
    assert entry.url.startswith("http://store.example:")
    assert entry.url.endswith("/x"), "a signed query is not kept"
    assert any(host.startswith("store.example") for host in result.snapshot.manifest.hosts)


# --- a service that is asked through a library ---


class Library:
    """Google's library, as far as it is used; what it raises has Google's names."""

    class QueryJobConfig:
        def __init__(self, **how):
            self.how = how

    def __init__(self, rows, failure=None):
        self.rows, self.failure, self.asked = rows, failure, []

    def Client(self, client_options):  # noqa: N802
        self.base = client_options["api_endpoint"]
        return self

    def query(self, sql, job_config):
        self.asked.append((sql, job_config.how))
        if self.failure:
            raise self.failure
        return self

    def result(self):
        return iter(self.rows)


class GoogleAuthError(Exception):
    pass


class GoogleAPIError(Exception):
    pass


class GoogleAPICallError(GoogleAPIError):
    code = 403


@pytest.fixture
def google(monkeypatch):
    def install(rows=(), failure=None):
        library = Library(rows, failure)
        auth = SimpleNamespace(GoogleAuthError=GoogleAuthError)
        core = SimpleNamespace(GoogleAPICallError=GoogleAPICallError, GoogleAPIError=GoogleAPIError)
        monkeypatch.setitem(sys.modules, "google.cloud.bigquery", library)
        monkeypatch.setitem(sys.modules, "google.auth.exceptions", auth)
        monkeypatch.setitem(sys.modules, "google.api_core.exceptions", core)
        return library

    return install


BIG = service("mlab-bigquery", driver="bigquery")
SQL = "SELECT 1"


def test_bigquery_is_asked_through_its_library(bench, google):
    day = datetime(2019, 11, 16, tzinfo=UTC).date()
    library = google([{"date": day, "median": 2.5, "place": "country/IR"}, {"date": day}])
    wanted = Request("mlab-bigquery", "/country.json", (("sql", SQL),), "tests")
    result = bench([wanted], known={"mlab-bigquery": BIG})
    assert result.failures == []
    (reply,) = result.snapshot.replies().values()
    assert [json.loads(line) for line in reply.body.splitlines()] == [
        {"date": "2019-11-16", "median": 2.5, "place": "country/IR"},
        {"date": "2019-11-16"},
    ]
    ((sql, how),) = library.asked
    assert sql == SQL
    assert how["use_legacy_sql"] is False
    assert how["maximum_bytes_billed"] > 0
    assert dict(result.snapshot.manifest.replies[0].query) == {"sql": SQL}


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (GoogleAuthError("me@example.org"), "refused the Google login; run `gcloud auth"),
        (GoogleAPICallError("me@example.org"), r"refused the question (HTTP 403); check the"),
        (GoogleAPIError("me@example.org"), "cannot be asked (GoogleAPIError), in each of 4 tries"),
    ],
)
def test_bigquery_that_refuses_is_one_sentence_without_the_account(bench, google, failure, words):
    google(failure=failure)
    wanted = Request("mlab-bigquery", "/country.json", (("sql", SQL),), "tests")
    (sentence,) = bench([wanted], known={"mlab-bigquery": BIG}).failures
    assert words in sentence
    assert "example.org" not in sentence


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (GoogleAuthError("me@example.org"), "needs a Google login; run `gcloud auth"),
        (OSError("me@example.org"), "needs a Google project to ask in; name one in GOOGLE_CLOUD"),
    ],
)
def test_bigquery_without_login_or_project_is_one_sentence(bench, google, failure, words):
    def refuse(client_options):
        raise failure

    google().Client = refuse
    wanted = Request("mlab-bigquery", "/country.json", (("sql", SQL),), "tests")
    (sentence,) = bench([wanted], known={"mlab-bigquery": BIG}).failures
    assert words in sentence
    assert "example.org" not in sentence


def test_a_login_of_bigquery_does_not_travel_in_the_clear(bench, google):
    library = google()
    wanted = Request("mlab-bigquery", "/country.json", (("sql", SQL),), "tests")
    bases = {"mlab-bigquery": "http://192.0.2.1"}
    (sentence,) = bench([wanted], known={"mlab-bigquery": BIG}, base_urls=bases).failures
    assert "not sent without encryption; state a base URL that begins with https" in sentence
    assert library.asked == []


def test_bigquery_without_its_library_says_what_to_do(bench, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)
    wanted = [Request("mlab-bigquery", f"/{n}.json", (("sql", SQL),), "tests") for n in range(2)]
    (sentence,) = bench(wanted, known={"mlab-bigquery": BIG}).failures
    assert "google-cloud-bigquery, which is not installed (and 1 more" in sentence
    assert "install the extra bigquery, or ask it in Google's console" in sentence


def test_bomb_takes_no_memory(bench, server):
    server.on("/odd", bad.bomb(10 * 2**30))
    tracemalloc.start()
    result = bench([asks("/odd")], known={"tor": service("tor", largest=8 * 2**20)})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.snapshot is None
    assert peak < 64 * 2**20


def test_unreachable_service_is_one_sentence_and_others_go_on(bench, server):
    server.on("/fine", whole(GOOD))
    wanted = [asks(f"/{number}") for number in range(9)] + [asks("/fine", "ooni")]
    closed = Server()
    closed._http.server_close()
    bases = {"tor": closed.base, "ooni": server.base}
    result = bench(wanted, "tor", "ooni", base_urls=bases)
    (sentence,) = result.failures
    assert sentence == (
        "tor, what is at /0: cannot be reached, in each of 4 tries (and 8 more of its requests); "
        "check the connection, or state a mirror with --base-url."
    )
    assert [one.body for one in result.snapshot.replies().values()] == [GOOD]


def test_service_that_keeps_failing_is_left_alone(bench, server):
    for number in range(9):
        server.on(f"/{number}", bad.status(503))
    result = bench([asks(f"/{number}") for number in range(9)], "tor")
    (sentence,) = result.failures
    assert "HTTP 503, it says 'no', in each of 4 tries (and 8 more of its requests)" in sentence
    assert len(server.asked) == 3 * LIMITS.tries


def test_back_off_grows_with_jitter(bench, server, waits):
    server.on("/odd", bad.status(500))
    bench([asks("/odd")], "tor")
    assert [0.5 <= wait / 2**number <= 1.5 for number, wait in enumerate(waits)] == [True] * 3
    assert len({wait / 2**number for number, wait in enumerate(waits)}) == 3


def test_retry_after():
    assert retry_after("120") == 120
    ahead = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 85 < retry_after(ahead) <= 90
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    for odd in ("", "soon", "-5", "١٢", "Wed, 99 Oct", "9" * 400):
        assert (retry_after(odd) or 0) <= 1e9


def test_retry_after_is_kept_whole_or_the_service_is_left_alone(bench, server, waits):
    server.on("/odd", bad.status(429, Retry_After="599"), whole(GOOD))
    assert bench([asks("/odd")], "tor").failures == []
    assert waits == [599]
    now = {"now": lambda: datetime(2026, 11, 29, 12, tzinfo=UTC)}
    server.on("/far", bad.status(429, b"", Retry_After="3600"), whole(GOOD))
    wanted = [asks("/far"), asks("/fine")]
    (sentence,) = bench(wanted, "tor", case="far", **now).failures
    assert sentence == (
        "tor, what is at /far: HTTP 429; it asks to be left alone until 2026-11-29T13:00:00Z "
        "(and 1 more of its requests); come back after 2026-11-29T13:00:00Z, and the fetch goes on "
        "from here, or let it wait with --wait 61m."
    )
    assert (server.count("/far"), server.count("/fine"), len(waits)) == (1, 0, 1)
    server.on("/fine", whole(GOOD))
    assert bench(wanted, "tor", case="far").failures == []
    server.on("/far", bad.status(503, b"", Retry_After="3600"), whole(GOOD))
    patient = replace(LIMITS, patience=3660)
    assert bench(wanted, "tor", case="patient", limits=patient).failures == []
    assert waits[-1] == 3600


@pytest.mark.parametrize(
    "far", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "9" * 30]
)
def test_a_wait_without_end_is_no_time_to_come_back(bench, server, waits, far):
    server.on("/far", bad.status(503, b"", Retry_After=far), whole(GOOD))
    endless = replace(LIMITS, patience=1e11)
    (sentence,) = bench([asks("/far")], "tor", limits=endless).failures
    assert sentence == (
        "tor, what is at /far: HTTP 503; it asks to be left alone for more than a year; fetch "
        "again tomorrow, when it may say otherwise, or ask later or from another network, or state "
        "a mirror with --base-url."
    )
    assert waits == []


def quota(left, body=GOOD):
    return whole(body, X_RateLimit_Remaining=str(left))


def test_what_is_left_of_a_quota_paces_requests_and_its_end_says_when_to_come_back(
    bench, server, waits
):
    known = {"ooni": service("ooni", quota=4000)}
    for number, left in enumerate((4000, 900, 450, 0)):
        server.on(f"/{number}", quota(left))
    server.on("/4", whole(GOOD))
    wanted = [asks(f"/{number}", "ooni") for number in range(5)]
    now = {"now": lambda: datetime(2026, 11, 29, 12, tzinfo=UTC)}
    (sentence,) = bench(wanted, known=known, **now).failures
    assert "its quota is used up; it asks to be left alone until 2026-11-29T13:00:00Z" in sentence
    assert "come back after 2026-11-29T13:00:00Z" in sentence
    assert (server.count("/3"), server.count("/4")) == (1, 0)
    assert waits == [60.0, 60.0]  # dear ones: 3100 and 450 of what is left
    assert bench(wanted, known=known).snapshot.complete
    # A refusal without a time means the quota of the hour as well.
    server.on("/0", bad.status(429, b'{"error":"quota exceeded"}'), whole(GOOD))
    (sentence,) = bench(wanted[:1], known=known, case="again", **now).failures
    assert "HTTP 429, it says 'quota exceeded'; it asks to be left alone until" in sentence


def test_a_cheap_call_is_paced_lightly(bench, server, waits):
    known = {"ooni": service("ooni", quota=4000)}
    for number, left in enumerate((901, 900, 899)):
        server.on(f"/{number}", quota(left))
    assert bench([asks(f"/{n}", "ooni") for n in range(3)], known=known).failures == []
    assert waits == pytest.approx([3600 / 901, 4.0])


HALF = Absence(400, b"query error")


def divisible(path, **query):
    return replace(asks(path, "ooni", **query), divisible=True)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (bad.status(400, b'{"detail":"query error"}'), 400), (bad.status(500, b"oops"), 500),
        (bad.stalled(GOOD), 408), (bad.silent, 408), (bad.drip(GOOD * 90), 408),
    ],
)  # fmt: skip
def test_too_much_at_once_is_an_answer_to_what_can_be_divided(bench, server, waits, answer, kept):
    server.on("/all", answer).on("/half", whole(GOOD)).on("/more", whole(OTHER))
    known = {"ooni": service("ooni", too_much=(HALF, Absence(500)))}
    whole_ones = [divisible("/all"), divisible("/all", page="2"), asks("/more", "ooni")]

    def plan(replies):
        refused = any(one.status != 200 for one in replies.values())
        return [whole_ones[0], divisible("/half"), whole_ones[2]] if refused else whole_ones

    result = bench(plan, known=known)
    assert (result.failures, waits) == ([], [])
    statuses = {one.request.path: one.status for one in result.snapshot.replies().values()}
    assert statuses == {"/all": kept, "/half": 200, "/more": 200}
    assert server.count("/all") == 1  # the second one waits for the plan
    refused = bench([asks("/all", "ooni")], known=known, case="other").failures
    assert len(refused) == 1


SAYS = {
    "detail": (
        400,
        b'{"detail":"Database query error"}',
        "HTTP 400, it says 'Database query error'",
    ),
    "errors": (
        400,
        b'{"success":false,"errors":[{"code":2001,"message":"Invalid aggInterval"}],"result":null}',
        "HTTP 400, it says 'Invalid aggInterval'",
    ),
    "error": (
        400,
        b'{"type":"signals","error":"cannot find corresponding metadata entity 0","data":null}',
        "it says 'cannot find corresponding metadata entity 0'",
    ),
    "text": (422, b"since: not a date\n", "HTTP 422, it says 'since: not a date'"),
    "many": (
        422,
        b'{"detail":[{"loc":["query"],"msg":"not a date"},{"msg":"missing"}]}',
        "it says 'not a date; missing'",
    ),
    "controls": (400, b'{"msg":"\\u001b[2Jgone\\nline"}', "it says '\\\\u001b[2Jgone line'"),
    "long": (400, b"x" * 3000, "it says '" + "x" * 199 + "…'"),
    "page": (404, b"<html><title>Not here &amp; gone</title>", "it says 'Not here & gone'"),
    "no words": (400, b'{"v":0}', "HTTP 400; check"),
}


@pytest.mark.parametrize("how", SAYS)
def test_a_service_says_itself_why_it_refuses(bench, server, how):
    code, body, told = SAYS[how]
    server.on("/odd", bad.status(code, body))
    (sentence,) = bench([asks("/odd")], "tor").failures
    assert told in sentence
    assert len(sentence) < 450


FIREWALLS = {
    "AWS": bad.status(202, b"", x_amzn_waf_action="challenge"),
    "AWS captcha": bad.status(405, b"<html>", x_amzn_waf_action="captcha"),
    "Cloudflare": bad.status(403, b"<!doctype html><title>Just a moment...</title>"),
    "of 200": whole(b"<html><title>x</title>Please verify you are a human</html>", "text/html"),
    "Incapsula": whole(b"<html>Request unsuccessful. Incapsula incident</html>", "text/html"),
    "202 of nothing": bad.status(202, b""),
    "204": bad.status(204, b""),
}


@pytest.mark.parametrize("wall", FIREWALLS)
def test_a_firewall_is_called_one(bench, server, wall):
    server.on("/odd", FIREWALLS[wall])
    (sentence,) = bench([asks("/odd")], "tor").failures
    assert "firewall" in sentence
    assert "--base-url" in sentence
    assert "case" not in sentence
    assert server.count("/odd") == 1


def spellings(secret):
    plain, quoted = secret.encode(), json.dumps(secret)[1:-1]
    yield from (secret, quoted, secret.replace("/", "\\/"), quote(secret, safe=""))
    yield from (quote_plus(secret).lower(), quote(quote(secret)), plain.hex())
    yield "".join(f"\\u{ord(sign):04X}" for sign in secret)
    yield "".join(f"%{byte:02x}" for byte in plain)
    for at in range(4):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"u:?"[:at] + plain + b"!"[: at % 2]).decode()


def test_no_spelling_of_a_secret_is_shown_or_kept():
    for secret in (CANARY, PASSWORD, 'a/b+c=d&e"f', "päss wörd<9>"):
        for spelled in spellings(secret):
            for body in (spelled, json.dumps({"detail": f"no {spelled} here"})):
                told = said(body.encode(), [secret])
                assert secret not in unquote_plus(told), spelled
                assert spelled not in told
                assert repeats(body.encode(), secret), spelled
        assert not repeats(GOOD * 9, secret)
    assert said(b'{"detail":"no canary-4d1c-token-b7 here"}', [CANARY]) == "no [credential] here"


def test_a_good_sign_in_that_opens_nothing_is_explained(bench, server):
    server.on("/oauth/token", bad.jsonic({"access_token": CANARY}))
    server.on(
        "/acled/read", bad.status(403, b'{"message":"Access denied for ' + CANARY.encode() + b'"}')
    )
    wanted = [asks("/acled/read", "acled")]
    (sentence,) = bench(wanted, known={"acled": ACLED}, credentials=SECRETS).failures
    assert "the sign-in works, and yet HTTP 403, access refused, it says 'Access denied" in sentence
    assert "open the API to this account" in sentence
    assert "check the credentials" not in sentence
    assert CANARY not in sentence


def test_redirects_within_the_host_are_followed(bench, server):
    server.on("/odd", bad.redirect("/b?sig=s3cret", 307)).on("/b", bad.redirect("c"))
    server.on("/c", bad.zipped(GOOD))
    result = bench([asks("/odd", country="ir")], "tor")
    (reply,) = result.snapshot.replies().values()
    assert reply.body == GOOD
    (entry,) = result.snapshot.manifest.replies
    assert entry.url == f"{server.base}/c"
    assert result.snapshot.manifest.hosts == (server.base.removeprefix("http://"),)


def test_a_request_cannot_name_another_host(bench, server):
    result = bench([Request("tor", "@localhost:1/", (), "odd"), asks("/fine")], "tor")
    assert "the request leads to another host" in result.failures[0]
    assert len(server.asked) == 1


def test_a_request_that_is_no_text(bench, server):
    server.on("/fine", whole(GOOD))
    odd = [Request("tor", "/a", (("page", "\ud800"),)), Request("tor", "/fine", (), "\udfff")]
    result = bench([*odd, asks("/fine", "ooni")], "tor", "ooni")
    assert "is not valid text (and 1 more of its requests)" in result.failures[0]
    assert len(result.snapshot.replies()) == 1
    assert not result.snapshot.complete


def test_one_request_at_a_time_to_a_host(bench, server):
    server.pause = 0.02
    wanted = [asks(f"/{number}", name) for number in range(4) for name in ("tor", "ooni")]
    for one in wanted:
        server.on(one.path, whole(GOOD))
    with Server() as second:
        second.pause = 0.02
        for one in wanted:
            second.on(one.path, whole(GOOD))
        both = wanted + [asks(f"/{number}", "ioda") for number in range(4)]
        bases = {"tor": server.base, "ooni": server.base, "ioda": second.base}
        assert bench(both, "tor", "ooni", "ioda", base_urls=bases).failures == []
        assert server.most_at_once == second.most_at_once == 1
        # Hosts side by side: the second was asked before the first was done.
        assert second.asked[0]["time"] < server.asked[-1]["time"]


def test_says_who_asks(bench, server):
    server.on("/fine", whole(GOOD, etag='"x"', x_secret="no"))
    result = bench([asks("/fine", country="ir")], "tor")
    headers = server.asked[0]["headers"]
    assert headers["User-Agent"].startswith("darkdays/")
    assert headers["Accept-Encoding"] == "gzip"
    (entry,) = result.snapshot.manifest.replies
    assert entry.headers == {"content-type": "text/csv", "etag": '"x"'}
    assert entry.url == f"{server.base}/fine?country=ir"
    assert (entry.status, entry.licence, entry.origin) == (200, "CC0", "service")


def test_rounds_end_when_nothing_new_is_asked(bench, server):
    for number in range(5):
        server.on(f"/{number}", bad.jsonic({"next": number + 1}))

    def plan(replies):
        pages = [asks("/0")]
        while pages[-1].key in replies and len(pages) < 5:
            pages.append(asks(f"/{json.loads(replies[pages[-1].key].body)['next']}"))
        return pages

    result = bench(plan, "tor")
    assert result.failures == []
    assert len(result.snapshot.replies()) == 5
    assert (bench.steps[-1].done, bench.steps[-1].known) == (5, 5)
    assert bench.steps[-1].received == sum(
        len(one.body) for one in result.snapshot.replies().values()
    )
    assert bench.steps[-1].rate > 0


def test_plan_that_fails_is_a_sentence(bench, server):
    server.on("/fine", whole(GOOD))

    def plan(replies):
        if replies:
            raise next(iter(replies.values())).error("makes no sense", "ask the service")
        return [asks("/fine")]

    result = bench(plan, "tor")
    assert result.failures == ["tor, what is at /fine: makes no sense; ask the service."]
    assert len(result.snapshot.replies()) == 1
    assert not result.snapshot.complete


def test_a_second_fetch_asks_nothing_and_a_fresh_one_everything(bench, server):
    server.on("/a", whole(GOOD), whole(OTHER)).on("/b", whole(GOOD))
    first = bench([asks("/a"), asks("/b")], "tor").snapshot
    again = bench([asks("/a"), asks("/b")], "tor")
    assert again.snapshot.id == first.id
    assert len(server.asked) == 2
    later = bench([asks("/a"), asks("/b")], "tor", fresh=True)
    assert len(server.asked) == 4
    assert later.previous.id == first.id
    difference = diff(first.manifest, later.snapshot.manifest)
    assert [late.path for _, late in difference.changed] == ["/a"]
    assert difference.added == difference.removed == ()
    # The same bytes once more are no new snapshot.
    assert bench([asks("/a"), asks("/b")], "tor", fresh=True).snapshot.id == later.snapshot.id
    assert len(server.asked) == 6
    assert len(list_snapshots(bench.store.folder)) == 2


def test_damaged_replies_are_asked_again_and_mended(bench, server):
    server.on("/a", whole(GOOD)).on("/b", whole(OTHER))
    first = bench([asks("/a"), asks("/b")], "tor").snapshot
    place = bench.store.object_path(first.manifest.replies[0].sha256)
    place.write_bytes(place.read_bytes()[:-1])
    with pytest.raises(DarkdaysError, match="what is at /a is damaged"):
        first.replies()
    assert bench([asks("/a"), asks("/b")], "tor").snapshot.id == first.id
    assert server.count("/a") == 2
    assert server.count("/b") == 1
    assert first.verify() == 2


def test_a_file_stands_in_for_a_download(bench, server, tmp_path):
    server.on("/fine", whole(GOOD))
    path = tmp_path / "stop.csv"
    path.write_bytes(OTHER)
    wanted = [asks("/sheet", "stop"), asks("/fine")]
    result = bench(wanted, "tor", "stop", files={"stop": StandIn(path)})
    assert result.failures == []
    assert len(server.asked) == 1
    reply = result.snapshot.replies()[wanted[0].key]
    assert (reply.body, reply.origin, reply.fetched) == (OTHER, USER_SUPPLIED, "")
    assert str(tmp_path) not in (
        bench.store.folder / result.snapshot.id[:16] / "manifest.json"
    ).read_text(encoding="utf-8")


def folder_of(tmp_path, *names):
    folder = tmp_path / "mine"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())
    return folder


def test_files_of_a_folder_stand_in_for_downloads_of_their_names(bench, server, tmp_path):
    server.on("/events/20191118.export.CSV.zip", whole(GOOD))
    folder = folder_of(tmp_path, "20191116.export.CSV.zip", "20191117.export.CSV", "readme.md")
    wanted = [asks(f"/events/201911{day}.export.CSV.zip", "gdelt") for day in (16, 17, 18)]
    given = files_from([f"gdelt={folder}"], {"gdelt": service("gdelt")})
    result = bench(wanted, "gdelt", files=given)
    assert result.failures == []
    replies = result.snapshot.replies()
    assert [(replies[one.key].body, replies[one.key].origin) for one in wanted] == [
        (b"20191116.export.CSV.zip", USER_SUPPLIED),
        (b"20191117.export.CSV", USER_SUPPLIED),
        (GOOD, "service"),
    ]
    assert len(server.asked) == 1


def test_several_files_stand_in_by_name_and_one_for_nothing_is_told(bench, server, tmp_path):
    folder = folder_of(tmp_path, "2018.csv", "2019.xlsx", "2020.csv")
    stated = [f"stop={folder / name}" for name in ("2018.csv", "2019.xlsx", "2020.csv")]
    given = files_from(stated, {"stop": service("stop")})
    wanted = [asks("/export", "stop", format="csv", gid=gid) for gid in ("2018", "2019")]
    result = bench(wanted, "stop", files=given)
    (sentence,) = result.failures
    assert sentence == (
        "stop: the file 2020.csv stands in for none of its downloads; "
        "name it as one of them is called: export."
    )
    assert [result.snapshot.replies()[one.key].body for one in wanted] == [
        b"2018.csv", b"2019.xlsx",
    ]  # fmt: skip
    assert server.asked == []


def test_a_file_of_ones_own_that_is_not_there(bench, tmp_path):
    mine = Service("user-csv", "", "as its owner states", redistributable=False, citation="me")
    wanted = [asks("/mine.csv", "user-csv")]
    result = bench(wanted, known={"user-csv": mine}, base_urls={})
    (sentence,) = result.failures
    assert sentence == (
        "user-csv, what is at /mine.csv: is a file of your own, which is not there; "
        "give it with --file user-csv=PATH."
    )


def test_a_file_takes_the_place_of_what_was_fetched_before(bench, server, tmp_path):
    server.on("/sheet", whole(GOOD))
    assert bench([asks("/sheet", "stop")], "stop").snapshot.complete
    path = tmp_path / "other.csv"
    path.write_bytes(OTHER)
    again = bench([asks("/sheet", "stop")], "stop", files={"stop": StandIn(path)})
    assert [one.body for one in again.snapshot.replies().values()] == [OTHER]


@pytest.mark.parametrize(
    ("content", "words"),
    [(bad.PAGE, "is a web page"), (b"x" * 2000, "larger than 1000"), (None, "cannot be read")],
)
def test_a_file_that_cannot_stand_in(bench, tmp_path, content, words):
    path = tmp_path / "stop.csv"
    if content is not None:
        path.write_bytes(content)
    known = {"stop": service("stop", largest=1000)}
    result = bench([asks("/sheet", "stop")], known=known, files={"stop": StandIn(path)})
    assert words in result.failures[0]
    assert result.snapshot is None


ACLED = service("acled", credential="acled")
RADAR = service("cloudflare", credential="cloudflare")
SECRETS = Credentials(
    {"cloudflare": {"token": CANARY}, "acled": {"username": "me@example.org", "password": PASSWORD}}
)


def test_no_secret_is_left_anywhere(bench, server, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    server.on("/oauth/token", bad.jsonic({"access_token": CANARY, "expires_in": 86400}))
    server.on("/acled/read", whole(GOOD)).on("/radar", whole(OTHER)).on("/page", bad.page)
    server.on("/echo", bad.echo).on("/broken", bad.garbage)
    wanted = [
        asks("/acled/read", "acled"),
        asks("/broken", "acled"),
        asks("/radar", "cloudflare"),
        asks("/page", "cloudflare"),
        asks("/echo", "cloudflare"),
    ]
    known = {"acled": ACLED, "cloudflare": RADAR}
    result = bench(wanted, known=known, credentials=SECRETS)
    assert len(result.failures) == 3
    assert any("repeats the credential" in sentence for sentence in result.failures)
    authorized = [one["headers"].get("Authorization") for one in server.asked]
    assert authorized.count(f"Bearer {CANARY}") == len(server.asked) - 1
    (sign_in,) = [one for one in server.asked if one["path"] == "/oauth/token"]
    assert sign_in["method"] == "POST"
    assert (
        b"grant_type=password&client_id=acled&scope=authenticated&username=me%40example.org&password="
        in sign_in["body"]
    )
    export_snapshot(result.snapshot, tmp_path / "all.zip", private=True)
    said = [*result.failures, str(bench.steps), repr(SECRETS), caplog.text, *capfd.readouterr()]
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 5
    texts = [text.encode() for text in said]
    texts += [path.read_bytes() for path in kept]
    texts += [one.body for one in result.snapshot.replies().values()]
    for secret in (CANARY.encode(), b"canary", PASSWORD.encode(), b"me@example.org"):
        assert not any(secret in text for text in texts)
    assert {one.path for one in result.snapshot.manifest.replies} == {"/acled/read", "/radar"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (bad.status(401), "sign-in failed, HTTP 401"),
        (bad.status(400), "sign-in failed, HTTP 400"),
        (bad.redirect("/elsewhere"), "sign-in failed, HTTP 302"),
        (whole(b"[1]"), "sign-in brought no token"),
        (whole(b"\xff"), "sign-in brought no token"),
        (bad.jsonic({"access_token": "a\nb"}), "sign-in brought no token"),
        (bad.status(500), "sign-in failed, HTTP 500, it says 'no', in each of 4 tries"),
    ],
)
def test_sign_in_that_fails(bench, server, answer, words):
    server.on("/oauth/token", answer)
    wanted = [asks("/a", "acled"), asks("/b", "acled")]
    (sentence,) = bench(wanted, known={"acled": ACLED}, credentials=SECRETS).failures
    assert words in sentence
    assert "canary" not in sentence
    assert "DARKDAYS_ACLED_USERNAME" in sentence
    assert {one["path"] for one in server.asked} == {"/oauth/token"}


def test_missing_credentials_say_where_to_put_them(bench, server):
    (sentence,) = bench([asks("/a", "cloudflare")], known={"cloudflare": RADAR}).failures
    assert "needs credentials; set DARKDAYS_CLOUDFLARE_TOKEN, or write token below" in sentence
    assert server.asked == []


def test_refused_credentials(bench, server):
    server.on("/a", bad.status(403))
    wanted = [asks("/a", "cloudflare"), asks("/b", "cloudflare")]
    (sentence,) = bench(wanted, known={"cloudflare": RADAR}, credentials=SECRETS).failures
    assert "HTTP 403, access refused, it says 'no' (and 1 more of its requests); check" in sentence
    assert len(server.asked) == 1


def test_credentials_do_not_travel_in_the_clear(bench):
    bases = {"cloudflare": "http://192.0.2.1/api"}
    known = {"cloudflare": RADAR}
    wanted = [asks("/a", "cloudflare")]
    (sentence,) = bench(wanted, known=known, credentials=SECRETS, base_urls=bases).failures
    assert "not sent without encryption; state a base URL that begins with https" in sentence


PROGRAM = """
import sys
from pathlib import Path
from darkdays.archive.client.client import fetch_all
from darkdays.archive.request import Request, Service
from darkdays.archive.store import Store
service = Service("tor", sys.argv[2], "CC0", True, "tor")
wanted = [Request("tor", f"/{n}", (), f"page {n}") for n in range(int(sys.argv[3]))]
say = lambda step: print(step.about, flush=True)
result = fetch_all({"tor": service}, lambda _: wanted, Store(Path(sys.argv[1])), case="trial",
                   progress=say)
print(result.snapshot.complete, flush=True)
"""


def start(folder, base, count):
    words = [sys.executable, "-c", PROGRAM, str(folder), base, str(count)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_nothing_received_is_lost_when_a_fetch_is_ended(tmp_path, server, end):
    count, rng = 60, random.Random(11)
    server.pause = 0.01
    for number in range(count):
        server.on(f"/{number}", whole(b"%d," % number * 20_000))
    folder = tmp_path / "snapshots"
    for wait in (rng.uniform(0.02, 0.2) for _ in range(2)):
        running = start(folder, server.base, count)
        said = running.stdout.readline()
        assert said.startswith("page")
        time.sleep(wait)
        running.send_signal(end)
        rest, _ = running.communicate(timeout=20)
        told = [said, *rest.splitlines()]
        assert running.returncode in (-signal.SIGKILL, -signal.SIGINT, 1, 130)
        assert "True" not in told
        store = Store(folder)
        kept = store.kept("trial")
        # What was told was kept, and what is there is whole.
        assert {one.strip() for one in told if one} <= {entry.about for entry in kept.values()}
        assert len(list((folder / "pending" / "trial").glob("*.json"))) == len(kept)
        for path in (folder / "objects").glob("*.gz"):
            assert any(entry.sha256 == path.stem for entry in kept.values()) or (
                store.get(path.name.removesuffix(".gz"), 10**9) is not None
            )
        asked = len(server.asked)
    running = start(folder, server.base, count)
    told, _ = running.communicate(timeout=30)
    assert told.endswith("True\n")
    paths = [one["path"] for one in server.asked[asked:]]
    assert not {f"/{entry.about.split()[1]}" for entry in kept.values()} & set(paths)
    assert len(paths) == count - len(kept)
    assert list_snapshots(folder, "trial")[0].verify() == count
    # Only killed writers leave anything, in a journal that is cleared: nothing is in the way.
    assert not list((folder / "pending").glob("trial/*.json"))
    for partial in folder.rglob("*.partial"):
        os.utime(partial, (0, 0))
    remove_abandoned(folder)
    assert not list(folder.rglob("*.partial"))


def test_a_full_disk_ends_the_fetch_in_a_sentence(bench, server, monkeypatch):
    server.on("/a", whole(GOOD)).on("/b", whole(OTHER))

    def full(*_):
        raise DarkdaysError("cannot write x: no space left; free the disk.")

    monkeypatch.setattr(Store, "put", full)
    with pytest.raises(DarkdaysError, match="free the disk"):
        bench([asks("/a"), asks("/b")], "tor")
    assert threading.active_count() < 20


SERVICES = {"ooni": service("ooni"), "tor": service("tor"), "stop": service("stop")}


def test_base_urls_of_command_line_and_file(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("[base_urls]\nooni = 'http://a.example/x/'\ntor = 'https://b.example'\n")
    assert base_urls_from(["ooni=http://127.0.0.1:8080/api/v1"], SERVICES, config) == {
        "ooni": "http://127.0.0.1:8080/api/v1",
        "tor": "https://b.example",
    }
    assert base_urls_from([], SERVICES, tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("onni=http://a.example", "did you mean ooni?"),
        ("zzz=http://a.example", "this case asks no service zzz"),
        ("ooni", "write it as NAME=URL"),
        ("ooni=ftp://a.example", "is no address"),
        ("ooni=file:///etc/passwd", "is no address"),
        ("ooni=http://", "is no address"),
        ("ooni=http://[::1", "is no address"),
        ("ooni=http://a.example:99999", "is no address"),
        ("ooni=http://a.example/ b", "is no address"),
        ("ooni=http://a.example/?k=v", "must end before any"),
        ("ooni=http://me:canary@a.example", "holds a password"),
    ],
)
def test_base_urls_that_cannot_be_used(tmp_path, text, words):
    with pytest.raises(InputError) as caught:
        base_urls_from([text], SERVICES, tmp_path / "none.toml")
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)


def test_files(tmp_path):
    path = tmp_path / "a=b.csv"
    path.write_bytes(GOOD)
    assert files_from([f"stop={path}"], SERVICES) == {"stop": StandIn(path)}
    with pytest.raises(InputError, match="no such file"):
        files_from(["stop=nowhere.csv"], SERVICES)
    with pytest.raises(InputError, match="two files called"):
        files_from([f"stop={path}", f"stop={path}"], SERVICES)


def test_credentials_of_environment_and_file(tmp_path):
    known = {"acled": ACLED, "cloudflare": RADAR}
    path = tmp_path / "credentials.toml"
    path.write_text(f"[acled]\nusername='me'\npassword='{PASSWORD}'\n[cloudflare]\ntoken='old'\n")
    found = credentials_from(known, {"DARKDAYS_CLOUDFLARE_TOKEN": CANARY}, path)
    assert found.of("cloudflare") == {"token": CANARY}
    assert found.of("acled") == {"username": "me", "password": PASSWORD}
    assert "canary" not in repr(found) + str(found)
    assert credentials_from(SERVICES, {"DARKDAYS_CLOUDFLARE_TOKEN": CANARY}, path).parts == {}
    half = credentials_from(known, {"DARKDAYS_ACLED_USERNAME": "me"}, tmp_path / "none.toml")
    assert half.of("acled") is None


@pytest.mark.parametrize(
    "text", [f"[cloudflare\ntoken='{CANARY}'", f"[cloudflare]\ntoken=['{CANARY}']"]
)
def test_credentials_that_cannot_be_used_are_not_shown(tmp_path, text):
    path = tmp_path / "credentials.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        credentials_from({"cloudflare": RADAR}, {}, path)
    assert CANARY not in str(caught.value)
    with pytest.raises(InputError) as caught:
        credentials_from(
            {"cloudflare": RADAR}, {"DARKDAYS_CLOUDFLARE_TOKEN": f"{CANARY}\n"}, tmp_path / "none"
        )
    assert CANARY not in str(caught.value)


def test_credentials_inside_the_project_are_refused(tmp_path, monkeypatch):
    checkout = tmp_path / "checkout"
    (checkout / "cases").mkdir(parents=True)
    monkeypatch.setenv("DARKDAYS_ROOT", str(checkout))
    inside = checkout / "credentials.toml"
    inside.write_text(f"[cloudflare]\ntoken='{CANARY}'\n")
    link = tmp_path / "link.toml"
    link.symlink_to(inside)
    for path in (inside, link):
        with pytest.raises(InputError, match="inside the project"):
            credentials_from({"cloudflare": RADAR}, {}, path)
