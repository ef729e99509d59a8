"""Whether a figure shows the same: its numbers first, then every line and pixel."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib import image

from darkdays.files.png import chunks
from darkdays.report.version.compare import DIFFERS, IDENTICAL, UNCOMPARED, WITHIN, Outcome
from darkdays.report.version.json_values import NUMBER, TOLERANCE, written_alike

FIGURE: Final = "figure"
_HEADER: Final = 33
"""Bytes of a PNG up to the end of what says its size and colours."""
_DIGIT: Final = 1.5e-6
"""What a number in a drawing, which has six decimals, may be off by: its last digit."""
_CUT: Final = 0.01 + _DIGIT
"""What a position may be off by that was cut to two decimals: a bit less shows the one below."""
_PLACES: Final = re.compile(r'(?<= )((?:d|x|y|width|height)="[^"]*")')
_FINER: Final = re.compile(r"\.\d{3}|[eE]")
_COARSE: Final = 16
"""Pixels: squares whose mean colour stays where another library draws the same."""
_SHADE: Final = 0.1
"""Of full brightness: what such a mean may be off by."""


def compare_figure(
    name: str,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    *,
    same_libraries: bool,
    tolerance: float = 0.0,
) -> Outcome:
    """Compare a figure with the one that was drawn again.

    Parameters
    ----------
    name
        Of the figure.
    before, after
        Content by kind: ``csv``, ``svg``, ``png``, and ``narrow.svg`` where it is laid out so.
    same_libraries
        Whether the report states the libraries that draw here. That is no excuse: by others it is
        drawn again, its table and coarse pixels are compared, and it is said that the rest is not.
    tolerance
        Relative, of the numbers.
    """
    if missing := sorted(before.keys() ^ after.keys()):
        return Outcome(FIGURE, name, DIFFERS, f"{missing[0]} is only there once")
    tolerance = max(tolerance, TOLERANCE)
    if problem := _numbers(before["csv"], after["csv"], tolerance):
        return Outcome(FIGURE, name, DIFFERS, problem)
    if all(before[kind] == after[kind] for kind in before):
        return Outcome(FIGURE, name, IDENTICAL)
    pixels = _same_pixels(before["png"], after["png"])
    lines = all(
        _same_lines(before[kind], after[kind], tolerance) for kind in before if "svg" in kind
    )
    if pixels and lines:
        return Outcome(FIGURE, name, WITHIN, "last digits of numbers or of positions")
    if not same_libraries and (pixels or _same_pixels(before["png"], after["png"], coarse=True)):
        words = "redrawn by other libraries: its table and coarse pixels agree, the rest"
        return Outcome(FIGURE, name, UNCOMPARED, f"{words} cannot be told from another drawing")
    shown = "drawing (SVG)" if pixels else "picture (PNG)"
    return Outcome(FIGURE, name, DIFFERS, f"the {shown} shows something else")


def same_picture(one: bytes, other: bytes) -> bool:
    """Whether two PNG files show the same pixels."""
    return one == other or _same_pixels(one, other)


def _numbers(before: bytes, after: bytes, tolerance: float) -> str:
    """Return the first place where two tables differ, nothing if they agree."""
    if before == after:
        return ""
    try:
        old, new = (_rows(one) for one in (before, after))
    except csv.Error:
        return "its numbers are no table any more"
    if _again(old) != before and _again(new) == after:
        return "how its numbers are written, not what they say"
    if len(old) != len(new) or old[:1] != new[:1]:
        return f"its numbers have another form ({len(old)} rows, {len(new)} now)"
    for row, (left, right) in enumerate(zip(old, new, strict=True)):
        if len(left) != len(right):
            return f"row {row} of its numbers has another form"
        for column, pair in enumerate(zip(left, right, strict=True)):
            if relative_distance(*pair) > tolerance:
                return f"{old[0][column]} in row {row}: {pair[0][:40]} and {pair[1][:40]}"
    return ""


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8", "replace"), newline="")))


def _again(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def relative_distance(one: str, other: str) -> float:
    """Return how far two cells are apart, of the larger number; infinity of what is no number."""
    if one == other:
        return 0.0
    if not (NUMBER.fullmatch(one) and NUMBER.fullmatch(other)):  # Python reads more as numbers
        return math.inf
    if not written_alike(one, other):
        return math.inf
    left, right = float(one), float(other)
    apart = abs(left - right) / (max(abs(left), abs(right)) or 1.0)
    if one.lstrip("-").isdigit() and other.lstrip("-").isdigit():  # counts have no last bits
        apart = max(apart, 2 * TOLERANCE)
    return apart if math.isfinite(apart) else math.inf


def _same_pixels(before: bytes, after: bytes, *, coarse: bool = False) -> bool:
    # Sizes first: a few bytes can state a picture that fills all memory.
    if before[:_HEADER] != after[:_HEADER]:
        return False
    try:
        # What a decoder skips, a browser may show: more images, orientation, colours.
        if chunks(before) != chunks(after):
            return False
        old, new = (image.imread(io.BytesIO(one), format="png") for one in (before, after))
    except (OSError, SyntaxError, ValueError):
        return False
    if not coarse:
        return bool(np.array_equal(old, new))
    height, width = (size // _COARSE * _COARSE for size in old.shape[:2])
    apart = (old - new)[:height, :width].reshape(
        height // _COARSE, _COARSE, width // _COARSE, _COARSE, -1
    )
    return bool(np.all(np.abs(apart.mean(axis=(1, 3))) <= _SHADE))


def _same_lines(before: bytes, after: bytes, tolerance: float) -> bool:
    old, new = (_PLACES.split(one.decode("utf-8", "replace")) for one in (before, after))
    return len(old) == len(new) and all(
        one == other or _same_numbers(one, other, tolerance, is_place=number % 2 == 1)
        for number, (one, other) in enumerate(zip(old, new, strict=True))
    )


def _same_numbers(old: str, new: str, tolerance: float, *, is_place: bool) -> bool:
    if NUMBER.split(old) != NUMBER.split(new):
        return False
    one, other = NUMBER.findall(old), NUMBER.findall(new)
    left, right = np.array(one, dtype=float), np.array(other, dtype=float)
    finite = np.isfinite(left) & np.isfinite(right)
    cut = [is_place and not any(map(_FINER.search, pair)) for pair in zip(one, other, strict=True)]
    allowed = np.where(cut, _CUT, _DIGIT)
    allowed += min(tolerance, 1.0) * np.maximum(np.abs(left), np.abs(right))
    written = all(map(written_alike, one, other))
    return bool(written and finite.all() and np.all(np.abs(left - right) <= allowed))
