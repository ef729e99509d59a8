"""Services as they answer today, on the loopback: nothing withheld is counted, nothing lost kept.

OONI's rows, ACLED's embargo, hours that Cloudflare refuses, and what the doctor says of it.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

import pandas as pd
import pytest

import services as bad
from darkdays.case import case as cases
from darkdays.claims import Verdict, told
from darkdays.claims.judging.verdicts import Judgement
from darkdays.cli.fetch import snapshot_for
from darkdays.fetch.doctor import examine
from darkdays.fetch.fetch import fetch_case
from darkdays.fetch.inputs import read_inputs
from darkdays.fetch.own_files import NO_FILES
from services import Server

CASE = """
name: {name}
title: T
question: Q?
summary: S.
window: {{start: "{start}T00:00Z", end: "{end}T00:00Z"}}
place: IR
time_zone: Asia/Tehran
entities: [{{id: country/IR, name: Iran, network: country}}]
signals: [{{datasource: {datasource}, source: service}}]
{more}
claims:
  - {{id: x, type: onset_after_event, statement: cut off., origin: made up, entity: country/IR}}
"""
MOST_ROWS = 51_000


@pytest.fixture
def server():
    with Server() as running:
        yield running


@pytest.fixture
def at(tmp_path, monkeypatch, server):
    """Make a case, and fetch it from the loopback."""
    monkeypatch.setattr("darkdays.files.paths.snapshots", lambda: tmp_path / "snapshots")
    monkeypatch.setenv("DARKDAYS_CLOUDFLARE_TOKEN", "canary-token-1")
    monkeypatch.setenv("DARKDAYS_ACLED_USERNAME", "someone@example.org")
    monkeypatch.setenv("DARKDAYS_ACLED_PASSWORD", "canary-pass-2")

    def case(name, start, end, datasource, more=""):
        text = CASE.format(name=name, start=start, end=end, datasource=datasource, more=more)
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        study = cases.load(path)

        def fetch(*names, **how):
            return fetch_case(study, base_urls=[f"{one}={server.base}" for one in names], **how)

        return study, fetch

    return case


def aggregation(networks, most=MOST_ROWS, broken=()):
    """OONI's aggregation as its server answers: too many rows are a query error."""

    def answer(handler):
        asked = handler.server.owner.asked[-1]["query"]
        since, until = (date.fromisoformat(asked[name][0]) for name in ("since", "until"))
        days = [since + timedelta(n) for n in range((until - since).days)]
        if broken and len(days) > broken[0]:
            return handler.send(500, b"Internal Server Error")
        if len(days) * networks > most:
            return handler.send(400, b'{"detail":"Database query error"}')
        group = {"anomaly_count": 1, "confirmed_count": 0, "failure_count": 0, "ok_count": 2,
                 "measurement_count": 3}  # fmt: skip
        rows = [
            {"measurement_start_day": f"{day}", "probe_asn": number + 1, **group}
            for day in days
            for number in range(networks)
        ]
        body = json.dumps({"v": 0, "result": rows}).encode()
        return handler.send(200, body, {"X-RateLimit-Remaining": "3990"})

    return answer


@pytest.mark.parametrize("broken", [(), (10,)])
def test_a_window_with_more_rows_than_ooni_gives_is_complete_in_stretches(at, server, broken):
    networks, most = (12, 51_000) if broken else (40, 3_000)
    study, fetch = at("heavy", "2025-01-01", "2025-04-11", "ooni.measurement-count")
    server.on("/aggregation", aggregation(networks, most, broken))
    outcome = fetch("ooni")
    assert outcome.state == "complete"
    asked = server.count("/aggregation")
    assert asked < (40 if broken else 6)
    read = read_inputs(study, outcome.snapshot).signals["ooni.measurement-count"]
    assert (read["value"].sel(entity="country/IR") == 3 * networks).all()
    assert read.attrs["stretches"].startswith("IR 2025-01-01/2025-0")
    assert fetch("ooni").snapshot == outcome.snapshot
    assert server.count("/aggregation") == asked, "what was refused is not asked again"


