"""A published report checked: identical when it is, and every tampering found and named."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from command_line import darkdays
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import paths, writing
from darkdays.report.languages.file_names import LANGUAGES
from darkdays.report.version.attestations import attestations, path_of
from darkdays.report.version.seal import LEDGER, MANIFEST, enter, read_manifest
from darkdays.report.version.version import versions
from darkdays.review.attest import attest
from darkdays.review.rerun import isolation
from darkdays.review.verify import verify as verifying
from darkdays.review.verify.digests import check_digests
from darkdays.review.verify.pinned import check_snapshot
from darkdays.review.verify.verify import verify, verify_all
from examples import examples
from made_up_snapshots import CLOSED, OPEN, reply, sealed
from reviewing import Kept, contents, copied, forge

WITHOUT_NETWORK = isolation.can_isolate()
EARLIER = paths.root() / "reports" / "iran-2019" / "1.1.0"


@pytest.fixture(scope="module")
def home(iran_2019, tmp_path_factory):
    """The report of a run with nothing changed since."""
    home = tmp_path_factory.mktemp("verify")
    iran_2019.copied_reports(home)
    return home


@pytest.fixture(scope="module")
def version(home):
    return home / "reports" / "iran-2019" / "1.0.0"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return Kept(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def found(version, kept):
    return check(version, kept)


def check(folder, kept):
    with patch.object(verifying, "make_again", kept):
        return verify(folder, folder.parents[2] / "snapshots")


def odd(found):
    return [(one.kind, one.name) for one in found.outcomes if one.outcome == "differs"]


# --- a report that is as it was ---------------------------------------------------------------


def test_everything_of_an_untouched_report_is_identical(found, version):
    assert (found.outcome, found.exit_status) == ("identical", 0), found.striking
    assert found.executed
    assert found.isolated is WITHOUT_NETWORK
    document = json.loads((version / "findings.json").read_text(encoding="utf-8"))
    named = {(one.kind, one.name) for one in found.outcomes}
    for kind in ("claim", "finding"):
        assert {(kind, one["id"]) for one in document[f"{kind}s"]} <= named
    manifest = read_manifest(version)
    assert {("file", name) for name in manifest["files"]} <= named
    assert {("digest", name) for name in manifest["digests"]} <= named
    figures = {path.stem for path in (version / "figures").glob("*.csv")}
    assert {("figure", name) for name in figures} <= named
    cells = [name for kind, name in named if kind == "cell"]
    assert {name.split()[0] for name in cells} == {
        "1-fetch", "2-detect", "3-correlate", "4-report",
    }  # fmt: skip
    pages = {name for kind, name in named if kind == "page"}
    assert {"report.html", "report.pdf", "CITATION.cff", "ro-crate-metadata.json"} <= pages


def test_checking_writes_nothing_into_reports(home, version, kept, found):
    before = contents(home / "reports")
    check(version, kept)
    list(verify_all(home / "reports", home / "snapshots", execute=False))
    assert contents(home / "reports") == before
    assert all(path.stat().st_mode & 0o222 == 0 for path in version.rglob("*") if path.is_file())


def test_the_command_line_tells_and_exits_by_the_outcome(home, version, tmp_path):
    done = darkdays("verify", version, "--digests", "--json", home=home)
    document = json.loads(done.stdout)
    assert (done.returncode, document["outcome"]) == (0, "identical")
    assert document["network_out_of_reach"] is None
    touched = copied(version, tmp_path)
    page = touched / "report.html"
    page.write_bytes(page.read_bytes().replace(b"supported", b"supportet", 1))
    done = darkdays("verify", touched, "--digests", home=home)
    assert done.returncode == 1
    assert "differs: file report.html (it was changed after it was published)" in done.stdout
    done = darkdays("verify", "--all", "--digests", home=tmp_path)
    assert done.returncode == 1
    assert "report.html" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "or --all"),
        (("nowhere",), "no version of a report"),
        (("nowhere", "--all"), "or --all"),
        (("nowhere", "--digests", "--attest", "A. Reader"), "--attest is of one report"),
    ],
)
def test_a_mistake_is_one_sentence(words, sentence, tmp_path):
    done = darkdays("verify", *words, home=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


# --- tampering --------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))
@given(data=st.data())
def test_any_single_changed_byte_of_any_file_is_found_and_named(data, version, tmp_path):
    folder = tmp_path / "reports" / "iran-2019" / "1.0.0"
    if not folder.is_dir():
        copied(version, tmp_path)
        enter(tmp_path / "reports")
    names = sorted(path.relative_to(folder).as_posix() for path in contents(folder))
    path = folder / data.draw(st.sampled_from(names))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[at] ^ data.draw(st.integers(1, 255))
    path.write_bytes(whole[:at] + bytes([changed]) + whole[at + 1 :])
    try:
        found = verify(folder, tmp_path / "snapshots", execute=False)
        name = path.relative_to(folder).as_posix()
        assert found.exit_status == 1
        assert name in {one.name for one in found.outcomes if one.outcome == "differs"}
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("change", ["gone", "added", "link"])
def test_files_gone_added_or_linked_are_found(version, tmp_path, change):
    folder = copied(version, tmp_path)
    path = folder / ("more.txt" if change == "added" else "CITATION.cff")
    if change == "link":
        shutil.move(path, tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    elif change == "gone":
        path.unlink()
    else:
        path.write_text("more", encoding="utf-8")
    assert odd(verify(folder, tmp_path, execute=False)) == [("file", path.name)]


def text(old, new):
    def change(path):
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new, 1), encoding="utf-8")

    return change


def value(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    one = next(one for one in document["findings"] if one["id"].startswith("onset."))
    one["witnesses"]["samples"] = 7
    path.write_text(writing.json_text(document), encoding="utf-8")


def verdict(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    document["claims"][0]["verdict"] = "contradicted"
    path.write_text(writing.json_text(document), encoding="utf-8")


def last_byte(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])


def a_pixel(path):
    from matplotlib import image

    picture = image.imread(path, format="png")
    picture[10, 10, :3] = 0.4
    image.imsave(path, picture)


def output(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for one in cell.get("outputs", ()):
            if "text/plain" in one.get("data", {}):
                one["data"]["text/plain"] = [*one["data"]["text/plain"], "\nand more"]
                path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
                return
    raise AssertionError


FORGED = [
    ("findings.json", value, "finding"),
    ("findings.json", verdict, "claim"),
    ("findings.json", text('"version": "1.0.0"', '"version": "1.0.1"'), "part"),
    ("findings.json", text('"relative": 1e-09', '"relative": 1e-08'), "part"),
    ("figures/timeline.csv", text("0.9", "0.8"), "figure"),
    ("figures/timeline.svg", text("<path", "<use"), "figure"),
    ("figures/timeline.png", a_pixel, "figure"),
    ("figures/timeline.es.svg", text("Irán", "Iraq"), "page"),
    ("figures/timeline.fa.svg", text('href="#DejaVuSans-', 'href="#DejaVuSans-5'), "page"),
    ("figures/timeline.fa.svg", Path.unlink, "page"),
    ("notebooks/2-detect.ipynb", output, "cell"),
    ("notebooks/2-detect.ipynb", text('"execution_count": 1', '"execution_count": 9'), "cell"),
    ("report.html", text("supported", "refuted"), "page"),
    ("report.pdf", last_byte, "page"),
    ("CITATION.cff", text("darkdays", "brightdays"), "page"),
    ("CHANGES.md", text("first", "second"), "page"),
    ("ro-crate-metadata.json", text("CreateAction", "Action"), "page"),
    ("case.yaml", text("name:", "# edited\nname:"), "page"),
    ("data/facts/iran-2019.csv", text("2019", "2018"), "page"),
    ("more.txt", lambda path: path.write_text("nobody made this"), "file"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "change", "kind"), FORGED, ids=[f"{a}-{c}" for a, _, c in FORGED])
def test_a_change_that_the_manifest_was_made_to_fit_is_found(
    version, kept, found, tmp_path, name, change, kind
):
    folder = copied(version, tmp_path)
    change(folder / name)
    forge(folder)
    # Its files fit their digests: only doing it again shows what is wrong.
    assert verify(folder, tmp_path, execute=False).outcome == "identical"
    wrong = odd(check(folder, kept))
    assert kind in {one for one, _ in wrong}, wrong


def test_a_manifest_that_was_made_to_fit_is_not_the_one_that_is_listed(version, tmp_path):
    folder = copied(version, tmp_path)
    enter(tmp_path / "reports")
    listed = (tmp_path / "reports" / LEDGER).read_text(encoding="utf-8")
    value(folder / "findings.json")
    forge(folder)
    (tmp_path / "reports" / LEDGER).write_text(listed, encoding="utf-8")
    assert odd(verify(folder, tmp_path, execute=False)) == [("file", MANIFEST)]
    enter(tmp_path / "reports")
    assert (tmp_path / "reports" / LEDGER).read_text(encoding="utf-8") == listed


@pytest.mark.parametrize(
    ("library", "change", "outcome"),
    [
        ("numpy", None, "identical"),
        ("numpy", last_byte, "differs"),
        ("typst", None, "identical"),
        ("typst", last_byte, "not compared"),
    ],
)
def test_no_stated_library_excuses_a_pdf(version, kept, found, tmp_path, library, change, outcome):
    folder = copied(version, tmp_path)
    if change:
        pdf, crate = folder / "report.pdf", folder / "ro-crate-metadata.json"
        before = writing.sha256(pdf.read_bytes())
        change(pdf)
        text(before, writing.sha256(pdf.read_bytes()))(crate)
    manifest = read_manifest(folder)
    manifest["machine"]["libraries"][library] = "0.1"
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    forge(folder)
    checked = check(folder, kept)
    assert checked.exit_status == (outcome == "differs"), checked.striking
    assert checked.outcome != "identical"  # the machine it states is not this one
    (pdf,) = (one for one in checked.outcomes if (one.kind, one.name) == ("page", "report.pdf"))
    assert pdf.outcome == outcome
    assert ("0.1" in pdf.detail) == (outcome == "not compared")


@pytest.mark.slow
def test_a_figure_that_other_libraries_drew_is_not_compared_in_any_language(
    version, kept, found, tmp_path
):
    folder = copied(version, tmp_path)
    figure = folder / "figures" / "timeline.svg"
    text('width="720pt"', 'width="721pt"')(figure)
    manifest = read_manifest(folder)
    manifest["machine"]["libraries"]["matplotlib"] = "0.1"
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    forge(folder)
    outcomes = {one.name: one.outcome for one in check(folder, kept).outcomes}
    assert outcomes["timeline"] == "not compared"
    assert {outcomes[f"figures/timeline.{one}.svg"] for one in LANGUAGES} == {"not compared"}
    assert outcomes["figures/overview.es.svg"] == "identical"


@pytest.mark.slow
@pytest.mark.parametrize("digest", ["case", "code", "environment", "computation", "envelope"])
def test_a_digest_of_something_else_is_found(version, kept, found, tmp_path, monkeypatch, digest):
    if digest == "code":  # else every commit that brought such a version is asked
        monkeypatch.setattr(verifying, "find_code", lambda *_: None)
    folder = copied(version, tmp_path)
    manifest = read_manifest(folder)
    manifest["digests"][digest] = "0" * 64
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    checked = check(folder, kept)
    named = {one.name for one in checked.outcomes if one.outcome in {"differs", "cannot run"}}
    assert digest in named
    assert checked.exit_status in {1, 3}


def test_a_changed_parameter_is_run_with_and_found(version, tmp_path, kept, found):
    folder = copied(version, tmp_path)
    manifest = read_manifest(folder)
    manifest["digests"]["parameters"]["level"] = 0.9
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    assert ("digest", "parameters") in odd(check(folder, kept))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"case": 1}', b"\xff", b"{}", b'{"claims": 1, "case": 2}']
)
def test_findings_that_are_none_any_more_are_found(version, kept, found, tmp_path, content):
    folder = copied(version, tmp_path)
    (folder / "findings.json").write_bytes(content)
    forge(folder)
    assert ("part", "findings.json") in odd(check(folder, kept))


# --- inputs -----------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path):
    return sealed(
        tmp_path / "snapshots",
        (OPEN, reply(OPEN, "/a", b"alpha " * 50, "the first")),
        (CLOSED, reply(CLOSED, "/c", b"gamma", "the closed")),
    )


def test_a_snapshot_as_it_was_is_identical(two, tmp_path):
    (one,) = check_snapshot(tmp_path / "snapshots", two.id)
    assert (one.outcome, one.detail) == ("identical", "2 replies")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150))
@given(data=st.data())
def test_any_single_changed_byte_of_a_snapshot_is_found(data, two, tmp_path):
    folder = tmp_path / "snapshots"
    path = data.draw(st.sampled_from(sorted(contents(folder))))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[at] ^ data.draw(st.integers(1, 255))
    path.write_bytes(whole[:at] + bytes([changed]) + whole[at + 1 :])
    try:
        assert "differs" in {one.outcome for one in check_snapshot(folder, two.id)}
    finally:
        path.write_bytes(whole)


def test_a_snapshot_that_is_not_here_cannot_run(version, tmp_path, two, kept):
    folder = copied(version, tmp_path)
    manifest = read_manifest(folder)
    manifest["digests"]["snapshot"] = "0" * 64
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    checked = check(folder, kept)
    assert (checked.outcome, checked.exit_status) == ("cannot run", 3)
    assert not checked.executed
    assert "import the file it was exported to" in checked.striking[0].detail


def test_embedded_data_that_is_nowhere_cannot_run(version, tmp_path):
    folder = copied(version, tmp_path)
    manifest = read_manifest(folder)
    manifest["digests"]["data"]["facts/iran-2019.csv"] = "0" * 64
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    checked = verify(folder, tmp_path)
    assert checked.exit_status == 3
    assert not checked.executed


def test_by_other_code_what_is_not_the_same_says_nothing(
    version, kept, found, tmp_path, monkeypatch
):
    monkeypatch.setattr(verifying, "find_code", lambda *_: None)
    folder = copied(version, tmp_path)
    value(folder / "findings.json")
    manifest = read_manifest(folder)
    manifest["digests"]["code"] = "0" * 64
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    forge(folder)
    checked = check(folder, kept)
    assert (checked.outcome, checked.exit_status) == ("cannot run", 3)
    assert {one.kind for one in checked.striking} >= {"digest", "finding", "page"}
    assert any(one.outcome == "identical" for one in checked.outcomes if one.kind == "finding")


def test_a_case_that_leads_out_of_its_folder_is_not_run(version, tmp_path):
    folder = copied(version, tmp_path)
    manifest = read_manifest(folder)
    manifest["case"] = "../../etc"
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    checked = verify(folder, tmp_path)
    assert odd(checked) == [("file", MANIFEST)]
    assert not checked.executed


# --- versions of an earlier form --------------------------------------------------------------


def test_versions_published_before_are_checked_and_left_alone():
    reports = paths.root() / "reports"
    before = contents(reports)
    checked = {
        f"{one.case}/{one.version}": one
        for one in verify_all(reports, paths.snapshots(), execute=False)
    }
    assert set(checked) == {
        f"{home.name}/{version}"
        for home in reports.iterdir()
        if home.is_dir()
        for version in versions(home)
    }
    for one in checked.values():
        assert {found.kind for found in one.outcomes if found.outcome == "differs"} == set()
    assert contents(reports) == before


def test_a_version_of_an_earlier_form_says_what_it_cannot_show(tmp_path, kept, found, monkeypatch):
    monkeypatch.setattr(verifying, "find_code", lambda *_: None)
    checked = check(copied(EARLIER, tmp_path), kept)
    assert checked.exit_status == 3
    (note,) = (one for one in checked.notes if "earlier form" in one)
    assert "computation" in note
    assert "envelope" in note


# --- attestations -----------------------------------------------------------------------------


def test_who_checked_it_is_put_on_record_beside_the_version(version, found, tmp_path):
    folder = copied(version, tmp_path)
    before = contents(folder)
    first = attest(folder, found, "A. Reader <a@example.org>")
    second = attest(folder, found, "Лена")
    assert contents(folder) == before
    assert second["previous"] == first["digest"]
    assert first["manifest"] == writing.sha256((folder / MANIFEST).read_bytes())
    assert first["findings"].keys() == {one.name for one in found.outcomes if one.kind == "finding"}
    assert set(first["findings"].values()) == {"identical"}
    assert [one.whole for one in attestations(folder.parent, "1.0.0")] == [True, True]
    page = (folder.parent / "index.html").read_text(encoding="utf-8")
    assert "A. Reader &lt;a@example.org&gt;" in page
    assert "Лена" in page


@pytest.mark.parametrize("change", ["outcome", "order", "gone", "line"])
def test_a_record_that_was_changed_is_seen(version, found, tmp_path, change):
    folder = copied(version, tmp_path)
    for name in ("One", "Two", "Three"):
        attest(folder, found, name)
    path = path_of(folder.parent, "1.0.0")
    lines = path.read_text(encoding="utf-8").splitlines()
    if change == "outcome":
        lines[1] = lines[1].replace('"outcome": "identical"', '"outcome": "differs"', 1)
    elif change == "order":
        lines[0], lines[1] = lines[1], lines[0]
    elif change == "gone":
        del lines[1]
    else:
        lines[1] = lines[1][:40]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert not all(one.whole for one in attestations(folder.parent, "1.0.0"))


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b"])
def test_a_name_that_is_none_is_refused(version, found, tmp_path, name):
    with pytest.raises(InputError, match="no name"):
        attest(copied(version, tmp_path), found, name)


def test_nothing_is_attested_that_was_not_executed(version, tmp_path):
    folder = copied(version, tmp_path)
    with pytest.raises(DarkdaysError, match="nothing to put on record"):
        attest(folder, verify(folder, tmp_path, execute=False), "A. Reader")


# --- the network ------------------------------------------------------------------------------


@pytest.mark.skipif(not WITHOUT_NETWORK, reason="this system allows no network namespaces")
def test_what_runs_again_reaches_no_network(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"('127.0.0.1', {server.getsockname()[1]})"
        program = f"import socket; socket.create_connection({address}, 5)"
        reached = subprocess.run([sys.executable, "-c", program], check=False)
        words = [*isolation._NAMESPACE, sys.executable, "-c", program]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert reached.returncode == 0
    assert "Network is unreachable" in done.stderr


def test_data_that_is_none_is_as_it_was_stated():
    none = {"data": {}, "snapshot": ""}
    assert {one.outcome for one in check_digests(none, none)} == {"identical"}
    assert [one.outcome for one in check_digests({"data": ""}, {"data": {}})] == ["differs"]


@pytest.mark.slow
def test_a_report_that_was_made_from_its_case_alone_is_identical(tmp_path):
    home = paths.reports() / "iran-2026"
    assert verify(home / versions(home)[-1], tmp_path).outcome == "identical"
