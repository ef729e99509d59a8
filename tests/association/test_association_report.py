"""A study of a region as a person makes it: own files in, findings and a page about chance out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PLACES = ("Khuzestan", "Fars", "Gilan", "Qom", "Yazd", "Ilam", "Semnan")
PROTESTS = (2, 6, 11, 17, 22, 28, 31, 39, 44, 52)
OTHER_DAYS = (4, 20, 34, 49)
CASE = """
name: waters
title: Waters
question: Was it because of the protests?
summary: Made up.
window: {start: "2021-06-15T00:00Z", end: "2021-08-14T00:00Z"}
place: IR
time_zone: Asia/Tehran
entities:
  - {id: region/Khuzestan, name: Khuzestan, network: region}
donors:
DONORS
controls:
  - {id: country/TR, name: Turkey, network: country}
neighbours:
  - {id: country/IQ, name: Iraq, network: country}
signals:
  - datasource: own.link
    source: csv
    options: {file: link.csv, time: time, value: value, entity: entity, unit: blocks, step: 1h}
events:
  - source: user-csv
    options: {file: events.csv, kind: kind, start: day, place: place, time_zone: Asia/Tehran}
claims:
  - id: because-of-protests
    type: rate_ratio
    statement: Outages of Khuzestan begin on days of protest more often than chance would have it.
    origin: a test
    entity: region/Khuzestan
  - id: lost-more
    type: sub_national_excess
    statement: Khuzestan lost more than other regions.
    origin: a test
    entity: region/Khuzestan
  - id: came-and-went
    type: intermittent
    statement: Khuzestan came and went.
    origin: a test
    entity: region/Khuzestan
