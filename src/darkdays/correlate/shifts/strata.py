"""Strata of time: which days are compared with which.

Time-stratified: the calendar is cut once, for all events, and a day is compared with the other
days of its piece. Referents chosen around each event instead would overlap and bias the ratio
(Lumley & Levy 2000, Environmetrics 11, 689; Janes, Sheppard & Lumley 2005, Epidemiology 16, 717).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError

WIDTHS: Final = ("weekday-in-month", "month", "quarter", "year", "record")


def time_strata(
    days: pd.DatetimeIndex, width: str | int = "weekday-in-month", *, weekday: bool = False
) -> NDArray[np.intp]:
    """Return the stratum of each day, numbered from 0 in order of time.

    Parameters
    ----------
    days
        Consecutive local days.
    width
        ``weekday-in-month`` (the Fridays of a month), ``month``, ``quarter``, ``year``,
        ``record`` (one stratum), or a number of days counted from the first; the last stratum
        may be shorter.
    weekday
        Compare a weekday with itself only, in strata of any width.

    Raises
    ------
    InputError
        If the width is not known.
    """
    if width == "weekday-in-month":
        width, weekday = "month", True
    months = np.asarray(days.year * 12 + days.month - 1, dtype=np.intp)
    if isinstance(width, int) and not isinstance(width, bool) and width >= 1:
        blocks = np.arange(len(days), dtype=np.intp) // width
    elif width in WIDTHS:
        blocks = {
            "month": months,
            "quarter": months // 3,
            "year": months // 12,
            "record": np.zeros(len(days), dtype=np.intp),
        }[width]
    else:
        raise InputError(
            f"stratum width {width!r} is not known; use {', '.join(WIDTHS)} or a number of days."
        )
    if weekday:
        blocks = blocks * 7 + np.asarray(days.day_of_week, dtype=np.intp)
    return np.unique(blocks, return_inverse=True)[1].astype(np.intp)


def strata_of_places(strata: NDArray[np.integer], places: int) -> NDArray[np.intp]:
    """Return strata of place and time: every place has its own, shape ``(places, days)``."""
    apart = int(strata.max(initial=-1)) + 1
    return (np.arange(places)[:, None] * apart + strata[None, :]).astype(np.intp)


def rows_of_strata(strata: NDArray[np.integer]) -> list[NDArray[np.intp]]:
    """Return the days of each stratum, in order."""
    order = np.argsort(strata, kind="stable")
    _, firsts = np.unique(strata[order], return_index=True)
    return np.split(order, firsts[1:])
