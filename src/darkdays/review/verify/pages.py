"""The pages of a version, laid out again from its parts and compared byte by byte."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from typst import TypstError

from darkdays.case.file import parse_yaml, read_text
from darkdays.errors import DarkdaysError
from darkdays.files import writing
from darkdays.files.bounded import json_of
from darkdays.report.languages.file_names import KINDS, language_of, named
from darkdays.report.page.pdf import pdf_of
from darkdays.report.version.citation import authors_of
from darkdays.report.version.compare import (
    DIFFERS,
    IDENTICAL,
    PART,
    UNCOMPARED,
    WITHIN,
    Outcome,
    compare,
    without_added,
)
from darkdays.report.version.crate import METADATA, crate_of
from darkdays.report.version.draft import Draft
from darkdays.report.version.inputs_copy import CASE
from darkdays.report.version.json_values import texts_are_close
from darkdays.report.version.provenance import code_digest
from darkdays.report.version.publishing import contents_of
from darkdays.report.version.seal import MANIFEST
from darkdays.report.version.version import Change, next_version
from darkdays.review.rerun.rerun import Rerun
from darkdays.review.verify.digests import FILE

PAGE: Final = "page"
_FINDINGS: Final = "findings.json"
_PDF: Final = "report.pdf"
_CHANGES: Final = "CHANGES.md"
_TEXTS: Final = (".html", ".json", ".cff", ".md", ".yaml")
_OF_A_VERSION: Final = ("version", "tolerances")
_UNSET: Final = (KeyError, ValueError, OSError, DarkdaysError, TypstError)


@dataclass(frozen=True)
class Parts:
    """How the parts of a version compared with what was made again.

    Attributes
    ----------
    findings, notebooks
        The gravest outcome of each.
    figures
        The outcome of each, by name.
    """

    findings: str
    figures: Mapping[str, str]
    notebooks: str


def compare_pages(
    manifest: Mapping[str, Any],
    made: Rerun,
    stored: Mapping[str, bytes],
    parts: Parts,
    *,
    earlier: Path,
) -> Iterator[Outcome]:
    """Lay every page of a version out again and compare it with the one that is there.

    A part that agreed within tolerance is taken from the version, so that its last digit does not
    make the page another one; any other part is what came out.

    Parameters
    ----------
    manifest, stored
        The version and its files.
    made
        What came out when it was run again.
    parts
        How each part compared.
    earlier
        The folder of versions to look for the one before it in; without that, what it says of its
        changes cannot be made again.
    """
    version, digests = str(manifest["version"]), dict(manifest["digests"])
    draft = _draft(made, stored, parts)
    typst = _typst(manifest)
    notebooks = made.notebooks
    if parts.notebooks == WITHIN:
        notebooks = tuple((name, stored[f"notebooks/{name}"]) for name, _ in notebooks)
    change = _change(earlier, version, made, digests)
    told = stored.get(_CHANGES) if not change.reasons else None
    rebuilt = contents_of(draft, change, digests, notebooks, told)
    if rebuilt[_PDF] != stored.get(_PDF):
        rebuilt[_PDF] = _set_again(stored, draft, version)
    if digests["code"] != code_digest() and not any(map(language_of, stored)):
        # What made it may have known no other language.
        rebuilt = {k: v for k, v in rebuilt.items() if not language_of(k)}
    told_of = {k: v for k, v in rebuilt.items() if k != METADATA}
    if typst and _PDF in stored:  # its digest is in the crate
        told_of[_PDF] = stored[_PDF]
    redrawn = {name for name in rebuilt if _is_redrawn(name, parts) and name in stored}
    told_of |= {name: stored[name] for name in redrawn}
    document = json.loads(rebuilt[_FINDINGS])
    rebuilt[METADATA] = crate_of(draft.content, document, told_of).encode()
    added = _added(_document(stored), json.loads(rebuilt[_FINDINGS]))
    yield added
    if {parts.findings, added.outcome} == {IDENTICAL} and rebuilt[_FINDINGS] != stored[_FINDINGS]:
        yield Outcome(PART, _FINDINGS, DIFFERS, "how it is written, not what it says")
    for name in sorted(rebuilt):
        if name == _CHANGES and not change.reasons:
            yield Outcome(PAGE, name, UNCOMPARED, "the version before it is not here")
        elif name in redrawn and stored[name] != rebuilt[name]:
            words = "its letters are set by other libraries, as those of its figure"
            yield Outcome(PAGE, name, UNCOMPARED, words)
        elif language_of(name) or not (
            name == _FINDINGS or name.startswith(("figures/", "notebooks/"))
        ):
            yield _compared(name, stored.get(name), rebuilt[name], typst)
    for name in sorted(stored.keys() - rebuilt.keys() - {MANIFEST, _CHANGES}):
        yield Outcome(FILE, name, DIFFERS, "running it again makes no such file")


def _typst(manifest: Mapping[str, Any]) -> str:
    """Return the version of typst a report states, empty where it is the one here."""
    try:
        stated = str(manifest["machine"]["libraries"]["typst"])
    except (KeyError, TypeError):
        return ""
    return "" if stated == metadata.version("typst") else stated


def _is_redrawn(name: str, parts: Parts) -> bool:
    """Whether a figure in another language is one of those that other libraries drew."""
    one = named(name.removeprefix("figures/"))
    return bool(one.language) and parts.figures.get(one.of) == UNCOMPARED


def set_ahead(folder: Path, version: str) -> None:
    """Set the PDF of a version from its own page: where the same comes out again, it is there.

    Parameters
    ----------
    folder, version
        The version, whose files are as its manifest says.
    """
    try:
        case = parse_yaml(read_text(folder / CASE), folder / CASE)
        page = (folder / "report.html").read_text(encoding="utf-8")
        title, author = case["title"], authors_of({"case": case})
        pdf_of(page, folder, title=title, version=version, author=author)
    except (*_UNSET, TypeError, AttributeError):
        return  # the page that comes out is set


def _set_again(stored: Mapping[str, bytes], draft: Draft, version: str) -> bytes:
    """Set the PDF from the version's own page and pictures, which are compared by themselves."""
    for name, content in stored.items():
        if name.startswith("figures/") and name.endswith(".svg"):
            writing.write_bytes(draft.folder / name, content)
    title, author = draft.content["case"]["title"], authors_of(draft.content)
    try:
        page = stored["report.html"].decode()
        return pdf_of(page, draft.folder, title=title, version=version, author=author)
    except _UNSET:
        return b""  # a page that cannot be set is found to be another one


