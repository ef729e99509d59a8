"""Studies of lists in a case: stored and read back, judged, reported, and run without a network."""

from __future__ import annotations

import json
import math
import re

import pytest

import command_line
from command_line import needs_namespaces
from darkdays import studies
from darkdays.case import case
from darkdays.case.studies import FindingAbove, PublishedFigures
from darkdays.claims import decide_figure
from darkdays.claims.published_figures import above
from darkdays.errors import InputError
from darkdays.labels.finding import Alternative, Finding
from darkdays.studies.results import Results
from shared_lists import FILES, lists, needs_lists

FOUND = Finding(
    "ratio", 3.0, "ratio", 10, 88, 1.5, 6.0, 0.95, {"p": 0.01, "note": "x", "days": 7},
    (Alternative("14 days", 2.0, 0.9, 4.0), Alternative("year", 4.0, 2.0, 8.0)),
)  # fmt: skip
UNKNOWN = Finding("unknown", math.nan, "ratio")


# --- results ----------------------------------------------------------------------------------


def test_a_study_without_one_of_its_lists_adds_nothing():
    assert studies.study_lists(case.load("destination-unreachable"), {}) == Results()


# --- claims -----------------------------------------------------------------------------------


def published(tolerance=0.0, **figures):
    return PublishedFigures(
        id="x", statement="x", origin="x", type="published_figures", figures=figures,
        tolerance=tolerance,
    )  # fmt: skip


def threshold(finding, number):
    return FindingAbove(
        id="x", statement="x", origin="x", type="finding_above", finding=finding, above=number
    )


def test_why_a_claim_is_untested_is_said_in_short_sentences():
    get = "1 reply is not there; `darkdays fetch x` would fetch it, and `--file {}=PATH` reads it"
    unread = {name: get.format(name) for name in ("stop", "ioda-curated", "mass-mobilization")}
    because = decide_figure(published(a=1, b=2), {}, unread).judgement.because
    assert because == (
        "There is no a (nor 1 more). Lists were not read: `stop`, `ioda-curated`, "
        "`mass-mobilization`. `darkdays fetch x` would fetch them."
    )


@pytest.mark.parametrize(
    ("claim", "verdict", "holds", "words"),
    [
        (published(ratio=3), "supported", (1, 1), "1 of 1 figures"),
        (published(0.1, ratio=3.05), "supported", (1, 1), "1 of 1"),
        (published(0.01, ratio=3.05), "contradicted", (1, 1), "ratio is 3 here and 3.05 there"),
        (published(ratio=3, other=1), "untested", (1, 1), "There is no other"),
        (published(unknown=3), "untested", (1, 1), "`stop` was not read: not fetched."),
        (threshold("ratio", 1), "supported", (2, 3), "1.5 to 6"),
        (threshold("ratio", 2), "inconclusive", (3, 3), "threshold of 2"),
        (threshold("ratio", 7), "contradicted", (2, 3), "threshold of 7"),
        (threshold("unknown", 7), "untested", (1, 1), "There is no unknown"),
        (threshold("none", 7), "untested", (1, 1), "There is no none"),
    ],
)
def test_claims_about_findings_come_to_a_verdict(claim, verdict, holds, words):
    findings = {"ratio": FOUND, "unknown": UNKNOWN}
    decided = decide_figure(claim, findings, {"stop": "not fetched"})
    assert decided.judgement.verdict == verdict
    assert (decided.holds, decided.of) == holds
    assert words in decided.judgement.because
    assert decided.judgement.overturned_by


def test_a_number_without_bounds_is_its_own_interval():
    assert above(2, math.nan, math.nan, 1) == "supported"
    assert above(1, math.nan, math.nan, 1) == "contradicted"


