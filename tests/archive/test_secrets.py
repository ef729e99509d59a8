"""Planted secrets of every service that needs one are nowhere to be found afterwards."""

from __future__ import annotations

import gzip
import itertools
import json
import logging
import zipfile

import pytest

import command_line
import services as bad
from darkdays.archive.client.config import PARTS
from darkdays.archive.client.retry import Limits
from darkdays.archive.exchange import export_snapshot
from darkdays.archive.snapshot import Snapshot
from darkdays.case import case as cases
from darkdays.cli.progress import FetchProgress
from darkdays.fetch import fetch
from services import Server, whole

# One canary a variable, told apart, and of signs that are escaped in forms and in JSON.
CANARIES = {
    variable: f"canary-{number}-Zx9+ü" if part == "password" else f"canary-{number}-Zx9q"
    for number, (part, variable) in enumerate(
        itertools.chain.from_iterable(parts.items() for parts in PARTS.values())
    )
}
TOKEN = "canary-oauth-token-77"
CASE = """
name: secret
title: Two days
question: Was it cut?
summary: Invented replies on the loopback.
window: {start: "2021-07-15T00:00Z", end: "2021-07-17T00:00Z"}
place: IR
time_zone: Asia/Tehran
entities:
  - {id: country/IR, name: Iran, network: country}
signals:
  - {datasource: cloudflare.http, source: service}
events:
  - {source: acled}
  - {source: cloudflare}
  - {source: facts, dataset: khuzestan-2021}
claims:
  - id: was-cut
    type: outage_in_window
    statement: The country was cut.
    origin: nobody
    entity: country/IR
"""
PROTESTS = {"status": 200, "data": [
    {"event_id_cnty": "IRN1", "event_date": "2021-07-15", "event_type": "Protests",
     "country": "Iran", "admin1": "Khuzestan"}]}  # fmt: skip
OUTAGES = {"success": True, "result": {"annotations": []}}
TRAFFIC = {"success": True, "result": {
    "meta": {"aggInterval": "ONE_HOUR", "normalization": "MIN0_MAX"},
    "main": {"timestamps": ["2021-07-15T00:00:00Z", "2021-07-15T01:00:00Z"],
             "values": ["0.5", "1"]}}}  # fmt: skip


def echo_in_json(handler):
    """A reply that repeats what it was sent, as debugging services do."""
    sent = handler.headers.get("Authorization", "")
    handler.send(200, json.dumps({"data": [], "you": sent}).encode())


def echo_in_header(handler):
    """A good reply with the credential in a header that is kept."""
    sent = handler.headers.get("Authorization", "")
    handler.send(200, json.dumps(TRAFFIC).encode(), {"ETag": sent})


def bounce(handler):
    """A redirect that carries the credential in its address."""
    sent = handler.headers.get("Authorization", "").removeprefix("Bearer ")
    handler.send(302, b"", {"Location": f"/elsewhere?token={sent}"})


# What each path answers; the sign-in works unless it says otherwise.
SCENES = {
    "a refused token": {"/http/timeseries": bad.status(401, b"wrong")},
    "a refused password": {"/oauth/token": bad.status(403)},
    "a reply that repeats the token": {"/api/acled/read": echo_in_json},
    "a header that repeats the token": {"/http/timeseries": echo_in_header},
    "a redirect with the token": {"/http/timeseries": bounce},
    "garbage instead of HTTP": {"/annotations/outages": bad.garbage, "/oauth/token": bad.garbage},
    "a web page": {"/api/acled/read": bad.page},
    "no token in the sign-in": {"/oauth/token": whole(b"{}")},
    "replies that cannot be read": {"/api/acled/read": whole(b'{"status": 7}')},
    "no service answers": dict.fromkeys(
        ("/oauth/token", "/http/timeseries", "/annotations/outages"), bad.closed
    ),
}


@pytest.fixture
def server():
    with Server() as running:
        running.on("/oauth/token", bad.jsonic({"access_token": TOKEN}))
        running.on("/api/acled/read", bad.jsonic(PROTESTS))
        running.on("/annotations/outages", bad.jsonic(OUTAGES))
        running.on("/http/timeseries", bad.jsonic(TRAFFIC))
        running.on("/elsewhere", bad.jsonic(TRAFFIC))
        yield running


def darkdays(*words, cwd, secrets):
    return command_line.darkdays(*words, cwd=cwd, home=cwd, **secrets)