def _compared(name: str, before: bytes | None, after: bytes, typst: str) -> Outcome:
    if before == after:
        return Outcome(PAGE, name, IDENTICAL)
    if before is not None and name.endswith(_TEXTS):
        texts = [one.decode("utf-8", "replace") for one in (before, after)]
        if texts_are_close(*texts):
            return Outcome(PAGE, name, WITHIN, "last digits of its numbers")
    if before is not None and name == _PDF and typst:
        # Any version can be stated, so this is no agreement; and no fault of an honest report.
        words = (
            f"it states to be set by typst {typst[:20]}, here is {metadata.version('typst')}, and "
            "whatever it shows may differ from the page: go by that, or check with its typst"
        )
        return Outcome(PAGE, name, UNCOMPARED, words)
    return Outcome(PAGE, name, DIFFERS, "it is laid out otherwise, or says something else")


def _draft(made: Rerun, stored: Mapping[str, bytes], parts: Parts) -> Draft:
    folder = made.draft.folder.with_name("report-again")
    shutil.copytree(made.draft.folder, folder)
    for name, outcome in parts.figures.items():
        if outcome in {WITHIN, UNCOMPARED}:
            for path in (f"figures/{name}.{kind}" for kind in KINDS):
                if path in stored:
                    writing.write_bytes(folder / path, stored[path])
    if parts.findings != WITHIN:
        return Draft(folder, made.draft.content)
    document = {k: v for k, v in _document(stored).items() if k not in _OF_A_VERSION}
    document["findings"] = [without_added(one) for one in document["findings"]]
    return Draft(folder, {**made.draft.content, "findings": document})


def _document(stored: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        found = json_of(stored.get(_FINDINGS, b""))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _change(earlier: Path, version: str, made: Rerun, digests: dict[str, Any]) -> Change:
    """Return how the version came about; without reasons where the one before is not here."""
    try:
        change = next_version(earlier, made.draft.findings, digests, before=version)
    except DarkdaysError:
        return Change(version, None, ())
    return change if change.version == version else Change(version, None, ())


def _added(before: Mapping[str, Any], after: Mapping[str, Any]) -> Outcome:
    """Compare what publishing adds: version, tolerances, cells and sources of findings."""
    try:
        return compare(PART, "what publishing adds", _rest(before), _rest(after))
    except (AttributeError, TypeError):
        return Outcome(PART, "what publishing adds", DIFFERS, "it is not in its form")


def _rest(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": document.get("version"),
        "tolerances": document.get("tolerances"),
        "findings": [
            {key: one.get(key) for key in ("id", "tolerance", "cell", "sources")}
            for one in document.get("findings", [])
        ],
    }
