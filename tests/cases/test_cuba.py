"""The Cuban cases: on embedded data, replayed from a loopback service, and from the shell."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import command_line
from darkdays import stages
from darkdays.case import case as cases
from darkdays.case.records import OutageReported, PortalFingerprint, SingleProvider
from darkdays.claims import Records, decide_record, told, withheld
from darkdays.claims.outage_reported import outage_reported
from darkdays.claims.records.portals import portal_fingerprint
from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.events import local_days, of_kind, read_csv
from darkdays.contracts.signals import from_samples
from darkdays.detect.blocking.blocking import BLOCKED, observations
from darkdays.detect.outages.outages import COLUMNS, TIMES
from darkdays.detect.outages.recovery import STAGE_COLUMNS
from darkdays.errors import InputError
from darkdays.evidence.evidence import Evidence, Specification
from darkdays.fetch.inputs import read_inputs
from darkdays.fetch.plan import how_to_get
from darkdays.figures.plot import stamped
from darkdays.figures.records.blocking import blocking_states
from darkdays.figures.records.providers import address_shares, daily_shares
from darkdays.files import paths
from darkdays.sources.published import published_tables
from services import Server, jsonic
from shared_data import SHARED, needs

PUBLISHED = SHARED / "measurements" / "ooni" / "20190226-cuba-report-measurements.csv"
NAME = "published/cuba-2019-referendum/ooni-measurements.csv"
FOUR = ["14ymedio.com", "cibercuba.com", "cubanet.org", "tremendanota.com"]
CASES = ("cuba-2017-portals", "cuba-2019-referendum", "cuba-2021", "cuba-single-provider")


def verdict_of(claim, records, unread):
    return told(decide_record(claim, records), records.case, unread)


def embedded():
    return published_tables.read({NAME: (paths.data() / NAME).read_bytes()})


@pytest.fixture(scope="module")
def referendum(tmp_path_factory):
    return stages.correlate("cuba-2019-referendum", str(tmp_path_factory.mktemp("run")))


# --- what is embedded -----------------------------------------------------------------------------


@needs(PUBLISHED, leaves_open="the 13 rows dropped from the table of cuba-2019-referendum")
def test_exactly_the_thirteen_rows_that_repeat_two_reports_were_dropped():
    with PUBLISHED.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    twice = [
        row
        for row in rows
        if row["probe_asn"] == "27725" and row["measurement_start_time"].startswith("2019-02-24")
    ]
    assert (len(rows), len(twice), len({row["report_id"] for row in twice})) == (203, 13, 2)
    kept = sorted(
        (row["measurement_start_time"], row["input"], row["blocking"])
        for row in rows
        if row not in twice
    )
    table = embedded()
    times = table["measurement_start_time"].dt.strftime("%Y-%m-%d %H:%M:%S")
    mine = zip(times, table["input"], table["blocking_type"].fillna("ok"), strict=True)
    assert sorted(mine) == kept
    text = (paths.data() / NAME).read_text(encoding="utf-8")
    assert not any(row["report_id"] in text for row in rows)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (",tcp_ip,", ",tcp,", "blocking 'tcp' is not one of"),
        ("asn/27725", "AS27725", "not written as asn/27725"),
        ("2019-02-24T22:34:35Z", "24 February", "its form is described"),
        ("time,network", "when,network", "its form is described"),
    ],
)
def test_a_table_out_of_its_form_is_one_sentence(old, new, sentence):
    text = (paths.data() / NAME).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputError, match=sentence):
        published_tables.read({NAME: text.replace(old, new, 1).encode()})


def test_reported_durations_have_bounds_that_may_be_open():
    name = "published/cuba-2021/reported-durations.csv"
    content = (paths.data() / name).read_bytes()
    table = published_tables.read({name: content}).set_index("source")
    assert np.isnan(table.loc["Kentik, via AP", "hours_low"])
    assert table.loc["Kentik, via AP", "hours_high"] == 0.5
    assert table.loc["Access Now, STOP", "hours_high"] / 0.5 == 240
    assert table.loc["IODA curated list", "start"] == pd.Timestamp("2021-07-11 20:00Z")
    with pytest.raises(InputError, match="hours_low is above hours_high"):
        published_tables.read({name: content.replace(b",96,120,", b",120,96,")})


def test_facts_of_cuba_are_event_tables_with_protests_day_by_day():
    name = "cuba-2021"
    events = read_csv((paths.data() / "facts" / f"{name}.csv").read_bytes(), name)
    days = local_days(of_kind(events, "protest"), "America/Havana")
    assert [day.day for day in days] == [11, 12, 13, 17]
    assert {"blocking", "observation", "shutdown-label"} <= set(events["kind"])


# --- cuba-2019-referendum -------------------------------------------------------------------------


@pytest.mark.slow
def test_tcp_ip_blocking_is_found_of_exactly_the_four_sites_named_from_24_february(referendum):
    cut = referendum.detected.sites.stretches
    found = cut[(cut["state"] == BLOCKED) & (cut["method"] == "tcp_ip")]
    assert found["site"].tolist() == FOUR
    assert {moment.date().isoformat() for moment in found["blocked_first"]} == {"2019-02-24"}
    assert (found["blocked"] == found["units"]).all()
    # The other sites measured in those days were not blocked so, but for one stray measurement.
    seen = referendum.detected.sites.observed
    late = seen[(seen["time"] >= "2019-02-24") & (seen["method"] == "tcp_ip")]
    others = late[~late["site"].isin(FOUR)]
    assert others["site"].tolist() == ["therealcuba.com"]


def test_the_change_from_http_to_tcp_ip_is_a_change_point_with_honest_bounds(referendum):
    cut = referendum.detected.sites.stretches.set_index(["site", "stretch"])
    assert cut.loc[("14ymedio.com", 1), "method"] == "http-diff"
    assert cut.loc[("14ymedio.com", 2), ["begins", "method"]].tolist() == ["change", "tcp_ip"]
    # Nobody measured it in between: the bounds reach from one record to the other.
    assert cut.loc[("14ymedio.com", 2), "start_low"].year == 2017
    assert cut.loc[("14ymedio.com", 2), "start_high"] >= pd.Timestamp("2019-02-24 23:20Z")
    assert pd.isna(cut.loc[("tremendanota.com", 1), "start_low"])
    # One hour, two reachable measurements of January: too few to say, and said to be so.
    assert cut.loc[("cibercuba.com", 2), "state"] == "insufficient"
    assert cut.loc[("cibercuba.com", 2), "blocked"] == 0


def test_the_verdicts_of_the_referendum(referendum):
    verdicts = {one.claim.id: one for one in referendum.verdicts}
    found = {name: one.judgement.verdict for name, one in verdicts.items()}
    assert found == {
        "four-sites-by-address": "supported",
        "three-sites-by-blank-page": "supported",
        "from-pages-to-addresses": "supported",
        "open-in-january": "inconclusive",
        "change-org-at-the-referendum": "untested",
        "change-org-in-2019": "untested",
    }
    untested = verdicts["change-org-at-the-referendum"].judgement.because
    assert "`darkdays fetch cuba-2019-referendum` would fetch them" in untested
    assert "September 2019" in untested
    four = verdicts["four-sites-by-address"]
    assert "revistaelestornudo.com that is not excluded" in four.judgement.because
    assert {number.n for number in four.judgement.numbers} == {8, 10}
    assert (four.holds, four.of) == (13, 18)
    assert {label.split("counted by the ")[1].split(",")[0] for label, _ in four.differing} == {
        "day"
    }


def test_the_figure_says_how_each_site_was_blocked_and_leaves_gaps_blank(referendum):
    plot = blocking_states(referendum.detected.sites)
    assert "tremendanota.com blocked (tcp_ip) 24 February 2019 to 26 February 2019" in plot.alt
    table = plot.data.set_index(["site", "begins"])
    assert table.loc[("14ymedio.com", "2019-02-24"), "method"] == "tcp_ip"
    assert table.loc[("cibercuba.com", "2019-01-24"), "state"] == "insufficient"
    assert ("cafefuerte.com", "2019-02-24") not in table.index
    assert table["measurements"].sum() == 190
    assert plot.rendered("svg") == plot.rendered("svg")


def test_many_days_are_drawn_as_weeks_or_months(referendum):
    sites = referendum.detected.sites
    first = sites.observed[sites.observed["site"] == "14ymedio.com"].iloc[:1]
    many = pd.concat(
        [first.assign(time=first["time"] + pd.Timedelta(days=day)) for day in range(0, 700, 3)]
    )
    stretched = type(sites)(many, sites.stretches, sites.by_rules)
    assert 20 < len(blocking_states(stretched).data) <= 40
    assert "a month (UTC)" in blocking_states(stretched).caption


# --- from the shell -------------------------------------------------------------------------------


def darkdays(*words, cwd):
    return command_line.darkdays(*words, cwd=cwd, home=cwd)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_case_runs_offline_to_a_report_in_one_command(offline, name):
    run = offline(name)
    document = run.document
    verdicts = {claim["id"]: claim["verdict"] for claim in document["claims"]}
    embedded = {"four-sites-by-address", "three-sites-by-blank-page", "from-pages-to-addresses"}
    embedded |= {"open-in-january", "sites-blocked"}
    listed = {
        "national-blackout",
        "blackout-of-hours",
        "began-after-protests",
        "because-of-protests",
    }
    embedded |= {*listed, "reports-agree-when", "reports-agree-how-long"}
    told = {one["id"] for one in document["claims"] if "others listed" in one["because"]}
    assert told == listed & set(verdicts)
    embedded |= {"addresses-by-registry", "addresses-by-routing", "users", "behind-one-gateway"}
    assert {claim for claim, verdict in verdicts.items() if verdict != "untested"} == (
        embedded & set(verdicts)
    )
    for claim in document["claims"]:
        if claim["verdict"] == "untested":
            assert f"`darkdays fetch {name}` would fetch them" in claim["because"]
    page = run.page
    assert ("What was blocked, when and how" in page) == (name == "cuba-2019-referendum")
    assert ("How long: everybody's number" in page) == (name == "cuba-2021")
    if name == "cuba-2021":
        assert "Kentik, via AP" in page
        assert "under 0.5" in page
        assert "96 to 120" in page
        assert page.count("<code>darkdays fetch cuba-2021</code>") > 10
        # Where nothing was measured, nothing is said to be quiet.
        assert "no outage was looked for" in page
        assert "Gaps of the instrument" not in page


def listed(*rows, test="web_connectivity"):
    """A page of OONI's list: (time, host, way or "" if it was not blocked)."""
    results = [
        {
            "measurement_start_time": f"{time}Z",
            "measurement_uid": f"uid{number}",
            "probe_cc": "CU",
            "probe_asn": "AS27725",
            "test_name": test,
            "input": f"https://{host}/" if host else None,
            "anomaly": bool(way),
            "confirmed": False,
            "failure": False,
            "scores": {"analysis": {"blocking_type": way}} if way and host else {},
        }
        for number, (time, host, way) in enumerate(rows)
    ]
    return {"metadata": {"count": len(results), "next_url": None}, "results": results}


