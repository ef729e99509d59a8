"""How to cite a report and what it was made from, as ``CITATION.cff``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from darkdays.files.packaged import template_of
from darkdays.report.page.pdf import AUTHOR


def citation_of(content: Mapping[str, Any], findings: Mapping[str, Any]) -> str:
    """Return the citation of a report in the Citation File Format 1.2.0.

    Parameters
    ----------
    content
        What a draft holds.
    findings
        As published.
    """
    text: str = template_of("report/version/citation.cff.j2").render(
        quoted=_quoted, title=title_of(content), author=AUTHOR, version=findings["version"],
        question=content["case"]["question"], sources=content["sources"],
    )  # fmt: skip
    return text


def title_of(content: Mapping[str, Any]) -> str:
    """Return what a report is cited by."""
    return f"{content['case']['title']}: darkdays report"


def _quoted(text: str) -> str:
    """Return a text as YAML has it between double quotes, which is as JSON has it."""
    return json.dumps(text, ensure_ascii=False)
