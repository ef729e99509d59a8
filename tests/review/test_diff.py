"""What changed between two versions of a report, and why."""

from __future__ import annotations

import copy
import csv
import io
import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import darkdays
from darkdays.errors import InputError
from darkdays.files import paths, writing
from darkdays.report.version.seal import read_manifest
from darkdays.review.diff import why as attributing
from darkdays.review.diff.diff import diff
from darkdays.review.diff.diff_text import diff_document, diff_lines
from darkdays.review.diff.rows import row_changes
from darkdays.review.diff.why import why
from reviewing import contents, copied, needs_history

REPORTS = paths.root() / "reports"
EARLIER, LATER = (REPORTS / "iran-2019" / one for one in ("1.0.0", "1.1.0"))

# --- the drift of a published number between two states of a list -----------------------------

CASE = """\
name: stop-drift
title: How many listed shutdowns were seen
question: How many national shutdowns does the list of outages show?
summary: Made-up lists of as many rows as there were, of which as many count.
window: {start: "2018-01-01T00:00Z", end: "2021-08-01T00:00Z"}
place: world
time_zone: UTC
studies:
  - {type: labelled_outages}
claims:
  - id: seen-national
    type: published_figures
    statement: The list of outages shows 51.7 % of the national shutdowns.
    origin: made up
    tolerance: 0.0005
    figures: {recall_national_by_country: 0.517}
"""
COUNTRIES = ("Iraq", "Ethiopia", "Algeria", "Sudan")
STOP = (
    "start_date", "end_date", "country", "geo_scope", "area_name", "shutdown_type",
    "affected_network", "shutdown_extent", "actual_cause", "event", "count_year",
)  # fmt: skip
IODA = (
    "ID", "Begin time", "End time", "Country", "IODA BGP visible by human",
    "IODA AP visible by human ", " IODA IBR visible by human",
    "Scope (based on granularity at which the outage appears in IODA)", "Cause",
    "Confirmation Status",
)  # fmt: skip


def shutdown(number, start=None):
    first = start or date(2018, 1, 5) + timedelta(days=13 * number)
    return (
        first.isoformat(), first.isoformat(), COUNTRIES[number % 4],
        "It affected locations in more than one state, province, or region", f"area {number}",
        "Shutdown", "Broadband and mobile", "Full network", "Protests", f"event {number}",
        str(first.year),
    )  # fmt: skip


def outage(number):
    begin = date(2018, 1, 5) + timedelta(days=13 * number)
    day = f"{begin:%A, %B} {begin.day}, {begin.year}"
    return (
        f"O{number:03}", f"{day}, 10:00:00 AM", f"{day}, 12:00:00 PM", COUNTRIES[number % 4],
        "TRUE", "TRUE", "TRUE", "Country", "Unknown", "Unconfirmed",
    )  # fmt: skip


