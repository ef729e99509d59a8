"""Provinces: one place, many codes, looked up in a table and no other way.

``IR-15`` alone is Kerman (ISO 3166-2 before November 2020), Lorestan (ISO 3166-2 since) or
Khuzestan (FIPS 10-4, as GeoNames and GDELT write it), and ``IR-06`` and ``IR-10`` changed hands.
A code therefore says its scheme and its version, and nothing here guesses either.

The table ``places.csv`` beside this file holds, for the 31 provinces of Iran and the 17 of Cuba,
codes of ISO 3166-2 (https://www.iso.org/obp/ui/#iso:code:3166:IR) from before and after the
renumbering of Iran's provinces in November 2020, GeoNames' first-order divisions (the old FIPS
codes), the spelling IODA's staff used, and other spellings; and the names IODA's staff wrote
countries by. IODA's own region numbers are not in it: they are looked up at run time. Where a
province lies is the label point of its mainland in Natural Earth (https://www.naturalearthdata.com,
public domain, 1:10m), which is in the middle of it; that of Razavi Khorasan is not, so that its
capital stands for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from darkdays.errors import InputError
from darkdays.files.packaged import rows_of

"""When ISO 3166-2 renumbered the provinces of Iran."""
BEFORE: Final = "before-2020-11"
SINCE: Final = "2020-11"
VERSIONS: Final = {
    "iso3166-2": (BEFORE, SINCE),
    "fips": ("",),
    "ioda-name": ("",),
    "name": ("",),
}
"""Schemes of codes and their versions; ``fips`` is what GDELT calls ADM1 (``IR15``, no dash)."""

_NAMES: Final = ("name", "ioda-name", "spelling")
_rows: Final = cache(partial(rows_of, "sources/places.csv"))
# Words that say that a place is a province, not which.
_KINDS: Final = frozenset({"province", "provincia", "ostan"})


@dataclass(frozen=True)
class Code:
    """A code of a province: worth nothing without its scheme and version.

    Attributes
    ----------
    scheme
        One of :data:`VERSIONS`.
    code
        As the scheme writes it: ``IR-10``, ``IR15``, ``Kordestan``.
    version
        One of the scheme's versions; empty for a scheme that has one only.
    """

    scheme: str
    code: str
    version: str = ""


def code_of(place: str, scheme: str, version: str = "") -> Code:
    """Return the code of a place in a scheme.

    Parameters
    ----------
    place
        Such as ``ir-khuzestan``.
    scheme, version
        One of :data:`VERSIONS`.

    Raises
    ------
    InputError
        If the place, scheme or version is not known, or the place has no code there: Alborz, a
        part of Tehran until 2010, has none in the old ISO 3166-2.
    """
    _check(scheme, version)
    for row in _rows():
        if (row["place"], row["scheme"], row["version"]) == (place, scheme, version):
            return Code(scheme, row["code"], version)
    raise InputError(
        f"{place!r} has no code in {_written(Code(scheme, '', version))}; "
        "check the place, or use another scheme or version."
    )


def places(country: str) -> list[str]:
    """Return the provinces of a country (ISO 3166-1 alpha-2) that the table knows, in order."""
    return sorted(
        {row["place"] for row in _rows() if row["country"] == country and row["scheme"] == "name"}
    )


def find(country: str, name: str) -> str:
    """Return the province of a country that a name in any known spelling means, or nothing."""
    wanted = plain(name)
    found = {row["place"] for row in _names_of(country) if wanted and plain(row["code"]) == wanted}
    return found.pop() if len(found) == 1 else ""


def spellings(country: str, name: str) -> set[str]:
    """Return all spellings of a province, as :func:`plain` makes them; its own is always there."""
    place = find(country, name)
    known = {plain(row["code"]) for row in _names_of(country) if place and row["place"] == place}
    return known | {plain(name)}


def position_of(country: str, name: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a province of a country, by a name in any known spelling."""
    place = find(country, name)
    found = (
        row["code"] for row in _rows() if row["place"] == place and row["scheme"] == "position"
    )
    latitude, _, longitude = next(found, "").partition(" ")
    return (float(latitude), float(longitude)) if longitude else None


def country_of(name: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country as IODA's staff wrote its name, or nothing.

    ``EU`` stands for the European Union.
    """
    return _countries().get(plain(name), "")


def plain(name: str) -> str:
    """Return a name without accents, case, punctuation and the word for a province."""
    decomposed = unicodedata.normalize("NFKD", name)
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = re.findall(r"\w+", letters.casefold())
    return " ".join([word for word in words if word not in _KINDS] or words)


def _names_of(country: str) -> Iterator[dict[str, str]]:
    return (row for row in _rows() if row["country"] == country and row["scheme"] in _NAMES)


def _check(scheme: str, version: str) -> None:
    if scheme not in VERSIONS:
        raise InputError(f"no scheme of codes is called {scheme!r}; use {', '.join(VERSIONS)}.")
    if version not in VERSIONS[scheme]:
        known = " or ".join(VERSIONS[scheme]) or "none"
        raise InputError(
            f"{scheme} has no version {version!r}, and without it a code may mean another place; "
            f"say {known}."
        )


def _written(code: Code) -> str:
    return " ".join(filter(None, (code.scheme, code.version, code.code)))


@cache
def _countries() -> dict[str, str]:
    rows = (row for row in _rows() if row["scheme"] == "country-name")
    return {plain(row["code"]): row["country"] for row in rows}
