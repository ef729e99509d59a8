"""Who wrote a case, on what terms it may be used, and how it is cited."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from darkdays.case.parts import Part

_CHECKED: Final = 11
_DIGITS: Final = 10


def _is_orcid(text: str) -> str:
    """Return an ORCID iD whose last sign is the one that the others ask for (ISO 7064)."""
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    left = (12 - total % _CHECKED) % _CHECKED
    if text[-1] != ("X" if left == _DIGITS else str(left)):
        raise ValueError(f"{text} is no ORCID iD: its last sign does not fit; copy it again")
    return text


class Author(Part):
    """One who wrote a case."""

    name: str = Field(min_length=1)
    """As it is cited: \"Family, Given\", or one name."""
    orcid: Annotated[str, AfterValidator(_is_orcid)] | None = Field(
        None, pattern=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"
    )
    """ORCID iD, without the address before it."""
    affiliation: str = ""
    """Where the author works."""


Licence = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9.+-]*)?$")]
"""An SPDX identifier."""
Doi = Annotated[str, Field(pattern=r"^(10\.\d{4,9}/\S+)?$")]
"""A DOI, without the address before it."""
