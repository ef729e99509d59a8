"""Letters that can be set without a font of the machine; any other is named by its number.

PDF/UA refuses a letter without a glyph, and a report must not fail because of a name. The fonts are
those of typst and those that come with matplotlib: Latin, Greek, Cyrillic, Arabic, Hebrew, signs.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Final

from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font

FONTS: Final = Path(get_data_path()) / "fonts" / "ttf"
_COVERING: Final = ("DejaVuSans.ttf", "DejaVuSansMono.ttf")
# Formatting that no font draws and none has to: joiners and soft breaks.
_UNSEEN: Final = frozenset("\n\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


def displayable(document: Any) -> Any:
    """Return a document in whose texts a letter without a glyph reads ``U+4E2D``."""
    if isinstance(document, str):
        return document if document.isascii() and document.isprintable() else _named(document)
    if isinstance(document, dict):
        return {key: displayable(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [displayable(value) for value in document]
    return document


def _named(text: str) -> str:
    known = _glyphs()
    return "".join(
        sign if sign in _UNSEEN or ord(sign) in known else f"U+{ord(sign):04X}"
        for sign in unicodedata.normalize("NFC", text)
    )


@cache
def _glyphs() -> frozenset[int]:
    found = [frozenset(FT2Font(str(FONTS / name)).get_charmap()) for name in _COVERING]
    return frozenset.union(*found)
