"""A case's snapshots are found whoever wrote, brought or removed them, and at what number."""

from __future__ import annotations

import json
import os
import shutil
import time

import pytest

from darkdays.archive import snapshot as snapshots
from darkdays.archive.exchange import export_snapshot, import_snapshot
from darkdays.archive.snapshot import Snapshot, list_snapshots, newest_complete
from darkdays.errors import DarkdaysError
from made_up_snapshots import OPEN, reply, sealed


def made(folder, case, when="2026-01-02T03:04:05Z", **how):
    return sealed(folder, (OPEN, reply(OPEN, "/a", when.encode())), case=case, when=when, **how)


def settled(folder):
    """As if nothing had been added to the folder for a while."""
    moment = time.time() - 60
    os.utime(folder, (moment, moment))


@pytest.fixture
def read(monkeypatch):
    """Names of the manifests that were parsed."""
    names, parse = [], snapshots.parse_manifest

    def counted(content, where):
        names.append(where)
        return parse(content, where)

    monkeypatch.setattr(snapshots, "parse_manifest", counted)
    return names


def test_of_many_cases_only_the_newest_of_one_is_parsed(tmp_path, read):
    for number in range(20):
        for day in (1, 2, 3):
            made(tmp_path, f"case-{number}", f"2026-01-0{day}T00:00:00Z")
    settled(tmp_path)
    read.clear()
    for number in range(20):
        assert newest_complete(tmp_path, f"case-{number}").manifest.sealed[9] == "3"
    assert len(read) == 20
    assert newest_complete(tmp_path, "case-20") is None
    assert len(read) == 20


def test_what_others_add_and_remove_is_seen_at_once(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    later = made(elsewhere, "x", "2026-01-03T00:00:00Z")
    folder = tmp_path / "here"
    first = made(folder, "x", "2026-01-02T00:00:00Z")
    settled(folder)
    assert newest_complete(folder, "x") == first
    export_snapshot(later, tmp_path / "x.zip")
    brought = import_snapshot(folder, tmp_path / "x.zip")
    # What was brought stands for nothing that was fetched here, until it is asked for by its name.
    assert newest_complete(folder, "x") == first
    assert brought.id in {one.id for one in list_snapshots(folder, "x")}
    shutil.rmtree(folder / brought.id[:16])
    assert newest_complete(folder, "x") == first
    # Copied in, as git does: first the folder, then what is in it.
    place = folder / brought.id[:16]
    place.mkdir()
    settled(folder)
    assert newest_complete(folder, "x") == first
    (place / "manifest.json").write_bytes((elsewhere / place.name / "manifest.json").read_bytes())
    assert newest_complete(folder, "x").id == brought.id
    (place / "manifest.json").unlink()
    assert newest_complete(folder, "x") == first
    shutil.rmtree(folder)
    assert newest_complete(folder, "x") is None
    assert list_snapshots(folder) == []


def test_incomplete_ones_are_passed_over(tmp_path):
    good = made(tmp_path, "x", "2026-01-02T00:00:00Z")
    made(tmp_path, "x", "2026-01-03T00:00:00Z", complete=False)
    assert newest_complete(tmp_path, "x") == good
    assert len(list_snapshots(tmp_path, "x")) == 2


@pytest.mark.parametrize("indent", [None, 0, 7])
@pytest.mark.parametrize("turned", [False, True])
def test_however_a_manifest_is_laid_out_it_is_found(tmp_path, indent, turned):
    made(tmp_path, "x", "2026-01-02T00:00:00Z")
    later = made(tmp_path, "x", "2026-01-03T00:00:00Z")
    made(tmp_path, "y", "2026-01-04T00:00:00Z")
    path = tmp_path / later.id[:16] / "manifest.json"
    document = json.loads(path.read_text())
    if turned:
        document = dict(reversed(document.items()))
    shutil.rmtree(path.parent)
    path.parent.mkdir()
    path.write_text(json.dumps(document, indent=indent))
    assert newest_complete(tmp_path, "x") == later
    assert [one.id for one in list_snapshots(tmp_path, "x")][-1] == later.id
    assert newest_complete(tmp_path, "y").manifest.case == "y"


def test_a_damaged_manifest_of_another_case_stops_nothing(tmp_path):
    good, bad = made(tmp_path, "x"), made(tmp_path, "y")
    path = tmp_path / bad.id[:16] / "manifest.json"
    path.write_bytes(path.read_bytes()[:-20])
    assert newest_complete(tmp_path, "x") == good
    with pytest.raises(DarkdaysError, match="damaged"):
        newest_complete(tmp_path, "y")
    assert Snapshot.open(tmp_path, good.id[:6]) == good
