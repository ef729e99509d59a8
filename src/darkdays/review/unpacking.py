"""A published zip, unpacked into a folder of its own that is gone afterwards."""

from __future__ import annotations

import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from darkdays.errors import InputError
from darkdays.files import bounded, writing
from darkdays.files.system_errors import cannot
from darkdays.report.version.seal import MANIFEST
from darkdays.report.version.version import versions

_LARGEST: Final = 2**30
_LARGEST_TOTAL: Final = 4 * 2**30
_MOST_FILES: Final = 10_000
_MOST_TIMES: Final = 100
"""What a file may unpack to, of its own size: what is published is not packed at all."""


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
                _extract(archive, home / "in", report.name, report.stat().st_size)
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
        if carried:
            from darkdays.archive.exchange import import_snapshot
        for one in carried:
            import_snapshot(home / "snapshots", one)
        yield Unpacked(found[0], home / "snapshots" if carried else snapshots, report)


def _extract(archive: zipfile.ZipFile, to: Path, name: str, size: int) -> None:
    members = [one for one in archive.infolist() if not one.is_dir()]
    total = sum(one.file_size for one in members)
    if len(members) > _MOST_FILES or total > min(_LARGEST_TOTAL, _MOST_TIMES * size):
        raise InputError(f"{name} would unpack to more than a published report holds.")
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
