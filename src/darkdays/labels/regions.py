"""Whether an outage was where a shutdown is said to have been, or merely in the same country."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import pandas as pd

from darkdays.files.writing import rows_of

SAME: Final = "same place"
ELSEWHERE: Final = "elsewhere"
UNKNOWN: Final = "cannot tell"
_WHOLE: Final = re.compile(
    r"\b(whole|entire|all of the|most of the) country\b|\b(nation|country)-?wide\b"
)


def compared(pairs: pd.DataFrame, shutdowns: pd.DataFrame, outages: pd.DataFrame) -> pd.DataFrame:
    """Say of every matched pair whether both were in the same place.

    An outage of a region was there if the shutdown's area names the region. A national outage
    was there if the shutdown is national too, by its scope or by the words of its area: that a
    whole country lost the internet is no sign that one province of it was singled out. A network
    is no place, so that an outage of one cannot be told either way.

    Parameters
    ----------
    pairs
        Columns ``shutdown`` and ``outage``, rows of the two tables.
    shutdowns
        Columns ``row``, ``country``, ``start``, ``end``, ``scope`` and ``area``.
    outages
        Columns ``row``, ``id``, ``scope``, ``place`` and ``start``.

    Returns
    -------
    pandas.DataFrame
        The pairs with the columns of both sides and ``where``: :data:`SAME`, :data:`ELSEWHERE`
        or :data:`UNKNOWN`.
    """
    sides = pairs.merge(
        shutdowns[["row", "country", "start", "end", "scope", "area"]].rename(
            columns={"row": "shutdown", "start": "first_day", "end": "last_day"}
        ),
        on="shutdown",
    ).merge(
        outages[["row", "id", "country", "scope", "place", "start"]].rename(
            columns={"row": "outage", "scope": "outage_scope", "start": "outage_start"}
        ),
        on=["outage", "country"],
    )
    return sides.assign(where=[_where(row) for row in rows_of(sides)])


def _where(pair: Any) -> str:
    area = folded(pair.area)
    if pair.outage_scope == "region":
        return SAME if names(area, pair.place) else ELSEWHERE
    if pair.outage_scope == "country":
        return SAME if pair.scope == "national" or _WHOLE.search(area) else ELSEWHERE
    return UNKNOWN


def names(text: str, place: str) -> bool:
    """Return whether a text names a place, whatever the case and accents of either."""
    wanted = folded(place)
    return bool(wanted) and re.search(rf"\b{re.escape(wanted)}\b", folded(text)) is not None


def folded(text: str) -> str:
    """Return a text in lower case, without accents, words separated by single spaces or hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(plain.split())
