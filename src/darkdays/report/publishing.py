"""The folder of a version, made from a draft: complete, read-only, and never written to again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from darkdays import files
from darkdays.errors import DarkdaysError
from darkdays.report.build import Draft
from darkdays.report.carried import ENVELOPE
from darkdays.report.citation import citation_of
from darkdays.report.crate import METADATA, crate_of
from darkdays.report.executed import cells_of
from darkdays.report.index import write_index
from darkdays.report.links import published_findings
from darkdays.report.page import page_of
from darkdays.report.pdf import pdf_of
from darkdays.report.provenance import (
    code_digest,
    computation_digest,
    environment_digest,
    machine,
)
from darkdays.report.seal import MANIFEST, enter, protect
from darkdays.report.tolerance import tolerances_of
from darkdays.report.version import Change, next_version

_DRAFT_ONLY: Final = frozenset({"draft.json", "report.html"})


@dataclass(frozen=True)
class Published:
    """Where the report of a run is, and whether a new version was made for it."""

    folder: Path
    change: Change

    @property
    def page(self) -> Path:
        """The page to open."""
        return self.folder / "report.html"


def publish(draft: Draft, reports: Path, notebooks: Sequence[tuple[str, bytes]]) -> Published:
    """Give a draft its version and put it into ``reports/``, or point to an equal one.

    Parameters
    ----------
    draft
        Made by :func:`darkdays.report.build.write_draft`.
    reports
        Folder of all reports.
    notebooks
        Names and canonical bytes of the executed notebooks.

    Returns
    -------
    Published
        An existing version where nothing changed; it is never written to.
    """
    home = reports / draft.findings["case"]
    digests = digests_of(draft)
    try:
        # Two runs that end together give their reports one version after the other.
        with files.locked(reports):
            return _publish(draft, home, digests, notebooks)
    except OSError as error:
        raise _cannot_write(home, error) from None


def _publish(
    draft: Draft, home: Path, digests: dict[str, Any], notebooks: Sequence[tuple[str, bytes]]
) -> Published:
    files.remove_abandoned(home, ".*.partial")
    change = next_version(home, draft.findings, digests)
    target = home / change.version
    if change.is_new:
        staged = home / f".{change.version}.{os.getpid()}.partial"
        try:
            contents = contents_of(draft, change, digests, notebooks)
            contents[MANIFEST] = _manifest(draft, change, digests, contents)
            for name in sorted(contents):
                path = staged / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(contents[name])
            protect(staged)
            staged.rename(target)
        except OSError as error:
            raise _cannot_write(target, error) from None
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    enter(home.parent)
    write_index(home.parent)
    return Published(target, change)


def _cannot_write(place: Path, error: OSError) -> DarkdaysError:
    return DarkdaysError(
        f"cannot write {place}: {error.strerror or error}; "
        "free the disk or choose another folder with --reports."
    )


def digests_of(draft: Draft) -> dict[str, Any]:
    """Return what the report of a draft is made from: inputs, code, environment, tolerances."""
    envelope = draft.folder / ENVELOPE
    return {
        **draft.content["digests"],
        "code": code_digest(),
        "computation": computation_digest(),
        "environment": environment_digest(),
        "envelope": files.sha256(envelope.read_bytes()) if envelope.is_file() else "",
    }


def contents_of(
    draft: Draft,
    change: Change,
    digests: dict[str, Any],
    notebooks: Sequence[tuple[str, bytes]],
) -> dict[str, bytes]:
    """Return every file of a version but its manifest: the same draft, the same bytes."""
    contents = {f"notebooks/{name}": content for name, content in notebooks}
    for path in sorted(draft.folder.rglob("*")):
        name = path.relative_to(draft.folder).as_posix()
        if path.is_file() and name not in _DRAFT_ONLY:
            contents[name] = path.read_bytes()
    cells = cells_of(notebooks)
    lists = draft.content["lists"]
    document = published_findings(
        draft.findings,
        version=change.version,
        tolerances=tolerances_of(contents.get(ENVELOPE), digests),
        cells=cells,
        sources=draft.content["sources"],
        counted=[one["id"] for one in lists["numbers"]] if lists else [],
    )
    contents["findings.json"] = files.json_text(document).encode()
    page = page_of(
        draft.folder,
        draft.content,
        change.version,
        findings=document,
        digests=digests,
        notebooks=[name for name, _ in notebooks],
        cells=cells,
    )
    contents["report.html"] = page.encode()
    contents["report.pdf"] = pdf_of(
        page, draft.folder, title=draft.content["case"]["title"], version=change.version
    )
    contents["CHANGES.md"] = _changes(change).encode()
    contents["CITATION.cff"] = citation_of(draft.content, document).encode()
    contents[METADATA] = crate_of(draft.content, document, contents).encode()
    return contents


def _manifest(
    draft: Draft, change: Change, digests: dict[str, Any], contents: dict[str, bytes]
) -> bytes:
    manifest = {
        "case": draft.findings["case"],
        "version": change.version,
        "digests": digests,
        "files": {name: files.sha256(contents[name]) for name in sorted(contents)},
        "machine": machine(),
    }
    return files.json_text(manifest).encode()


def _changes(change: Change) -> str:
    before = f"Against {change.previous}:" if change.previous else "Nothing before it."
    return "\n".join(
        [f"# {change.version}", "", before, "", *(f"- {one}" for one in change.reasons), ""]
    )
