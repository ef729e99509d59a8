"""Times of day hidden in prose: ``between 7:20 to 10:20 UTC+0``."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

_CLOCK: Final = r"(?:around |about )?(\d{1,2}):(\d{2})"
_WINDOW: Final = re.compile(
    rf"\b(?:between|from)\s+{_CLOCK}\s*(?:to|and|until|till|[-\u2013])\s*{_CLOCK}"
    r"\s*UTC(?:\s*([+-])\s*(\d{1,2})(?::(\d{2}))?)?",
    re.IGNORECASE,
)


def utc_windows(text: str, day: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the stretches of time a text states in UTC, or at an offset from it.

    Parameters
    ----------
    text
        Prose; a time without a stated offset is not read.
    day
        The day the times are of, without a zone: local to the stated offset.

    Returns
    -------
    list of (Timestamp, Timestamp)
        Aware, UTC, in order of the text. One that ends before it begins runs past midnight.
    """
    found = []
    for match in _WINDOW.finditer(text):
        hours = [int(match[group]) for group in (1, 3)]
        minutes = [int(match[group]) for group in (2, 4)]
        if max(hours) > 24 or max(minutes) > 59:
            continue
        ahead = pd.Timedelta(hours=int(match[6] or 0), minutes=int(match[7] or 0))
        offset = -ahead if match[5] == "-" else ahead
        start, end = (
            (day + pd.Timedelta(hours=hour, minutes=minute) - offset).tz_localize("UTC")
            for hour, minute in zip(hours, minutes, strict=True)
        )
        found.append((start, end if end > start else end + pd.Timedelta(days=1)))
    return found
