"""What every control has: what it found, what it can and what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from darkdays.files.packaged import toml_of

CANNOT: Final[Mapping[str, str]] = toml_of("association/cannot.toml")
"""What no outcome of a control can say."""


@dataclass(frozen=True)
class Control:
    """One control.

    Attributes
    ----------
    id
        Kind, and what it is of.
    kind
        A key of :data:`CANNOT`.
    about
        What was put in the place of what.
    says
        What came out, in a sentence; why nothing could, if ``possible`` is false.
    possible
        Whether the case has what it takes.
    value, unit
        The effect compared.
    p_value, smallest_p
        Of the comparison, and the smallest there could have been.
    n
        Placebos, donors or outcomes.
    speaks
        Whether it speaks against the claim; None where it could not have.
    more
        What else a reader needs to check it.
    """

    id: str
    kind: str
    about: str
    says: str
    possible: bool = True
    value: float | None = None
    unit: str = ""
    p_value: float | None = None
    smallest_p: float | None = None
    n: int | None = None
    speaks: bool | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cannot(self) -> str:
        """What it cannot say, whatever came out."""
        return CANNOT[self.kind]


def not_possible(kind: str, about: str, why: str) -> Control:
    """Return a control the case has no data for."""
    return Control(kind, kind, about, f"Not possible: {why}", possible=False)