"""
DONORS = "\n".join(f"  - {{id: region/{one}, name: {one}, network: region}}" for one in PLACES[1:])
EVENTS = "kind,day,place\n" + "".join(
    [f"protest,{pd.Timestamp('2021-06-15') + pd.Timedelta(days=day):%Y-%m-%d},IR/Khuzestan\n"
     for day in PROTESTS]
    + ["exam,2021-07-01,IR\n", "protest,2021-07-09,IR\n", "protest,2021-07-10,IR/Fars\n"]
)  # fmt: skip


def link(rng):
    """Blocks an hour: the region falls for hours on days of protest, the others on other days."""
    times = pd.date_range("2021-06-15", "2021-08-14", freq="h", inclusive="left")
    parts = []
    for name in (*(f"region/{one}" for one in PLACES), "country/TR", "country/IQ"):
        values = 1000 + rng.normal(0, 8, len(times))
        days = PROTESTS if name == "region/Khuzestan" else OTHER_DAYS
        if name == "region/Fars":
            days = ()
        for day in days:
            start = 24 * day + 8 + int(rng.integers(0, 6))
            values[start : start + 5] *= 0.3
        parts.append(pd.DataFrame({"time": times, "value": values.round(), "entity": name}))
    return pd.concat(parts).to_csv(index=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Run the case by the command line, and return its report."""
    folder = tmp_path_factory.mktemp("waters")
    (folder / "mine").mkdir()
    (folder / "waters.yaml").write_text(CASE.replace("DONORS", DONORS), encoding="utf-8")
    (folder / "mine" / "link.csv").write_text(link(np.random.default_rng(3)), encoding="utf-8")
    (folder / "mine" / "events.csv").write_text(EVENTS, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable, "-c", "from darkdays.cli.main import main; main()",
            "run", "waters.yaml", "--file", "user-csv=mine", "--offline", "--json",
            "--reports", str(folder / "reports"), "--runs", str(folder / "runs"),
        ],
        cwd=folder,
        env={**os.environ, "DARKDAYS_SNAPSHOTS": str(folder / "snapshots")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "reports" / "waters" / "1.0.0"


@pytest.fixture(scope="module")
def document(folder):
    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    return json.loads((folder / "findings.json").read_text("utf-8"), parse_constant=refuse)


@pytest.fixture(scope="module")
def findings(document):
    return {one["id"]: one for one in document["findings"]}


def test_the_planted_association_is_found(document):
    verdicts = {one["id"]: one["verdict"] for one in document["claims"]}
    assert verdicts == {
        "because-of-protests": "supported",
        # Six donors, one with protests of its own: p cannot fall below 1/6.
        "lost-more": "inconclusive",
        "came-and-went": "supported",
    }


def test_both_directions_have_ratios_tests_and_what_could_be_found(findings):
    for direction in ("outages_after", "events_after"):
        name = f"claim.because-of-protests.{direction}"
        for kind in ("mantel_haenszel", "poisson", "logit", "exact", "crude"):
            assert f"{name}.ratio.{kind}" in findings
        assert findings[f"{name}.detectable_ratio"]["value"] > 1
        assert findings[f"{name}.q_by"]["n"] == 3, "two directions, and the excess"
        assert findings[f"{name}.q_by"]["value"] >= findings[f"{name}.q_bh"]["value"]
        shifts = findings[f"{name}.p"]["witnesses"]
        # 16 days of June, 31 of July and 13 of August, by the days of Tehran.
        assert shifts["shifts"].replace(",", "") == str(16 * 31 * 14)
    assert findings["claim.because-of-protests.outages_after.q_by"]["value"] < 0.05
    # On the same day there is no order: what coincides does so in both directions.
    assert findings["claim.because-of-protests.events_after.q_by"]["value"] < 0.05


def test_event_coincidence_is_told_as_a_description(document, findings):
    (one,) = [each for each in document["associations"] if each["claim"] == "because-of-protests"]
    for direction in one["directions"]:
        (told,) = [each for each in direction["fine_print"] if "coincidence analysis" in each]
        # Days on which onsets fell, of which some may share one.
        assert f"a description: {direction['exposed']} of {direction['onsets']} days on" in told
        assert "which they are not" in told
    assert not [name for name in findings if "precursor" in name or "trigger" in name]


def test_the_curve_counts_the_events_without_a_place(document, findings):
    (claim,) = [one for one in document["claims"] if one["id"] == "because-of-protests"]
    options = {(one["choice"], one["option"]) for one in claim["sensitivity"]["by_choice"]}
    assert {("events without a place", "left out"), ("window", "72 h"), ("days", "UTC")} <= options
    whole = findings["claim.because-of-protests.specifications"]
    said = claim["sensitivity"]
    assert (whole["witnesses"]["count"], whole["n"]) == (said["holds"], said["of"])
    assert whole["value"] == pytest.approx(said["holds"] / said["of"], rel=1e-5)
    assert whole["n"] > 1000
    assert findings["claim.because-of-protests.specifications.joint_p"]["value"] <= 0.05


def test_controls_rank_the_region_and_say_what_they_cannot(document, findings):
    (one,) = document["associations"]
    by_kind = {control["kind"]: control for control in one["controls"]}
    places = by_kind["placebo places"]
    assert places["p"] == places["smallest_p"] == pytest.approx(1 / 6, rel=1e-4)
    assert "1 that had events of their own are left out" in places["says"]
    assert by_kind["difference in differences"]["n"] == 5
    assert by_kind["negative outcome"]["about"] == "onsets of Turkey"
    assert all(control["cannot"] for control in one["controls"] if control["possible"])
    assert "claim.because-of-protests.control.placebo_places" in findings


def test_rivals_know_neighbours_controls_and_the_exam_calendar(document):
    known = {one["feature"]: one for one in document["rivals"]["features"]}
    assert known["neighbours"]["value"] is not None
    assert known["controls"]["value"] is not None
    assert known["exam day"]["value"] is not None


def test_every_finding_about_an_association_is_described(findings):
    page = (ROOT / "docs" / "correlation.md").read_text(encoding="utf-8")
    described = [
        re.compile("".join("[^ ]+" if part.startswith("<") else re.escape(part)
                           for part in re.split(r"(<[^>]+>)", one)))
        for one in re.findall(r"^\| `(claim\.[^`]+)`", page, re.MULTILINE)
    ]  # fmt: skip
    about = [one for one in findings if one.startswith("claim.because-of-protests.")]
    assert len(about) > 40
    for name in about:
        assert any(one.fullmatch(name) for one in described), name
    for one in described:
        assert any(one.fullmatch(name) for name in findings), f"{one.pattern} is never made"


def test_the_page_answers_first(folder, document):
    page = (folder / "report.html").read_text(encoding="utf-8")
    section = page[page.index('<h2 id="associations"') :]
    section = section[: section.index("<h2", 5)]
    (one,) = document["associations"]
    for direction in one["directions"]:
        assert direction["title"] in section
        assert len(direction["sentences"]) >= 3
    answer, numbers = section.index(">supported<"), section.index("<table")
    assert answer < numbers < section.index("Where the answer should be no")
    assert "None" not in re.sub(r"<img[^>]*>", "", section)
    assert "nan" not in re.sub(r"<img[^>]*>|<a[^>]*>", "", section)
    for picture in ("specification-curve", "lags"):
        assert (folder / "figures" / f"{picture}.csv").stat().st_size > 100
        assert f'id="figure-{picture}"' in section
