"""What keeps a version as it was published: its manifest, and the list of all manifests.

``manifest.json`` holds the SHA-256 of every other file of a version; ``reports/SHA256SUMS`` holds
that of every manifest, in the form ``sha256sum --check`` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, writing
from darkdays.files.system_errors import cannot, is_passing
from darkdays.report.version.form import fault_of
from darkdays.report.version.version import numbers, versions

MANIFEST: Final = "manifest.json"
LEDGER: Final = "SHA256SUMS"
SWEPT: Final = "signals"
"""What the report of a sweep names as its data, where others name the files of a case."""
_LARGEST: Final = 256 * 2**20
_READ_ONLY: Final = 0o444


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a version.

    Raises
    ------
    InputError
        If the folder is no version of a report.
    DarkdaysError
        If its manifest is damaged.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(
            f"{folder} is no version of a report: it has no {MANIFEST}; "
            "give a folder such as reports/iran-2019/1.0.0."
        )
    return document_of(path)


def document_of(path: Path) -> dict[str, Any]:
    """Read a JSON file of a version.

    Raises
    ------
    DarkdaysError
        If it cannot be read, is no JSON, or what is read of it is not of its kind.
    """
    try:
        found: dict[str, Any] = bounded.json_of(bounded.bytes_of(path, _LARGEST))
    except OSError as error:
        raise cannot("read", path, error) from None
    except ValueError:
        raise DarkdaysError(f"{path.name} is damaged: it is no JSON any more.") from None
    if fault := fault_of(path.name, found):
        raise DarkdaysError(f"{path.name} is damaged: {fault} is not in its form any more.")
    return found


def wrong_files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that are not as published, name to ``changed``, ``missing`` or ``added``."""
    listed: Mapping[str, Any] = manifest["files"]
    present = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
    }
    wrong = {}
    for name in sorted({*listed, *present} - {MANIFEST}):
        if name not in present:
            wrong[name] = "missing"
        elif name not in listed:
            wrong[name] = "added"
        elif not _is_as_published(present[name], listed[name]):
            wrong[name] = "changed"
    return wrong


def protect(folder: Path) -> None:
    """Take away the right to write from every file of a version.

    The folders stay writable, so that git can still check out another commit.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.chmod(_READ_ONLY)


def ledger(reports: Path) -> dict[str, str]:
    """Return the digest of every listed manifest, by its path below ``reports/``."""
    try:
        text = bounded.text_of(reports / LEDGER, _LARGEST)
    except (OSError, ValueError, InputError) as error:
        if isinstance(error, OSError) and is_passing(error):
            raise cannot("read", reports / LEDGER, error) from None
        return {}
    return {
        name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())
    }


def enter(reports: Path) -> None:
    """List every version whose files are as published; a line that is there is never changed."""
    listed = ledger(reports)
    for home in sorted(path for path in reports.iterdir() if path.is_dir()):
        for version in versions(home):
            name = f"{home.name}/{version}/{MANIFEST}"
            if name not in listed and _is_whole(home / version):
                listed[name] = writing.sha256((reports / name).read_bytes())
    text = "".join(f"{listed[name]}  {name}\n" for name in sorted(listed, key=_order))
    path = reports / LEDGER
    if text and not writing.holds(path, text):
        writing.write_text(path, text)


def _is_as_published(path: Path, digest: Any) -> bool:
    try:
        return bool(bounded.sha256_of(path) == digest)
    except OSError as error:
        if is_passing(error):
            raise cannot("read", path, error) from None
        return False


def _is_whole(folder: Path) -> bool:
    try:
        return not wrong_files(folder, read_manifest(folder))
    except DarkdaysError:
        return False


def _order(name: str) -> tuple[str, tuple[int, ...]]:
    home, version, *_ = (*name.split("/"), "", "")
    try:
        return home, numbers(version)
    except DarkdaysError:
        return home, ()