def test_a_server_that_fails_for_good_is_not_asked_for_every_day(at, server, monkeypatch):
    monkeypatch.setattr("darkdays.archive.client.scheduler.Asker.patiently", impatient)
    study, fetch = at("down", "2025-01-01", "2025-04-11", "ooni.measurement-count")
    server.on("/aggregation", bad.status(502, b"<html><title>502 Bad Gateway</title>"))
    outcome = fetch("ooni")
    assert not outcome.complete
    assert "HTTP 502, it says '502 Bad Gateway'" in outcome.failures[0]
    assert server.count("/aggregation") < 10
    server.on("/aggregation", aggregation(2))
    outcome = fetch("ooni")
    assert outcome.complete
    assert server.count("/aggregation") < 20, "stretches grow again"
    read = read_inputs(study, outcome.snapshot).signals["ooni.measurement-count"]
    assert (read["value"].sel(entity="country/IR") == 6).all()


def test_a_run_waits_as_long_as_it_is_told_to(at, server, capsys):
    study, _ = at("busy", "2025-01-01", "2025-01-05", "ooni.measurement-count")
    busy = bad.status(429, b'{"error":"quota exceeded"}', Retry_After="1")
    server.on("/aggregation", busy, busy, aggregation(1))
    how = {"offline": False, "file": (), "own": NO_FILES, "keep_going": False}
    how["base_url"] = [f"ooni={server.base}"]
    assert snapshot_for(study, None, wait=0.5, **how) == ""
    assert "it asks to be left alone until 20" in capsys.readouterr().err
    assert server.count("/aggregation") == 1
    assert snapshot_for(study, None, wait=1.0, **how)
    assert server.count("/aggregation") == 3


def impatient(_, request, ask, url, **how):
    """Ask once."""
    return ask(url, **how)


LISTED = {"probe_cc": "IR", "probe_asn": "AS1", "test_name": "web_connectivity",
          "input": "https://a.example/", "measurement_start_time": "2025-01-02T00:00:00Z",
          "anomaly": True, "confirmed": False, "failure": False}  # fmt: skip


def test_lost_bodies_are_counted_and_asked_again(at, server):
    more = "tables: [{source: ooni-headers, options: {domain: a.example}}]"
    study, fetch = at("lost", "2025-01-01", "2025-01-05", "ooni.measurement-count", more)
    rows = [LISTED | {"measurement_uid": f"u{number}"} for number in range(3)]
    listed = {"metadata": {"next_url": None}, "results": rows}
    server.on("/aggregation", aggregation(1)).on("/measurements", bad.jsonic(listed))
    lost = bad.status(500, b'{"detail":"Measurement not found"}')
    body = bad.jsonic({"test_keys": {"requests": [{"response": {"code": 403}}]}})
    server.on("/raw_measurement", lost)
    first = fetch("ooni")
    assert first.failures == (
        "ooni, ooni-headers: 3 of 3 bodies not found at OONI; the next fetch asks again.",
    )
    assert first.state == "incomplete: 3 with one that cannot be used; fetch again to go on"
    inputs = read_inputs(study, first.snapshot)
    assert inputs.unread["ooni-headers"].startswith("3 of 3 bodies not found at OONI")
    server.on("/raw_measurement", lost, body)
    assert fetch("ooni").failures[0].startswith("ooni, ooni-headers: 1 of 3 bodies not found")
    assert fetch("ooni").state == "complete"
    assert (server.count("/raw_measurement"), server.count("/aggregation")) == (7, 1)


