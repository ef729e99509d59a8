"""Figures in other languages: each text of a drawing is set anew where it stands.

Nothing is drawn again: a drawing says what its outlines of letters spell, where and how large.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Callable, Iterator
from html import unescape
from itertools import groupby
from typing import Final

from darkdays.report.languages.figure_layout import Layout, Text
from darkdays.report.languages.lettering import (
    RIGHT_TO_LEFT,
    Box,
    Line,
    box_of,
    drawn_letters,
    outlines_of,
    turned,
)

_NUMBER: Final = r"(-?[\d.]+)"
# In the order in which alternatives are tried: a whole line of text first.
_PART: Final = re.compile(
    r"<!-- (?P<said>[^<>]*) -->\s*"
    r'<g(?P<style> style="[^"]*")? transform="translate\((?P<x>-?[\d.]+) (?P<y>-?[\d.]+)\)'
    r'(?: rotate\((?P<turn>-?[\d.]+)\))? scale\((?P<scale>[\d.]+) -[\d.]+\)">(?P<uses>.*?)</g>'
    r'|<g\b(?: id="(?P<id>[^"]*)")?[^>]*?(?P<shut>/)?>|(?P<end></g>)',
    re.DOTALL,
)
_PANEL: Final = re.compile(r'<g id="axes_\d+">\s*<g id="patch_\d+">\s*<path d="([^"]*)"')
_SIZE: Final = re.compile(rf'viewBox="0 0 {_NUMBER} {_NUMBER}"')
_OUTLINE: Final = re.compile(r'<path id="(DejaVuSans-[^"]+)"[^>]*/>')
_BODY: Final = re.compile(r'(?=<g id="figure_1">)')
_SIGN: Final = re.compile(
    r'((?:.*<g id="legend_\d+">|\s*</g>))(.*)(<g id="text_\d+">\s*)', re.DOTALL
)
_POINTS: Final = 100.0
"""The size at which letters are defined."""
Say = Callable[[str], str]
"""What a text is to be in a language."""
OPEN, SHUT = "\u2066", "\u2069"
"""What stands around words that go from left to right wherever they stand."""


class Drawing:
    """A drawing, taken apart into its texts and the rest.

    Parameters
    ----------
    svg
        As matplotlib writes it, letters as outlines.
    """

    def __init__(self, svg: str) -> None:
        size = _SIZE.search(svg)
        self._svg = svg
        self._size = (float(size[1]), float(size[2])) if size else (0.0, 0.0)
        self._panels = [_box(one[1]) for one in _PANEL.finditer(svg)]
        self._outlines = {one[1]: one[0] for one in _OUTLINE.finditer(svg)}
        self._texts = list(_texts(svg))

    def saying(self, say: Say, *, right_to_left: bool = False, below: Say | None = None) -> str:
        """Return it with its texts in another language.

        Parameters
        ----------
        say
            Translates a text.
        right_to_left
            Whether the language is written so.
        below
            What to write below a text as well, where there is room; nothing if empty.
        """
        if not self._texts:
            return self._svg
        texts = [Text(one.lines, one.turn, one.key) for one in self._texts]
        said = [said_in_lines([one.said for one in each.lines], say) for each in texts]
        if right_to_left:
            said = [[_led(one) for one in lines] for lines in said]
        layout = Layout(self._size, self._panels, texts)
        layout.place(said, right_to_left=right_to_left)
        for before, text in zip(self._texts, texts, strict=True):
            more = below(" ".join(one.said for one in before.lines)) if below else ""
            if more:
                layout.add_below(text, _led(more) if right_to_left else more)
        pieces, begin = [], 0
        for text in texts:
            for line in text.lines:
                start, end = line.span
                pieces.append(_moved(self._svg[begin:start], text.moved))
                pieces.append(line.markup(text.turn))
                begin = end
        outlines = outlines_of("".join(pieces[1::2]), self._outlines)
        return _BODY.sub(outlines, "".join([*pieces, self._svg[begin:]]), count=1)


def _texts(svg: str) -> Iterator[Text]:
    """Go through the texts of a drawing."""
    found: list[tuple[int, float, str, Line]] = []
    inside: list[str] = []
    groups = 0
    for part in _PART.finditer(svg):
        if part["said"] is not None:
            turn = float(part["turn"] or 0)
            x, y = turned((float(part["x"]), float(part["y"])), -turn)
            size = float(part["scale"]) * _POINTS
            said, style = unescape(part["said"]), part["style"] or ""
            letters = drawn_letters(said, part["uses"])
            line = Line(said, x, y, size, style, part.span(), letters)
            key = next((one for one in inside if one.startswith("legend_")), "")
            found.append((groups, turn, key, line))
        elif part["end"]:
            inside = inside[:-1]
        else:
            groups += 1
            inside += [] if part["shut"] else [part["id"] or ""]
    for (_, turn, key), lines in groupby(found, key=lambda one: one[:3]):
        yield Text([one[3] for one in lines], turn, key)


_ALONE: Final = re.compile(r"[−\d][^A-Za-z]*|\d{1,2} [A-Z][a-z]{2}(?: \d\d:\d\d)?")  # noqa: RUF001
"""A number or a time, which has a line of its own."""
_GOES_ON: Final = re.compile(r" (?:of|in|to|and)$")
_cut: Final = functools.partial(textwrap.wrap, break_on_hyphens=False, break_long_words=False)


def said_in_lines(lines: list[str], say: Callable[[str], str]) -> list[str]:
    """Return what lines of a text say in a language, in as many."""
    *before, last = lines
    if before and _ALONE.fullmatch(last) and not _GOES_ON.search(before[-1]):
        return [*said_in_lines(before, say), say(last)]
    return _wrapped(say(" ".join(lines)), lines)


def _wrapped(said: str, lines: list[str]) -> list[str]:
    """Return a text in so many lines, no longer than those if it can be."""
    if len(lines) == 1:
        return [said]
    longest = max(map(len, lines))
    width = longest if len(said) > longest else max(1, -(-len(said) // len(lines)))
    while len(found := _cut(said, width)) > len(lines):
        width += 1
    opened, pieces = False, []
    for one in found:  # what goes from left to right does so in each line
        piece = (OPEN if opened else "") + one
        opened = piece.count(OPEN) > piece.count(SHUT)
        pieces.append(piece + (SHUT if opened else ""))
    return pieces + [""] * (len(lines) - len(found))


def _led(line: str) -> str:
    return line if line[:1] in {"", "$"} else RIGHT_TO_LEFT + line


def _moved(before: str, by: float) -> str:
    """Return what stands before a text, with the sign that belongs to it moved to the right."""
    if not by:
        return before
    return _SIGN.sub(rf'\1<g transform="translate({by:.2f} 0)">\2</g>\3', before, count=1)


def _box(path: str) -> Box:
    numbers = [float(one) for one in re.findall(_NUMBER, path)]
    return box_of(zip(numbers[::2], numbers[1::2], strict=True))