def hours(day, count):
    return [f"{day}T{hour:02d}:30:00" for hour in range(count)]


@pytest.mark.slow
def test_change_org_replayed_is_open_at_the_referendum_and_blocked_in_september(tmp_path):
    rows = [(time, "www.change.org", "") for time in hours("2019-02-24", 9)]
    rows += [(time, "change.org", "http-diff") for time in hours("2019-09-03", 9)]
    with Server() as server:
        server.on("/api/v1/measurements", jsonic(listed(*rows)))
        done = darkdays(
            "run", "cuba-2019-referendum", "--json", "--base-url",
            f"ooni={server.base}/api/v1", cwd=tmp_path,
        )  # fmt: skip
        asked = [one["query"] for one in server.asked]
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    claims = {claim["id"]: claim for claim in document["claims"]}
    # A claim of "blocked" is contradicted by nine hours of reachable measurements.
    assert claims["change-org-at-the-referendum"]["verdict"] == "contradicted"
    assert "September 2019" in claims["change-org-at-the-referendum"]["because"]
    assert claims["change-org-in-2019"]["verdict"] == "supported"
    assert claims["four-sites-by-address"]["verdict"] == "supported"
    states = {one["id"]: one for one in document["findings"] if "change-org.asn" in one["id"]}
    told = [(one["witnesses"]["state"], one["witnesses"]["method"]) for one in states.values()]
    assert told == [("ok", ""), ("blocked", "http-diff")]
    # The whole of 2019 was asked for.
    assert {one["domain"][0] for one in asked} == {"change.org,www.change.org"}
    assert min(one["since"][0] for one in asked) < "2019-01-01"
    assert max(one["until"][0] for one in asked) == "2020-01-01T00:00:00Z"


