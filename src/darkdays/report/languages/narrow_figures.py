"""Figures for telephones in other languages: their letters are text, which is said again."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

from darkdays.report.languages.figure_layout import overlap
from darkdays.report.languages.figures import SHUT, Say, said_in_lines
from darkdays.report.languages.lettering import Box, letters_of

_WORD: Final = re.compile(r"(?<=>)[^<>]+(?=</text>)")
_WORDS: Final = re.compile(
    r'<g id="text_\d+">(?:\s*<g id="patch_\d+">(?:(?!</?g\b).)*</g>)?'
    r"(?:\s*<text [^>]*>[^<>]*</text>)+",
    re.DOTALL,
)
_ACROSS: Final = re.compile(r'viewBox="0 0 ([\d.]+) ')
_LEAST: Final = 0.7
"""Of their size: smaller than that letters are not set, however long a text is."""
_PLACED: Final = re.compile(
    r'<text style="font-size: (?P<size>[\d.]+)px(?P<style>[^"]*)"'
    r'(?: x="(?P<x>-?[\d.]+)" y="(?P<y>-?[\d.]+)"(?P<turn> transform="rotate\(-?0 [^"]*\)"|)'
    r'| transform="translate\((?P<right>-?[\d.]+) (?P<down>-?[\d.]+)\)")>'
    r"(?P<said>[^<>]*)</text>"
)
_ANCHOR: Final = re.compile("text-anchor: (middle|end)")
"""A line that is level."""
_LINE: Final = 1.2
"""From a line of text to the next, in its size."""
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
        size = _ACROSS.search(svg)
        self._across = float(size[1]) if size else 0.0

    def saying(self, say: Say, *, right_to_left: bool = False, below: Say | None = None) -> str:
        """Return it with its texts in another language, see :class:`figures.Drawing`."""
        taken = [_box(one) for one in _PLACED.finditer(self._svg)]

        def said(words: re.Match[str]) -> str:
            made = _said_again(words[0], say, right_to_left)
            if self._across and made != words[0]:
                made = _PLACED.sub(self._fitted, made)
            more = below(unescape(" ".join(_WORD.findall(words[0])))) if below else ""
            placed = list(_PLACED.finditer(words[0])) if more else []
            return made + _line_below(placed[-1], more, taken) if placed else made

        return _WORDS.sub(said, self._svg)

    def _fitted(self, text: re.Match[str]) -> str:
        """Return a text in letters so small that it is not cut off."""
        left, _, right, _ = _box(text)
        middle = (left + right) / 2
        spare = {
            "": self._across - left,
            "middle": 2 * min(middle, self._across - middle),
            "end": right,
        }[_anchor(text)]
        share = max(_LEAST, (spare - 2) / max(right - left, 1e-9))
        if share >= 1:
            return text[0]
        size = float(text["size"])
        return text[0].replace(f"size: {text['size']}px", f"size: {size * share:.2f}px", 1)


def _line_below(last: re.Match[str], more: str, taken: list[Box]) -> str:
    """Return a line below the last of a text, if nothing stands there, which then does."""
    if last["x"] is None:
        return ""
    moved = f"{float(last['y']) + _LINE * float(last['size']):.2f}"
    element = last[0].replace(f' y="{last["y"]}"', f' y="{moved}"').replace(last["turn"], "")
    element = _WORD.sub(f"{_FROM_THE_RIGHT}{escape(more, quote=False)}{SHUT}", element)
    (placed,) = _PLACED.finditer(element)
    box = _box(placed)
    if any(overlap(box, one) for one in taken):
        return ""
    taken.append(box)
    return element


def _anchor(text: re.Match[str]) -> str:
    found = _ANCHOR.search(text["style"])
    return found[1] if found else ""


def _box(text: re.Match[str]) -> Box:
    """Return about what a text takes: which font draws it, its reader has."""
    size, x, y = float(text["size"]), text["x"] or text["right"], text["y"] or text["down"]
    width = letters_of(unescape(text["said"]))[1] * size / 100
    left = float(x) - width * {"": 0.0, "middle": 0.5, "end": 1.0}[_anchor(text)]
    return left, float(y) - 0.76 * size, left + width, float(y) + 0.24 * size


def _said_again(words: str, say: Say, right_to_left: bool) -> str:
    lines = [unescape(one) for one in _WORD.findall(words)]
    found = said_in_lines(lines, say)
    if found == lines:
        return words
    if right_to_left:
        found = [one and f"{_FROM_THE_RIGHT}{one}{SHUT}" for one in found]
    said = iter(found)
    return _WORD.sub(lambda _: escape(next(said), quote=False), words)
