"""The report as a reader gets it: complete, self-contained, the same bytes every time."""

from __future__ import annotations

import html.parser
import json
import shutil

import pytest

from darkdays import stages
from darkdays.files import paths, writing
from darkdays.report.languages.file_names import language_of
from darkdays.report.page.index import write_index
from darkdays.report.version.draft import load_draft
from darkdays.report.version.publishing import publish


@pytest.fixture(scope="module")
def draft(iran_2019, tmp_path_factory):
    return load_draft(iran_2019.copied_run(tmp_path_factory.mktemp("draft")) / "report")


@pytest.fixture
def published(draft, tmp_path):
    return publish(draft, tmp_path, [("1-fetch.ipynb", b"{}\n")])


class Page(html.parser.HTMLParser):
    """Collect what matters of a page: tags, links, pictures, identities."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.pictures, self.ids, self.open = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.tags.append((tag, named))
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named["href"]] if "href" in named else []
        if tag == "img":
            self.pictures.append(named)


def test_the_page_is_self_contained_and_described(published, draft):
    text = published.page.read_text(encoding="utf-8")
    page = Page(text)
    assert len(text) < 3_000_000
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "object"}]
    drawn = [path.name for path in (published.folder / "figures").glob("*.svg")]
    assert len(page.pictures) == len([one for one in drawn if not language_of(one)]) >= 7
    for picture in page.pictures:
        assert picture["src"].startswith("data:image/svg+xml,")
        assert len(picture["alt"]) > 40
    assert ("html", {"lang": "en"}) in page.tags
    assert len(page.ids) == len(set(page.ids)), "an identity is given once"
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids, f"{link} leads nowhere"
        else:
            name = published.folder / link
            assert name.is_file() or name.parent.name == "notebooks", f"{link} is not there"


def test_every_verdict_and_limit_is_on_the_page(published, draft):
    text = published.page.read_text(encoding="utf-8")
    for claim in draft.findings["claims"]:
        assert f'class="verdict {claim["verdict"]}"' in text
    assert "instrument" in text
    assert "cause unexplained" in text
    assert "not observed" in text


def test_markup_in_a_case_is_shown_and_not_run(draft, tmp_path):
    folder = tmp_path / "report"
    shutil.copytree(draft.folder, folder)
    content = json.loads((folder / "draft.json").read_text(encoding="utf-8"))
    content["case"]["title"] = "<script>alert(1)</script>"
    content["events"][0]["statement"] = '"><img src=x onerror=alert(1)>'
    writing.write_text(folder / "draft.json", writing.json_text(content))
    hostile = publish(load_draft(folder), tmp_path / "reports", [])
    page = Page(hostile.page.read_text(encoding="utf-8"))
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert all("onerror" not in attrs for _, attrs in page.tags)


def test_the_manifest_holds_the_digest_of_every_file(published):
    manifest = json.loads((published.folder / "manifest.json").read_text(encoding="utf-8"))
    stored = {
        path.relative_to(published.folder).as_posix(): writing.sha256(path.read_bytes())
        for path in published.folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert manifest["files"] == stored
    assert manifest["digests"].keys() == {
        "case", "snapshot", "data", "parameters", "code", "computation", "environment", "envelope",
    }  # fmt: skip
    assert {"figures/timeline.svg", "figures/timeline.png", "figures/timeline.csv"} <= stored.keys()


def test_nothing_changed_makes_no_new_version_and_touches_nothing(draft, published, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again = publish(draft, tmp_path, [("1-fetch.ipynb", b"{}\n")])
    assert again.folder == published.folder
    assert not again.change.is_new
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_changed_finding_makes_a_version_and_keeps_the_old(draft, published, tmp_path):
    old = {path: path.read_bytes() for path in published.folder.rglob("*") if path.is_file()}
    moved = json.loads(json.dumps(draft.content))
    moved["findings"]["findings"][0]["value"] = 0.123
    newer = publish(type(draft)(draft.folder, moved), tmp_path, [])
    assert newer.change.version == "1.1.0"
    assert {path: path.read_bytes() for path in old} == old
    assert "moved from" in (newer.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert "1.1.0/report.html" in (tmp_path / "index.html").read_text(encoding="utf-8")
    history = (tmp_path / "iran-2019" / "index.html").read_text(encoding="utf-8")
    assert history.index("1.1.0/report.html") < history.index("1.0.0/report.html")
    assert "moved from" in history


def test_drafting_twice_gives_the_same_bytes(draft, tmp_path):
    again = stages.report("iran-2019", str(tmp_path))
    first, second = (
        {
            path.relative_to(one.folder).as_posix(): writing.sha256(path.read_bytes())
            for path in one.folder.rglob("*")
            if path.is_file()
        }
        for one in (draft, again)
    )
    assert first == second


def test_no_path_of_this_machine_is_in_a_report(published):
    for path in published.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert str(paths.root()).encode() not in content, path.name
            assert str(published.folder.parent).encode() not in content, path.name


def test_a_failed_publication_leaves_nothing_half_written(draft, tmp_path):
    with pytest.raises(TypeError):
        publish(draft, tmp_path, [("1-fetch.ipynb", object())])
    assert not list((tmp_path / "iran-2019").glob("*"))


def test_the_index_of_no_reports_is_empty(tmp_path):
    write_index(tmp_path)
    assert "report.html" not in (tmp_path / "index.html").read_text(encoding="utf-8")