APPS = """
name: apps
title: Apps
question: Were they blocked?
summary: Invented measurements on the loopback.
window: {start: "2021-07-10T00:00Z", end: "2021-07-20T00:00Z"}
place: CU
time_zone: America/Havana
tables:
  - {source: ooni-measurements, name: signal, options: {test_name: signal}}
claims:
  - id: signal-blocked
    type: site_blocked
    statement: Signal was blocked.
    origin: nobody
    tables: [signal]
    sites: [signal]
    start: "2021-07-12T00:00Z"
    end: "2021-07-14T00:00Z"
  - id: signal-open-before
    type: site_blocked
    statement: Signal was not blocked before.
    origin: nobody
    state: ok
    tables: [signal]
    sites: [signal]
    end: "2021-07-11T00:00Z"
"""


@pytest.mark.slow
def test_apps_replayed_are_blocked_from_one_day_to_another(tmp_path):
    (tmp_path / "apps.yaml").write_text(APPS, encoding="utf-8")
    rows = [(time, None, "") for time in hours("2021-07-10", 12)]
    rows += [(time, None, "x") for day in (12, 13, 14) for time in hours(f"2021-07-{day}", 8)]
    rows += [(time, None, "") for time in hours("2021-07-16", 12)]
    with Server() as server:
        server.on("/api/v1/measurements", jsonic(listed(*rows, test="signal")))
        done = darkdays(
            "run", "apps.yaml", "--json", "--base-url", f"ooni={server.base}/api/v1", cwd=tmp_path
        )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [claim["verdict"] for claim in document["claims"]] == ["supported", "supported"]
    found = [one["witnesses"] for one in document["findings"] if one["id"].startswith("blocking.")]
    assert [one["state"] for one in found] == ["ok", "blocked", "ok"]
    # Until when: after the last blocked measurement, before the first that came through.
    low, high = found[2]["began_between"]
    assert low <= "2021-07-14T07:30Z" < "2021-07-16T00:30Z" <= high


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("tables: [signal]", "tables: [signall]", "did you mean 'signal'?"),
        ("state: ok", "only: true\n    state: ok", "leave it out of state ok"),
        ('end: "2021-07-14T00:00Z"', 'end: "2021-07-01T00:00Z"', "ends before it starts"),
        ("source: ooni-measurements", "source: published", "no embedded table is called None"),
        ("source: ooni-measurements", "table: x, source: ooni-measurements", "of source published"),
        ("type: site_blocked", "type: site_block", "site_blocked"),
    ],
)
def test_a_mistake_in_a_claim_about_records_is_one_sentence(tmp_path, old, new, sentence):
    assert old in APPS
    path = tmp_path / "apps.yaml"
    path.write_text(APPS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=sentence.replace("?", r"\?")):
        cases.load(path)


