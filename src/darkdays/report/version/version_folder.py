"""The folder of a version: one at a time, whole or not at all, read-only, and listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkdays.files import writing
from darkdays.files.staging import locked, remove_abandoned, staging
from darkdays.files.system_errors import cannot
from darkdays.report.page.index import write_index
from darkdays.report.version.provenance import machine
from darkdays.report.version.seal import MANIFEST, enter, protect
from darkdays.report.version.version import Change, next_version


@dataclass(frozen=True)
class Published:
    """Where the report of a run is, and whether a new version was made for it."""

    folder: Path
    change: Change

    @property
    def page(self) -> Path:
        """The page to open."""
        return self.folder / "report.html"


def place(
    reports: Path,
    findings: Mapping[str, Any],
    digests: dict[str, Any],
    contents_of: Callable[[Change], dict[str, bytes]],
) -> Published:
    """Give findings their version and put it into ``reports/``, or point to an equal one.

    Parameters
    ----------
    reports
        Folder of all reports.
    findings
        The findings document, which names its ``case``.
    digests
        What it was made from.
    contents_of
        Makes every file of a new version but its manifest, by name.

    Returns
    -------
    Published
        An existing version where nothing changed; it is never written to.

    Raises
    ------
    DarkdaysError
        If the folder cannot be written to.
    """
    home = reports / findings["case"]
    try:
        # Two runs that end together give their reports one version after the other.
        with locked(reports):
            remove_abandoned(home, deep=False)
            change = next_version(home, dict(findings), digests)
            target = home / change.version
            if change.is_new:
                contents = contents_of(change)
                contents[MANIFEST] = _manifest(findings["case"], change, digests, contents)
                _write(target, contents)
            enter(reports)
            write_index(reports)
            return Published(target, change)
    except OSError as error:
        raise cannot("write", home, error, "--reports") from None


def changes_text(change: Change) -> str:
    """Return what ``CHANGES.md`` of a version says."""
    before = f"Against {change.previous}:" if change.previous else "Nothing before it."
    return "\n".join(
        [f"# {change.version}", "", before, "", *(f"- {one}" for one in change.reasons), ""]
    )


def _write(target: Path, contents: Mapping[str, bytes]) -> None:
    with staging(target.parent) as folder:
        staged = folder / target.name
        for name in sorted(contents):
            path = staged / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[name])
        protect(staged)
        staged.rename(target)


def _manifest(
    case: str, change: Change, digests: Mapping[str, Any], contents: Mapping[str, bytes]
) -> bytes:
    manifest = {
        "case": case,
        "version": change.version,
        "digests": digests,
        "files": {name: writing.sha256(contents[name]) for name in sorted(contents)},
        "machine": machine(),
    }
    return writing.json_text(manifest).encode()
