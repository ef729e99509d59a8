"""Fetching as a person does it: loopback services, a snapshot, a replay without a network."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import command_line
from command_line import needs_namespaces
from darkdays.case import case as cases
from darkdays.fetch.inputs import read_inputs
from darkdays.files import paths
from services import Server, whole

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


def darkdays(*words, cwd, network=True):
    return command_line.darkdays(
        *words, cwd=cwd, home=cwd, network=network, DARKDAYS_CLOUDFLARE_TOKEN=CANARY
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_one_service_down_keeps_the_other_and_a_second_fetch_goes_on(folder, services):
    services.on("/userstats-relay-country.csv", whole(b"<html>busy</html>", kind="text/html"))
    first = darkdays("fetch", "live.yaml", *urls(services), cwd=folder)
    assert first.returncode == 3
    assert [line for line in first.stderr.splitlines() if line.startswith("darkdays: tor")]
    services.on("/userstats-relay-country.csv", whole(tor()))
    second = darkdays("fetch", "live.yaml", *urls(services), cwd=folder)
    assert second.returncode == 0, second.stderr
    assert services.count("/v2/signals/raw/country/IR") == 1, "what was fetched stays fetched"


@pytest.mark.slow
def test_a_reply_that_cannot_be_read_makes_no_complete_snapshot(folder, services):
    renamed = b"date,country,clients\n2021-07-10,ir,5\n"
    services.on("/userstats-relay-country.csv", whole(renamed))
    first = darkdays("fetch", "live.yaml", *urls(services), cwd=folder)
    assert first.returncode == 3
    assert "incomplete: 1 with one that cannot be used; fetch again to go on" in first.stdout
    (said,) = [line for line in first.stderr.splitlines() if line.startswith("darkdays: ")]
    assert said.startswith("darkdays: tor, Tor users, directly connecting of country/IR from")
    assert "the table needs one column 'users'; fetch it again later" in said
    (listed,) = json.loads(darkdays("snapshot", "list", "--json", cwd=folder).stdout)
    assert listed["complete"] is False
    shown = json.loads(darkdays("snapshot", "show", listed["id"], cwd=folder).stdout)
    assert [one["service"] for one in shown["unreadable"]] == ["tor"]
    assert len(shown["replies"]) == 2, "what came is kept"

    offline = darkdays("run", "live.yaml", "--offline", cwd=folder)
    assert offline.returncode == 0, offline.stderr
    assert (
        f"runs on embedded data only, without a snapshot of live; "
        f"--snapshot {listed['id'][:16]} would use an incomplete one"
    ) in offline.stderr
    assert "untested" in offline.stdout
    stated = darkdays("run", "live.yaml", "--snapshot", listed["id"], "--json", cwd=folder)
    assert f"on snapshot {listed['id'][:16]}, which is incomplete" in stated.stderr
    document = json.loads(stated.stdout)
    assert list(document["not_read"]) == ["tor.relay-users"]
    assert "needs one column 'users'" in document["not_read"]["tor.relay-users"]

    services.on("/userstats-relay-country.csv", whole(tor()))
    second = darkdays("fetch", "live.yaml", *urls(services), cwd=folder)
    assert second.returncode == 0, second.stderr
    assert "(complete)" in second.stdout
    assert services.count("/v2/signals/raw/country/IR") == 1, "what could be read stays"


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
@needs_namespaces
def test_files_given_offline_are_read_and_nobody_is_asked(folder, services):
    fetched = darkdays("fetch", "live.yaml", *urls(services), cwd=folder)
    assert fetched.returncode == 0, fetched.stderr
    (folder / "tor.csv").write_bytes(tor().replace(b",ir,900", b",ir,800"))
    done = darkdays(
        "run", "live.yaml", "--offline", "--file", "tor=tor.csv", "--json", *urls(services),
        cwd=folder, network=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["not_read"] == {}
    assert len(services.asked) == 2
    shutil.rmtree(folder / "snapshots")
    part = darkdays(
        "run", "live.yaml", "--offline", "--file", "tor=tor.csv", "--json", *urls(services),
        cwd=folder,
    )  # fmt: skip
    assert part.returncode == 0, part.stderr
    assert "was not fetched before; fetch the case with a network." in part.stderr
    assert "which is incomplete" in part.stderr
    assert list(json.loads(part.stdout)["not_read"]) == ["ioda.bgp"]
    assert len(services.asked) == 2, "although the services would answer"


@pytest.mark.slow
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


OWN = """
name: own
title: Files of one's own
question: Was it cut?
summary: Invented files.
window: {start: "2021-07-10T00:00Z", end: "2021-07-20T00:00Z"}
place: IR
time_zone: Asia/Tehran
entities:
  - {id: country/IR, name: Iran, network: country}
  - {id: region/Khuzestan, name: Khuzestan, network: region}
  - {id: asn/44244, name: IranCell, network: mobile}
