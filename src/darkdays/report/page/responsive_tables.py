"""Tables that can be read on a narrow screen: every cell knows the heading of its column.

On a telephone a row is set as a block, a cell a line, and the style writes the heading before each
cell. Roles keep such a block a table for those who listen to it.
"""

from __future__ import annotations

from html import escape, unescape
from html.parser import HTMLParser
from typing import Final

_ROLES: Final = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}
_KEPT: Final = "compact"
"""Class of tables with many columns of short cells; these scroll."""


def with_labels(page: str) -> str:
    """Return a page whose tables carry the heading of its column with every cell."""
    writer = _Writer()
    writer.feed(page)
    writer.close()
    return "".join(writer.parts)


class _Writer(HTMLParser):
    """Writes everything as it was, with attributes added to what belongs to a table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._headings: list[str] = []
        self._column = 0
        self._in_table = self._in_head = self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        added = ""
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
        if tag == "table":
            self._in_table = False
        elif tag == "thead":
            self._in_head = False
        elif tag == "th":
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        self._hear(data)
        self.parts.append(data)

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
