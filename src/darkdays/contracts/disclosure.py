"""What may be said of places and of few: the two rules every published table keeps.

See ``docs/ethics.md``. A place is as coarse as a city at least; a count under five in a cell is not
said, unless anybody can count it at the source (``public`` of its service says at which grain).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

FEWEST: Final = 5
# Two numbers as coordinates are written: degrees with two or more decimals, side by side.
_PLACE: Final = re.compile(
    r"(?<![\d.])([-+]?\d{1,2}\.\d{2,})(\s*[,;]\s*|\s*°?\s*[NS]?\s*[,;]?\s+)([-+]?\d{1,3}\.\d{2,})(?![\d.])"
)


def coarse(text: str) -> str:
    """Return text with coordinates in it rounded to a tenth of a degree, about ten kilometres.

    Numbers that are none, and coordinates that are as coarse already, stay as they are.
    """

    def rounded(found: re.Match[str]) -> str:
        latitude, between, longitude = float(found[1]), found[2], float(found[3])
        if abs(latitude) > 90 or abs(longitude) > 180:
            return found[0]
        return f"{latitude:.1f}{between}{longitude:.1f}"

    return _PLACE.sub(rounded, text)


def count(number: int) -> str:
    """Return a count as a published table says it: ``<5`` for one to four."""
    return f"<{FEWEST}" if 0 < number < FEWEST else str(number)


def parts(kinds: Mapping[str, int]) -> tuple[str, list[str]]:
    """Return a sum, and each of its parts by name, as a published table says them.

    Where the sum is said and some part is not, no part is: what is left of the sum would say it.

    Parameters
    ----------
    kinds
        Counts by kind; unnamed kinds count in the sum and are not listed.
    """
    whole = sum(kinds.values())
    told = any(0 < number < FEWEST for number in kinds.values()) and whole >= FEWEST
    names = [kind for kind in sorted(kinds) if kind and kinds[kind]]
    return count(whole), [name if told else f"{count(kinds[name])} {name}" for name in names]
