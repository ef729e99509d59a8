"""How to cite a report and what it was made from, as ``CITATION.cff`` and for BibTeX."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from darkdays.files.packaged import template_of
from darkdays.report.page.pdf import AUTHOR

LICENCE: Final = "BSD-3-Clause"
"""Of a report whose case states none: that of the code."""
_SPECIAL: Final = re.compile(r"([&%$#_{}])")


def citation_of(content: Mapping[str, Any], findings: Mapping[str, Any]) -> str:
    """Return the citation of a report in the Citation File Format 1.2.0.

    Parameters
    ----------
    content
        What a draft holds.
    findings
        As published.
    """
    case = content["case"]
    text: str = template_of("report/version/citation.cff.j2").render(
        quoted=_quoted, title=title_of(content), author=AUTHOR, version=findings["version"],
        question=case["question"], sources=content["sources"], doi=case.get("doi"),
        authors=[_parted(one) for one in case.get("authors", ())], licence=licence_of(content),
    )  # fmt: skip
    return text


def bibtex_of(content: Mapping[str, Any], findings: Mapping[str, Any]) -> str:
    """Return the citation of a report as an entry of BibTeX."""
    case = content["case"]
    fields = {
        "author": authors_of(content, " and ") if case.get("authors") else f"{{{AUTHOR}}}",
        "title": f"{{{title_of(content)}}}",
        "version": findings["version"],
        "doi": case.get("doi", ""),
        "note": f"Licence {licence_of(content)}. {case.get('funding', '')}".strip(),
    }
    told = "".join(
        f"  {name} = {{{value if name == 'doi' else _escaped(value)}}},\n"
        for name, value in fields.items()
        if value
    )
    return f"@misc{{{findings['case']}-{findings['version']},\n{told}}}\n"


def authors_of(content: Mapping[str, Any], between: str = "; ") -> str:
    """Return who wrote a report, by the names they are cited with."""
    names = [str(one["name"]) for one in content["case"].get("authors", ())]
    return between.join(names) or AUTHOR


def licence_of(content: Mapping[str, Any]) -> str:
    """Return on what terms a report may be used, as an SPDX identifier."""
    return content["case"].get("licence") or LICENCE


def title_of(content: Mapping[str, Any]) -> str:
    """Return what a report is cited by."""
    return f"{content['case']['title']}: darkdays report"


def _parted(author: Mapping[str, Any]) -> dict[str, str]:
    """Return an author with family and given names apart, where a comma tells them apart."""
    family, _, given = str(author["name"]).partition(",")
    told = {
        "family-names": family.strip(),
        "given-names": given.strip(),
        "affiliation": author["affiliation"],
        "orcid": f"https://orcid.org/{author['orcid']}" if author["orcid"] else "",
    }
    return {key: value for key, value in told.items() if value}


def _escaped(text: str) -> str:
    braced = text.startswith("{") and text.endswith("}")
    return f"{{{_SPECIAL.sub(_BEHIND, text[1:-1])}}}" if braced else _SPECIAL.sub(_BEHIND, text)


_BEHIND: Final = r"\\\1"


def _quoted(text: str) -> str:
    """Return a text as YAML has it between double quotes, which is as JSON has it."""
    return json.dumps(text, ensure_ascii=False)