def table(path, header, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def drift(tmp_path_factory):
    """Versions made from a list of 89 rows, 46 seen, and of 95, one restated and six new."""
    home = tmp_path_factory.mktemp("drift")
    (home / "stop-drift.yaml").write_text(CASE, encoding="utf-8")
    outages = table(home / "outages.csv", IODA, [outage(number) for number in range(46)])
    rows = [shutdown(number) for number in range(89)]
    earlier = table(home / "earlier.csv", STOP, rows)
    rows[7] = shutdown(7, date(2018, 1, 5) + timedelta(days=13 * 7 + 20))
    rows += [shutdown(number) for number in range(89, 95)]
    later = table(home / "later.csv", STOP, rows)
    for stop in (earlier, later):
        done = darkdays(
            "run", home / "stop-drift.yaml", "--offline",
            "--file", f"stop={stop}", "--file", f"ioda-curated={outages}", home=home,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="module")
def versions(drift):
    return [drift / "reports" / "stop-drift" / one for one in ("1.0.0", "2.0.0")]


@pytest.mark.slow
def test_the_drift_of_a_recall_from_51_7_to_47_4_percent_is_told(versions, drift):
    found = diff(*versions, drift / "snapshots")
    (claim,) = found.claims
    assert (claim.name, claim.before, claim.after) == (
        "seen-national", "supported", "contradicted",
    )  # fmt: skip
    moved = {one.name: one for one in found.findings}["recall_national_by_country"]
    assert (moved.before, moved.after) == (pytest.approx(46 / 89), pytest.approx(45 / 95))
    assert f"{moved.before:.1%} {moved.after:.1%}" == "51.7% 47.4%"
    assert found.factors == ["data"]
    rows = next(one.rows for one in found.inputs if one.rows and "stop" in one.name)
    assert len(rows.added) == 6
    assert rows.removed == ()
    (restated,) = rows.restated
    assert set(restated.changed) == {"start", "end"}
    assert "area 7" in restated.row or "event 7" in restated.row


def test_the_weightiest_is_told_first(versions, drift):
    lines = list(diff_lines(diff(*versions, drift / "snapshots")))
    sections = [line.partition(" (")[0].rstrip(":") for line in lines if not line.startswith(" ")]
    assert sections[0] == "stop-drift 1.0.0 and stop-drift 2.0.0"
    assert sections[1:3] == ["claims with another verdict", "findings beyond tolerance"]
    assert sections.index("inputs") > 2
    assert "  seen-national: supported -> contradicted" in lines
    assert any("restated" in line and "start: 2018-04-06" in line for line in lines)


def test_without_the_snapshots_the_reply_is_named_all_the_same(versions, tmp_path):
    found = diff(*versions, tmp_path / "none")
    assert any("stop" in one.name for one in found.inputs)
    assert all(one.rows is None for one in found.inputs)


@pytest.mark.slow
def test_the_drift_is_because_of_the_data(versions, drift):
    found = diff(*versions, drift / "snapshots")
    attributed = why(found, drift / "snapshots")
    assert attributed.not_tried == ()
    assert attributed.tried == ((), ("data",))
    reasons = {one.name: one for one in attributed.reasons}
    for name in ("seen-national", "recall_national_by_country"):
        assert reasons[name].reproducible
        assert reasons[name].explained_by == (("data",),)
        assert reasons[name].words == "data"
    document = json.loads(json.dumps(diff_document(found, attributed)))
    assert document["why"]["reasons"][0]["explained_by"] == [["data"]]
    assert document["made_differently"] == ["data"]


# --- two versions of an earlier form ----------------------------------------------------------


def test_versions_of_an_earlier_form_are_compared_and_left_alone(tmp_path):
    before = contents(REPORTS / "iran-2019")
    found = diff(EARLIER, LATER, tmp_path)
    assert found.claims == ()
    assert found.code == "what is computed"
    assert {one.before for one in found.findings if "duration." in one.name} == {None}
    assert contents(REPORTS / "iran-2019") == before


def test_the_command_line_tells_it_and_a_mistake_is_one_sentence(tmp_path):
    done = darkdays("diff", EARLIER, LATER, "--json", home=tmp_path)
    document = json.loads(done.stdout)
    assert (done.returncode, document["before"], document["after"]) == (
        0, "iran-2019 1.0.0", "iran-2019 1.1.0",
    )  # fmt: skip
    other = REPORTS / "khuzestan-2021" / "1.0.0"
    for second, sentence in ((other, "two cases"), (tmp_path, "no version of a report")):
        done = darkdays("diff", EARLIER, second, home=tmp_path)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_version_and_itself_are_the_same(tmp_path):
    lines = list(diff_lines(diff(LATER, LATER, tmp_path)))
    assert lines == ["iran-2019 1.1.0 and iran-2019 1.1.0", "every claim and finding is the same"]


# --- on the command line ----------------------------------------------------------------------


@pytest.mark.slow
@needs_history
def test_why_two_stored_versions_differ_is_told_by_running_their_own_code(tmp_path):
    home = REPORTS / "sistan-fridays"
    done = darkdays("diff", home / "1.0.0", home / "1.1.0", "--why", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "unknown" not in done.stdout
    assert "[because of: code]" in done.stdout


def test_where_a_version_cannot_be_run_the_cause_is_unknown(tmp_path):
    for version in (EARLIER, LATER):
        folder = copied(version, tmp_path)
        manifest = read_manifest(folder)
        # No commit brought a version of such a number, so that none has to be asked.
        manifest["version"] = f"9{version.name}"
        manifest["digests"]["code"] = version.name.replace(".", "0").ljust(64, "0")
        writing.write_text(folder / "manifest.json", writing.json_text(manifest))
    home = tmp_path / "reports" / "iran-2019"
    done = darkdays("diff", home / EARLIER.name, home / LATER.name, "--why", home=tmp_path)
    assert done.returncode == 3
    lines = done.stdout.splitlines()
    for line, version in zip(lines, ("91.0.0", "91.1.0"), strict=False):
        assert line.startswith(f"cause unknown: iran-2019 {version} could not be run: ")
        assert line.endswith("no commit here holds its code")
    assert lines[2] == "iran-2019 91.0.0 and iran-2019 91.1.0"
    assert not any("because of" in line for line in lines)


# --- attribution ------------------------------------------------------------------------------


def made(folder, version, verdict, value, **digests):
    target = folder / "x" / version
    target.mkdir(parents=True)
    findings = {
        "case": "x",
        "claims": [
            {
                "id": "c",
                "statement": "It is so.",
                "verdict": verdict,
                "because": "so",
                "sensitivity": {"holds": 1, "of": 1},
            }
        ],
        "findings": [
            {"id": "f", "value": value, "interval": [None, None], "tolerance": {"value": 0.01}}
        ],
    }
    manifest = {
        "case": "x",
        "version": version,
        "digests": {
            "case": "1", "data": {}, "snapshot": "", "parameters": {"level": 0.95}, "code": "1",
            "environment": "1", **digests,
        },
        "files": {},
        "machine": {"python": "3.13", "libraries": {"numpy": "2"}},
    }  # fmt: skip
    writing.write_text(target / "findings.json", writing.json_text(findings))
    writing.write_text(target / "manifest.json", writing.json_text(manifest))
    return target


@pytest.fixture
def swapped(tmp_path, monkeypatch):
    """Versions whose data and parameters differ; a study that is a function of both."""

    def attribute(study):
        before = made(tmp_path, "1.0.0", *study("old", "old"))
        after = made(
            tmp_path, "2.0.0", *study("new", "new"), case="2", parameters={"level": 0.9}
        )  # fmt: skip
        found = diff(before, after, tmp_path)

        def run(mixed, difference, snapshots, scratch):
            verdict, value = study(mixed.case, mixed.parameters)
            document = copy.deepcopy(dict(difference.before.findings))
            document["claims"][0]["verdict"] = verdict
            document["findings"][0]["value"] = value
            return document

        def ingredients(side, scratch):
            state = "old" if side is found.before else "new"
            return attributing._Ingredients(
                state, {}, state, None, state, SimpleNamespace(), "python"
            )

        monkeypatch.setattr(attributing, "_run", run)
        monkeypatch.setattr(attributing, "_ingredients", ingredients)
        reasons = {one.kind: one for one in why(found, tmp_path).reasons}
        return reasons["claim"], reasons["finding"]

    return attribute


def test_one_thing_alone_explains(swapped):
    claim, finding = swapped(
        lambda data, _: ("a" if data == "old" else "b", 1.0 if data == "old" else 2.0)
    )
    assert claim.explained_by == finding.explained_by == (("data",),)
    assert claim.moved_by == ()


def test_two_things_explain_only_together(swapped):
    claim, finding = swapped(
        lambda data, parameters: (
            "b" if data == parameters == "new" else "a",
            (1.0 if data == "old" else 1.5) + (0.0 if parameters == "old" else 0.25),
        )
    )
    assert claim.explained_by == finding.explained_by == (("data", "parameters"),)
    assert finding.moved_by == (("data",), ("parameters",))
    assert finding.words == "data and parameters"


def test_either_of_two_explains(swapped):
    claim, _ = swapped(
        lambda data, parameters: ("a" if data == parameters == "old" else "b", float(data == "old"))
    )
    assert claim.explained_by == (("data",), ("parameters",))
    assert claim.words == "data or parameters"


def test_what_moves_within_tolerance_is_not_asked_about(tmp_path):
    before = made(tmp_path, "1.0.0", "a", 1.0)
    after = made(tmp_path, "1.0.1", "a", 1.009, code="2")
    found = diff(before, after, tmp_path)
    assert (found.findings, found.within) == ((), 1)
    assert found.code == "what is computed"


def test_an_input_that_is_no_report_is_refused(tmp_path):
    with pytest.raises(InputError, match="no version"):
        diff(tmp_path, tmp_path, tmp_path)


# --- rows -------------------------------------------------------------------------------------

ROWS = st.lists(st.tuples(*[st.sampled_from(["", "a", "b", "c"])] * 4), max_size=12)


@given(old=ROWS, new=ROWS)
def test_every_row_is_in_one_place_and_counts_add_up(old, new):
    columns = ("one", "two", "three", "four")
    found = row_changes((columns, old), (columns, new))
    assert found.same + len(found.restated) + len(found.removed) == len(old)
    assert found.same + len(found.restated) + len(found.added) == len(new)
    for one in found.restated:
        assert one.changed
        assert all(before != after for before, after in one.changed.values())


@given(rows=ROWS)
def test_a_table_in_another_order_is_the_same(rows):
    columns = ("one", "two", "three", "four")
    found = row_changes((columns, rows), (columns, rows[::-1]))
    assert (found.added, found.removed, found.restated, found.same) == ((), (), (), len(rows))
