"""Fetching as a person does it: loopback services, a snapshot, a replay without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from darkdays import paths
from services import Server, whole

DARKDAYS = [sys.executable, "-c", "from darkdays.cli import main; main()"]
START, END = pd.Timestamp("2021-07-10", tz="UTC"), pd.Timestamp("2021-07-20", tz="UTC")
CANARY = "canary-7c1f-secret"
CASE = """
name: live
title: A country, July 2021
question: Was it cut?
summary: Invented signals on the loopback.
window: {start: "2021-07-10T00:00Z", end: "2021-07-20T00:00Z"}
place: IR
time_zone: Asia/Tehran
entities:
  - {id: country/IR, name: Iran, network: country}
signals:
  - {datasource: ioda.bgp, source: service}
  - {datasource: tor.relay-users, source: service}
events:
  - {source: facts, dataset: khuzestan-2021}
claims:
  - id: was-cut
    type: outage_in_window
    statement: The country was cut for hours.
    origin: nobody
    entity: country/IR
    at_least_hours: 3
"""


def darkdays(*words, cwd, network=True, **environment):
    wall = [] if network else ["unshare", "-rn"]
    return subprocess.run(
        [*wall, *DARKDAYS, *map(str, words)],
        cwd=cwd,
        env={
            **os.environ,
            "DARKDAYS_SNAPSHOTS": str(cwd / "snapshots"),
            "DARKDAYS_RUNS": str(cwd / "runs"),
            "DARKDAYS_REPORTS": str(cwd / "reports"),
            "XDG_CONFIG_HOME": str(cwd / "settings"),
            "DARKDAYS_CLOUDFLARE_TOKEN": CANARY,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def ioda(cut=True):
    bins = int((END - START) / pd.Timedelta("5min"))
    values = (1000 + np.arange(bins) % 3).tolist()
    if cut:
        values[1500:1600] = [20] * 100
    values[50] = None
    series = {
        "entityType": "country", "entityCode": "IR", "entityName": "Iran", "datasource": "bgp",
        "subtype": "", "from": int(START.timestamp()), "until": int(END.timestamp()),
        "step": 300, "nativeStep": 300, "values": values,
    }  # fmt: skip
    return json.dumps({"type": "signals", "error": None, "data": [[series]]}).encode()


def tor():
    days = pd.date_range("2021-07-10", "2021-07-19")
    rows = "".join(f"{day:%Y-%m-%d},ir,{90000 + day.day},80000,99000,88\n" for day in days)
    return ("# a comment\ndate,country,users,lower,upper,frac\n" + rows).encode()


@pytest.fixture
def services():
    with Server() as server:
        server.on("/v2/signals/raw/country/IR", whole(ioda(), kind="application/json"))
        server.on("/userstats-relay-country.csv", whole(tor()))
        yield server


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "live.yaml").write_text(CASE, encoding="utf-8")
    return tmp_path


def urls(server):
    return ["--base-url", f"ioda={server.base}/v2", "--base-url", f"tor={server.base}"]


needs_namespaces = pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode != 0,
    reason="this system allows no network namespaces",
)


@needs_namespaces
def test_what_was_fetched_replays_without_a_network(folder, services):
    fetched = darkdays("fetch", "live.yaml", "--json", *urls(services), cwd=folder)
    assert fetched.returncode == 0, fetched.stderr
    made = json.loads(fetched.stdout)
    assert made["complete"] is True
    identity = made["snapshot"]

    done = darkdays(
        "run", "live.yaml", "--snapshot", identity[:16], "--json", cwd=folder, network=False
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [claim["verdict"] for claim in document["claims"]] == ["supported"]
    (outage,) = document["outages"]
    assert outage["onset"] == f"{START + 1500 * pd.Timedelta('5min'):%Y-%m-%dT%H:%MZ}"
    assert document["not_read"] == {}

    offline = darkdays("run", "live.yaml", "--offline", cwd=folder, network=False)
    assert offline.returncode == 0, offline.stderr
    assert f"snapshot {identity[:16]}" in offline.stderr
    assert "Nothing changed" in offline.stdout
    assert len(services.asked) == 2, "a replay asks nobody"

    for path in folder.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path
    for one in (fetched, done, offline):
        assert CANARY not in one.stdout + one.stderr


def test_one_service_down_keeps_the_other_and_a_second_fetch_goes_on(folder, services):
    services.on("/userstats-relay-country.csv", whole(b"<html>busy</html>", kind="text/html"))
    first = darkdays("fetch", "live.yaml", *urls(services), cwd=folder)
    assert first.returncode == 3
    assert [line for line in first.stderr.splitlines() if line.startswith("darkdays: tor")]
    services.on("/userstats-relay-country.csv", whole(tor()))
    second = darkdays("fetch", "live.yaml", *urls(services), cwd=folder)
    assert second.returncode == 0, second.stderr
    assert services.count("/v2/signals/raw/country/IR") == 1, "what was fetched stays fetched"


def test_a_fresh_fetch_tells_the_world_changing_apart(folder, services):
    before = json.loads(
        darkdays("fetch", "live.yaml", "--json", *urls(services), cwd=folder).stdout
    )
    services.on("/v2/signals/raw/country/IR", whole(ioda(cut=False), kind="application/json"))
    kept = json.loads(darkdays("fetch", "live.yaml", "--json", *urls(services), cwd=folder).stdout)
    assert kept["snapshot"] == before["snapshot"], "what was fetched stays fetched"
    fresh = darkdays("fetch", "live.yaml", "--fresh", "--json", *urls(services), cwd=folder)
    after = json.loads(fresh.stdout)
    assert after["snapshot"] != before["snapshot"]
    told = darkdays("snapshot", "diff", before["snapshot"], after["snapshot"], cwd=folder).stdout
    assert told.count("other bytes: ") == 1
    assert "ioda" in told


def test_without_any_service_claims_are_untested_and_the_fetch_says_who_is_down(folder):
    nobody = ["--base-url", "ioda=http://127.0.0.1:9/v2", "--base-url", "tor=http://127.0.0.1:9"]
    fetched = darkdays("fetch", "live.yaml", *nobody, cwd=folder)
    assert fetched.returncode == 3
    for name in ("ioda", "tor"):
        said = [
            line for line in fetched.stderr.splitlines() if line.startswith(f"darkdays: {name}")
        ]
        assert len(said) == 1
    done = darkdays("run", "live.yaml", "--offline", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [claim["verdict"] for claim in document["claims"]] == ["untested"]
    assert "darkdays fetch live" in document["not_read"]["ioda.bgp"]


def test_a_local_file_stands_in_for_a_download(folder, services):
    (folder / "tor.csv").write_bytes(tor())
    done = darkdays(
        "fetch", "live.yaml", "--base-url", f"ioda={services.base}/v2",
        "--file", "tor=tor.csv", "--json", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = darkdays("snapshot", "show", json.loads(done.stdout)["snapshot"], cwd=folder)
    origins = {one["service"]: one["origin"] for one in json.loads(shown.stdout)["replies"]}
    assert origins == {"ioda": "service", "tor": "user-supplied"}


def test_snapshots_are_listed_checked_passed_on_and_compared(folder, services, tmp_path):
    first = json.loads(darkdays("fetch", "live.yaml", "--json", *urls(services), cwd=folder).stdout)
    listed = json.loads(darkdays("snapshot", "list", "--json", cwd=folder).stdout)
    assert [one["id"] for one in listed] == [first["snapshot"]]
    assert (
        "2 replies are as they came"
        in darkdays("snapshot", "verify", first["snapshot"], cwd=folder).stdout
    )

    exported = darkdays("snapshot", "export", first["snapshot"][:12], "--to", "out.zip", cwd=folder)
    assert "left out, its terms forbid passing it on: ioda" in exported.stdout
    other = tmp_path / "other"
    other.mkdir()
    imported = darkdays("snapshot", "import", folder / "out.zip", cwd=other)
    assert imported.returncode == 0, imported.stderr
    assert first["snapshot"][:16] in imported.stdout
    same = darkdays("snapshot", "diff", first["snapshot"], first["snapshot"], cwd=folder)
    assert "the same, byte for byte" in same.stdout

    objects = sorted((folder / "snapshots" / "objects").iterdir())
    content = bytearray(objects[0].read_bytes())
    content[len(content) // 2] ^= 1
    objects[0].write_bytes(content)
    broken = darkdays("snapshot", "verify", first["snapshot"], cwd=folder)
    assert broken.returncode == 1
    assert "damaged" in broken.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("fetch", "live.yaml", "--base-url", "iodo=http://x"), "did you mean ioda?"),
        (("fetch", "live.yaml", "--base-url", "ioda=ftp://x"), "is no address"),
        (("fetch", "live.yaml", "--file", "tor=none.csv"), "no such file"),
        (("run", "live.yaml", "--snapshot", "xyz"), "no snapshot id"),
        (("run", "live.yaml", "--snapshot", "ab12", "--offline"), "leave --offline out"),
        (("snapshot", "show", "../etc"), "no snapshot id"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_status_2(folder, words, sentence):
    done = darkdays(*words, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_case_of_embedded_data_never_tries_the_network(tmp_path):
    done = darkdays("fetch", "iran-2019", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["snapshot"] is None
    assert paths.root().is_dir()
