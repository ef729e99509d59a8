"""Archives, versions and documents whose parts contradict each other: one sentence each."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import warnings
import zipfile
from typing import Any

import pytest

import hostile_files as hostile
from darkdays.archive.exchange import export_snapshot
from darkdays.archive.snapshot import Snapshot
from darkdays.report.version.json_values import distance, is_close
from hostile_snapshots import snapshot

HEAD, LOCAL, END = b"PK\1\2", b"PK\3\4", b"PK\5\6"
# Signature, offset in its record, form, and what is written there.
LIES = {
    "of size": (HEAD, 24, "<I", 2**31),
    "of packed size": (HEAD, 20, "<I", 2**31),
    "of the digest": (HEAD, 16, "<I", 1),
    "of the method": (HEAD, 10, "<H", 99),
    "of encryption": (HEAD, 8, "<H", 1),
    "of the offset": (HEAD, 42, "<I", 2**32 - 2),
    "of a long offset": (HEAD, 42, "<I", 2**32 - 1),
    "of the name": (HEAD, 28, "<H", 65535),
    "of more fields": (HEAD, 30, "<H", 65535),
    "of a remark": (HEAD, 32, "<H", 65535),
    "of the name in place": (LOCAL, 26, "<H", 65535),
    "of the fields in place": (LOCAL, 28, "<H", 65535),
    "of the directory": (END, 16, "<I", 2**31),
    "of the size of the directory": (END, 12, "<I", 2**32 - 1),
    "of the count": (END, 10, "<H", 65535),
    "of the disk": (END, 4, "<H", 7),
}


@pytest.fixture
def good(tmp_path):
    """An archive as an export writes it."""
    identity = snapshot(tmp_path / "made")[0]
    made = Snapshot.open(tmp_path / "made", identity)
    return export_snapshot(made, tmp_path / "good.zip").path.read_bytes()


def refused(run, outside, content):
    (outside / "x.zip").write_bytes(content)
    run("snapshot", "import", outside / "x.zip", statuses=(1, 2))
    assert not (outside / "snapshots" / "objects").exists()


# What a reader does not need to look at may say what it likes.
UNREAD = {"of the digest", "of the method", "of the disk", "of a remark", "of more fields"}


@pytest.mark.parametrize("name", LIES)
def test_archives_that_lie(run, outside, good, name):
    signature, offset, form, value = LIES[name]
    content = bytearray(good)
    struct.pack_into(form, content, content.find(signature) + offset, value)
    (outside / "x.zip").write_bytes(content)
    said = run("snapshot", "import", outside / "x.zip", statuses=(0, 1, 2))
    imported = (outside / "snapshots" / "objects").exists()
    # Whatever a record says, only bytes that fit their digests come in.
    assert imported == said.out.startswith("Snapshot: ")
    if imported:
        run("snapshot", "verify", said.out.split()[1], statuses=(0,))


@pytest.mark.parametrize("cut", [1, 30, 60, 200, 400])
def test_archives_cut_short(run, outside, good, cut):
    refused(run, outside, good[:-cut])


def members(*named, **how):
    def make(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that occur twice
            with zipfile.ZipFile(path, "w", **how) as archive:
                for name, content in named:
                    archive.writestr(name, content)

    return make


@pytest.mark.parametrize(
    "make",
    [
        members(("manifest.json", b"{}"), ("manifest.json", b"{}")),
        members(("a\nb\x1b[2J", b"x")), members(("\u202egpj", b"x")), members(("a" * 5000, b"x")),
        members(("objects/", b"")), members(), members(("manifest.json", b"PK\3\4")),
        members(("manifest.json", b"\0" * 10**6), compression=zipfile.ZIP_BZIP2),
        members(("manifest.json", b"\0" * 10**6), compression=zipfile.ZIP_LZMA),
        members(("manifest.json", b"{}"), ("objects/../../pwned", b"x")),
    ],
)  # fmt: skip
def test_archives_of_other_members(run, outside, make):
    make(outside / "y.zip")
    refused(run, outside, (outside / "y.zip").read_bytes())


def packed(body):
    """As gzip, without the moment: names of tests hold the bytes."""
    return gzip.compress(body, mtime=0)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"body", packed(b"body")[:-3], packed(b"body") + b"x",
        packed(b"body") + packed(b""), packed(b"\0" * 10**7),
        packed(b"bodY"), b"\x1f\x8b\x08\x00" + b"\0" * 100,
    ],
)  # fmt: skip
def test_bodies_that_do_not_fit(run, outside, good, body):
    (outside / "z.zip").write_bytes(good)
    with zipfile.ZipFile(outside / "z.zip") as archive:
        named = [(one, archive.read(one)) for one in archive.namelist()]
    members(*((n, body if n.startswith("objects/") else c) for n, c in named))(outside / "y.zip")
    refused(run, outside, (outside / "y.zip").read_bytes())


def test_a_manifest_of_numbers_without_end(run, outside, good):
    (outside / "z.zip").write_bytes(good)
    with zipfile.ZipFile(outside / "z.zip") as archive:
        stated = json.loads(archive.read("manifest.json"))
    reply = stated["replies"][0]
    for changed in (
        {"bytes": 10**30}, {"bytes": -1}, {"bytes": 3}, {"sha256": "../x"}, {"path": ["x"]},
        {"status": 10**4000}, {"headers": 1}, {"redistributable": "yes"},
    ):  # fmt: skip
        content = json.dumps({**stated, "replies": [{**reply, **changed}]})
        members(("manifest.json", content))(outside / "y.zip")
        refused(run, outside, (outside / "y.zip").read_bytes())
    for content in (
        json.dumps({**stated, "replies": stated["replies"] * 2}), json.dumps({**stated, "x": 1}),
        json.dumps({**stated, "hosts": "x"}), '{"case":' + "[" * 100_000, "NaN",
        json.dumps(stated).replace('"x"', '"\\ud800"'),
    ):  # fmt: skip
        members(("manifest.json", content))(outside / "y.zip")
        refused(run, outside, (outside / "y.zip").read_bytes())


ROOT = {
    "@id": "./", "name": "x", "description": "x", "version": "1", "datePublished": "x",
    "license": {"@id": "a"}, "author": {"@id": "b"}, "conformsTo": {},
}  # fmt: skip
CRATES: dict[str, Any] = {
    "a list": [], "nothing": None, "a text": {"@graph": "x"}, "numbers": {"@graph": [1]},
    "no root": {"@graph": []}, "a bare root": {"@graph": [{"@id": "./"}]},
    "a list as id": {"@graph": [{"@id": ["x"]}]}, "links to nothing": {"@graph": [ROOT]},
    "a text as licence": {"@graph": [{**ROOT, "license": "x"}]},
    "no json": b"{", "latin": b"\xff", "deep": b"[" * 100_000, "empty": b"",
    "no number": b'{"@graph": [NaN]}', "a bomb of digits": b'{"@graph": [' + b"9" * 9999 + b"]}",
}  # fmt: skip


@pytest.mark.parametrize("name", CRATES)
def test_metadata_of_a_version_to_be_packed(run, outside, name):
    """Digests fit whatever a stranger wrote: it is the form that is looked at."""
    folder = hostile.version(outside / "reports")
    (folder / "ro-crate-metadata.json").write_bytes(hostile.document(CRATES[name]))
    (folder / "CITATION.cff").write_text("x")
    listed = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }
    stated = hostile._manifest(files=listed)
    (folder / "manifest.json").write_text(json.dumps(stated))
    said = run("publish", folder, "--to", outside / "x.zip", statuses=(1,))
    assert "ro-crate-metadata.json" in said.err
    assert not (outside / "x.zip").exists()
    (folder / "CITATION.cff").unlink()
    del listed["CITATION.cff"]
    (folder / "manifest.json").write_text(json.dumps({**stated, "files": listed}))
    assert "CITATION.cff" in run("publish", folder, "--to", outside / "x.zip", statuses=(1,)).err


def findings(value):
    return f'{{"case": "x", "claims": [], "findings": [{{"id": "a", "value": {value}}}]}}'.encode()


VALUES = {
    "a large number": "1" + "0" * 250, "a larger one": "1" + "0" * 400, "digits": "9" * 9999,
    "infinite": "1e999", "no number": "NaN", "minus infinity": "-Infinity",
    "deep": "[" * 60 + "]" * 60, "deeper": "[" * 9000 + "]" * 9000,
    "a time": '"9999-99-99T00:00Z"',
    "half a pair": '"\\udfff"', "odd keys": '{"\\ud800": 1, "": 2}', "a list": "[[], {}, null]",
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values_of_findings(run, outside, name):
    one, other = (
        hostile.version(
            outside / "reports", hostile._manifest(version=f"1.{n}.0"), content, f"1.{n}.0"
        )
        for n, content in enumerate([findings("1.5"), findings(VALUES[name])])
    )
    for pair in ((one, other), (other, one)):
        run("diff", *pair, statuses=(0, 1))
        said = run("diff", *pair, "--json", statuses=(0, 1))
        if said.out:
            json.loads(said.out, parse_constant=pytest.fail)


def test_numbers_too_far_apart_are_infinitely_far():
    assert distance(-1e308, 1e308) == float("inf")
    assert not is_close(-1e308, 1e308, 1.0)


def test_one_version_that_is_none_hides_no_other(run, outside):
    hostile.version(outside / "reports")
    (outside / "reports" / "a" / "1.0.0").mkdir(parents=True)
    said = run("verify", "--all", "--digests", "--json", statuses=(1,))
    assert [one["case"] for one in json.loads(said.out)] == ["a", "x"]
