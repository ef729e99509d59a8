"""The pages over all reports: every case, every version, its verdicts and who checked it."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any, Final

from darkdays.errors import InputError
from darkdays.files import bounded, writing
from darkdays.files.system_errors import is_passing
from darkdays.report.languages.pages import in_languages
from darkdays.report.page.page import framed
from darkdays.report.version.attestations import attestations
from darkdays.report.version.form import fault_of
from darkdays.report.version.version import versions

_PAGE: Final = "index.html"
_LARGEST: Final = 256 * 2**20
_NAMED: Final = re.compile(
    r"(?<=^claim )[^\s:`]+|(?<=^finding )[^\s:`]+|\b(?:interval\[\d\]|witnesses\.\w+)"
)
FIRST_FIGURES: Final = (
    "overview",
    "blocking",
    "speeds",
    "providers",
    "durations",
    "weekdays",
    "bounds",
)
"""Figures that stand beside answers, the most telling first."""


def write_index(reports: Path) -> None:
    """Write ``index.html`` over all cases, and one with the history of each.

    A version that cannot be read is listed as such, and keeps nobody from publishing another.

    Raises
    ------
    OSError
        If the machine or its disk fails, which says nothing of any version.
    DarkdaysError
        If an index cannot be written.
    """
    listed = []
    for home in sorted(path for path in reports.iterdir() if path.is_dir()):
        every = [_entry(home, version) for version in reversed(versions(home))]
        if not every:
            continue
        found = [one for one in every if one["readable"]]
        title = found[0]["title"] if found else home.name
        case = {"name": home.name, "title": title, "every": every, "versions": found}
        listed.append(case)
        claims: dict[str, str] = {}
        for one in found:
            for claim in one["claims"]:
                claims.setdefault(claim["id"], claim["statement"])
        _write(home, framed("history.html.j2", case=case, claims=claims))
    listed.sort(key=_unanswered)
    _write(reports, framed("index.html.j2", cases=listed))


def _unanswered(case: dict[str, Any]) -> int:
    """Order cases by how much their last version answers, most first."""
    verdicts = case["versions"][0]["verdicts"].values() if case["versions"] else ()
    return -len([verdict for verdict in verdicts if verdict != "untested"])


def _entry(home: Path, version: str) -> dict[str, Any]:
    folder = home / version
    try:
        document = bounded.json_of(bounded.bytes_of(folder / "findings.json", _LARGEST))
        if fault_of("findings.json", document):
            document = {}
        changes = bounded.text_of(folder / "CHANGES.md", _LARGEST)
        return {
            "version": version,
            "readable": True,
            "title": document["title"],
            "claims": document["claims"],
            "answer": document.get("answer", ""),
            "verdicts": {claim["id"]: claim["verdict"] for claim in document["claims"]},
            "findings": len(document["findings"]),
            "changes": [
                _NAMED.sub(r"`\g<0>`", line[2:])
                for line in changes.splitlines()
                if line.startswith("- ")
            ],
            "thumbnail": _thumbnail(folder / "figures"),
            "pdf": (folder / "report.pdf").is_file(),
            "attested": attestations(home, version),
        }
    except (OSError, ValueError, KeyError, TypeError, InputError) as error:
        if isinstance(error, OSError) and is_passing(error):
            raise
        return {"version": version, "readable": False}


def _thumbnail(figures: Path) -> dict[str, str]:
    """Return the figure a report begins with, and its picture as a page holds it; or nothing."""
    for name in FIRST_FIGURES:
        if (path := figures / f"{name}.png").is_file():
            picture = base64.b64encode(bounded.bytes_of(path, _LARGEST)).decode()
            return {"figure": name, "png": picture}
    return {}


def _write(folder: Path, page: str) -> None:
    """Write an index and what it is in every language, where they are not written so already."""
    pages = {_PAGE: page.encode(), **in_languages(page, _PAGE, beside=folder)}
    for name, content in pages.items():
        if not writing.holds(folder / name, content.decode()):
            writing.write_text(folder / name, content.decode())
