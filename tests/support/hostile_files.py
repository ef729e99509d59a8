"""Files as an attacker would write them, by what reads them; each is made here, none was copied."""

from __future__ import annotations

import json
import os
import zipfile

DEEP = 100_000
CASE = """\
name: {name}
title: A title
question: A question?
summary: A summary.
window: {{start: 2019-11-15T00:00Z, end: 2019-11-20T00:00Z}}
place: IR
time_zone: Asia/Tehran
entities: [{{id: asn/44244, name: Irancell, network: mobile}}]
signals:
  - {{datasource: own.speed, source: csv, options: {{file: speed.csv, unit: percent, step: 1h}}}}
"""


def _bomb(levels=9, width=9):
    """Nine levels of nine aliases each: 387 million values in less than a kilobyte."""
    lines = ["a0: &a0 [lol]"]
    lines += [
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]"
        for level in range(1, levels + 1)
    ]
    return "\n".join(lines).encode()


# Text that is no case, no grid: each ends in one sentence.
YAML = {
    "python object": b"!!python/object/apply:os.system ['touch pwned']",
    "python name": b"name: !!python/name:os.system",
    "python module": b"name: !!python/module:os",
    "python tuple": b"name: !!python/tuple [1, 2]",
    "local tag": b"name: !run 'touch pwned'",
    "verbatim tag": b"name: !<tag:yaml.org,2002:python/object/new:os.system> ['x']",
    "tag directive": b"%TAG ! tag:yaml.org,2002:python/\n---\nname: !object/apply:os.system [x]",
    "binary": b"name: !!binary aGVsbG8=",
    "set": b"name: !!set {a, b}",
    "ordered map": b"name: !!omap [a: 1]",
    "alias bomb": _bomb(),
    "alias bomb of merges": b"a: &a {x: 1}\n"
    + b"".join(
        b"b%d: &b%d {<<: [%s]}\n" % (n, n, b", ".join([b"*b%d" % (n - 1) if n else b"*a"] * 9))
        for n in range(9)
    ),
    "alias to itself": b"name: &a [*a]",
    "alias to nothing": b"name: *nowhere",
    "deep flow": b"name: " + b"[" * DEEP,
    "deep closed flow": b"name: " + b"[" * 5000 + b"]" * 5000,
    "deep block": b"".join(b" " * n + b"- \n" for n in range(600)),
    "deep mappings": b"name: " + b"{a: " * 5000,
    "list as key": b"? [a, b]\n: c",
    "mapping as key": b"? {a: b}\n: c",
    "null key": b"~: x",
    "number key": b"1: x",
    "twice": b"name: a\nname: b",
    "two documents": b"name: a\n---\nname: b",
    "nul": b"name: a\x00b",
    "escape": b'name: "\\e[2J\\e]0;pwned\\a"',
    "c1 control": b'name: "\\x9b31m"',
    "direction": 'name: "abc\u202egpj.exe"'.encode(),
    "isolate": 'title: "\u2066x"'.encode(),
    "lone surrogate": b'name: "\\ud800"',
    "latin 1": "name: caf\u00e9".encode("latin-1"),
    "utf 16": "name: x".encode("utf-16"),
    "mark at the beginning": b"\xef\xbb\xbfname: x",
    "huge number": b"name: " + b"9" * 6000,
    "huge float": b"window: 1e999999",
    "base 60": b"name: 1:" + b"59:" * 3000 + b"1",
    "merge of text": b"<<: text\nname: x",
    "too large": b"# " + b"x" * 2**20,
    "many values": b"name: [" + b"a, " * 110_000 + b"a]",
    "long line": b"name: " + b"x" * 400_000,
    "empty": b"",
    "a list": b"[name, title]",
    "a text": b"name",
    "json": b'{"name": "x", "title": ["y"]}',
    "tabs": b"name:\tx\n\ttitle: y",
    "only a comment": b"# nothing",
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "template": b"{{ 7 * 7 }}: {% include '/etc/passwd' %}",
    "shell": b"$(touch pwned)",
    "random": bytes(range(256)) * 20,
}


def case(called, **fields):
    """A valid case, with some fields said otherwise."""
    text = CASE.format(name=called).replace("signals:\n  -", "signals: [").replace("}}\n", "}}]\n")
    for key, value in fields.items():
        text = "\n".join(
            f"{key}: {json.dumps(value)}" if line.startswith(f"{key}:") else line
            for line in text.splitlines()
        )
    return text.encode()


