"""Lines of text as outlines of letters, set by the library that draws the figures.

It joins the letters of Persian and puts runs of either direction in order, so that what a reader
sees needs no font and is the same everywhere.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

_EM: Final = text_to_path.FONT_SCALE
_FONT: Final = FontProperties(family="DejaVu Sans", size=_EM)
_POWER: Final = re.compile(r"\$\\mathdefault\{.*\}\$")
_STEPS: Final[dict[Any, str]] = {
    Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "z",
}  # fmt: skip
RIGHT_TO_LEFT: Final = "\u200f"
"""What stands, unseen, before a line that goes from right to left."""
_LEFT_TO_RIGHT: Final = "\u200e"
_GLYPHS: Final[dict[str, Any]] = {}
_USED: Final = re.compile(r'href="#([^"]+)"')
_USE: Final = re.compile(
    r'<use xlink:href="#([^"]+)"'
    r'(?: transform="(?:translate\((\S+) (\S+)\))? ?(?:scale\((\S+)\))?")?/>'
)
_DEJAVU: Final = "DejaVuSans-"

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
        return (self.letters or letters_of(self.said))[1] * self.size / _EM

    def saying(self, said: str) -> Line:
        """Return a line that says something in its place."""
        return self if said == self.said else replace(self, said=said, letters=None)

    def markup(self, turn: float) -> str:
        """Return it as elements of a page, in which it is turned by so many degrees."""
        x, y = turned((self.x, self.y), turn)
        scale = self.size / _EM
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
    names = dict.fromkeys(_USED.findall(markup))
    return f"<defs>{''.join(known.get(one) or _outline(one) for one in names)}</defs>"


def drawn_letters(said: str, uses: str) -> Letters:
    """Return the letters of a line that a drawing has as elements."""
    found = [
        (name, float(x or 0), float(y or 0), float(small or 1))
        for name, x, y, small in _USE.findall(uses)
    ]
    if not found or not found[-1][0].startswith(_DEJAVU):
        return letters_of(said)
    name, right, _, small = found[-1]
    return found, right + small * _advance(name)


@functools.cache
def _advance(name: str) -> float:
    index: Any = int(name.removeprefix(_DEJAVU), 16)
    glyph = _font().load_glyph(index, flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 2**16


def _font() -> FT2Font:
    font = get_font(findfont(_FONT))
    font.set_size(_EM, text_to_path.DPI)
    return font


@functools.lru_cache(4096)
def letters_of(said: str) -> Letters:
    """Return the letters of a line at 100 points, where each is and its scale, and its width."""
    if not said:
        return [], 0.0
    if _POWER.fullmatch(said):
        glyphs, _, _ = text_to_path.get_glyphs_mathtext(_FONT, said, _GLYPHS)
        width, _, _ = text_to_path.get_text_width_height_descent(said, _FONT, True)
    else:
        # What is unseen at its right end stands where the line ends.
        ended = said if said[0] == RIGHT_TO_LEFT else said + _LEFT_TO_RIGHT
        glyphs, _, _ = text_to_path.get_glyphs_with_font(_font(), ended, _GLYPHS)
        width = max(right for _, right, _, _ in glyphs)
    return [one for one in glyphs if len(_GLYPHS[one[0]][1])], float(width)


@functools.cache
def _outline(name: str) -> str:
    vertices, codes = _GLYPHS[name]
    steps = Path(vertices * 64, codes).iter_segments(simplify=False)  # units of the font's file
    drawn = "".join(
        _STEPS[code] + ("" if code == Path.CLOSEPOLY else " ".join(f"{one:.0f}" for one in points))
        for points, code in steps
    )
    return f'<path id="{name}" d="{drawn}" transform="scale(0.015625)"/>'


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
