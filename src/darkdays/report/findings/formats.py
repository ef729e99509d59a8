"""How times and numbers are written in findings, the same on every machine."""

from __future__ import annotations

from typing import Final

import pandas as pd

DIGITS: Final = 6


def moment(time: pd.Timestamp | None) -> str | None:
    """Return a time as ISO 8601 UTC to the minute, None for a missing one."""
    return None if pd.isna(time) else f"{time:%Y-%m-%dT%H:%MZ}"


def rounded(number: float | None) -> float | None:
    """Return a number with :data:`DIGITS` significant digits, None for a missing one."""
    return None if number is None or pd.isna(number) else float(f"{number:.{DIGITS}g}")
