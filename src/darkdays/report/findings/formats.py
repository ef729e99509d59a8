"""How findings, their times and their numbers are written, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

DIGITS: Final = 6


def moment(time: pd.Timestamp | None) -> str | None:
    """Return a time as ISO 8601 UTC to the minute, None for a missing one."""
    return None if pd.isna(time) else f"{time:%Y-%m-%dT%H:%MZ}"


def rounded(number: float | None) -> float | None:
    """Return a number with :data:`DIGITS` significant digits, None for a missing one."""
    return None if number is None or pd.isna(number) else float(f"{number:.{DIGITS}g}")


def bounded(row: Any, name: str, written: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a value of a row and, beside it, its interval."""
    low, high = (written(getattr(row, f"{name}_{end}")) for end in ("low", "high"))
    return {name: written(getattr(row, name)), f"{name}_interval": [low, high]}


def finding(
    identity: str,
    value: float | str | None,
    unit: str,
    interval: tuple[Any, Any] = (None, None),
    level: float | None = None,
    n: int | None = None,
    **witnesses: Any,
) -> dict[str, Any]:
    """Return one finding in the form every finding has."""
    return {
        "id": identity,
        "value": value,
        "unit": unit,
        "interval": list(interval),
        "level": level,
        "n": n,
        "witnesses": witnesses,
    }
