"""Figures for telephones in other languages: their letters are text, which is said again."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from html import escape, unescape
from typing import Final

from darkdays.report.languages.figures import SHUT

_WORD: Final = re.compile(r"(?<=>)[^<>]+(?=</text>)")
_WORDS: Final = re.compile(r'<g id="text_\d+">(?:\s*<text [^>]*>[^<>]*</text>)+')
_FROM_THE_RIGHT: Final = "\u2067"


class NarrowDrawing:
    """A drawing for a telephone.

    Parameters
    ----------
    svg
        As matplotlib writes it, letters as text.
    """

    def __init__(self, svg: str) -> None:
        self._svg = svg

    def saying(self, say: Callable[[str], str], *, right_to_left: bool = False) -> str:
        """Return it with its texts in another language, see :class:`figures.Drawing`."""
        return _WORDS.sub(lambda one: _said_again(one[0], say, right_to_left), self._svg)


def _said_again(words: str, say: Callable[[str], str], right_to_left: bool) -> str:
    lines = _WORD.findall(words)
    text = unescape(" ".join(lines))
    made = say(text)
    if made == text:
        return words
    width = max(map(len, lines))
    while len(found := textwrap.wrap(made, width, break_on_hyphens=False)) > len(lines):
        width += 1
    if right_to_left:
        found = [f"{_FROM_THE_RIGHT}{one}{SHUT}" for one in found]
    said = iter([*found, *[""] * len(lines)])
    return _WORD.sub(lambda _: escape(next(said), quote=False), words)