# --- cuba-2017-portals ----------------------------------------------------------------------------


@pytest.mark.slow
def test_portals_replayed_are_found_and_nothing_is_said_of_who_ordered_them(tmp_path):
    rows = [(time, "www.14ymedio.com", "http-diff") for time in hours("2017-05-31", 2)]
    body = {
        "test_keys": {
            "requests": [
                {"response": {"code": 200, "headers": {"Server": "V2R2C00-IAE/1.0"}}},
                {"response": {"code": 302, "headers": {"Location": "http://portal.example/"}}},
            ]
        }
    }
    with Server() as server:
        server.on("/api/v1/measurements", jsonic(listed(*rows)))
        server.on("/api/v1/raw_measurement", jsonic(body))
        done = darkdays(
            "run", "cuba-2017-portals", "--json", "--base-url", f"ooni={server.base}/api/v1",
            cwd=tmp_path,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    claims = {claim["id"]: claim for claim in json.loads(done.stdout)["claims"]}
    assert claims["block-page-server"]["verdict"] == "supported"
    assert "2 of 2 measurements" in claims["block-page-server"]["because"]
    assert "does not say who ordered" in claims["block-page-server"]["because"]
    # Not found is not "not there".
    assert claims["portal-server"]["verdict"] == "inconclusive"


def headers(*values):
    return pd.DataFrame(
        [
            {
                "measurement_start_time": pd.Timestamp("2017-06-01", tz="UTC"),
                "probe_asn": 27725,
                "input": f"http://{number}.example/",
                "domain": f"{number}.example",
                "header": "server",
                "value": value,
            }
            for number, value in enumerate(values)
        ]
    )


def test_a_fingerprint_is_counted_by_measurement_with_an_exact_interval():
    claim = PortalFingerprint.model_validate(
        {"type": "portal_fingerprint", "id": "x", "statement": "x", "origin": "x",
         "tables": ["headers"], "contains": "OpenAS"}
    )  # fmt: skip
    table = headers("OpenAS/2", "nginx", "nginx", "")
    found = portal_fingerprint(claim, table, 0.95)
    (number,) = found.numbers
    assert (found.verdict, number.value, number.n) == ("supported", 0.25, 4)
    assert (number.low, number.high) == pytest.approx((0.0063, 0.8059), abs=1e-4)
    assert portal_fingerprint(claim, table, 0.95, exactly=True).verdict == "inconclusive"
    assert portal_fingerprint(claim, table.iloc[:0], 0.95).verdict == "untested"


# --- cuba-single-provider -------------------------------------------------------------------------


def tree(shares):
    """Signals of the largest share, and its square as the index, of each country over 30 bins."""
    times = pd.date_range("2020-01-01", periods=30, freq="8h", tz="UTC")
    nodes = {}
    for name, power in (("ripestat.largest-share", 1), ("ripestat.concentration", 2)):
        rows = [
            (entity, time, value**power)
            for entity, values in shares.items()
            for time, value in zip(times, np.resize(values, 30), strict=True)
        ]
        nodes[name] = from_samples(
            pd.DataFrame(rows, columns=["entity", "time", "value"]),
            DATASOURCES[name],
            {"largest": "country/CU: asn/27725"},
            start=times[0],
            end=times[-1] + pd.Timedelta("8h"),
        )
    return xr.DataTree.from_dict(nodes)


@pytest.mark.parametrize(
    ("shares", "verdict", "holds"),
    [
        ([0.97, 0.99], "supported", 2),
        ([0.5, 0.6], "contradicted", 2),
        ([0.8, 0.97, 0.98], "inconclusive", 1),
        ([np.nan], "untested", 2),
    ],
)
def test_one_provider_is_judged_at_every_time_with_another_country_beside_it(
    shares, verdict, holds
):
    study = cases.load("cuba-single-provider")
    claim = study.claims[-1]
    assert isinstance(claim, SingleProvider)
    signals = tree({"country/CU": shares, "country/IR": [0.1, 0.2]})
    found = decide_record(claim, Records(study, 0.95, signals, {}))
    assert (found.judgement.verdict, found.holds, found.of) == (verdict, holds, 2)
    if verdict != "untested":
        numbers = {one.name: one for one in found.judgement.numbers}
        assert set(numbers) == {
            f"{kind}.country/{code}"
            for kind in ("largest-share", "concentration")
            for code in ("CU", "IR")
        }
        assert numbers["concentration.country/IR"].high == pytest.approx(0.04)
        assert "(asn/27725)" in found.judgement.because


def test_shares_of_addresses_are_drawn_with_the_other_country_beside_them():
    study = cases.load("cuba-single-provider")

    def shares(values):
        return daily_shares(study, tree(values))

    plot = address_shares(shares({"country/CU": [0.97, 0.99, 0.98], "country/IR": [0.25]}))
    assert "Cuba, share of the largest network, between 0.97 and 0.97" in plot.alt
    assert "Iran, Herfindahl index, between 0.0625 and 0.0625" in plot.alt
    # Ten days of three values: the least of each, of two measures and two countries.
    assert len(plot.data) == 40
    assert plot.rendered("svg") == plot.rendered("svg")
    half = address_shares(shares({"country/CU": [np.nan], "country/IR": [0.25]}))
    assert set(half.data["country"]) == {"Iran"}
    assert shares({"country/CU": [np.nan]}).empty


def test_an_untested_claim_names_the_command_only_where_it_would_help():
    study = cases.load("cuba-single-provider")
    claim = study.claims[-1]
    nothing = Records(study, 0.95, tree({"country/CU": [np.nan]}), {})
    command = "`darkdays fetch cuba-single-provider` would fetch them."
    unread = {"ripestat.largest-share": "4 replies are not there; `darkdays fetch …`"}
    assert command in verdict_of(claim, nothing, unread).judgement.because
    # All was read and there is nothing in it; or what came cannot be read.
    assert "darkdays fetch" not in verdict_of(claim, nothing, {}).judgement.because
    torn = verdict_of(claim, nothing, {"ripestat.largest-share": "the reply is torn."})
    assert "ripestat.largest-share was not read: the reply is torn." in torn.judgement.because
    assert torn.judgement.because.endswith(claim.note)


@pytest.mark.parametrize(
    ("name", "file"),
    [("iran-2026", " --file ioda-csv=PATH"), ("iran-2019-provinces", " --file monash=PATH")],
)
def test_what_only_a_person_has_is_asked_for_as_a_file(name, file):
    study = cases.load(name)
    names = [one.datasource for one in study.signals]
    assert how_to_get(study, names) == f"`darkdays run {name}{file}` would read them."
    assert how_to_get(study, ["nothing of it"]) == ""
    assert f"`darkdays run {name}{file}` reads a file" in read_inputs(study).unread[names[0]]


def test_verdicts_and_figures_of_generated_records_are_stamped(referendum):
    study = cases.load("cuba-single-provider")
    claim = study.claims[-1]
    records = Records(study, 0.95, tree({"country/CU": [0.97], "country/IR": [0.1]}), {})
    found = withheld(verdict_of(claim, records, {}))
    assert found.judgement.verdict == "untested"
    assert found.judgement.because.startswith("SIMULATED: nothing was measured.")
    assert "the method says supported" in found.judgement.because
    assert found.judgement.numbers == ()
    plot = stamped(blocking_states(referendum.detected.sites))
    assert plot.title.startswith("SIMULATED")
    assert set(plot.data["origin"]) == {"SIMULATED"}
    fetched = referendum.detected.fetched
    table = embedded()
    assert not replace(fetched, tables={"one": table}).simulated
    table.attrs["simulated"] = True
    assert replace(fetched, tables={"one": table}).simulated


# --- an outage that everybody dates otherwise -----------------------------------------------------


def evidence(rows, measured=("country/CU",)):
    hour = pd.Timedelta(hours=1)
    base = pd.Timestamp("2021-07-11 20:00", tz="UTC")
    found = []
    for datasource, onset, lasts in rows:
        row = dict.fromkeys(COLUMNS, pd.NaT)
        begin = base + onset * hour
        row |= {"entity": "country/CU", "datasource": datasource, "depth": 0.9, "p": 1e-6}
        row |= {"onset": begin, "onset_low": begin - 0.1 * hour, "onset_high": begin + 0.1 * hour}
        row |= {"duration": lasts, "duration_low": lasts * 0.8 if lasts else 40.0}
        row |= {"duration_high": lasts * 1.2 if lasts else np.nan, "label": "outage"}
        found.append(row)
    table = pd.DataFrame(found, columns=list(COLUMNS))
    for name in TIMES:
        table[name] = pd.to_datetime(table[name], utc=True)
    study = cases.load("cuba-2021")
    return Evidence(
        case=study,
        specification=Specification(0.95, 0.1, ("ioda.bgp",)),
        outages=table,
        stages=pd.DataFrame(columns=list(STAGE_COLUMNS)),
        events=pd.DataFrame(),
        record=pd.DatetimeIndex([base, base + 100 * hour]),
        measured=frozenset(measured),
    )


def test_durations_stand_side_by_side_and_are_not_averaged():
    claim = next(one for one in cases.load("cuba-2021").claims if one.id == "national-blackout")
    assert isinstance(claim, OutageReported)
    found = outage_reported(
        claim, evidence([("ioda.bgp", 0, 1.0), ("ioda.gtr", 1, None), ("ioda.bgp", -100, 9.0)])
    )
    assert found.verdict == "supported"
    assert [(one.name, one.value) for one in found.numbers] == [
        ("duration.ioda.bgp", 1.0), ("duration.ioda.gtr", None),
    ]  # fmt: skip
    assert "0.8 to 1.2 h in ioda.bgp; more than 40 h in ioda.gtr" in found.because
    # An outage of another day is not the one reported, and no data are no answer.
    assert outage_reported(claim, evidence([("ioda.bgp", -100, 9.0)])).verdict == "inconclusive"
    assert outage_reported(claim, evidence([], measured=())).verdict == "untested"


def test_embedded_measurements_are_read_as_live_ones_are():
    seen = observations(embedded())
    assert len(seen) == 190
    assert seen["site"].nunique() == 8
    assert set(seen["method"]) == {"", "tcp_ip", "http-diff", "http-failure"}
