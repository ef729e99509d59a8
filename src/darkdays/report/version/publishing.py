"""The folder of a version, made from a draft: complete, read-only, and never written to again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, Final

from darkdays.files import writing
from darkdays.report.findings.tolerance import tolerances_of
from darkdays.report.languages.catalogue import catalogue_of
from darkdays.report.languages.file_names import LANGUAGES
from darkdays.report.languages.pages import in_languages
from darkdays.report.page import page as pages
from darkdays.report.page.executed import cells_of
from darkdays.report.page.links import published_findings
from darkdays.report.page.page import page_of
from darkdays.report.page.paper_tables import tables_of
from darkdays.report.version.citation import authors_of, bibtex_of, citation_of
from darkdays.report.version.crate import METADATA, crate_of
from darkdays.report.version.draft import Draft
from darkdays.report.version.inputs_copy import ENVELOPE
from darkdays.report.version.provenance import code_digest, computation_digest, environment_digest
from darkdays.report.version.version import Change
from darkdays.report.version.version_folder import Published, changes_text, place

_DRAFT_ONLY: Final = frozenset({"draft.json", "report.html"})


def publish(draft: Draft, reports: Path, notebooks: Sequence[tuple[str, bytes]]) -> Published:
    """Give a draft its version and put it into ``reports/``, or point to an equal one.

    Parameters
    ----------
    draft
        Made by :func:`darkdays.report.version.build.write_draft`.
    reports
        Folder of all reports.
    notebooks
        Names and canonical bytes of the executed notebooks.

    Returns
    -------
    Published
        An existing version where nothing changed; it is never written to.
    """
    digests = digests_of(draft)
    return place(
        reports,
        draft.findings,
        digests,
        lambda change: contents_of(draft, change, digests, notebooks),
    )


def warm() -> None:
    """Make ready what every version takes, for whoever has a moment before one is published."""
    code_digest()
    pages.warm()
    for language in LANGUAGES:
        catalogue_of(language)


def digests_of(draft: Draft) -> dict[str, Any]:
    """Return what the report of a draft is made from: inputs, code, environment, tolerances."""
    envelope = draft.folder / ENVELOPE
    return {
        **draft.content["digests"],
        "code": code_digest(),
        "computation": computation_digest(),
        "environment": environment_digest(),
        "envelope": writing.sha256(envelope.read_bytes()) if envelope.is_file() else "",
    }


def contents_of(
    draft: Draft,
    change: Change,
    digests: dict[str, Any],
    notebooks: Sequence[tuple[str, bytes]],
    changes: bytes | None = None,
) -> dict[str, bytes]:
    """Return every file of a version but its manifest: the same draft, the same bytes.

    What the version says of its changes is taken from `changes` if that is given.
    """
    # A report in which nothing changed is in no need of it.
    from darkdays.report.page.pdf import pdf_of

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
    contents["findings.json"] = writing.json_text(document).encode()
    contents |= tables_of(document)
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
    names = draft.content["case"].get("names", {}).values()
    with ThreadPoolExecutor(1) as beside:  # typst sets the PDF on another core meanwhile
        pdf = beside.submit(
            pdf_of,
            page,
            draft.folder,
            title=draft.content["case"]["title"],
            version=change.version,
            author=authors_of(draft.content),
        )
        since, until = (
            date.fromisoformat(draft.content["case"][one]) for one in ("since", "until")
        )
        contents |= in_languages(page, "report.html", names, window=(since, until))
        contents["report.pdf"] = pdf.result()
    contents["CHANGES.md"] = changes_text(change).encode() if changes is None else changes
    contents["CITATION.bib"] = bibtex_of(draft.content, document).encode()
    contents["CITATION.cff"] = citation_of(draft.content, document).encode()
    contents[METADATA] = crate_of(draft.content, document, contents).encode()
    return contents
