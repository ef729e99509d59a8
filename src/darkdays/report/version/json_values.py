"""The single values of a document, each by where it stands, and how far two are apart."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

TOLERANCE: Final = 1e-9
"""Relative difference of a number that counts as none, where no tolerance was measured."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z", re.ASCII)
NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
# One that stands alone: no part of a version, an address or a DOI, where 1.3 and 1.30 are two.
_ALONE: Final = re.compile(rf"(?<![\w./]){NUMBER.pattern}(?![\w/]|\.\w)")
_LONGEST: Final = 25
"""Signs of a float as it is printed in full, and of none that holds more."""


def leaves(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Go through the single values of a document with their paths, such as ``interval[1]``.

    An item of a list that has an ``id`` is found by it, any other by its position.
    """
    if isinstance(document, dict) and document:
        for key, value in document.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(document, list) and document:
        for position, value in enumerate(document):
            mark = value.get("id", position) if isinstance(value, dict) else position
            yield from leaves(value, f"{path}[{mark}]")
    else:
        yield path, document


def distance(one: Any, other: Any) -> float:
    """Return how far two values are apart: 0 if equal, infinity where they cannot be compared.

    Numbers in their unit; times written as ISO 8601 UTC in minutes.
    """
    if type(one) is type(other) and one == other:
        return 0.0
    if _is_number(one) and _is_number(other):
        apart = abs(float(one) - float(other))
        return apart if math.isfinite(apart) else math.inf
    if isinstance(one, str) and isinstance(other, str):
        return _minutes(one, other)
    return math.inf


def is_close(one: Any, other: Any, tolerance: float = 0.0) -> bool:
    """Whether two values are within a tolerance, or a number's last bits, of each other."""
    apart = distance(one, other)
    if math.isinf(apart):  # also of a number so large that any share of it is infinite
        return False
    if isinstance(one, float) or isinstance(other, float):  # counts have no last bits
        tolerance = max(tolerance, TOLERANCE * max(abs(float(one)), abs(float(other))))
    return apart <= tolerance


def texts_are_close(one: str, other: str) -> bool:
    """Whether two texts are the same but for the last bits of the numbers in them."""
    if one == other:
        return True
    if _ALONE.split(one) != _ALONE.split(other):
        return False
    pairs = zip(_ALONE.findall(one), _ALONE.findall(other), strict=True)
    return all(
        left == right
        or (
            _has_bits(left, right)
            and written_alike(left, right)
            and is_close(float(left), float(right))
        )
        for left, right in pairs
    )


def written_alike(one: str, other: str) -> bool:
    """Whether two numbers are written the same, or are two: one number has one way to be written.

    Zeros or an exponent more would claim digits that nobody computed. The sign of zero is a last
    bit.
    """
    left, right = float(one), float(other)
    return left != right or one.lstrip("-") == other.lstrip("-")


def _has_bits(*numbers: str) -> bool:
    """Whether all are written as floats: a count that is another one is another number."""
    return all(
        ("." in one or "e" in one.lower()) and len(one) <= _LONGEST and NUMBER.fullmatch(one)
        for one in numbers
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _minutes(one: str, other: str) -> float:
    if not (_MOMENT.fullmatch(one) and _MOMENT.fullmatch(other)):
        return math.inf
    try:
        apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    except ValueError:  # the 30th of February, say
        return math.inf
    return abs(apart.total_seconds()) / 60
