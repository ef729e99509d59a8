"""``darkdays cases``: what each needs and what came of it, as text, JSON and a page's table."""

from __future__ import annotations

import json

import pytest

from command_line import darkdays
from darkdays.case import case as cases
from darkdays.cli import listing, listing_tables
from darkdays.errors import InputError
from darkdays.files import paths
from darkdays.report.version.version import versions


@pytest.fixture(scope="module")
def rows():
    return {one.name: one for one in listing.listed_cases()}


def test_every_case_is_listed_with_all_that_is_asked(rows):
    assert sorted(rows) == cases.known()
    answered = [one.answered for one in rows.values()]
    assert answered == sorted(answered, reverse=True)
    for name, one in rows.items():
        case = cases.load(name)
        assert one.title == case.title
        assert one.places
        assert one.needs
        assert [claim for claim, _ in one.verdicts] == [claim.id for claim in case.claims]
        known = versions(paths.reports() / name)
        assert one.version == (known[-1] if known else None)


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("iran-2019", "nothing: its data are here"),
        ("iran-2019-provinces", "a file of your own: --file monash=PATH"),
        ("iran-2026", "a file of your own: --file ioda-csv=PATH"),
        ("cuba-single-provider", "network: ripestat; some data are here"),
        ("cuba-2019-referendum", "network: ooni; some data are here"),
    ],
)
def test_what_a_case_needs_is_said(rows, name, needs):
    assert rows[name].needs == needs


def test_accounts_are_told_from_what_is_free():
    case = cases.load("khuzestan-2021")
    events = (*case.events, type(case.events[0])(source="acled"))
    one = listing.listed(case.model_copy(update={"events": events}), paths.reports())
    assert one.accounts == ("acled",)
    assert "account: acled" in one.needs


def report(folder, version, **verdicts):
    path = folder / "iran-2019" / version / "findings.json"
    path.parent.mkdir(parents=True)
    rows = [
        {"id": name.replace("_", "-"), "verdict": verdict} for name, verdict in verdicts.items()
    ]
    path.write_text(json.dumps({"claims": rows}), encoding="utf-8")
    return path


def test_verdicts_are_those_of_the_newest_version_and_new_claims_are_said_to_be(tmp_path):
    case = cases.load("iran-2019")
    assert listing.listed(case, tmp_path).outcome == "no report yet"
    report(tmp_path, "1.9.0", lasted_days="contradicted")
    report(
        tmp_path, "1.10.0", lasted_days="supported", staged_recovery="supported",
        because_of_protests="inconclusive",
    )  # fmt: skip
    one = listing.listed(case, tmp_path)
    assert one.version == "1.10.0"
    assert one.outcome == "2 supported, 1 inconclusive, 2 new"


def test_a_report_that_cannot_be_read_is_said_to_be_so_and_stops_no_other(tmp_path):
    report(tmp_path, "1.0.0").write_text("{", encoding="utf-8")
    one = listing.listed(cases.load("iran-2019"), tmp_path)
    assert one.outcome == "report 1.0.0 cannot be read"
    assert {verdict for _, verdict in one.verdicts} == {None}
    named = {case.name: case.outcome for case in listing.listed_cases(tmp_path)}
    assert named.pop("iran-2019") == "report 1.0.0 cannot be read"
    assert set(named.values()) == {"no report yet"}


def test_the_table_of_the_readme_is_written_by_a_command(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- cases: x -->\nold\n<!-- /cases -->\nafter\n", encoding="utf-8")
    first = darkdays("cases", "--into", page)
    assert (first.returncode, first.stdout) == (0, f"written: {page}\n"), first.stderr
    printed = darkdays("cases", "--markdown").stdout
    assert page.read_text(encoding="utf-8") == (
        f"before\n<!-- cases: x -->\n{printed}<!-- /cases -->\nafter\n"
    )
    assert darkdays("cases", "--into", page).stdout == f"unchanged: {page}\n"
    lines = printed.splitlines()
    assert len(lines) == 2 + len(cases.known())
    assert len({line.count("|") for line in lines}) == 1
    (row,) = (line for line in lines if "/iran-2019.yaml" in line)
    newest = versions(paths.reports() / "iran-2019")[-1]
    assert f"(reports/iran-2019/{newest}/report.html)" in row


@pytest.mark.parametrize(
    "text", ["", "<!-- cases -->\n", "<!-- /cases -->\n<!-- cases -->\n", "<!-- cases\n" * 2]
)
def test_a_page_without_a_place_for_the_table_is_left_alone(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="has no place for the table"):
        listing_tables.put_into(page, "x\n")
    assert page.read_text(encoding="utf-8") == text


def test_two_ways_to_print_are_one_too_many(tmp_path):
    done = darkdays("cases", "--json", "--markdown", cwd=tmp_path)
    assert done.returncode == 2
    assert "choose one" in done.stderr
    with pytest.raises(InputError, match="cannot read"):
        listing_tables.put_into(tmp_path / "none.md", "x\n")