def contents(folder):
    """Every byte below a folder, packed or not, and every name."""
    for path in sorted(folder.rglob("*")):
        yield path.name, path.name.encode()
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path.name, content
        if path.suffix == ".gz":
            yield path.name, gzip.decompress(content)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    inside = archive.read(name)
                    yield name, inside
                    if name.endswith(".gz"):
                        yield name, gzip.decompress(inside)


def written(secret):
    """A secret as it is, and as JSON, forms and addresses would write it."""
    quoted = "".join(f"%{byte:02X}" if byte > 127 or byte == 43 else chr(byte)
                     for byte in secret.encode())  # fmt: skip
    return {secret.encode(), json.dumps(secret)[1:-1].encode(), quoted.encode()}


def searched_for(secret, places):
    return {name for name, content in places for form in written(secret) if form in content}


@pytest.mark.parametrize("scene", SCENES)
def test_no_secret_is_left_by_a_service_that_misbehaves(
    tmp_path, server, monkeypatch, capfd, caplog, scene
):
    caplog.set_level(logging.DEBUG)
    for path, answer in SCENES[scene].items():
        server.on(path, answer)
    (tmp_path / "secret.yaml").write_text(CASE, encoding="utf-8")
    monkeypatch.setenv("DARKDAYS_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    for variable, secret in CANARIES.items():
        monkeypatch.setenv(variable, secret)
    monkeypatch.setattr(fetch, "DEFAULT_LIMITS", Limits(tries=2, first_wait=0.01))
    study = cases.load(tmp_path / "secret.yaml")
    urls = [f"{name}={server.base}" for name in ("acled", "cloudflare")]
    with FetchProgress() as progress:
        done = fetch.fetch_case(study, base_urls=urls, progress=progress)
    assert done.complete == (scene == "a redirect with the token"), done.failures
    sent = [one["headers"].get("Authorization", "") for one in server.asked]
    assert f"Bearer {TOKEN}" in sent or "/oauth/token" in SCENES[scene]
    if done.snapshot:
        snapshot = Snapshot.open(tmp_path / "snapshots", done.snapshot)
        export_snapshot(snapshot, tmp_path / "all.zip", private=True)
    else:
        assert scene == "no service answers"
    told = [*done.failures, repr(done), caplog.text, *capfd.readouterr()]
    places = [*((text, text.encode()) for text in told), *contents(tmp_path)]
    for secret in (*CANARIES.values(), TOKEN):
        assert not searched_for(secret, places), scene
    assert not any(b"canary" in content for _, content in places)


@pytest.mark.slow
@pytest.mark.slow
def test_no_secret_is_left_by_a_run_to_its_report(tmp_path, server):
    (tmp_path / "secret.yaml").write_text(CASE, encoding="utf-8")
    urls = [f"--base-url={name}={server.base}" for name in ("acled", "cloudflare")]
    ran = darkdays("run", "secret.yaml", *urls, cwd=tmp_path, secrets=CANARIES)
    assert ran.returncode == 0, ran.stderr
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"report.html", "1-fetch.ipynb", "signals.nc", "events.csv", "manifest.json"} <= names
    broken = darkdays("run", "other.yaml", *urls, cwd=tmp_path, secrets=CANARIES)
    assert broken.returncode == 2
    told = [("output", (one.stdout + one.stderr).encode()) for one in (ran, broken)]
    places = [*told, *contents(tmp_path)]
    assert len(places) > 40
    for secret in (*CANARIES.values(), TOKEN):
        assert not searched_for(secret, places)
    assert not any(b"canary" in content for _, content in places)


def test_secrets_of_a_file_are_used_and_not_left_either(tmp_path, server):
    (tmp_path / "secret.yaml").write_text(CASE, encoding="utf-8")
    settings = tmp_path / "settings" / "darkdays"
    settings.mkdir(parents=True)
    lines = [
        line
        for name, parts in PARTS.items()
        for line in (f"[{name}]", *(f"{part} = '{CANARIES[parts[part]]}'" for part in parts))
    ]
    (settings / "credentials.toml").write_text("\n".join(lines), encoding="utf-8")
    urls = [f"--base-url={name}={server.base}" for name in ("acled", "cloudflare")]
    done = darkdays("fetch", "secret.yaml", *urls, cwd=tmp_path, secrets={})
    assert done.returncode == 0, done.stderr
    kept = [one for one in contents(tmp_path) if one[0] != "credentials.toml"]
    assert not any(b"canary" in content for _, content in kept)
    assert "canary" not in done.stdout + done.stderr
