"""A number a list of labels gives, with what it was counted from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Witness = str | float | int


@dataclass(frozen=True)
class Alternative:
    """The same number under another defensible specification."""

    label: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Finding:
    """A number with its witnesses.

    Attributes
    ----------
    id
        Letters, digits and underscores.
    value
        Not a number where the data do not give one.
    count, n
        How many of how many: a share's own numbers, or the events a ratio or score rests on.
    low, high, level
        Interval and its confidence; ``level`` is None for bounds that are no confidence interval.
    witnesses
        What else a reader needs to check it: texts and numbers by name.
    alternatives
        The number under every other specification that was tried.
    """

    id: str
    value: float
    unit: str
    count: int | None = None
    n: int | None = None
    low: float = math.nan
    high: float = math.nan
    level: float | None = None
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()


def share(
    identity: str,
    count: int,
    n: int,
    *,
    low: float = math.nan,
    high: float = math.nan,
    witnesses: Mapping[str, Witness] | None = None,
) -> Finding:
    """Return the finding "count of n"; it has no value where n is 0."""
    value = count / n if n else math.nan
    return Finding(identity, value, "share", count, n, low, high, witnesses=witnesses or {})


def number(
    identity: str, count: int, unit: str, witnesses: Mapping[str, Witness] | None = None
) -> Finding:
    """Return the finding "so many"."""
    return Finding(identity, float(count), unit, count=count, witnesses=witnesses or {})
