"""Pages as people read them: tables for narrow screens, plain words, and terms that explain.

Every cell knows the heading of its column: on a telephone a row is set as a block, a cell a line,
and the style writes the heading before each cell. Roles keep such a block a table for those who
listen to it. Text outside code is put into plain words, and the first use of a word of the field
leads to the glossary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final

from darkdays.report.page.plain_words import GLOSSARY, plain

_ROLES: Final = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}
_KEPT: Final = "compact"
"""Class of tables with many columns of short cells; these scroll."""
_VOID: Final = frozenset({"br", "img", "meta", "link", "hr", "input", "source"})
_AS_IT_IS: Final = frozenset({"code", "pre", "style", "script"})
_UNLINKED: Final = _AS_IT_IS | {"a", "h1", "h2", "h3", "summary", "button", "figcaption", "title"}


def anchor(term: str) -> str:
    """Return what the id of a term ends with."""
    return term.lower().replace(" ", "-")


def readable(page: str, names: Mapping[str, str] | None = None) -> str:
    """Return a page in plain words, whose tables carry the heading of its column with every cell.

    Parameters
    ----------
    page
        Of HTML, well formed.
    names
        What people call entities, by their ids.
    """
    writer = _Writer({key: escape(name) for key, name in (names or {}).items()})
    if 'id="glossary"' in page:
        writer.terms = {
            name: re.compile(rf"(?<![\w-])(?:{one['pattern']})(?![\w-])")
            for name, one in GLOSSARY.items()
        }
    writer.feed(page)
    writer.close()
    return "".join(writer.parts)


class _Writer(HTMLParser):
    """Writes everything as it was, with attributes added to what belongs to a table."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.terms: dict[str, re.Pattern[str]] = {}
        self._names = names
        self._open: list[str] = []
        self._headings: list[str] = []
        self._column = 0
        self._in_table = self._in_head = self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        added = ""
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "table":
            self._in_table = _KEPT not in (dict(attrs).get("class") or "").split()
            self._headings = []
            added = ' role="table"' if self._in_table else ""
        elif self._in_table and tag in {"th", "td"}:
            added = self._of_cell(tag)
        elif self._in_table and tag in _ROLES:
            added = f' role="{_ROLES[tag]}"'
            self._in_head = self._in_head or tag == "thead"
            self._column = 0
        text = self.get_starttag_text() or ""
        self.parts.append(f"{text[:-1]}{added}>" if added else text)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "table":
            self._in_table = False
        elif tag == "thead":
            self._in_head = False
        elif tag == "th":
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if not _AS_IT_IS.intersection(self._open):
            data = plain(data, self._names)
        self._hear(data)
        if self.terms and "p" in self._open[-2:] and _UNLINKED.isdisjoint(self._open):
            data = self._explained(data)
        self.parts.append(data)

    def _explained(self, text: str) -> str:
        """Return a text in which words of the field that come first lead to what they mean."""
        found = [(one.search(text), name) for name, one in self.terms.items()]
        hits = sorted((hit.span(), name) for hit, name in found if hit)
        written, end = "", 0
        for (start, stop), name in hits:
            if start < end:
                continue
            del self.terms[name]
            means = escape(str(GLOSSARY[name]["means"]))
            written += (
                f'{text[end:start]}<a class="term" href="#term-{anchor(name)}">'
                f'<abbr title="{means}">{text[start:stop]}</abbr></a>'
            )
            end = stop
        return written + text[end:]

    def handle_entityref(self, name: str) -> None:
        self._hear(f"&{name};")
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._hear(f"&#{name};")
        self.parts.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def _of_cell(self, tag: str) -> str:
        if self._in_head:
            self._headings.append("")
            self._in_heading = True
            return ' role="columnheader"'
        label = self._headings[self._column] if self._column < len(self._headings) else ""
        self._column += 1
        role = "rowheader" if tag == "th" else "cell"
        shown = f' data-label="{escape(unescape(label))}"' if label and tag == "td" else ""
        return f' role="{role}"{shown}'

    def _hear(self, text: str) -> None:
        if self._in_head and self._in_heading and self._headings:
            self._headings[-1] += text.strip()
