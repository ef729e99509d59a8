"""Pipes, devices, folders, links in a circle and names without end, wherever a file is read."""

from __future__ import annotations

import json
import os

import pytest

import hostile_files as hostile
from darkdays.report.version import attestations
from hostile_snapshots import snapshot

pytestmark = pytest.mark.slow

LONG = "a" * 5000
CSV = b"time,value\n2020-01-01,1\n2020-01-02,2\n"


def put(kind, path):
    """Put what is no plain file in a place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() or path.is_symlink():
        path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "circle":
        path.symlink_to(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "bytes":
        path.write_bytes(bytes(range(256)) * 100)
    elif kind == "nothing":
        path.write_bytes(b"")


KINDS = ["pipe", "folder", "circle", "device", "bytes", "nothing", "missing"]
COMMANDS = {
    "run": lambda path: ("run", path),
    "fetch": lambda path: ("fetch", "--plan", path),
    "sweep": lambda path: ("sweep", "--plan", path),
    "envelope": lambda path: ("envelope", path, "--only", "threads"),
    "detect": lambda path: ("detect", path),
    "import": lambda path: ("snapshot", "import", path),
    "verify": lambda path: ("verify", "--digests", path),
    "diff": lambda path: ("diff", path, path),
    "publish": lambda path: ("publish", path, "--to", "x.zip"),
    "into": lambda path: ("cases", "--into", path),
    "file": lambda path: ("fetch", path.parent / "good.yaml", "--file", f"user-csv={path}"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_file_given_to_a_command(run, outside, command, kind):
    (outside / "good.yaml").write_bytes(hostile.case("good"))
    put(kind, outside / "x.yaml")
    statuses = (1, 2, 3)
    if command == "file" and kind == "folder":
        # An empty folder stands in for nothing; that is said as what could not be had.
        statuses = (3,)
    said = run(*COMMANDS[command](outside / "x.yaml"), statuses=statuses)
    assert "darkdays: " in said.err or "Error: " in said.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_longer_than_any(run, outside, command):
    (outside / "good.yaml").write_bytes(hostile.case("good"))
    run(*COMMANDS[command](outside / f"{LONG}.yaml"))


def checks(run, identity, home, **how):
    for words in (
        ("list",), ("show", identity), ("verify", identity), ("diff", identity, identity),
        ("export", identity, "--to", home / "out.zip"),
    ):  # fmt: skip
        run("snapshot", *words, statuses=(0, 1, 2, 3), **how)


@pytest.mark.parametrize("part", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_a_snapshot(run, outside, kind, part):
    found = snapshot(outside / "snapshots")
    put(kind, found[part])
    checks(run, found[0], outside)


@pytest.mark.parametrize(
    "content", [b"[]", b"[" * 100_000, b'{"format":' + b"9" * 9000 + b"}", b"\xff", b"NaN", b"{}"]
)
def test_manifests_of_snapshots(run, outside, content):
    found = snapshot(outside / "snapshots")
    found[1].write_bytes(content)
    checks(run, found[0], outside)


@pytest.mark.parametrize("kind", [*KINDS, "latin", "long"])
def test_the_list_of_manifests(run, outside, kind):
    folder = hostile.version(outside / "reports")
    put(kind, outside / "reports" / "SHA256SUMS")
    if kind == "latin":
        (outside / "reports" / "SHA256SUMS").write_bytes(b"\xff\xfe\n" * 100)
    elif kind == "long":
        (outside / "reports" / "SHA256SUMS").write_bytes(b"a" * 10_000_000)
    run("verify", "--digests", folder)
    run("verify", "--all", "--digests")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["findings.json", "manifest.json", "CHANGES.md"])
def test_parts_of_the_last_report(run, outside, kind, name):
    """The list of cases reads it, and so does whoever publishes after it."""
    folder = hostile.version(outside / "reports")
    folder.parent.rename(outside / "reports" / "iran-2019")
    put(kind, outside / "reports" / "iran-2019" / "1.0.0" / name)
    run("cases", statuses=(0, 1))
    run("verify", "--all", "--digests")


@pytest.mark.parametrize("content", hostile.FINDINGS.values(), ids=hostile.FINDINGS)
def test_findings_in_the_list_of_cases(run, outside, content):
    folder = hostile.version(outside / "reports", findings=content)
    folder.parent.rename(outside / "reports" / "iran-2019")
    run("cases", statuses=(0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_settings(run, outside, kind):
    (outside / "x.yaml").write_bytes(
        hostile.case("x", signals=[{"datasource": "ioda.bgp", "source": "service"}])
    )
    put(kind, outside / "settings" / "darkdays" / "config.toml")
    run("fetch", "--plan", outside / "x.yaml", statuses=(0, 2))


@pytest.mark.parametrize(
    "content",
    [
        b"\xff", b"a=" + b"[" * 100_000, b"a=" + b"[" * 9000 + b"]" * 9000, b"base_urls=1",
        b"[[base_urls]]\nx=1", b"[base_urls]\nioda=1", b"[base_urls]\nioda='javascript:1'",
        b"[base_urls]\nioda='file:///etc/passwd'", b"[base_urls]\nioda='https://[::1'",
        b"[base_urls]\nioda='https://h:99999999'", b"[base_urls]\nioda='https://a:b@h/'",
        b"a=" + b"9" * 9000, b"\0", "a=1".encode("utf-16"), b"a=9999-99-99", b"#" + b"x" * 2**21,
    ],
)  # fmt: skip
def test_settings_of_other_forms(run, outside, content):
    (outside / "x.yaml").write_bytes(
        hostile.case("x", signals=[{"datasource": "ioda.bgp", "source": "service"}])
    )
    put("missing", outside / "settings" / "darkdays" / "config.toml")
    (outside / "settings" / "darkdays" / "config.toml").write_bytes(content)
    run("fetch", "--plan", outside / "x.yaml", statuses=(2,))


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_of_entities(run, outside, kind):
    (outside / "g.yaml").write_text(
        "name: g\ntitle: t\nquestion: q\nsummary: s\nplaces: IR\n"
        "windows: {start: 2019-01-01T00:00Z, end: 2019-02-01T00:00Z}\n"
        "template: {entities_file: e.csv, signals: [{datasource: ioda.bgp, source: service}]}\n"
    )
    put(kind, outside / "e.csv")
    run("sweep", "--plan", outside / "g.yaml", statuses=(2,))


@pytest.mark.parametrize("kind", KINDS)
def test_records_of_who_checked(outside, kind):
    """What cannot be read is no record; where nothing may be read, one sentence says so."""
    put(kind, attestations.path_of(outside, "1.0.0"))
    assert not any(one.whole for one in attestations.attestations(outside, "1.0.0"))


@pytest.mark.parametrize("words", [("--to", "/dev/null/x.zip"), ("--to", f"{LONG}.zip")])
def test_places_to_write_to(run, outside, words):
    folder = hostile.version(outside / "reports")
    run("publish", folder, *words)
    (outside / "s.csv").write_bytes(CSV)
    run("detect", outside / "s.csv", "--figure", words[1].replace(".zip", ".png"))
    run("new-case", "BY", "t", "--start", "2020-01-01", "--end", "2020-01-02",
        "--folder", words[1])  # fmt: skip


def test_names_in_a_version_are_shown_and_not_obeyed(run, outside):
    folder = hostile.version(outside / "reports")
    for name in ("a\nb", "\x1b[2J", "\u202egpj", "x" * 250):
        (folder / name).write_text("x")
    os.close(os.open(os.fsencode(folder) + b"/\xff\xfe", os.O_CREAT))
    run("verify", "--digests", folder, statuses=(1,))
    said = run("verify", "--digests", folder, "--json", statuses=(1,))
    assert json.loads(said.out)
    run("publish", folder, "--to", outside / "x.zip", statuses=(1,))
