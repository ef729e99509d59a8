"""Attesting and publishing side by side: nothing is lost, nothing of a killed run is published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from functools import cache

import pytest

from darkdays.report.version.attestations import append, attestations
from darkdays.report.version.seal import read_manifest, wrong_files
from darkdays.report.version.version_folder import place

CONTAINER = ("unshare", "--pid", "--fork", "--map-root-user")
DIGESTS: dict[str, object] = dict.fromkeys(
    ("case", "snapshot", "code", "computation", "environment", "envelope"), ""
) | {"data": {}, "parameters": {}}
ATTEST = """
import sys
from pathlib import Path
from darkdays.report.version.attestations import append
for number in range(25):
    append(Path(sys.argv[1]), "1.0.0", {"who": sys.argv[2], "n": number})
"""


@cache
def can_contain():
    try:
        return (
            subprocess.run([*CONTAINER, "true"], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def publish(reports, case="c", change=lambda _: {}):
    findings = {"case": case, "claims": [], "findings": [], "title": f"Title of {case}"}

    def contents(version):
        document = {**findings, "version": version.version}
        return {"findings.json": json.dumps(document).encode(), "CHANGES.md": b"- x\n"} | change(
            version
        )

    return place(reports, findings, DIGESTS, contents)


@pytest.mark.parametrize("before", [(), CONTAINER])
def test_no_attestation_is_lost(tmp_path, before):
    """Two processes, of containers of their own too, and two threads of a third."""
    if before and not can_contain():
        pytest.skip("this system gives nobody process ids of their own")
    others = [
        subprocess.Popen([*before, sys.executable, "-c", ATTEST, str(tmp_path), name])
        for name in ("a", "b")
    ]

    def attest(name):
        for number in range(25):
            append(tmp_path, "1.0.0", {"who": name, "n": number})

    threads = [threading.Thread(target=attest, args=(name,)) for name in ("c", "d")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for one in others:
        assert one.wait(timeout=120) == 0
    found = attestations(tmp_path, "1.0.0")
    assert len(found) == 100
    assert all(one.whole for one in found)
    said = {(one.record["who"], one.record["n"]) for one in found}
    assert said == {(name, number) for name in "abcd" for number in range(25)}
    assert names(tmp_path / "attestations") == ["1.0.0.jsonl"]


def test_an_attestation_beside_a_damaged_one_keeps_its_bytes(tmp_path):
    append(tmp_path, "1.0.0", {"who": "a"})
    path = tmp_path / "attestations" / "1.0.0.jsonl"
    path.write_bytes(b"\xff\xfe{\n" + path.read_bytes())
    append(tmp_path, "1.0.0", {"who": "b"})
    assert path.read_bytes().startswith(b"\xff\xfe{\n")
    assert len(attestations(tmp_path, "1.0.0")) == 3


def test_nothing_of_a_killed_run_is_published(tmp_path):
    """Whatever process id it had: a container that starts again has the same."""
    for number in {1, os.getpid()}:
        stale = tmp_path / "c" / f".1.0.0.{number}.partial" / "figures"
        stale.mkdir(parents=True)
        (stale / "old.svg").write_text("left by a process that was killed")
    done = publish(tmp_path)
    assert wrong_files(done.folder, read_manifest(done.folder)) == {}
    assert names(done.folder) == [
        "CHANGES.md", "findings.json", "manifest.json",
    ]  # fmt: skip
    assert done.folder.stat().st_mode & 0o777 == 0o777 & ~umask()


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_reports_that_end_at_once_are_each_whole(tmp_path):
    def end(number):
        publish(tmp_path, f"case-{number % 3}", lambda _: {f"{number % 3}.txt": b"x"})

    threads = [threading.Thread(target=end, args=(number,)) for number in range(9)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for number in range(3):
        folder = tmp_path / f"case-{number}"
        assert names(folder) == ["1.0.0", "index.es.html", "index.fa.html", "index.html"]
        assert wrong_files(folder / "1.0.0", read_manifest(folder / "1.0.0")) == {}
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == 3
    assert not (tmp_path / ".lock").exists()


@pytest.mark.parametrize("damage", ["{}", "", "[1", '{"title": 1, "claims": [{}], "findings": 3}'])
def test_a_version_that_cannot_be_read_stops_no_other(tmp_path, damage):
    (tmp_path / "other" / "1.0.0").mkdir(parents=True)
    (tmp_path / "other" / "1.0.0" / "findings.json").write_text(damage)
    done = publish(tmp_path)
    assert done.change.version == "1.0.0"
    assert done.folder.is_dir()
    index = (tmp_path / "index.html").read_text()
    assert "Title of c" in index
    assert "Version 1.0.0 cannot be read" in index
    assert "It cannot be read" in (tmp_path / "other" / "index.html").read_text()


def test_an_older_version_that_cannot_be_read_is_listed_beside_the_others(tmp_path):
    publish(tmp_path)
    broken = tmp_path / "c" / "0.9.0"
    broken.mkdir()
    (broken / "findings.json").write_text("{}")
    assert not publish(tmp_path).change.is_new
    index = (tmp_path / "c" / "index.html").read_text()
    assert "Title of c" in index
    assert index.count("It cannot be read") == 1
