"""Many hypotheses: a family declared beforehand, and p-values adjusted within it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from darkdays.contracts.false_discovery import false_discovery_rates
from darkdays.errors import InputError

Method = Literal["bh", "by"]
METHODS: Final = ("bh", "by")


@dataclass(frozen=True)
class Family:
    """Hypotheses declared together, with what was found of them.

    Attributes
    ----------
    hypotheses
        In the order declared.
    method
        ``bh`` or ``by``.
    p_values
        By hypothesis; None where a hypothesis could not be tested.
    adjusted
        False discovery rate at which each would be rejected; None likewise.
    """

    hypotheses: tuple[str, ...]
    method: Method
    p_values: dict[str, float | None]
    adjusted: dict[str, float | None]

    @property
    def size(self) -> int:
        """Number of hypotheses declared, tested or not."""
        return len(self.hypotheses)


def adjust(
    p_values: Mapping[str, float | None], declared: Sequence[str], *, method: Method = "bh"
) -> Family:
    """Adjust p-values for the size of the family that was declared.

    A hypothesis that was declared and could not be tested counts with p = 1: a family does not
    become smaller by what went wrong.

    Parameters
    ----------
    p_values
        By hypothesis; None for one that could not be tested.
    declared
        Every hypothesis of the family, each once.
    method
        ``bh``: Benjamini & Hochberg (1995), for independent or positively dependent tests.
        ``by``: Benjamini & Yekutieli (2001), for any dependence.

    Returns
    -------
    Family

    Raises
    ------
    InputError
        If a p-value belongs to no declared hypothesis or is not between 0 and 1, a hypothesis is
        declared twice, none is, or the method is not known.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r} is not known; use bh or by.")
    if not declared or len(set(declared)) < len(declared):
        raise InputError("declare every hypothesis of the family once, and at least one.")
    stray = sorted(set(p_values) - set(declared))
    if stray:
        raise InputError(
            f"hypothesis {stray[0]!r} was not declared: declare the family before testing."
        )
    for name, value in p_values.items():
        if value is not None and not 0 <= value <= 1:
            raise InputError(f"the p-value of {name!r} is {value}; it must be between 0 and 1.")
    found = {name: p_values.get(name) for name in declared}
    counted = [1.0 if value is None else value for value in found.values()]
    rates = false_discovery_rates(counted, any_dependence=method == "by")
    adjusted = {
        name: None if value is None else float(rate)
        for (name, value), rate in zip(found.items(), rates, strict=True)
    }
    return Family(tuple(declared), method, found, adjusted)
