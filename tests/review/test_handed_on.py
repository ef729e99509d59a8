"""What others are given: the PDF, the crate, the citation, the file to deposit."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile

import pytest
import typst
import yaml

from darkdays.errors import DarkdaysError, InputError
from darkdays.files import paths, writing
from darkdays.report.page.blocks import blocks_of
from darkdays.report.page.pdf import pdf_of
from darkdays.report.version.seal import LEDGER, MANIFEST
from darkdays.review.packing import pack
from darkdays.review.verify.verify import verify
from made_up_snapshots import CLOSED, OPEN, reply, sealed
from reviewing import copied, forge

EARLIER = paths.root() / "reports" / "iran-2019" / "1.1.0"


@pytest.fixture(scope="module")
def version(iran_2019, tmp_path_factory):
    return iran_2019.copied_reports(tmp_path_factory.mktemp("handed-on")) / "iran-2019" / "1.0.0"


@pytest.fixture(scope="module")
def page(version):
    return (version / "report.html").read_text(encoding="utf-8")


# --- PDF --------------------------------------------------------------------------------------


def test_the_pdf_says_that_it_is_accessible_and_in_which_language(version):
    content = (version / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"/Lang" in content
    assert b"/StructTreeRoot" in content
    for one in (b"/CreationDate", b"/ModDate"):
        assert one not in content


def test_the_same_page_gives_the_same_pdf(version, page):
    made = [pdf_of(page, version, title="A", version="1.0.0") for _ in range(2)]
    assert made[0] == made[1]


def test_a_figure_without_words_is_refused(version, page):
    silent = re.sub(r'alt="[^"]*"', 'alt=""', page, count=1)
    with pytest.raises(typst.TypstError, match=r"(?i)alt"):
        pdf_of(silent, version, title="A", version="1.0.0")


def test_the_pdf_holds_every_part_of_the_page(page):
    blocks = list(blocks_of(page))
    shown = page.count("<img ") - page.count('<img class="screen phone"')
    assert sum(one["kind"] == "figure" for one in blocks) == shown
    told = ["".join(run["text"] for run in one["text"]) for one in blocks if one["kind"][0] == "h"]
    for heading in re.findall(r"<h2 id=[^>]*>(.*?)</h2>", page):
        assert re.sub("<[^>]*>", "", heading) in told


def test_what_is_listed_in_a_cell_stands_line_by_line():
    (table,) = blocks_of(
        "<table><tr><td>2 of 4<details><summary>where not</summary><p>a: 1</p>"
        "<ul> <li>b</li> <li>c</li></ul></details></td></tr></table>"
    )
    assert "".join(run["text"] for run in table["rows"][0][0]) == "2 of 4\nwhere not\na: 1\nb\nc"


# --- crate and citation -----------------------------------------------------------------------


def crate(content):
    document = json.loads(content)
    assert document["@context"] == "https://w3id.org/ro/crate/1.1/context"
    graph = document["@graph"]
    found = {one["@id"]: one for one in graph}
    assert len(found) == len(graph), "an identity is described once"
    return found


def references(value):
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        else:
            for key, one in value.items():
                if key != "@id":
                    yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_the_crate_is_one_of_a_workflow_that_ran(version):
    found = crate((version / "ro-crate-metadata.json").read_bytes())
    root, run = found["./"], found["#run"]
    for name in ("name", "description", "datePublished", "license", "hasPart", "conformsTo"):
        assert root[name]
    assert {one["@id"].rsplit("/", 2)[-2] for one in root["conformsTo"]} >= {"process", "workflow"}
    assert run["@type"] == "CreateAction"
    workflow = found[root["mainEntity"]["@id"]]
    assert "ComputationalWorkflow" in workflow["@type"]
    assert run["instrument"] == root["mainEntity"]
    assert {one["@id"] for one in run["object"]} >= {"case.yaml", "#value-level"}
    assert {one["@id"] for one in run["result"]} >= {"findings.json", "report.html", "report.pdf"}
    present = {
        path.relative_to(version).as_posix() for path in version.rglob("*") if path.is_file()
    }
    assert {one["@id"] for one in root["hasPart"]} == present - {"ro-crate-metadata.json"}
    for name in present - {"ro-crate-metadata.json", MANIFEST}:
        assert found[name]["sha256"] == writing.sha256((version / name).read_bytes())
    for one in found.values():
        for reference in references(one):
            assert reference in found or reference.startswith(("http://", "https://")), reference


def test_the_citation_is_in_its_format(version):
    found = yaml.safe_load((version / "CITATION.cff").read_text(encoding="utf-8"))
    assert found["cff-version"] == "1.2.0"
    assert found.keys() >= {"message", "title", "authors", "version", "license", "references"}
    assert found["version"] == "1.0.0"
    assert all(one.keys() >= {"type", "title", "authors"} for one in found["references"])


# --- one file to deposit ----------------------------------------------------------------------


def test_the_same_version_is_the_same_file_and_checks_after_unpacking(version, tmp_path):
    packed = [pack(version, tmp_path, tmp_path / f"{name}.zip") for name in "ab"]
    assert packed[0].sha256 == packed[1].sha256
    assert packed[0].sha256 == writing.sha256((tmp_path / "a.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        found = crate(archive.read("iran-2019-1.0.0/ro-crate-metadata.json"))
        names = {one.removeprefix("iran-2019-1.0.0/") for one in archive.namelist()}
        assert {"README.md", "CITATION.cff", f"reports/{LEDGER}"} <= names
        archive.extractall(tmp_path)
        (tmp_path / "iran-2019-1.0.0").rename(tmp_path / "unpacked")
    parts = {one["@id"] for one in found["./"]["hasPart"]}
    assert "reports/iran-2019/1.0.0/" in parts
    for name in parts - {"reports/iran-2019/1.0.0/"}:
        assert found[name]["sha256"] == writing.sha256((tmp_path / "unpacked" / name).read_bytes())
    checked = verify(
        tmp_path / "unpacked" / "reports" / "iran-2019" / "1.0.0", tmp_path, execute=False
    )
    assert (checked.outcome, checked.notes) == ("identical", ())


TOP = "iran-2019-1.0.0"


def test_only_what_may_be_passed_on_comes_along(version, tmp_path):
    snapshot = sealed(
        tmp_path / "snapshots",
        (OPEN, reply(OPEN, "/a", b"alpha " * 50, "the first")),
        (CLOSED, reply(CLOSED, "/c", b"gamma gamma", "the closed")),
    )
    folder = copied(version, tmp_path)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["digests"]["snapshot"] = snapshot.id
    (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
    forge(folder)
    done = pack(folder, tmp_path / "snapshots", tmp_path / "one.zip")
    assert not done.absent
    (left_out,) = done.left_out
    assert "the closed" in left_out
    with zipfile.ZipFile(done.path) as archive:
        inner = zipfile.ZipFile(archive.open(f"{TOP}/snapshots/{snapshot.id[:16]}.zip"))
        objects = [name for name in inner.namelist() if name.startswith("objects/")]
        assert len(objects) == 1
        readme = archive.read(f"{TOP}/README.md").decode()
    assert left_out in readme
    assert f"darkdays verify {TOP}.zip" in readme
    elsewhere = pack(folder, tmp_path / "none", tmp_path / "two.zip")
    assert elsewhere.absent


def test_what_is_not_as_published_is_not_handed_on(version, tmp_path):
    folder = copied(version, tmp_path)
    (folder / "report.html").write_text("other", encoding="utf-8")
    with pytest.raises(DarkdaysError, match=r"report\.html is changed"):
        pack(folder, tmp_path, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_a_version_of_an_earlier_form_is_not_handed_on(tmp_path):
    with pytest.raises(DarkdaysError, match="its form is an earlier one"):
        pack(EARLIER, tmp_path, tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["report.tar", "report"])
def test_the_file_has_to_be_a_zip(version, tmp_path, name):
    with pytest.raises(InputError, match=r"ends in \.zip"):
        pack(version, tmp_path, tmp_path / name)


def test_no_file_is_written_into_a_version(version, tmp_path):
    with pytest.raises(InputError, match="outside it"):
        pack(version, tmp_path, version / "a.zip")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_the_list_of_manifests_is_one_that_sha256sum_reads(version):
    words = ["sha256sum", "--check", "--strict", LEDGER]
    done = subprocess.run(words, cwd=version.parents[1], capture_output=True, check=False)
    assert done.returncode == 0


def test_the_pdf_asks_for_no_package_from_a_network():
    template = paths.root() / "src" / "darkdays" / "report" / "page" / "templates" / "report.typ"
    assert "@preview" not in template.read_text(encoding="utf-8")
