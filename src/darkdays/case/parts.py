"""What every part of a case file is: frozen, and strict about its keys."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of a case; an unknown key is refused, spaces around text do not count."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ClaimPart(Part):
    """What every claim has, whatever it is about."""

    id: str = Field(pattern=r"^[a-z0-9-]+$", description="Short name, used in findings.")
    statement: str = Field(min_length=1, description="The claim, in our own words.")
    origin: str = Field(min_length=1, description="Who says so.")


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: what was perhaps meant."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else "."
