"""Letters and their outlines, set by the library that draws the figures.

It joins the letters of Persian and puts runs of either direction in order: what a reader sees is
the same everywhere.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Final

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from darkdays.report.languages.lettering import DEJAVU, EM, RIGHT_TO_LEFT, Letters

_FONT: Final = FontProperties(family="DejaVu Sans", size=EM)
_POWER: Final = re.compile(r"\$\\mathdefault\{.*\}\$")
_STEPS: Final[dict[Any, str]] = {
    Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "z",
}  # fmt: skip
_LEFT_TO_RIGHT: Final = "\u200e"
_GLYPHS: Final[dict[str, Any]] = {}


@functools.cache
def advance_of(name: str) -> float:
    """Return how far the next letter stands from one, by the name of its outline."""
    index: Any = int(name.removeprefix(DEJAVU), 16)
    glyph = _font().load_glyph(index, flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 2**16


def _font() -> FT2Font:
    font = get_font(findfont(_FONT))
    font.set_size(EM, text_to_path.DPI)
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
def outline_of(name: str) -> str:
    """Return the outline of a letter that was set, as an element of a drawing."""
    vertices, codes = _GLYPHS[name]
    steps = Path(vertices * 64, codes).iter_segments(simplify=False)  # units of the font's file
    drawn = "".join(
        _STEPS[code] + ("" if code == Path.CLOSEPOLY else " ".join(f"{one:.0f}" for one in points))
        for points, code in steps
    )
    return f'<path id="{name}" d="{drawn}" transform="scale(0.015625)"/>'
