"""A page taken apart into headings, paragraphs, lists, tables and figures, to be set as a PDF.

Both forms of a report say the same because the one is made from the other: what a section adds to
the page is in the PDF too, without code of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

_BLOCKS: Final = frozenset({"h1", "h2", "h3", "p", "li", "pre", "summary", "figcaption"})
_STYLES: Final = {"strong": "strong", "b": "strong", "em": "em", "code": "code"}
_SKIPPED: Final = frozenset({"head", "nav", "button", "script", "style"})
# What stands on a line of its own, in a cell too.
_LINES: Final = frozenset({"ul", "li", "p", "details", "summary", "div"})
_VOID: Final = frozenset({"br", "img", "meta", "link", "hr", "input"})
_LEFT_OUT: Final = "screen"
"""Class of what is for screens only: a screen can fold it, paper cannot."""
_FOLDED: Final = re.compile(rf'<details class="{_LEFT_OUT}">(?:[^<]|<(?!/?details\b))*+</details>')

Run = dict[str, str]


def blocks_of(page: str) -> list[dict[str, Any]]:
    """Return what a page says, block by block, in the order of reading.

    Parameters
    ----------
    page
        Of HTML, well formed.

    Returns
    -------
    list of dict
        ``kind`` is ``h1`` to ``h3``, ``p``, ``li``, ``pre``, ``table`` or ``figure``; text is a
        list of runs, each with ``text`` and, where it has one, a ``style`` or a ``link``.
    """
    reader = _Reader()
    # Numbers of figures, most of a page: they need not be taken apart to be left out.
    reader.feed(_FOLDED.sub("", page))
    reader.close()
    return reader.blocks


@dataclass
class _Table:
    caption: list[Run] = field(default_factory=list)
    header: list[list[Run]] = field(default_factory=list)
    rows: list[list[list[Run]]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[dict[str, Any]] = []
        self._skipping: list[str] = []
        self._runs: list[Run] | None = None
        self._kind = ""
        self._classes = ""
        self._styles: list[str] = []
        self._link = ""
        self._table: _Table | None = None
        self._in_head = False
        self._figure: dict[str, Any] | None = None
        self._spans: list[bool] = []
        self._bold = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {key: value or "" for key, value in attrs}
        classes = named.get("class", "").split()
        if self._skipping or tag in _SKIPPED or _LEFT_OUT in classes or "skip" in classes:
            if tag not in _VOID:
                self._skipping.append(tag)
            return
        if tag in _BLOCKS and self._table is None:
            self._begin(tag, classes)
        elif tag in _STYLES:
            self._styles.append(_STYLES[tag])
        elif tag == "a":
            self._link = named.get("href", "")
        elif tag == "span":
            self._spans.append("small" in classes)
        elif tag == "br":
            self._say("\n")
        elif tag == "figure":
            self._figure = {"kind": "figure", "name": named["id"].removeprefix("figure-")}
        elif tag == "img" and self._figure is not None:
            self._figure["alt"] = named["alt"]
        else:
            self._of_a_table(tag, classes)

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag == self._skipping[-1]:
                self._skipping.pop()
            return
        if tag in _BLOCKS and self._table is None:
            self._end()
        elif tag in _STYLES:
            self._styles.pop()
        elif tag == "a":
            self._link = ""
        elif tag == "span":
            self._spans.pop()
        elif tag == "figure" and self._figure is not None:
            self.blocks.append({"caption": [], **self._figure})
            self._figure = None
        elif tag == "table" and self._table is not None:
            self.blocks.append({"kind": "table", **vars(self._table)})
            self._table, self._runs = None, None
        elif tag == "thead":
            self._in_head = False

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._say(data if self._kind == "pre" else _squeezed(data))

    def _begin(self, tag: str, classes: list[str]) -> None:
        if self._runs is not None:
            self._end()  # a paragraph inside an item goes on its own
        self._kind, self._runs = tag, []
        self._classes = " ".join(classes)

    def _end(self) -> None:
        runs, kind = _trimmed(self._runs or []), self._kind
        self._runs, self._kind = None, ""
        if not runs:
            return
        if kind == "figcaption" and self._figure is not None:
            self._figure["caption"] = runs
        elif kind != "summary":
            self.blocks.append({"kind": kind, "text": runs, "class": self._classes})
        else:
            self.blocks.append({"kind": "h3", "text": runs, "class": ""})

    def _of_a_table(self, tag: str, classes: list[str]) -> None:
        if tag == "table":
            self._table = _Table()
        if self._table is None:
            return
        if tag == "caption":
            self._runs, self._bold = self._table.caption, False
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr" and not self._in_head:
            self._table.rows.append([])
        elif tag in {"th", "td"}:
            self._runs, self._bold = [], tag == "th" or "verdict" in classes
            (self._table.header if self._in_head else self._table.rows[-1]).append(self._runs)
        elif tag in _LINES and any(run["text"].strip() for run in self._runs or []):
            self._break()

    def _break(self) -> None:
        """Begin a line in a cell, unless one was begun just now."""
        runs = self._runs or []
        while runs and runs[-1]["text"] == " ":
            runs.pop()
        if runs and runs[-1]["text"] != "\n":
            self._say("\n")

    def _say(self, text: str) -> None:
        if self._runs is None or not text:
            return
        run: Run = {"text": text}
        if self._styles:
            run["style"] = self._styles[-1]
        elif self._table is not None and self._bold and not any(self._spans):
            run["style"] = "strong"
        if self._link.startswith("https://"):
            run["link"] = self._link
        self._runs.append(run)


def _squeezed(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return " " * text[0].isspace() + words + " " * text[-1].isspace()


def _trimmed(runs: list[Run]) -> list[Run]:
    """Return runs without blank ones at either end; none if all are blank."""
    first = next((i for i, run in enumerate(runs) if run["text"].strip()), len(runs))
    last = next((i for i, run in enumerate(reversed(runs)) if run["text"].strip()), len(runs))
    return runs[first : len(runs) - last]
