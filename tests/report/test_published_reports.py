"""Published versions are as they were published: every file has the digest of its manifest."""

from __future__ import annotations

import json

import pytest

from darkdays.files import paths, writing
from darkdays.report.version.version import versions

PUBLISHED = [
    home / version
    for home in sorted(path for path in paths.reports().iterdir() if path.is_dir())
    for version in versions(home)
]


def wrong_files(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    present = {
        path.relative_to(folder).as_posix(): writing.sha256(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    names = present.keys() | manifest["files"].keys()
    return sorted(name for name in names if present.get(name) != manifest["files"].get(name))


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_file_of_a_version_was_touched(folder):
    assert wrong_files(folder) == []


def test_a_touched_file_is_found(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "one.png").write_bytes(b"as drawn")
    digests = {"files": {"figures/one.png": writing.sha256(b"as drawn")}}
    (tmp_path / "manifest.json").write_text(json.dumps(digests), encoding="utf-8")
    assert wrong_files(tmp_path) == []
    (tmp_path / "figures" / "one.png").write_bytes(b"painted over")
    (tmp_path / "added.txt").write_text("new", encoding="utf-8")
    assert wrong_files(tmp_path) == ["added.txt", "figures/one.png"]