# --- case files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("type: labelled_outages", "type: labeled_outages", "labelled_outages"),
        ("labelled_outages}", "labelled_outages, rule: {days_befor: 2}}", "'days_before'"),
        ("{type: shutdown_classifier}", "{type: labelled_outages}", "is listed twice"),
        ("place: world", "place: World", "place"),
        ("type: finding_above", "type: finding_abov", "finding_above"),
        ('last: "2020-03-31"', 'last: "March"', "studies.1.last"),
        ('last: "2020-03-31"', 'last: "2017-03-31"', "ends before the window starts"),
        ("studies:", "signals: [{datasource: ioda.bgp, source: service}]\nstudies:", "entities"),
    ],
)
def test_a_mistake_in_a_study_is_one_sentence(tmp_path, old, new, sentence):
    text = (case.paths.cases() / "destination-unreachable.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "destination-unreachable.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        case.load(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_case_needs_something_to_study(tmp_path):
    text = (case.paths.cases() / "sistan-fridays.yaml").read_text(encoding="utf-8")
    head = text.partition("entities:")[0]
    path = tmp_path / "sistan-fridays.yaml"
    path.write_text(head, encoding="utf-8")
    with pytest.raises(InputError, match="nothing to study"):
        case.load(path)


# --- the command line -------------------------------------------------------------------------


def darkdays(*words, cwd):
    """Run the command with the network unreachable, everything it writes below a folder."""
    return command_line.darkdays(*words, cwd=cwd, home=cwd, network=False)


@pytest.mark.slow
@needs_namespaces
@pytest.mark.parametrize("name", ["destination-unreachable", "sistan-fridays"])
def test_without_its_lists_every_claim_is_untested_and_the_report_is_built(name, offline):
    run = offline(name)
    assert run.isolated
    document = run.document
    assert {claim["verdict"] for claim in document["claims"]} == {"untested"}
    assert f"darkdays fetch {name}" in document["not_read"]["stop"]
    assert "--file stop=PATH" in document["not_read"]["stop"]
    assert f"darkdays fetch {name}" in document["claims"][0]["because"]
    assert "untested" in run.page


@pytest.mark.slow
@needs_namespaces
@needs_lists("runs of destination-unreachable and of sistan-fridays (27 of 33 Fridays)")
def test_local_files_stand_in_for_downloads_without_a_network(tmp_path):
    files = [word for name, path in FILES.items() for word in ("--file", f"{name}={path}")]
    done = darkdays("run", "destination-unreachable", "--offline", "--json", *files, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    findings = {one["id"]: one for one in document["findings"]}
    hour = findings["on_hour_national"]
    assert (hour["count"], hour["n"]) == (135, 182)
    assert hour["value"] == pytest.approx(135 / 182, abs=1e-6)
    assert findings["national_shutdowns"]["value"] == 182
    assert document["not_read"] == {}
    rests = {name for claim in document["claims"] for name in claim["rests_on"]}
    assert rests <= findings.keys()
    folder = tmp_path / "reports" / "destination-unreachable" / "1.0.0"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="lists"' in page
    assert 'id="timeline"' not in page, "there are no signals"
    assert page.count("<figure") == 4
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in ids} == set()

    again = darkdays("run", "destination-unreachable", "--offline", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "Nothing changed" in again.stdout, "the snapshot holds the files"


@pytest.mark.slow
@needs_namespaces
@needs_lists("runs of destination-unreachable and of sistan-fridays (27 of 33 Fridays)")
def test_a_part_of_the_lists_is_enough_for_a_part_of_the_study(tmp_path):
    stop = f"stop={FILES['stop']}"
    done = darkdays("run", "sistan-fridays", "--offline", "--json", "--file", stop, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ioda" in done.stderr, "what was not asked is said"
    document = json.loads(done.stdout)
    findings = {one["id"]: one for one in document["findings"]}
    fridays = findings["fridays_with_shutdown"]
    assert (fridays["count"], fridays["n"]) == (27, 33)
    verdicts = {claim["id"]: claim["verdict"] for claim in document["claims"]}
    assert verdicts["most-fridays"] == "supported"
    assert verdicts["cut-for-hours"] == "untested"


@pytest.mark.slow
@needs_namespaces
def test_a_file_that_is_no_list_is_said_to_be_none(tmp_path):
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = darkdays(
        "run", "sistan-fridays", "--offline", "--json", "--file", "stop=mine.csv", cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "stop" in done.stderr
    assert "the column 'startdate' is missing; export" in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.glob("reports/*/[0-9]*"))


@needs_lists("runs of destination-unreachable and of sistan-fridays (27 of 33 Fridays)")
@pytest.mark.parametrize(
    ("start", "end"), [("2017-01-01", "2017-02-01"), ("2018-01-01", "2018-02-15"),
                       ("2018-01-01", "2018-06-10")],
)  # fmt: skip
def test_a_window_with_little_or_nothing_in_it_is_studied_without_a_fault(start, end):
    whole = case.load("destination-unreachable")
    window = case.Window(start=f"{start}T00:00Z", end=f"{end}T00:00Z")
    found = studies.study_lists(whole.model_copy(update={"window": window}), lists())
    listed = found.by_id["national_shutdowns"].count + found.by_id["national_outages"].count
    assert (listed == 0) is (start < "2018")
    assert found.by_id["rate_ratio_crude"].n >= 0
    for claim in whole.claims:
        assert decide_figure(claim, found.by_id, {}).judgement.because


@needs_lists("runs of destination-unreachable and of sistan-fridays (27 of 33 Fridays)")
def test_a_place_the_list_never_names_is_untested_not_never():
    whole = case.load("sistan-fridays")
    study = whole.studies[0].model_copy(update={"areas": ("Sistann",)})
    found = studies.study_lists(whole.model_copy(update={"studies": (study,)}), lists())
    assert found.findings == ()