# Cases with one hostile value each.
VALUES = {
    "name leads out": {"name": "../../pwned"},
    "name is absolute": {"name": "/tmp/pwned"},
    "place leads out": {"place": "../"},
    "time zone leads out": {"time_zone": "../../etc/passwd"},
    "time zone is absolute": {"time_zone": "/etc/localtime"},
    "entity leads out": {"entities": [{"id": "asn/../../x", "name": "x", "network": "mobile"}]},
    "dataset leads out": {
        "signals": [{"datasource": "ioda.bgp", "source": "published", "dataset": "../../x"}]
    },
    "facts lead out": {"signals": [{"datasource": "ioda.bgp", "source": "facts"}]},
    "file leads out": {
        "signals": [
            {
                "datasource": "own.x",
                "source": "csv",
                "options": {"file": "../../etc/passwd", "unit": "percent", "step": "1h"},
            }
        ]
    },
    "step is no step": {
        "signals": [
            {
                "datasource": "own.x",
                "source": "csv",
                "options": {"file": "a.csv", "unit": "percent", "step": "1e999h"},
            }
        ]
    },
    "window of all time": {"window": {"start": "0001-01-01T00:00Z", "end": "9999-12-31T00:00Z"}},
    "window of nothing": {"window": {"start": "2019-11-15T00:00Z", "end": "2019-11-15T00:00Z"}},
    "window is a list": {"window": [1, 2]},
    "options are deep": {
        "signals": [{"datasource": "ioda.bgp", "source": "service", "options": {"a": {"b": "c"}}}]
    },
    "unknown key": {"signals": [{"datasource": "ioda.bgp", "__class__": "x", "source": "service"}]},
    "an object for a text": {"title": {"a": 1}},
    "no text": {"title": ""},
}

# Series that cannot be one, or that can and do no harm.
SERIES = {
    "empty": b"",
    "header only": b"time,value\n",
    "nul": b"time,value\n2020-01-01,1\x00\n" * 5,
    "random": bytes(range(256)) * 20,
    "utf 16": "time,value\n2020-01-01,1\n".encode("utf-16"),
    "not a number": b"time,value\n2020-01-01,=cmd|' /C calc'!A0\n",
    "escape": b"time,value\n2020-01-01,\x1b[2J\x1b]0;pwned\x07\n",
    "escape in a header": b"\x1b[31mtime,\x1b]8;;http://example.org\x07value,z\n2020-01-01,1,2\n",
    "infinite": b"time,value\n" + b"".join(b"2020-01-%02d,inf\n" % (n + 1) for n in range(28)),
    "very large": b"time,value\n" + b"".join(b"2020-01-%02d,1e308\n" % (n + 1) for n in range(28)),
    "tiny": b"time,value\n" + b"".join(b"2020-01-%02d,5e-324\n" % (n + 1) for n in range(28)),
    "all missing": b"time,value\n" + b"".join(b"2020-01-%02d,\n" % (n + 1) for n in range(28)),
    "one row": b"time,value\n2020-01-01,1\n",
    "same time": b"time,value\n" + b"2020-01-01,1\n" * 30,
    "backwards": b"time,value\n" + b"".join(b"2020-01-%02d,1\n" % (28 - n) for n in range(28)),
    "far apart": b"time,value\n1700-01-01,1\n1700-01-02,1\n2260-01-01,1\n",
    "beyond time": b"time,value\n9999-12-31,1\n9999-12-30,2\n",
    "year nought": b"time,value\n0000-00-00,1\n",
    "ragged": b"time,value\n2020-01-01,1,2,3,4\n2020-01-02\n",
    "many columns": b",".join(b"c%d" % n for n in range(20_000)) + b"\n1\n",
    "open quote": b'time,value\n2020-01-01,"1\n' * 3,
    "long cell": b"time,value\n2020-01-01," + b"x" * 1_000_000 + b"\n",
    "twice the same column": b"time,value,value\n2020-01-01,1,2\n",
    "html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "zone names": b"time,value\n2020-01-01 00:00 Bogus/Zone,1\n",
    "gzip": b"\x1f\x8b\x08\x00" + b"\x00" * 100,
    "pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94.",
    "numpy": b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
}

_DIGEST = "0" * 64
_MANIFEST = {
    "case": "x",
    "version": "1.0.0",
    "digests": {
        "case": _DIGEST, "snapshot": "", "data": {}, "parameters": {}, "code": _DIGEST,
        "environment": _DIGEST,
    },
    "files": {},
    "machine": {"python": "3.11.7", "libraries": {}},
}  # fmt: skip
_FINDINGS = {"case": "x", "title": "x", "claims": [], "findings": []}


def _manifest(**changed):
    return {**_MANIFEST, **changed}


def _digests(**changed):
    return _manifest(digests={**_MANIFEST["digests"], **changed})


