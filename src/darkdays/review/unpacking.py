"""A published zip, unpacked into a folder of its own that is gone afterwards."""

from __future__ import annotations

import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from darkdays.archive.exchange import import_snapshot
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, paths, writing
from darkdays.files.system_errors import cannot
from darkdays.report.version.compare import DIFFERS, IDENTICAL, UNCOMPARED, Outcome
from darkdays.report.version.crate import METADATA
from darkdays.report.version.seal import MANIFEST
from darkdays.report.version.version import versions
from darkdays.review.attest import attested
from darkdays.review.packing import README, pack
from darkdays.review.signatures import signer_of, signers_file
from darkdays.review.verify.verification import Verification

PACKED: Final = "packed"
_LARGEST: Final = 2**30
_LARGEST_TOTAL: Final = 4 * 2**30
_LARGEST_SIGNATURE: Final = 2**16
_PACKED_BY: Final = "packed by"
_SAID_BY: Final = re.compile(rb"Packed by darkdays [\w.+]+")
_BY_PACKING: Final = (README, METADATA)


@dataclass(frozen=True)
class Unpacked:
    """A report to look at.

    Attributes
    ----------
    folder
        The version.
    snapshots
        Where its snapshot is.
    file
        The zip it came in, None of a folder.
    """

    folder: Path
    snapshots: Path
    file: Path | None = None


@contextmanager
def unpacked(report: Path, snapshots: Path) -> Iterator[Unpacked]:
    """Unpack a report if it is a zip; nothing beside it is written to.

    Parameters
    ----------
    report
        A folder, or what ``darkdays publish`` wrote.
    snapshots
        The folder of snapshots, used where the zip brings none.

    Raises
    ------
    InputError
        If it is an address, or a zip of something else: links, names that lead out, too much.
    """
    if str(report).startswith(("http:", "https:")):
        raise InputError(f"{report} is an address: download the file, then give its name.")
    if not report.is_file():
        yield Unpacked(report, snapshots)
        return
    with tempfile.TemporaryDirectory(prefix="darkdays-unpacked-") as scratch:
        home = Path(scratch)
        try:
            with zipfile.ZipFile(report) as archive:
                _extract(archive, home / "in", report.name)
        except bounded.DAMAGED_ZIP as error:
            if isinstance(error, OSError):
                raise cannot("read", report, error, kind=InputError) from None
            raise InputError(
                f"{report.name} is no published report, or was damaged on its way; get it again."
            ) from None
        found = [
            case / version
            for reports in (home / "in").glob("**/reports")
            for case in reports.iterdir()
            if case.is_dir()
            for version in versions(case)
            if (case / version / MANIFEST).is_file()
        ]
        if len(found) != 1:
            raise InputError(f"{report.name} holds {len(found)} reports; give one that holds one.")
        carried = sorted(found[0].parents[2].glob("snapshots/*.zip"))
        for one in carried:
            import_snapshot(home / "snapshots", one)
        yield Unpacked(found[0], home / "snapshots" if carried else snapshots, report)


def check_signed(found: Verification, report: Unpacked, signers: Path | None) -> Verification:
    """Add to a check of a report how it was packed, who signed it, and who checked it before.

    Parameters
    ----------
    found
        What checking the version came to.
    report
        The version, and the zip it came in.
    signers
        File of the signers that are trusted; looked for where it usually is if not given.
    """
    outcomes, notes = list(check_packing(report)), []
    trusted = signers_file(signers)
    signature = report.file and report.file.with_name(f"{report.file.name}.sig")
    if report.file and signature and signature.is_file():
        text = bounded.text_of(signature, _LARGEST_SIGNATURE)
        fits, words = signer_of(report.file.read_bytes(), text, trusted)
        if not fits:
            outcomes.append(Outcome(PACKED, signature.name, DIFFERS, words))
        notes.append(f"{report.file.name}: {words}")
    home = report.folder.parent if report.file is None else paths.reports() / found.case
    notes += attested(home, found.version, found.manifest, trusted)
    return replace(found, outcomes=(*found.outcomes, *outcomes), notes=(*found.notes, *notes))


def check_packing(report: Unpacked) -> Iterator[Outcome]:
    """Compare a zip with what packing the version in it gives; nothing of a folder."""
    if report.file is None:
        return
    with tempfile.TemporaryDirectory(prefix="darkdays-packed-") as scratch:
        try:
            again = pack(report.folder, report.snapshots, Path(scratch) / "again.zip").path
        except DarkdaysError as error:
            yield Outcome(PACKED, report.file.name, DIFFERS, str(error))
            return
        if again.read_bytes() == report.file.read_bytes():
            yield Outcome(PACKED, report.file.name, IDENTICAL)
            return
        old, new = (_digests(one) for one in (report.file, again))
    odd = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    others = old.get(_PACKED_BY) != new.get(_PACKED_BY)
    for name in sorted({*odd} - {_PACKED_BY}) or [report.file.name]:
        told = name.rpartition("/")[2] in _BY_PACKING and name.count("/") <= 1
        if others and told:
            yield Outcome(PACKED, name, UNCOMPARED, "another version of darkdays packed it")
        else:
            yield Outcome(PACKED, name, DIFFERS, "packing the version again gives another file")


def _digests(path: Path) -> dict[str, str]:
    """Return the digests of what a zip holds, and what it says of the program that packed it."""
    with zipfile.ZipFile(path) as archive:
        contents = {one: archive.read(one) for one in archive.namelist()}
    readme = b"".join(v for k, v in contents.items() if k.endswith(README) and k.count("/") <= 1)
    said = _SAID_BY.search(readme)
    found = {name: writing.sha256(content) for name, content in contents.items()}
    return {**found, _PACKED_BY: said[0].decode("utf-8", "replace") if said else ""}


def _extract(archive: zipfile.ZipFile, to: Path, name: str) -> None:
    members = [one for one in archive.infolist() if not one.is_dir()]
    if sum(one.file_size for one in members) > _LARGEST_TOTAL:
        raise InputError(f"{name} holds more than {_LARGEST_TOTAL // 2**30} GiB.")
    seen: set[str] = set()
    for one in members:
        shown = repr(one.orig_filename[:80])
        kind = stat.S_IFMT(one.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or not bounded.is_inside(one.orig_filename):
            raise InputError(f"{name} holds {shown}, which is no plain file inside it.")
        if one.file_size > _LARGEST or one.orig_filename.casefold() in seen:
            raise InputError(f"{name} holds {shown} twice, or too large.")
        seen.add(one.orig_filename.casefold())
        with archive.open(one) as member:
            content = member.read(one.file_size + 1)
        writing.write_bytes(to / one.orig_filename, content)
