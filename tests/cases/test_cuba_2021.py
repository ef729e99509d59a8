"""July 2021 in Cuba, replayed: an invented hour without the country, and messengers after it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
import yaml

from darkdays.files import paths
from services import Server, jsonic

pytestmark = pytest.mark.slow
DARKDAYS = [sys.executable, "-c", "from darkdays.cli.main import main; main()"]
CUT = pd.Timestamp("2021-07-11 20:00Z"), pd.Timestamp("2021-07-11 20:50Z")
HERE = ("CU", "27725")
STEPS = {"bgp": 300, "ping-slash24": 600}
CLAIMS = (
    "national-blackout", "provider-cut", "blackout-of-hours", "messengers-blocked",
    "still-blocked-after-return", "messenger-stayed-open",
)  # fmt: skip


def part_of_the_case():
    """The shipped case, of IODA and one messenger only, as a case of one's own."""
    case = yaml.safe_load((paths.cases() / "cuba-2021.yaml").read_text(encoding="utf-8"))
    case["name"] = "part"
    case["window"] = {"start": "2021-07-01T00:00Z", "end": "2021-07-21T00:00Z"}
    case["signals"] = [
        one for one in case["signals"] if one["datasource"].removeprefix("ioda.") in STEPS
    ]
    case["events"] = [{"source": "facts", "dataset": "cuba-2021"}, {"source": "ioda-events"}]
    case["tables"] = [
        {**one, "dataset": "cuba-2021"} if one["source"] == "published" else one
        for one in case["tables"]
        if one.get("name", "signal") in ("signal", "facebook-messenger")
    ]
    case["claims"] = [one for one in case["claims"] if one["id"] in CLAIMS]
    for claim in case["claims"]:
        if claim.get("tables", [""])[0] == "whatsapp":
            claim |= {"tables": ["signal"], "sites": ["signal"]}
    return yaml.safe_dump(case, allow_unicode=True)


def signals_of_ioda(handler):
    """Blocks of every entity asked for: steady, but for Cuba's, of which a tenth is left."""
    url = urlsplit(handler.path)
    asked = {name: one[0] for name, one in parse_qs(url.query).items()}
    kind, codes = url.path.rsplit("/", 2)[1:]
    name, since, until = asked["datasource"], int(asked["from"]), int(asked["until"])
    times = np.arange(since, until, STEPS[name])
    data = []
    for code in codes.split(","):
        values = 1000 + np.random.default_rng(since).integers(-4, 5, times.size)
        if code in HERE:
            values[(times >= CUT[0].timestamp()) & (times < CUT[1].timestamp())] = 100
        series = {
            "entityType": kind, "entityCode": code, "datasource": name, "subtype": "",
            "from": since, "until": until, "step": STEPS[name], "nativeStep": STEPS[name],
            "values": values.tolist(),
        }  # fmt: skip
        data.append([series])
    jsonic({"type": "signals", "error": None, "data": data})(handler)


def events_of_ioda(handler):
    asked = {name: one[0] for name, one in parse_qs(urlsplit(handler.path).query).items()}
    event = {
        "location": f"{asked['entityType']}/{asked['entityCode']}", "datasource": "bgp",
        "start": int(CUT[0].timestamp()), "duration": 3300, "score": 4000.0, "method": "median",
    }  # fmt: skip
    data = [event] if asked["entityCode"] in HERE else []
    jsonic({"type": "outages.events", "error": None, "data": data})(handler)


def measurements(handler):
    """Signal is blocked from 12 to 16 July, of which 14 to 16 after mobile data had come back."""
    asked = {name: one[0] for name, one in parse_qs(urlsplit(handler.path).query).items()}
    rows = [
        {
            "measurement_start_time": f"2021-07-{day:02d}T{hour:02d}:30:00Z",
            "measurement_uid": f"{day}-{hour}", "probe_cc": "CU", "probe_asn": "AS27725",
            "test_name": asked["test_name"], "input": None, "confirmed": False, "failure": False,
            "anomaly": asked["test_name"] == "signal" and 12 <= day <= 16, "scores": {},
        }
        for day in (9, 10, 12, 13, 14, 15, 16, 18, 19)
        for hour in range(8, 20)
    ]  # fmt: skip
    jsonic({"metadata": {"count": len(rows), "next_url": None}, "results": rows})(handler)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cuba")
    (folder / "part.yaml").write_text(part_of_the_case(), encoding="utf-8")
    folders = {f"DARKDAYS_{one}": str(folder / one) for one in ("SNAPSHOTS", "RUNS", "REPORTS")}
    with Server() as server:
        for path in ("country/CU,ES,JM,TR,VE", "asn/27725"):
            server.on(f"/v2/signals/raw/{path}", signals_of_ioda)
        server.on("/v2/outages/events", events_of_ioda)
        server.on("/api/v1/measurements", measurements)
        done = subprocess.run(
            [*DARKDAYS, "run", "part.yaml", "--json", "--base-url", f"ioda={server.base}/v2",
             "--base-url", f"ooni={server.base}/api/v1"],
            cwd=folder,
            env={**os.environ, **folders},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (folder / "REPORTS" / "part" / "1.0.0" / "report.html").read_text(encoding="utf-8")
    return json.loads(done.stdout), page


def test_a_replayed_blackout_is_found_with_its_duration_in_every_datasource(replayed):
    document, _ = replayed
    claims = {one["id"]: one for one in document["claims"]}
    for name in ("national-blackout", "provider-cut"):
        assert claims[name]["verdict"] == "supported"
        assert "ioda.bgp" in claims[name]["because"]
        assert "ioda.ping-slash24" in claims[name]["because"]
    assert "Reported durations run from" in claims["national-blackout"]["because"]
    # Fifty minutes, but in bins of ten: that it was more than an hour is not excluded.
    assert claims["blackout-of-hours"]["verdict"] == "inconclusive"
    found = {one["id"]: one for one in document["findings"] if ".duration." in one["id"]}
    durations = [one for name, one in found.items() if "national-blackout" in name]
    assert len(durations) == 2
    for one in durations:
        assert one["interval"][0] <= 50 / 60 <= one["interval"][1]


def test_what_others_detect_and_report_stands_beside_it_and_nothing_is_averaged(replayed):
    _, page = replayed
    table = page[page.index('<h2 id="durations">') :]
    table = table[: table.index("<h2", 4)]
    order = [table.index(f'class="small">{kind}<') for kind in (
        "measured", "another detector", "reported",
    )]  # fmt: skip
    assert order == sorted(order)
    # 55 minutes, each end known to ten minutes.
    assert table.count("0.75 to 1.08") >= 2
    assert "Cuba, IODA&#39;s own detector" in table
    assert "ETECSA, IODA&#39;s own detector" in table
    assert "Access Now, STOP" in table
    assert "not measured" not in table


def test_messengers_are_blocked_afterwards_and_until_when_is_told(replayed):
    document, _ = replayed
    claims = {one["id"]: one["verdict"] for one in document["claims"]}
    assert claims["messengers-blocked"] == "supported"
    assert claims["still-blocked-after-return"] == "supported"
    assert claims["messenger-stayed-open"] == "supported"
    states = [
        one["witnesses"] for one in document["findings"] if one["id"].startswith("blocking.signal.")
    ]
    assert [one["state"] for one in states] == ["ok", "blocked", "ok"]
    low, high = states[2]["began_between"]
    assert "2021-07-16T00:00Z" < low <= "2021-07-16T19:30Z" < high <= "2021-07-18T12:00Z"