# Manifests of a version; each is told, none is followed.
MANIFESTS = {
    "no json": b"{",
    "a list": b"[]",
    "deep": b'{"case": ' + b"[" * DEEP,
    "deep and closed": b'{"case": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "huge number": b'{"case": ' + b"9" * 10_000 + b"}",
    "not a number": b'{"case": NaN}',
    "random": bytes(range(256)),
    "case leads out": _manifest(case="../../pwned"),
    "case is a list": _manifest(case=["x"]),
    "version leads out": _manifest(version="../1.0.0"),
    "version without end": _manifest(version="1" * 9999 + ".0.0"),
    "files are a list": _manifest(files=["report.html"]),
    "files lead out": _manifest(files={"../../../../etc/passwd": _DIGEST}),
    "files are absolute": _manifest(files={"/etc/passwd": _DIGEST}),
    "digests are a text": _manifest(digests="x"),
    "data lead out": _digests(data={"../../../pwned": _DIGEST}),
    "data are absolute": _digests(data={"/tmp/pwned": _DIGEST}),
    "data with a backslash": _digests(data={"..\\pwned": _DIGEST}),
    "data are a list": _digests(data=["x"]),
    "snapshot leads out": _digests(snapshot="../../../x"),
    "snapshot is a number": _digests(snapshot=7),
    "code is an option": _manifest(machine={"commit": "--output=/tmp/pwned", "libraries": {}}),
    "machine is a text": _manifest(machine="x"),
    "libraries are a list": _manifest(machine={"libraries": ["numpy"]}),
    "parameters are a list": _digests(parameters=[1]),
    "parameter is an option": _digests(parameters={"--reports": "/tmp/pwned"}),
    "escape": _manifest(case="\x1b[2J"),
    "keys without end": _manifest(files={f"f{n}": "x" for n in range(50_000)}),
}

FINDINGS = {
    "no json": b"{",
    "a list": b"[]",
    "deep": b'{"case": ' + b"[" * DEEP,
    "claims are a text": {**_FINDINGS, "claims": "x"},
    "a claim is a number": {**_FINDINGS, "claims": [7]},
    "a claim without an id": {**_FINDINGS, "claims": [{"verdict": "supported"}]},
    "a finding is none": {**_FINDINGS, "findings": [None]},
    "an id is a list": {**_FINDINGS, "findings": [{"id": ["x"], "value": 1}]},
    "a tolerance is a text": {**_FINDINGS, "findings": [{"id": "x", "tolerance": {"value": "x"}}]},
    "tolerances are a list": {**_FINDINGS, "tolerances": [1]},
    "infinite tolerance": b'{"case": "x", "claims": [], "findings": '
    b'[{"id": "x", "value": 1, "tolerance": {"value": 1e999}}]}',
}


def document(content):
    """A document as bytes."""
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def version(home, manifest=_MANIFEST, findings=_FINDINGS, number="1.0.0"):
    """The folder of a version."""
    folder = home / "x" / number
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(document(manifest))
    (folder / "findings.json").write_bytes(document(findings))
    (folder / "CHANGES.md").write_text("# 1.0.0\n")
    return folder


def _with(change):
    def make(folder):
        folder = version(folder)
        change(folder)
        return folder

    return make


def _piped(folder):
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")


# Folders that are no version: pipes, devices, links.
FOLDERS = {
    "a pipe inside": _with(lambda folder: os.mkfifo(folder / "pipe")),
    "a link out": _with(lambda folder: (folder / "passwd").symlink_to("/etc/passwd")),
    "a link to a device": _with(lambda folder: (folder / "zero").symlink_to("/dev/zero")),
    "a link in a circle": _with(lambda folder: (folder / "loop").symlink_to(folder)),
    "the manifest is a pipe": _with(_piped),
    "the manifest is a device": _with(
        lambda folder: (
            (folder / "manifest.json").unlink(),
            (folder / "manifest.json").symlink_to("/dev/zero"),
        )
    ),
    "the case is a device": _with(lambda folder: (folder / "case.yaml").symlink_to("/dev/zero")),
    "the case is a pipe": _with(lambda folder: os.mkfifo(folder / "case.yaml")),
}


def snapshots():
    """Archives by name: what makes each of them."""

    def zipped(write, **how):
        def make(path):
            with zipfile.ZipFile(path, "w", **how) as archive:
                write(archive)

        return make

    def link(archive):
        info = zipfile.ZipInfo("manifest.json")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")

    return {
        "empty": lambda path: path.write_bytes(b""),
        "random": lambda path: path.write_bytes(bytes(range(256)) * 50),
        "no manifest": zipped(lambda archive: archive.writestr("a", "b")),
        "leads out": zipped(lambda archive: archive.writestr("../../pwned", "b")),
        "absolute": zipped(lambda archive: archive.writestr("/tmp/pwned", "b")),
        "a link": zipped(link),
        "deep manifest": zipped(
            lambda archive: archive.writestr("manifest.json", '{"case": ' + "[" * DEEP)
        ),
        "a bomb": zipped(
            lambda archive: archive.writestr("manifest.json", b"\0" * 2**26),
            compression=zipfile.ZIP_DEFLATED,
        ),
        "many members": zipped(
            lambda archive: [archive.writestr(f"objects/{n:064x}.gz", "") for n in range(20_000)]
        ),
        "a pipe": os.mkfifo,
        "a device": lambda path: path.symlink_to("/dev/zero"),
        "a folder": lambda path: path.mkdir(),
    }
