"""How to cite a report and what it was made from, as ``CITATION.cff``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from darkdays.report.page.pdf import AUTHOR

LICENCE: Final = "BSD-3-Clause"
MESSAGE: Final = (
    "If you use this report, please cite it as below, and the sources it was made from."
)


def citation_of(content: Mapping[str, Any], findings: Mapping[str, Any]) -> str:
    """Return the citation of a report in the Citation File Format 1.2.0.

    Parameters
    ----------
    content
        What a draft holds.
    findings
        As published.
    """
    return "\n".join(_lines(content, findings)) + "\n"


def title_of(content: Mapping[str, Any]) -> str:
    """Return what a report is cited by."""
    return f"{content['case']['title']}: darkdays report"


def _lines(content: Mapping[str, Any], findings: Mapping[str, Any]) -> Iterator[str]:
    yield "cff-version: 1.2.0"
    yield f"message: {_quoted(MESSAGE)}"
    yield f"title: {_quoted(title_of(content))}"
    yield "type: dataset"
    yield from ("authors:", f"  - name: {_quoted(AUTHOR)}")
    yield f"version: {_quoted(findings['version'])}"
    yield f"license: {LICENCE}"
    yield f"abstract: {_quoted(content['case']['question'])}"
    if not content["sources"]:
        return
    yield "references:"
    for one in content["sources"]:
        yield "  - type: data"
        yield f"    title: {_quoted(one['name'])}"
        yield from ("    authors:", f"      - name: {_quoted(one['citation'])}")
        yield f"    notes: {_quoted('Terms: ' + one['licence'])}"


def _quoted(text: str) -> str:
    """Return a text as YAML has it between double quotes, which is as JSON has it."""
    return json.dumps(text, ensure_ascii=False)
