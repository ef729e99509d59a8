"""A page gone through element by element: what is said in it is handed on, all else stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final

from darkdays.report.languages.catalogue import CLOSE, ENGLISH, OPEN, TOKEN, Catalogue
from darkdays.report.languages.tokens import carried, tokens_of

_INLINE: Final = frozenset({"a", "abbr", "b", "strong", "em", "bdi", "dfn"})
_RAW: Final = frozenset({"pre", "style", "script"})
_VOID: Final = frozenset({"br", "img", "meta", "link", "hr", "input"})
_SAID: Final = re.compile(r'(?<=\s)(aria-label|alt|title|data-label)="([^"]*)"')
# Names of sources, of their terms and how to cite them are quoted.
_QUOTED: Final = frozenset({"Source", "To be cited as", "Terms"})
_LABEL: Final = re.compile(r'data-label="([^"]*)"')

Run = list[tuple[str, str]]
Values = dict[str, tuple[str, str]]
"""What stands for a character: in the language, and as it was."""


def translated(page: str, catalogue: Catalogue, names: Sequence[str] = ()) -> str:
    """Return a page of HTML in the language of a catalogue, which notes what it misses.

    Names are carried over as they are, unless they have a translation.
    """
    writer = _Translator(catalogue, names)
    writer.feed(page)
    writer.close()
    writer.flush()
    return "".join(writer.parts)


class _Translator(HTMLParser):
    """Writes everything as it was but for what is said."""

    def __init__(self, catalogue: Catalogue, names: Sequence[str]) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._catalogue = catalogue
        self._tokens = tokens_of((*names, *catalogue.names))
        self._run: Run = []
        self._open: list[str] = []
        self._whole = ""
        self._quoted = 0
        self._is_claim = False

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text = self.get_starttag_text() or ""
        if self._whole:
            self._run[-1] = ("whole", self._run[-1][1] + text)
            return
        if tag not in _VOID:
            self._open.append(tag)
        given = dict(attrs)
        if tag == "tr":
            self._is_claim = (given.get("id") or "").startswith("claim-")
        is_source = tag == "span" and "th" in self._open and self._is_claim
        if is_source or (tag == "td" and given.get("data-label") in _QUOTED):
            self._quoted = self._quoted or len(self._open)
        text = _SAID.sub(self._attribute, text)
        if tag == "code" or (tag in _INLINE and "lang" in given):
            self._whole = tag
            text = text.replace("<code", '<code dir="ltr"')
            self._run.append(("whole", text))
        elif tag == "img":
            self._run.append(("whole", text))
        elif tag in _INLINE:
            self._run.append(("term" if given.get("class") == "term" else "open", text))
        else:
            self.flush()
            self.parts.append(text)

    def handle_endtag(self, tag: str) -> None:
        if self._whole:
            self._run[-1] = ("whole", f"{self._run[-1][1]}</{tag}>")
            if tag == self._whole:
                self._whole = ""
                self._open.pop()
            return
        if tag in _INLINE:
            self._run.append(("close", f"</{tag}>"))
        else:
            self.flush()
            self.parts.append(f"</{tag}>")
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if len(self._open) < self._quoted:
            self._quoted = 0

    def handle_data(self, data: str) -> None:
        if self._whole:
            self._run[-1] = ("whole", self._run[-1][1] + escape(data))
        elif self._open and self._open[-1] in _RAW:
            self.parts.append(data if self._open[-1] != "pre" else escape(data))
        else:
            self._run.append(("text", data))

    def _attribute(self, said: re.Match[str]) -> str:
        text = self._written([("text", unescape(said[2]))], plain=True)
        return f'{said[1]}="{escape(text)}"'

    def flush(self) -> None:
        run, self._run = self._run, []
        after: list[str] = []
        while True:
            while run and run[0][0] == "text" and not run[0][1].strip():
                self.parts.append(run.pop(0)[1])
            while run and run[-1][0] == "text" and not run[-1][1].strip():
                after.append(run.pop()[1])
            if not (run and run[0][0] == "open" and _closes(run) == len(run) - 1):
                break
            self.parts.append(run.pop(0)[1])
            after.append(run.pop()[1])
        depth = 0
        for kind, _ in run:
            depth += (kind in {"open", "term"}) - (kind == "close")
            if depth < 0:
                break
        if self._open[-1:] == ["title"]:  # which holds no elements
            self.parts.append(escape(self._written(run, plain=True)))
        elif depth == 0:
            self.parts.append(self._written(run) if run else "")
        else:  # an element that begins or ends elsewhere: each text by itself
            self.parts += [self._written([one]) if one[0] == "text" else one[1] for one in run]
        self.parts += reversed(after)

    def _written(self, run: Run, *, plain: bool = False) -> str:
        """Return what one run of text and inline elements says in the language, as HTML."""
        values: Values = {}
        text, stack = "", []
        opened = 0
        for kind, said in run:
            if kind == "text":
                said = re.sub(r"\s+", " ", said)
                text += self._tokens.sub(lambda one: self._token(one, values, plain), said)
            elif kind == "whole":
                text += _put(values, TOKEN, said, said)
            elif kind == "term":
                stack.append("")
            elif kind == "open":
                term = bool(stack) and not stack[-1] and said.startswith("<abbr")
                stack.append("" if term else chr(ord(OPEN) + opened))
                if not term:
                    values[stack[-1]] = (said, said)
                    text += stack[-1]
                    opened += 1
            else:
                begun = stack.pop()
                if begun:
                    closing = chr(ord(begun) - ord(OPEN) + ord(CLOSE))
                    values[closing] = (said, said)
                    text += closing
        before = len(self._catalogue.missing)
        translated = self._catalogue.translate(text)
        if self._quoted and self._catalogue.missing[before:]:  # as a whole, or not at all
            del self._catalogue.missing[before:]
            translated = text.join(ENGLISH)
        return _rendered(translated, values, plain=plain)

    def _token(self, one: re.Match[str], values: Values, plain: bool) -> str:
        if one.groupdict().get("name"):
            said = self._catalogue.names.get(one[0]) or one[0]
            value = said if plain else escape(said)
            if self._catalogue.language == "fa" and not plain and "/" in said:
                value = f'<bdi dir="ltr">{value}</bdi>'
        else:
            value = carried(one, self._catalogue.language, self._catalogue.dates, plain=plain)
        return _put(values, TOKEN, value, one[0] if plain else escape(one[0]))


def _put(values: Values, kind: str, value: str, raw: str) -> str:
    character = chr(ord(kind) + len(values))
    values[character] = (value, raw)
    return character


def _closes(run: Run) -> int:
    """Return where the element ends that a run begins with, -1 if it does not."""
    depth = 0
    for at, (kind, _) in enumerate(run):
        depth += (kind in {"open", "term"}) - (kind == "close")
        if depth == 0:
            return at
    return -1


def _rendered(text: str, values: Values, *, plain: bool) -> str:
    written, original = "", False
    for one in text:
        if one in values:
            written += values[one][original]
        elif one in ENGLISH:
            original = one == ENGLISH[0]
            mark = '<span lang="en" dir="ltr">' if original else "</span>"
            written += "" if plain else mark
        else:
            written += one if plain else escape(one, quote=False)
    return written
