"""The report as PDF/UA-1: set by typst from the page, and refused where a picture has no words.

PDF/UA refuses a letter without a glyph too, and a report must not fail because of a name: what no
font of typst or matplotlib draws (Latin, Greek, Cyrillic, Arabic, Hebrew, signs) is named by its
number.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import typst
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font

from darkdays.files.packaged import text_of
from darkdays.report.page.blocks import Run, blocks_of

AUTHOR: Final = "The darkdays contributors"
STANDARD: Final = "ua-1"
_TEMPLATE: Final = "report.typ"
_BREAK: Final = "\u200b"
_LONG: Final = 16
_PLACES: Final = re.compile(r"([./_:-])")
# Columns from which a table is set smaller.
_SIZES: Final = ((7, 6.8), (5, 7.6), (0, 8.6))
FONTS: Final = Path(get_data_path()) / "fonts" / "ttf"
_COVERING: Final = ("DejaVuSans.ttf", "DejaVuSansMono.ttf")
# Formatting that no font draws and none has to: joiners and soft breaks.
_UNSEEN: Final = frozenset("\n\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


def pdf_of(page: str, folder: Path, *, title: str, version: str, author: str = AUTHOR) -> bytes:
    """Return a page as PDF: the same page, the same bytes.

    Parameters
    ----------
    page
        The whole page, of HTML.
    folder
        The one that holds ``figures/``.
    title, version, author
        Of the report.

    Raises
    ------
    typst.TypstError
        If it would not conform to PDF/UA-1.
    """
    blocks = [_set(block) for block in blocks_of(page)]
    data = {
        "title": title,
        "version": version,
        "author": author,
        "keywords": ["internet shutdowns", "darkdays"],
        "blocks": blocks,
    }
    sources = {
        "main.typ": text_of(f"report/page/templates/{_TEMPLATE}").encode(),
        "data.json": json.dumps(displayable(data), ensure_ascii=False).encode(),
    }
    for block in blocks:
        if block["kind"] == "figure":
            name = f"figures/{block['name']}.svg"
            sources[name] = (folder / name).read_bytes()
    return _typeset(tuple(sources.items()))


@lru_cache(maxsize=1)  # a check sets a page while it waits for what may come to the same one
def _typeset(sources: tuple[tuple[str, bytes], ...]) -> bytes:
    files: Any = dict(sources)
    # Fonts of the machine are left alone: everywhere the same letters, everywhere the same bytes.
    return bytes(
        typst.compile(
            files,
            format="pdf",
            pdf_standards=[STANDARD],
            ignore_system_fonts=True,
            font_paths=[str(FONTS)],
        )
    )


def _set(block: dict[str, Any]) -> dict[str, Any]:
    """Return a block with what setting it needs: widths of columns, places to break long words."""
    if block["kind"] != "table":
        return block
    rows = [[{"runs": [_breakable(run) for run in cell]} for cell in row] for row in block["rows"]]
    header = [{"runs": cell} for cell in block["header"]]
    width = max((len(row) for row in [*rows, header]), default=0)
    for row in rows:
        row += [{"runs": []} for _ in range(width - len(row))]
    size = next(points for columns, points in _SIZES if width >= columns)
    return {
        "kind": "table",
        "caption": block["caption"],
        "header": header,
        "rows": rows,
        "widths": [_width(position, block) for position in range(width)],
        "size": size,
    }


def _width(position: int, block: Mapping[str, Any]) -> float:
    """Return the share of the width a column is given, by what it holds."""
    cells = [row[position] for row in [block["header"], *block["rows"]] if position < len(row)]
    texts = ["".join(run["text"] for run in cell) for cell in cells]
    mean = sum(map(len, texts)) / max(1, len(texts))
    longest = max((len(word) for text in texts for word in text.split()), default=1)
    return round(max(min(longest, _LONG), math.sqrt(mean) * 3), 2)


def _breakable(run: Run) -> Run:
    """Return a run whose long words may be broken: after punctuation, and digests anywhere."""
    return {**run, "text": " ".join(_broken(word) for word in run["text"].split(" "))}


def _broken(word: str) -> str:
    if len(word) <= _LONG:
        return word
    if word.isalnum():
        return _BREAK.join(word[at : at + _LONG] for at in range(0, len(word), _LONG))
    return _PLACES.sub(rf"\1{_BREAK}", word)


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
