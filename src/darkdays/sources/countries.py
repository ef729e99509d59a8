"""Countries as event sources write them: names, ISO 3166-1 alpha-2 and FIPS 10-4 codes.

ISO and FIPS codes look alike and mean different countries: CH is Switzerland in the one and
China in the other. FIPS 10-4 is what GDELT uses; codes that were given out after its last
printed edition (Kosovo, Montenegro, Serbia, South Sudan) are those of its change notices.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from darkdays.files.packaged import rows_of

_FILLERS: Final = frozenset({"the", "of", "and"})


def _key(name: str) -> str:
    """Words of a name, without accents, in any order: ``Korea, North`` is North Korea."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain.replace("'", ""))
    return " ".join(sorted(word for word in words if word not in _FILLERS))


# Names: the usual short one in English, then other spellings that sources use where the words
# themselves differ. Germany before 1990 counts as Germany; Somaliland has no code of its own and
# counts as Somalia, whose country code its networks use. Without a name there is a continent only.
_ROWS: Final = rows_of("sources/countries.csv")
_NAMES: Final = {row["iso"]: row["names"].split("|") for row in _ROWS if row["names"]}
_CODES: Final = {_key(name): iso for iso, names in _NAMES.items() for name in names}
FIPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {row["iso"]: tuple(row["fips"].split()) for row in _ROWS if row["names"]}
)
"""FIPS 10-4 codes by ISO 3166-1 alpha-2; Palestine has two."""
NAMES: Final[Mapping[str, str]] = MappingProxyType({iso: names[0] for iso, names in _NAMES.items()})
"""Usual short English name by ISO 3166-1 alpha-2."""
CONTINENTS: Final[Mapping[str, str]] = MappingProxyType(
    {row["iso"]: row["continent"] for row in _ROWS if row["continent"]}
)
"""Code of the continent by ISO 3166-1 alpha-2, as M-Lab files countries away."""


def code_of(name: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country name or code, None if it is not known.

    Parameters
    ----------
    name
        As sources write it: ``Iran``, ``Iran (Islamic Republic of)``, ``Venezuela, Bolivarian
        Republic of``. Upper and lower case, accents and the order of the words do not matter.
    """
    stripped = name.strip()
    return stripped if stripped in FIPS else _CODES.get(_key(stripped))
