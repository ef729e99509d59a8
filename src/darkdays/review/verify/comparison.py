"""A version beside what came out when it was run again: everything in it, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError
from darkdays.files import writing
from darkdays.files.bounded import bytes_of
from darkdays.report.findings.tolerance import tolerances_of
from darkdays.report.languages.file_names import named
from darkdays.report.version.compare import (
    DIFFERS,
    PART,
    Outcome,
    compare_findings,
    without_added,
    worst,
)
from darkdays.report.version.publishing import digests_of
from darkdays.report.version.seal import document_of
from darkdays.review.rerun.code import Code
from darkdays.review.rerun.rerun import Rerun
from darkdays.review.verify.cells import compare_notebooks
from darkdays.review.verify.digests import check_digests
from darkdays.review.verify.pages import Parts, compare_pages
from darkdays.review.verify.pictures import compare_figure

_FINDINGS: Final = "findings.json"
_LARGEST: Final = 256 * 2**20


def confront(
    folder: Path,
    manifest: Mapping[str, Any],
    made: Rerun,
    *,
    code: Code,
    same_libraries: bool,
    measured: bytes | None = None,
    earlier: Path | None = None,
) -> list[Outcome]:
    """Compare a version with what was made from the same inputs again.

    Parameters
    ----------
    folder, manifest
        The version.
    made
        What came out.
    code
        What it was made with: pages are laid out again, and digests compared, by the code that is
        running only.
    same_libraries
        Whether pictures were drawn by the same versions of the libraries.
    measured
        The envelope that says how much may differ: this checkout's, never the report's own.
    earlier
        Where the version before it is looked for; beside it if not given.
    """
    stored = read_all(folder)
    allowed = tolerances_of(measured, manifest["digests"])
    yardstick = {
        "tolerances": allowed.document,
        "findings": [
            {"id": one["id"], "tolerance": allowed.of(one["id"])}
            for one in made.draft.findings["findings"]
        ],
    }
    try:
        document = document_of(folder / _FINDINGS)
        found = compare_findings(document, made.draft.findings, yardstick)
        if _shape(_own(document)) != _shape(_own(made.draft.findings)):
            found.append(Outcome(PART, _FINDINGS, DIFFERS, "what is in it has another form"))
        if writing.json_text(document).encode() != stored[_FINDINGS]:
            found.append(Outcome(PART, _FINDINGS, DIFFERS, "how it is written"))
    except (DarkdaysError, KeyError, TypeError, AttributeError) as error:
        document = {}
        words = str(error) if isinstance(error, DarkdaysError) else "it is not in its form"
        found = [Outcome(PART, _FINDINGS, DIFFERS, words)]
    figures = list(_figures(stored, made, allowed.figures, same_libraries))
    cells = compare_notebooks(notebooks_of(stored), made.notebooks)
    again = [*found, *figures, *cells]
    if not code.is_running:
        return again
    parts = Parts(worst(found), {one.name: one.outcome for one in figures}, worst(cells))
    return [
        *again,
        *check_digests(manifest["digests"], digests_of(made.draft)),
        *compare_pages(
            manifest,
            made,
            stored,
            parts,
            earlier=earlier or folder.parent,
        ),
    ]


def _own(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a findings document without what publishing adds."""
    kept = {key: value for key, value in document.items() if key not in {"version", "tolerances"}}
    return {**kept, "findings": [without_added(one) for one in document["findings"]]}


def _shape(value: Any) -> Any:
    """Return the form of a document, without its values: two items of one name are two."""
    if isinstance(value, Mapping):
        return {key: _shape(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shape(one) for one in value]
    # 1000 is not 1000.0, and 12:00 not 12:00:00.
    return type(value), len(value) if isinstance(value, str) else None


def notebooks_of(stored: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """Return the executed notebooks among the files of a version."""
    prefix = "notebooks/"
    return [(k.removeprefix(prefix), v) for k, v in stored.items() if k.startswith(prefix)]


def read_all(folder: Path) -> dict[str, bytes]:
    """Return every file of a version by name."""
    return {
        path.relative_to(folder).as_posix(): bytes_of(path, _LARGEST)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def _figures(
    stored: Mapping[str, bytes], made: Rerun, measured: Mapping[str, float], same_libraries: bool
) -> Iterator[Outcome]:
    drawn = read_all(made.draft.folder / "figures")
    before, after = _by_name(stored, "figures/"), _by_name(drawn, "")
    for name in sorted({*before, *after}):
        yield compare_figure(
            name,
            before.get(name, {}),
            after.get(name, {}),
            same_libraries=same_libraries,
            tolerance=float(measured.get(name, 0.0)),
        )


def _by_name(contents: Mapping[str, bytes], prefix: str) -> dict[str, dict[str, bytes]]:
    found: dict[str, dict[str, bytes]] = {}
    for path, content in contents.items():
        one = named(path.removeprefix(prefix))
        # One in another language is made from the page, and compared with that.
        if path.startswith(prefix) and not one.language:
            found.setdefault(one.of, {})[one.kind] = content
    return found
