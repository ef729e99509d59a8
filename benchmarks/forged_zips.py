"""Forgeries of the zip a report is handed on as: its structure, its members, what lies between.

Each takes the bytes of an honest zip and returns those of a forged one. :mod:`forgeries` runs them.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import Final

Members = list[tuple[zipfile.ZipInfo, bytes]]
_LOCAL: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"


def members(content: bytes) -> Members:
    """Return what a zip holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(one, archive.read(one)) for one in archive.infolist()]


def zipped(found: Members, comment: bytes = b"") -> bytes:
    """Return a zip of members as they are stated."""
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        for info, content in found:
            archive.writestr(info, content)
        archive.comment = comment
    return to.getvalue()


def each(change: Callable[[zipfile.ZipInfo], object]) -> Callable[[bytes], bytes]:
    """Return a forgery of what is said of a member."""

    def forge(content: bytes) -> bytes:
        found = members(content)
        change(found[len(found) // 2][0])
        return zipped(found)

    return forge


def more(name: str, content: bytes = b"forged", mode: int = stat.S_IFREG | 0o644, *, top: bool = True) -> Callable[[bytes], bytes]:  # fmt: skip  # noqa: E501
    """Return a forgery that adds a member."""

    def forge(whole: bytes) -> bytes:
        found = members(whole)
        place = found[0][0].filename.partition("/")[0] + "/" if top else ""
        info = zipfile.ZipInfo(f"{place}{name}", (1980, 1, 1, 0, 0, 0))
        info.create_system, info.external_attr = 3, mode << 16
        return zipped([*found, (info, content)])

    return forge


def rewritten(name: str, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Return a forgery of one member beside the version."""

    def forge(content: bytes) -> bytes:
        return zipped(
            [
                (one, body.replace(old, new) if one.filename.endswith(name) else body)
                for one, body in members(content)
            ]
        )

    return forge


def again(content: bytes) -> bytes:
    """Give a second body to a name that is there."""
    found = members(content)
    twice = zipfile.ZipInfo(found[-1][0].filename, (1980, 1, 1, 0, 0, 0))
    return zipped([*found, (twice, b"forged")])


def moved(content: bytes) -> bytes:
    """Give everything another top folder."""
    found = members(content)
    for one, _ in found:
        one.filename = f"approved/{one.filename.partition('/')[2]}"
    return zipped(found)


def patched(mark: bytes, at: int, size: int) -> Callable[[bytes], bytes]:
    """Return a forgery of some bytes of a header."""

    def forge(content: bytes) -> bytes:
        place = content.rindex(mark) + at
        bits = bytes(one ^ 1 for one in content[place : place + size])
        return content[:place] + bits + content[place + size :]

    return forge


def between(content: bytes) -> bytes:
    """Hide bytes between the last member and the list of all."""
    place = content.index(_CENTRAL)
    end = content.rindex(b"PK\x05\x06")
    (start,) = struct.unpack("<I", content[end + 16 : end + 20])
    hidden = b"The Guards ordered it."
    tail = content[end : end + 16] + struct.pack("<I", start + len(hidden)) + content[end + 20 :]
    return content[:place] + hidden + content[place:end] + tail


def bomb(content: bytes) -> bytes:
    """Add a member that unpacks to a gibibyte."""
    found = members(content)
    to = io.BytesIO(zipped(found))
    with (
        zipfile.ZipFile(to, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("bomb", "w", force_zip64=True) as member,
    ):
        for _ in range(1024):
            member.write(bytes(2**20))
    return to.getvalue()


def overlapping(content: bytes) -> bytes:
    """List the first member many times under other names."""
    found = members(content)
    end = content.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", content[end + 12 : end + 20])
    entry = content[start : start + 46 + len(found[0][0].filename.encode())]
    grown = content[start : start + size] + entry * 500
    count = len(found) + 500
    tail = content[end : end + 8] + struct.pack("<HHII", count, count, len(grown), start)
    return content[:start] + grown + tail + content[end + 20 :]


def packed(found: Members) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Go through members, to be packed."""
    for info, content in found:
        info.compress_type = zipfile.ZIP_DEFLATED
        yield info, content


ZIPS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "zip: a comment": lambda content: zipped(members(content), b"forged"),
    "zip: a comment of a member": each(lambda one: setattr(one, "comment", b"forged")),
    "zip: an extra field": each(lambda one: setattr(one, "extra", b"\xfe\xca\x02\0ab")),
    "zip: another mode": each(lambda one: setattr(one, "external_attr", 0o100755 << 16)),
    "zip: a folder's attributes": each(lambda one: setattr(one, "external_attr", 0x10)),
    "zip: another system": each(lambda one: setattr(one, "create_system", 0)),
    "zip: another time": each(lambda one: setattr(one, "date_time", (2019, 11, 16, 0, 0, 0))),
    "zip: packed": lambda content: zipped(list(packed(members(content)))),
    "zip: another order": lambda content: zipped(members(content)[::-1]),
    "zip: ahead of it": lambda content: b"#!/bin/sh\necho forged\n" + content,
    "zip: behind it": lambda content: content + b"forged",
    "zip: between its members": between,
    "zip: cut": lambda content: content[:-30],
    "zip: a name twice": again,
    "zip: another top folder": moved,
    "zip: a wrong sum": patched(_CENTRAL, 16, 4),
    "zip: a wrong sum ahead": patched(_LOCAL, 14, 4),
    "zip: another name ahead": patched(_LOCAL, 30, 1),
    "zip: encrypted": patched(_CENTRAL, 8, 1),
    "zip: unknown packing": patched(_CENTRAL, 10, 1),
    "zip: a bomb": bomb,
    "zip: members on each other": overlapping,
    "zip: README": rewritten("/README.md", b"Python", b"Guards and Python"),
    "zip: README of another program": rewritten(
        "/README.md", b"Packed by darkdays ", b"Ordered by the Guards. Packed by darkdays 9"
    ),
    "zip: its metadata": rewritten("/ro-crate-metadata.json", b"sha256", b"sha512"),
    "zip: its list": rewritten("/SHA256SUMS", b"  ", b" *"),
    "zip: a link": more("reports/x", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "zip: a device": more("reports/x", b"", stat.S_IFCHR | 0o644),
    "zip: out of it": more("../out.txt"),
    "zip: from the root": more("/etc/out.txt", top=False),
    "zip: another drive": more("C:/out.txt", top=False),
    "zip: another separator": more("a\\b"),
    "zip: another case": more("readme.MD"),
    "zip: a letter that looks alike": more("RE\u0410DME.md"),
    "zip: letters turned around": more("report\u202elmth.exe"),
    "zip: a zip": more("more.zip", zipped([(zipfile.ZipInfo("a"), b"forged")])),
    "zip: a snapshot": more("snapshots/0123456789ab.zip"),
    "zip: a signature": more("x.sig"),
    "zip: code": more("src/darkdays/__init__.py"),
    "zip: an empty folder": more("approved/", b"", stat.S_IFDIR | 0o755),
    "zip: beside it": more("forged.txt", top=False),
    "zip: a second report": more("reports/iran-2019/9.9.9/manifest.json", b"{}"),
}
