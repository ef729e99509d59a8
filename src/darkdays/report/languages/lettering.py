"""Lines of text as outlines of letters, so that what a reader sees needs no font."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Final

RIGHT_TO_LEFT: Final = "\u200f"
"""What stands, unseen, before a line that goes from right to left."""
EM: Final = 100.0
"""Points of the size letters are set at."""
_USED: Final = re.compile(r'href="#([^"]+)"')
_USE: Final = re.compile(
    r'<use xlink:href="#([^"]+)"'
    r'(?: transform="(?:translate\((\S+) (\S+)\))? ?(?:scale\((\S+)\))?")?/>'
)
DEJAVU: Final = "DejaVuSans-"
"""How names of outlines begin, before the number of the letter."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""
Point = tuple[float, float]
Letters = tuple[list[tuple[str, float, float, float]], float]
"""Names of outlines, each with its place and scale, and the width of all."""


@dataclass(frozen=True)
class Line:
    """A line of a drawing.

    Attributes
    ----------
    said
        Its text.
    x, y
        Where it begins, on the line letters stand on; in a page turned so that it is level.
    size
        In points.
    style
        Of its element, as it is written.
    span
        From where to where it stands in the file.
    letters
        As they are in the file; they are set if not given.
    """

    said: str
    x: float
    y: float
    size: float
    style: str
    span: tuple[int, int]
    letters: Letters | None = None

    @property
    def width(self) -> float:
        """How wide it is, in points."""
        return (self.letters or letters_of(self.said))[1] * self.size / EM

    def saying(self, said: str) -> Line:
        """Return a line that says something in its place."""
        return self if said == self.said else replace(self, said=said, letters=None)

    def markup(self, turn: float) -> str:
        """Return it as elements of a page, in which it is turned by so many degrees."""
        x, y = turned((self.x, self.y), turn)
        scale = self.size / EM
        place = f"translate({x:.2f} {y:.2f})" + (f" rotate({turn:g})" if turn else "")
        uses = "".join(
            f'<use xlink:href="#{name}" transform="translate({right:.2f} {up:.2f})'
            + ('"/>' if small == 1 else f' scale({small:g})"/>')
            for name, right, up, small in (self.letters or letters_of(self.said))[0]
        )
        told = re.sub("-(?=-)", "- ", escape(self.said, quote=False))  # two would end a comment
        how = f'{self.style} transform="{place} scale({scale:.6g} {-scale:.6g})"'
        return f"<!-- {told} --><g{how}>{uses}</g>"


def outlines_of(markup: str, known: Mapping[str, str]) -> str:
    """Return the outlines of all letters that elements use, as definitions, some of them known."""
    from darkdays.report.languages.glyphs import outline_of

    names = dict.fromkeys(_USED.findall(markup))
    return f"<defs>{''.join(known.get(one) or outline_of(one) for one in names)}</defs>"


def drawn_letters(said: str, uses: str) -> Letters:
    """Return the letters of a line that a drawing has as elements."""
    found = [
        (name, float(x or 0), float(y or 0), float(small or 1))
        for name, x, y, small in _USE.findall(uses)
    ]
    if not found or not found[-1][0].startswith(DEJAVU):
        return letters_of(said)
    from darkdays.report.languages.glyphs import advance_of

    name, right, _, small = found[-1]
    return found, right + small * advance_of(name)


def letters_of(said: str) -> Letters:
    """Return the letters of a line at 100 points, where each is and its scale, and its width."""
    # What is loaded with it takes as long as all else of a report in which nothing changed.
    from darkdays.report.languages import glyphs

    return glyphs.letters_of(said)


def turned(point: Point, degrees: float) -> Point:
    """Return a point of a page that is turned about its corner."""
    if not degrees:
        return point
    (x, y), angle = point, math.radians(degrees)
    return (
        x * math.cos(angle) - y * math.sin(angle),
        x * math.sin(angle) + y * math.cos(angle),
    )


def turned_box(box: Box, degrees: float) -> Box:
    """Return what a box covers in a page that is turned about its corner."""
    if not degrees:
        return box
    return box_of(turned((x, y), degrees) for x in box[::2] for y in box[1::2])


def box_of(points: Iterable[Point]) -> Box:
    """Return the box around points."""
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)
