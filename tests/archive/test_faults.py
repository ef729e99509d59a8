"""What a case makes of services that changed: values, or one sentence with the rest kept.

Faults of the connection are in test_client.py. Here replies arrive whole and are not, or not quite,
what the contract says: a schema that changed, columns nobody asked for, words nobody knows.
"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from darkdays.archive.snapshot import Snapshot
from darkdays.case import case as cases
from darkdays.fetch.fetch import fetch_case
from darkdays.fetch.inputs import read_inputs
from services import SURVIVED, TOLD, Server, whole

START, END = pd.Timestamp("2021-07-10", tz="UTC"), pd.Timestamp("2021-07-12", tz="UTC")
CASE = """
name: odd
title: A country, two days
question: Was it cut?
summary: Invented replies on the loopback.
window: {{start: "2021-07-10T00:00Z", end: "2021-07-12T00:00Z"}}
place: IR
time_zone: Asia/Tehran
entities:
  - {{id: country/IR, name: Iran, network: country}}
signals:
  - {{datasource: tor.bridge-users, source: service}}
{signals}
events:
{events}
  - {{source: facts, dataset: khuzestan-2021}}
"""
DAYS = ("2021-07-10", "2021-07-11")


def ioda(**changes):
    values = [*range(1000, 1288), *range(1000, 1288)]
    series = {
        "entityType": "country", "entityCode": "IR", "entityName": "Iran", "datasource": "bgp",
        "subtype": "", "from": int(START.timestamp()), "until": int(END.timestamp()),
        "step": 300, "nativeStep": 300, "values": values,
    }  # fmt: skip
    return json.dumps({"error": None, "data": [[series | changes]]}).encode()


def alert(**changes):
    one = {
        "datasource": "bgp", "entity": {"type": "country", "code": "IR"},
        "time": int(START.timestamp()) + 600, "level": "critical", "condition": "< 0.99",
        "value": 90, "historyValue": 100, "method": "median",
    }  # fmt: skip
    return json.dumps({"error": None, "data": [one | changes]}).encode()


def tor(header="date,country,users,frac", row="{},ir,900,88"):
    return "\n".join(["# a comment", header, *map(row.format, DAYS), ""]).encode()


def ooni(**changes):
    counts = {f"{name}_count": 1 for name in ("anomaly", "confirmed", "failure", "ok")}
    group = {"measurement_start_day": DAYS[0], "probe_asn": 1, "measurement_count": 4, **counts}
    return json.dumps({"v": 0, "result": [group | changes]}).encode()


def ripestat(field="v4_prefixes_ris", **changes):
    line = {"starttime": "2021-07-10T00:00:00", "endtime": "2021-07-11T23:00:00"}
    data = {"stats": [{"timeline": [line], field: 7, "surprise": [1]}], "resolution": "1h"}
    return json.dumps({"status": "ok", "data": data | changes, "data_call_status": "odd"}).encode()


def mlab(**changes):
    rows = [
        {"date": DAYS[0], "bucket_min": n, "dl_samples_bucket": 1, "dl_samples_day": 9}
        | {"download_MED": 3.5, "surprise": None, **changes}
        for n in range(8)
    ]
    return json.dumps(rows).encode()


STOP = "start_date,end_date,country,shutdown_extent,area_name,shutdown_type,{}\n"
STOP_ROW = "2021-07-10,2021-07-11,Iran,Full network,Khuzestan,{},x\n"
GDELT = "\t".join(str(number) for number in range(58)) + "\n"
TEST_LIST = b"url,category_code,surprise\nhttp://a.example/,NEVER,x\n"

SIGNAL = "  - {{datasource: {}, source: service}}"
EVENT = "  - {{source: {}}}"
BGP = (SIGNAL.format("ioda.bgp"), "ioda", "/signals/raw/country/IR")
ALERTS = (EVENT.format("ioda-alerts"), "ioda", "/outages/alerts")
RELAYS = (SIGNAL.format("tor.relay-users"), "tor", "/userstats-relay-country.csv")
COUNTS = (SIGNAL.format("ooni.measurement-count"), "ooni", "/aggregation")
ROUTED = (
    SIGNAL.format("ripestat.routed-prefixes"), "ripestat", "/country-resource-stats/data.json",
)  # fmt: skip
SPEED = (
    SIGNAL.format("mlab.download"), "mlab", "/v0/AS/IR/2021/histogram_daily_stats.json",
)  # fmt: skip
LABELS = (EVENT.format("stop"), "stop", "/export")
NEWS = ("  - {source: gdelt, options: {lag_days: '0'}}", "gdelt", "/20210710.export.CSV.zip")
SITES = ("  - {source: citizenlab, options: {lists: ir}}", "citizenlab", "/lists/ir.csv")

# What is read, what comes back, and what the sentence says; None if it is read all the same.
FAULTS = {
    "a changed schema of IODA, values renamed": (BGP, ioda(values=None, points=[1]), "no list of"),
    "a changed schema of IODA, times as text": (BGP, ioda(**{"from": "2021-07-10"}), "not a time"),
    "a changed step of IODA": (BGP, ioda(step=7, nativeStep=7), "not part of a day"),
    "fields IODA never had": (BGP, ioda(surprise={"a": [1]}, entityFqid=None), None),
    "an unknown level of an alert": (ALERTS, alert(level="apocalyptic"), None),
    "an unknown method of an alert": (ALERTS, alert(method="oracle", surprise=1), None),
    "a changed schema of alerts": (ALERTS, alert(time="noon"), "not a time"),
    "a changed schema of Tor, users renamed": (
        RELAYS, tor("date,country,clients,lower,upper,frac", "{},ir,9,1,99,88"), "'users'",
    ),
    "columns Tor never had, in another order": (
        RELAYS, tor("new,frac,upper,users,country,lower,date", "x,88,99,9,ir,1,{}"), None,
    ),
    "a changed schema of OONI, counts as text": (COUNTS, ooni(measurement_count="4"), "a count"),
    "fields OONI never had": (COUNTS, ooni(surprise=1, blocking_type="telepathy"), None),
    "a changed schema of RIPEstat": (ROUTED, ripestat("v4_prefixes"), "is missing"),
    "fields and states RIPEstat never had": (ROUTED, ripestat(), None),
    "another width of bins than asked of RIPEstat": (ROUTED, ripestat(resolution="2h"), "2h wide"),
    "fields M-Lab never had": (SPEED, mlab(), None),
    "a changed schema of M-Lab": (SPEED, mlab(dl_samples_day="nine"), "not a number"),
    "columns STOP never had, an unknown type": (
        LABELS, (STOP.format("mood") + STOP_ROW.format("Hypnosis")).encode(), None,
    ),
    "a changed schema of STOP": (
        LABELS, STOP.format("x").replace("start_date", "began").encode() + b"1,2,3,4,5,6,7\n",
        "'startdate' is missing",
    ),
    "a column more than GDELT has": (
        NEWS, GDELT.replace("57", "57\t58").encode(), "a row has 59 columns, not 58",
    ),
    "an unknown category of a site": (SITES, TEST_LIST, None),
    "a changed schema of test lists": (SITES, b"address,code\nx,y\n", "one column 'url'"),
}  # fmt: skip


@pytest.fixture
def server():
    with Server() as running:
        running.on("/userstats-bridge-country.csv", whole(tor()))
        running.on("/20210711.export.CSV.zip", whole(GDELT.encode()))
        yield running


def odd_case(folder, line):
    kind = "tables:\n" + line if "citizenlab" in line else ""
    is_signal = "datasource" in line
    text = CASE.format(signals=line * is_signal, events="" if is_signal or kind else line) + kind
    path = folder / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    return cases.load(path)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_reply_that_is_not_what_was_promised(
    tmp_path, monkeypatch, server, fault, record_property
):
    monkeypatch.setenv("DARKDAYS_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (line, service, path), body, words = FAULTS[fault]
    server.on(path, whole(body))
    study = odd_case(tmp_path, line)
    urls = [f"{name}={server.base}" for name in {service, "tor"}]

    done = fetch_case(study, base_urls=urls)
    kept = Snapshot.open(tmp_path / "snapshots", done.snapshot)
    assert body in [one.body for one in kept.replies().values()], "what came is kept"
    found = read_inputs(study, done.snapshot)
    assert "tor.bridge-users" in found.signals.children, "the rest is kept and read"
    if words is None:
        assert done.complete, done.failures
        assert found.unread == {}
        record_property("fault", SURVIVED)
        return
    (sentence,) = done.failures
    assert words in sentence
    assert sentence.startswith(f"{service}, ")
    assert "; " in sentence
    assert sentence.endswith(".")
    assert not done.complete
    assert (done.unanswered, done.unreadable) == (0, 1)
    assert list(found.unread.values()) == [sentence]
    (odd,) = kept.manifest.unreadable
    assert odd.service == service
    # A later fetch asks for that one again, and for nothing else.
    before = len(server.asked)
    again = fetch_case(study, base_urls=urls)
    assert again.snapshot == done.snapshot, "the same bytes make no new snapshot"
    assert [one["path"].partition("?")[0] for one in server.asked[before:]] == [path]
    record_property("fault", TOLD)
