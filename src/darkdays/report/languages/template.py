"""The template of translations: every message of the newest reports, most shared first.

``python -m darkdays.report.languages.template REPORTS MESSAGES.pot [LANGUAGE.po ...]`` writes it
anew, and brings catalogues up to date. Names, messages with phrases in them and what is marked
*kept* are written by hand, and stay.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polib

from darkdays.report.languages.catalogue import Catalogue, message_of
from darkdays.report.languages.pages import drawings_of, figures_in_language, in_language
from darkdays.report.version.version import versions

KEPT = "kept"
_MOST_TIMES = 5


def newest_pages(reports: Path) -> Iterator[tuple[str, str, str]]:
    """Go through the newest page of each case and the one over all: case, name, text."""
    for home in sorted(path for path in reports.iterdir() if path.is_dir()):
        for version in versions(home)[-1:]:
            page = home / version / "report.html"
            yield home.name, page.name, page.read_text(encoding="utf-8")
    yield "index", "index.html", (reports / "index.html").read_text(encoding="utf-8")


def found_in(reports: Path, template: str) -> dict[tuple[str, str], set[str]]:
    """Return the messages that pages need, by context and id: in which cases each is."""
    cases: dict[tuple[str, str], set[str]] = {}
    for case, name, page in newest_pages(reports):
        messages = Catalogue("en", template, template=True)
        in_language(page, name, messages)
        figures_in_language(drawings_of(page), messages)
        needed = [*messages.used, *map(message_of, messages.missing)]
        for one in needed:
            cases.setdefault(("", one), set()).add(case)
    return cases


def template_of(reports: Path, before: str) -> str:
    """Return the template, from what was written by hand in the one before."""
    text = before
    for _ in range(_MOST_TIMES):  # a sentence can turn out to be made of two others
        cases = found_in(reports, text)
        kept = {
            (one.msgctxt or "", one.msgid)
            for one in polib.pofile(text)
            if one.msgctxt or KEPT in one.comment.split("\n")
        }
        written = polib.POFile(wrapwidth=0)
        written.metadata = {"Content-Type": "text/plain; charset=utf-8"}
        for context, msgid in sorted(
            cases.keys() | kept, key=lambda one: (-len(cases.get(one, ())), one)
        ):
            marks = [KEPT] if (context, msgid) in kept and not context else []
            where = sorted(cases.get((context, msgid), ()))
            told = where if len(where) == 1 else [f"{len(where)} cases"] if where else []
            written.append(
                polib.POEntry(
                    msgid=msgid, msgctxt=context or None, comment="\n".join([*marks, *told])
                )
            )
        if text == (text := f"{written}\n"):
            break
    return text


def bring_up_to_date(catalogue: Path, template: str) -> None:
    """Write a catalogue with the messages of a template, and what is said for them."""
    wanted = polib.pofile(template)
    said = {(one.msgctxt, one.msgid): one.msgstr for one in polib.pofile(catalogue, wrapwidth=0)}
    wanted.wrapwidth = 0
    wanted.metadata["Language"] = catalogue.stem
    for one in wanted:
        one.msgstr = said.get((one.msgctxt, one.msgid), "")
    catalogue.write_text(f"{wanted}\n", encoding="utf-8")


if __name__ == "__main__":
    target, *catalogues = map(Path, sys.argv[2:])
    text = template_of(Path(sys.argv[1]), target.read_text(encoding="utf-8"))
    target.write_text(text, encoding="utf-8")
    for one in catalogues:
        bring_up_to_date(one, text)
