"""How a report was packed, who signed it, and who put on record that they checked it."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from darkdays.errors import DarkdaysError
from darkdays.files import bounded, paths, writing
from darkdays.report.version.compare import DIFFERS, IDENTICAL, UNCOMPARED, Outcome
from darkdays.report.version.crate import METADATA
from darkdays.review.attest import attested
from darkdays.review.packing import README, pack
from darkdays.review.signatures import signer_of, signers_file
from darkdays.review.unpacking import Unpacked
from darkdays.review.verify.verification import Verification

PACKED: Final = "packed"
_LARGEST_SIGNATURE: Final = 2**16
_PACKED_BY: Final = "packed by"
_SAID_BY: Final = re.compile(rb"Packed by darkdays [\w.+]+")
_BY_PACKING: Final = (README, METADATA)


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
    if others:
        words = "another version of darkdays packed it: what lies between its files"
        yield Outcome(PACKED, report.file.name, UNCOMPARED, words)
    for name in sorted({*odd} - {_PACKED_BY}) or [report.file.name] * (not others):
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