signals:
  - datasource: own.link
    source: csv
    options: {file: link.csv, time: When, value: Mbit, entity: =asn/44244, unit: Mbit/s,
              step: 1h, time_zone: Asia/Tehran, title: A link}
  - {datasource: ioda.bgp, source: ioda-csv}
  - {datasource: monash.connectivity, source: service}
  - {datasource: ripestat.neighbours, source: service}
events:
  - {source: user-csv, options: {file: protests.csv, kind: =protest, start: Day}}
  - {source: stop}
tables:
  - {source: citizenlab, name: sites, options: {lists: ir}}
claims:
  - id: was-cut
    type: outage_in_window
    statement: The country was cut for hours.
    origin: nobody
    entity: country/IR
"""
FILES = {
    "mine/link.csv": "When,Mbit\n2021-07-10T04:30,5\n2021-07-10T05:30,\n",
    "mine/protests.csv": "Day\n2021-07-15\n",
    "ioda.csv": '"Time (UTC)","BGP (#)"\n2021-07-10 00:00:00,99\n2021-07-10 00:30:00,98\n',
    "monash.csv": "iso,name_1,name_2,time_e_str,connectivity\n"
    "IRN,Khuzestan,Ahvaz,11-Jul-2021 02:00:00,80\n",
    "AS44244.csv": "neighbor_asn,start,end\n7,2021-07-10T00:00:00,2021-07-12T00:00:00\n",
    "stop.csv": "start_date,end_date,country,shutdown_extent\n2021-07-15,,Iran,Full network\n",
    "sites.csv": "url,category_code\nhttp://a.example/,NEWS\n",
}
GIVEN = {
    "user-csv": "mine", "ioda-csv": "ioda.csv", "monash": "monash.csv", "stop": "stop.csv",
    "ripestat": "AS44244.csv", "citizenlab": "sites.csv",
}  # fmt: skip


@pytest.mark.slow
@needs_namespaces
def test_a_case_of_ones_own_files_needs_no_network_at_all(tmp_path):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "mine").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    given = {name: f"--file={name}={path}" for name, path in GIVEN.items()}
    others = [given[name] for name in ("stop", "ripestat", "citizenlab")]
    missing = darkdays("fetch", "own.yaml", *others, cwd=tmp_path, network=False)
    assert missing.returncode == 3
    for name in ("user-csv", "ioda-csv", "monash"):
        said = [line for line in missing.stderr.splitlines() if f"darkdays: {name}, " in line]
        assert len(said) == 1
        assert "is a file of your own, which is not there" in said[0]
        assert said[0].endswith(f"; give it with --file {name}=PATH.")
    done = darkdays("run", "own.yaml", *given.values(), "--json", cwd=tmp_path, network=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["not_read"] == {}
    (remedy, *_) = read_inputs(cases.load(tmp_path / "own.yaml")).unread.values()
    assert "`darkdays run own.yaml --signal FILE" in remedy or "`darkdays fetch own.yaml`" in remedy
    (run,) = (tmp_path / "runs" / "own").iterdir()
    table = (run / "tables" / "sites.csv").read_text(encoding="utf-8")
    assert "http://a.example/,a.example,NEWS" in table
    events = (run / "events.csv").read_text(encoding="utf-8")
    assert [line.split(",")[:2] for line in events.splitlines()[1:]] == [
        ["protest", "2021-07-15"], ["shutdown-label", "2021-07-15"],
    ]  # fmt: skip
    tree = xr.load_datatree(run / "signals.nc", engine="h5netcdf")
    assert sorted(tree.children) == [
        "ioda.bgp", "monash.connectivity", "own.link", "ripestat.neighbours",
    ]  # fmt: skip
    link = tree["own.link"]["value"].sel(entity="asn/44244").to_series().dropna()
    assert link.to_dict() == {pd.Timestamp("2021-07-10T00:00"): 5.0}
    assert tree["own.link"].attrs["unit"] == "Mbit/s"
    (hour,) = tree["monash.connectivity"]["value"].to_series().dropna().index
    assert hour == ("region/Khuzestan", pd.Timestamp("2021-07-10T21:30"))
    shown = darkdays("snapshot", "list", "--json", cwd=tmp_path)
    (snapshot,) = [one for one in json.loads(shown.stdout) if one["complete"]]
    manifest = json.loads(darkdays("snapshot", "show", snapshot["id"], cwd=tmp_path).stdout)
    assert {one["origin"] for one in manifest["replies"]} == {"user-supplied"}
    assert manifest["hosts"] == []
    again = darkdays("run", "own.yaml", "--offline", cwd=tmp_path, network=False)
    assert "Nothing changed" in again.stdout, "the snapshot has the files"


@pytest.mark.slow
@needs_namespaces
def test_khuzestan_without_a_network(tmp_path, offline):
    fetched = darkdays("fetch", "khuzestan-2021", cwd=tmp_path, network=False)
    assert fetched.returncode == 3
    told = [line for line in fetched.stderr.splitlines() if line.startswith("darkdays: ")]
    assert [line.split(",")[0].removeprefix("darkdays: ") for line in told] == [
        "ioda", "mlab", "ooni", "tor", "ripestat", "gdelt",
    ]  # fmt: skip
    assert all("cannot be reached" in line and line.endswith("--base-url.") for line in told)
    assert "Nothing was fetched: no service answered." in fetched.stdout
    run = offline("khuzestan-2021")
    assert run.isolated
    assert "runs on embedded data only" in run.stderr
    document = run.document
    verdicts = {claim["id"]: claim["verdict"] for claim in document["claims"]}
    # What was published of the country, and reported of the province, is there all the same.
    decided = {name: verdict for name, verdict in verdicts.items() if verdict != "untested"}
    assert decided == {
        "reports-agree-when": "contradicted", "country-disrupted": "inconclusive",
        "country-cut-for-a-week": "contradicted", "country-on-1-august": "inconclusive",
        "more-users-of-tor": "inconclusive", "more-tests-of-sites": "inconclusive",
    }  # fmt: skip
    assert len(verdicts) == len(decided) + 7
    assert len(document["not_read"]) == 10


def test_a_plan_is_printed_and_nobody_is_asked(folder, services):
    told = darkdays("fetch", "live.yaml", "--plan", *urls(services), cwd=folder)
    assert told.returncode == 0, told.stderr
    assert f"{services.base}/v2/signals/raw/country/IR?from=1625875200" in told.stdout
    assert "2 to ask first; answers may lead to more." in told.stdout
    assert services.asked == []
    text = CASE.replace("{datasource: ioda.bgp, source: service}",
                        "{datasource: mlab.download, source: mlab-bigquery}")  # fmt: skip
    (folder / "live.yaml").write_text(text, encoding="utf-8")
    rows = json.loads(darkdays("fetch", "live.yaml", "--plan", "--json", cwd=folder).stdout)
    assert rows[0]["service"] == "mlab-bigquery"
    assert rows[0]["sql"].startswith("SELECT")
    assert rows[1]["sql"] is None
    assert not (folder / "snapshots").exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("own.link", "owned.link", "unknown datasource 'owned.link'"),
        ("source: csv", "source: service", "its source must be csv"),
        ("source: citizenlab", "source: citizenlabs", "did you mean 'citizenlab'"),
        ("source: ioda-csv", "source: ioda", "signals.1.source"),
    ],
)
def test_a_mistake_in_what_a_case_reads_is_one_sentence(tmp_path, old, new, sentence):
    (tmp_path / "own.yaml").write_text(OWN.replace(old, new, 1), encoding="utf-8")
    done = darkdays("fetch", "own.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("fetch", "live.yaml", "--base-url", "iodo=http://x"), "did you mean ioda?"),
        (("fetch", "live.yaml", "--base-url", "ioda=ftp://x"), "is no address"),
        (("fetch", "live.yaml", "--file", "tor=none.csv"), "no such file"),
        (("run", "live.yaml", "--snapshot", "xyz"), "no snapshot id"),
        (("run", "live.yaml", "--snapshot", "ab12", "--offline"), "leave --offline out"),
        (("run", "live.yaml", "--snapshot", "ab12", "--file", "tor=x"), "leave --base-url, --file"),
        (("run", "live.yaml", "--wait", "soon"), "--wait soon: write a number and s, m, h or d"),
        (("run", "iran-2019", "--file", "tor=none.csv"), "this case asks no service tor"),
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