def test_days_acled_keeps_back_leave_claims_on_them_untested(at, server):
    more = "events: [{source: acled}]"
    study, fetch = at("acled-x", "2026-01-01", "2026-02-01", "ooni.measurement-count", more)
    server.on("/oauth/token", bad.jsonic({"access_token": "canary-oauth-3"}))
    row = {"event_id_cnty": "XX1", "event_date": "2026-01-02", "event_type": "Protests",
           "country": "Iran", "admin1": "Tehran", "time_precision": "1"}  # fmt: skip
    recency = {"quantity": 12, "unit": "Months", "date": "2026-01-05"}
    reply = {"status": 200, "data": [row], "data_query_restrictions": {"date_recency": recency}}
    server.on("/api/acled/read", bad.jsonic(reply)).on("/aggregation", aggregation(1))
    outcome = fetch("ooni", "acled")
    assert outcome.complete
    assert outcome.remarks[0].startswith("acled: ACLED keeps back all days from 2026-01-05")
    inputs = read_inputs(study, outcome.snapshot)
    assert inputs.events["start"].tolist() == ["2026-01-02"]
    assert "open from 2027-02-01 on" in inputs.unread["acled"]
    (claim,) = study.claims
    found = Verdict(claim, Judgement("supported", "It was.", "Nothing."), 3, 4, (("a", "b"),))
    said = told(found, study, inputs.unread, {"acled": {"protest"}})
    assert said.judgement.verdict == "untested"
    assert "Of acled not all was read: ACLED keeps back all days" in said.judgement.because
    assert "darkdays fetch" not in said.judgement.because
    rivals = told(found, study, inputs.unread, {"acled": {"rival"}})
    assert rivals.judgement.verdict == "supported"


def radar(hours_refused):
    def answer(handler):
        asked = handler.server.owner.asked[-1]["query"]
        if hours_refused and asked["aggInterval"] == ["1h"]:
            body = {"success": False, "errors": [{"message": "Invalid aggInterval"}]}
            return handler.send(400, json.dumps(body).encode())
        start = pd.Timestamp(asked["dateStart"][0])
        times = [f"{start + pd.Timedelta(n, 'D'):%Y-%m-%dT%H:%M:%SZ}" for n in range(3)]
        (scale,) = asked.get("normalization", ["PERCENTAGE"])
        meta = {"aggInterval": "ONE_DAY", "normalization": scale}
        values = {"values": ["1", "0.5", "0"], "no_match": ["80", "75.5", "90"]}
        series = {"timestamps": times, **values}
        reply = {"success": True, "result": {"meta": meta, "main": series}}
        return handler.send(200, json.dumps(reply).encode())

    return answer


@pytest.mark.parametrize(
    ("datasource", "path", "values"),
    [
        ("cloudflare.http", "/http/timeseries", [1, 0.5, 0]),
        ("cloudflare.tcp-resets-timeouts", "/tcp_resets_timeouts/timeseries_groups",
         [20, 24.5, 10]),
    ],
)  # fmt: skip
def test_days_are_asked_where_cloudflare_refuses_hours(at, server, datasource, path, values):
    study, fetch = at("radar", "2025-01-01", "2025-01-04", datasource)
    server.on(path, radar(hours_refused=True))
    outcome = fetch("cloudflare")
    assert outcome.state == "complete"
    assert server.count(path) == 2
    read = read_inputs(study, outcome.snapshot).signals[datasource]
    assert read["value"].sel(entity="country/IR").values.tolist() == values
    assert read.attrs["step_seconds"] == 86400


def test_the_doctor_says_who_answers_and_in_the_right_shape(at, server):
    server.on("/aggregation", aggregation(1)).on("/signals/raw/country/IR", bad.jsonic({"data": 7}))
    server.on("/userstats-relay-country.csv", bad.status(503, b"down for maintenance"))
    base = [f"{name}={server.base}" for name in ("ooni", "ioda", "tor", "cloudflare")]
    found = {one.service: one for one in examine(["ooni", "ioda", "tor", "cloudflare"], base)}
    ooni, ioda, tor = (found[name] for name in ("ooni", "ioda", "tor"))
    assert (ooni.reachable, ooni.shape, ooni.says) == ("yes", "yes", "")
    assert (ioda.reachable, ioda.shape, ioda.well) == ("yes", "no", False)
    assert "HTTP 503, it says 'down for maintenance'; try" in tor.says
    assert (found["cloudflare"].reachable, found["cloudflare"].well) == ("yes", False)
