"""A snapshot as one file, to hand to another person."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from darkdays.archive.entry import Entry
from darkdays.archive.listing import MANIFEST, SHORT
from darkdays.archive.manifest import Manifest, parse_manifest, text_of
from darkdays.archive.snapshot import (
    IMPORTED,
    LARGEST_MANIFEST,
    WITHHELD,
    Snapshot,
    list_snapshots,
)
from darkdays.archive.store import Store, compress, expand
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, writing
from darkdays.files.system_errors import cannot

_OBJECT: Final = re.compile(r"objects/([0-9a-f]{64})\.gz")
# Wider than any study, and narrow enough not to fill a disk unasked.
LARGEST_BODY: Final = 2**30
LARGEST_TOTAL: Final = 20 * 2**30
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True)
class Exported:
    """What an export came to.

    Attributes
    ----------
    path
        The file.
    left_out
        Replies whose terms forbid passing them on: service and what was asked. They stay in the
        manifest with their digest.
    """

    path: Path
    left_out: tuple[str, ...]


def export_snapshot(
    snapshot: Snapshot,
    path: Path,
    *,
    private: bool = False,
    open_services: Collection[str] | None = None,
) -> Exported:
    """Write a snapshot as one zip file: the same snapshot, the same bytes.

    Parameters
    ----------
    snapshot
        What to export.
    path
        The file to write.
    private
        Include replies whose terms forbid passing them on: a copy for oneself.
    open_services
        Services whose replies may be passed on at all, whatever a manifest of somebody's says.

    Raises
    ------
    DarkdaysError
        If a reply is damaged or the file cannot be written.
    """
    replies = snapshot.replies()
    here = [one for one in snapshot.manifest.replies if one.request.key in replies]
    taken = {
        one.sha256: replies[one.request.key].body
        for one in here
        if private
        or (one.redistributable and (open_services is None or one.service in open_services))
    }
    left_out = tuple(one.words for one in snapshot.manifest.replies if one.sha256 not in taken)
    with writing.replacing(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        archive.writestr(stored(MANIFEST), text_of(snapshot.manifest))
        for digest in sorted(taken):
            archive.writestr(stored(f"objects/{digest}.gz"), compress(taken[digest]))
    return Exported(path, left_out)


def import_snapshot(folder: Path, path: Path) -> Snapshot:
    """Bring an exported snapshot into the folder of snapshots: all of it, or nothing.

    Parameters
    ----------
    folder
        The folder of snapshots.
    path
        A file :func:`export_snapshot` wrote; nothing in it is trusted.

    Raises
    ------
    InputError
        If the file is not what an export writes: other names, links, duplicates, digests that do
        not fit, more than the limits, replies missing that may be passed on, times that are none
        or lie ahead.
    """
    try:
        # A pipe or a device would be waited for, or never end.
        if stat.S_IFMT(path.stat().st_mode) not in {stat.S_IFREG, stat.S_IFDIR}:
            raise InputError(f"{path} is no plain file; give what export wrote.")
        with zipfile.ZipFile(path) as archive:
            return _import(Store(folder), archive, path.name)
    except OSError as error:
        raise cannot("read", path, error, kind=InputError) from None
    except bounded.DAMAGED_ZIP:
        raise InputError(
            f"{path.name} is no exported snapshot, or was damaged on its way; get it again."
        ) from None


def _import(store: Store, archive: zipfile.ZipFile, name: str) -> Snapshot:
    members = _members(archive, name)
    try:
        manifest = parse_manifest(archive.read(members[MANIFEST]), name)
    except DarkdaysError as error:
        raise InputError(str(error)) from None
    _check_times(manifest, name)
    listed = {one.sha256: one for one in manifest.replies}
    present = {found[1] for one in members if (found := _OBJECT.fullmatch(one))}
    if stray := sorted(present - listed.keys()):
        raise InputError(f"{name} holds {stray[0][:SHORT]}…, which its manifest does not list.")
    if sum(listed[digest].bytes for digest in present) > LARGEST_TOTAL:
        raise InputError(f"{name} holds more than {LARGEST_TOTAL // 2**30} GiB; export less.")
    withheld = []
    for one in manifest.replies:
        if one.sha256 not in present:
            if one.redistributable:
                raise InputError(f"{name} lacks the reply to {one.words}; get it again.")
            withheld.append(one.sha256)
    # Twice through: only when every body is as it should be is the first one written.
    for digest in sorted(present):
        _body(archive, members[f"objects/{digest}.gz"], listed[digest], name)
    for digest in sorted(present):
        store.put(_body(archive, members[f"objects/{digest}.gz"], listed[digest], name))
    return _settle(store.folder, manifest, withheld, name)


def _check_times(manifest: Manifest, name: str) -> None:
    """Refuse times that are none: by theirs a snapshot goes before all that are fetched later."""
    latest = datetime.now(UTC) + timedelta(days=1)
    for stated in (manifest.sealed, *(one.fetched for one in manifest.replies if one.fetched)):
        try:
            is_past = datetime.fromisoformat(stated) <= latest
        except (ValueError, TypeError):  # no time, or one without a zone
            is_past = False
        if not is_past:
            raise InputError(
                f"{name} states {stated[:40]!r} as a time of a fetch, which is none or lies ahead; "
                "nothing was imported."
            )


def _settle(folder: Path, manifest: Manifest, withheld: list[str], name: str) -> Snapshot:
    """Write the manifest, last of all, unless the snapshot is here already."""
    known = [one for one in list_snapshots(folder, manifest.case) if one.id == manifest.id]
    # Whoever has every body keeps being told when one goes missing.
    if known and (not known[0].withheld or known[0].withheld <= set(withheld)):
        return known[0]
    place = folder / manifest.id[:SHORT]
    if withheld:
        writing.write_text(place / WITHHELD, writing.json_text(sorted(set(withheld))))
    else:
        (place / WITHHELD).unlink(missing_ok=True)
    if not known:
        writing.write_text(place / IMPORTED, name)
    writing.write_text(place / MANIFEST, text_of(manifest))
    return Snapshot.open(folder, manifest.id)


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name, each of a kind an export writes."""
    found: dict[str, zipfile.ZipInfo] = {}
    for one in archive.infolist():
        # The raw name: the other one is cut at a null byte.
        shown = repr(one.orig_filename[:80])
        if one.orig_filename != MANIFEST and not _OBJECT.fullmatch(one.orig_filename):
            raise InputError(f"{name} holds {shown}, which no export writes; nothing was imported.")
        if one.orig_filename in found:
            raise InputError(f"{name} holds {shown} twice; nothing was imported.")
        kind = stat.S_IFMT(one.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or one.flag_bits & _ENCRYPTED:
            raise InputError(f"{name} holds {shown} as no plain file; nothing was imported.")
        largest = LARGEST_MANIFEST if one.orig_filename == MANIFEST else LARGEST_BODY
        # Stored members cannot blow up; bodies are compressed inside, and limited there.
        if one.compress_type != zipfile.ZIP_STORED or one.file_size > largest:
            raise InputError(f"{name} holds {shown} too large or packed; nothing was imported.")
        if one.file_size != one.compress_size:
            raise InputError(f"{name} holds {shown} of two lengths; nothing was imported.")
        found[one.orig_filename] = one
    if MANIFEST not in found:
        raise InputError(f"{name} has no manifest.json: it is no exported snapshot.")
    return found


def _body(archive: zipfile.ZipFile, member: zipfile.ZipInfo, entry: Entry, name: str) -> bytes:
    limit = min(entry.bytes, LARGEST_BODY)
    body = expand(archive.read(member), limit)
    if body is None or len(body) != entry.bytes or writing.sha256(body) != entry.sha256:
        raise InputError(
            f"{name} holds other bytes for {entry.words} than its manifest says; "
            "nothing was imported: get it again."
        )
    return body


def stored(name: str) -> zipfile.ZipInfo:
    """Return a member of a zip that is the same bytes everywhere, at any time.

    Nothing is packed, as is the default: another zlib packs otherwise.
    """
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system = 3  # Unix, also where it was not made there
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info
