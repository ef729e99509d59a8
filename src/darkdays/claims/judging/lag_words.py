"""Lags as a reader says them: never a negative number of hours."""

from __future__ import annotations

from typing import Final

_DAYS_FROM: Final = 72.0
_DAY: Final = 24.0


def hours_in_words(hours: float) -> str:
    """Return a length of time; days from three on."""
    if hours > _DAYS_FROM:
        return f"{hours / _DAY:.0f} days"
    return f"{hours:.0f} hour{'s' * (round(hours) != 1)}" if hours >= 1 else f"{hours:.1f} hours"


def lag_in_words(low: float, high: float, what: str) -> str:
    """Return when something was, by a lag in hours that lies between two bounds.

    Parameters
    ----------
    low, high
        Hours after ``what``; negative before it.
    what
        As in ``the first protest``.
    """
    if low < 0 < high:
        return f"between {hours_in_words(-low)} before and {hours_in_words(high)} after {what}"
    near, far = sorted((abs(low), abs(high)))
    side = "after" if low >= 0 else "before"
    if far > _DAYS_FROM:
        ends = (f"{near / _DAY:.0f}", f"{far / _DAY:.0f}")
        days = ends[1] if ends[0] == ends[1] else " to ".join(ends)
        return f"{days} day{'s' * (days != '1')} {side} {what}"
    return f"{near:.1f} to {far:.1f} hours {side} {what}"
