"""When in the year, in the week and in the day events begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from darkdays.figures.plot import Plot, captioned, framed, subplots
from darkdays.files.writing import rows_of

_TITLES: Final = {"month": "Month", "weekday": "Weekday", "hour": "Hour of the day"}
_COLOUR: Final = "#00528a"
_WIDE: Final = {"month": 12, "weekday": 7, "hour": 24}


def onset_rhythms(tables: Mapping[str, pd.DataFrame]) -> Plot:
    """Draw rates of onsets over the rate at all times, with bounds.

    Parameters
    ----------
    tables
        For ``month``, ``weekday`` and ``hour``: ``phase``, ``ratio``, ``low`` and ``high``.
    """
    widths = [_WIDE[unit] + 2 for unit in tables]
    figure, axes = subplots(
        1, len(tables), figsize=(9, 3.2), width_ratios=widths, layout="constrained", squeeze=False
    )
    told = []
    for axis, (unit, table) in zip(axes[0], tables.items(), strict=True):
        places = np.arange(len(table))
        known = table["low"].notna().to_numpy()
        axis.axhline(1, color="#666666", lw=0.8)
        axis.vlines(places[known], table["low"][known], table["high"][known], color=_COLOUR, lw=2)
        axis.plot(places, table["ratio"], "o", color=_COLOUR, ms=4)
        labels = [name[:1] if unit == "month" else name[:2] for name in table["phase"]]
        every = 3 if unit == "hour" else 1
        axis.set_xticks(places[::every], labels[::every], fontsize=8)
        framed(axis, _TITLES[unit], grid="y", size=10, ylim=0)
        apart = table[(table["low"] > 1) | (table["high"] < 1)]
        names = ", ".join(f"{row.phase} {row.ratio:.2f}" for row in rows_of(apart))
        told.append(f"{_TITLES[unit].lower()}: {names or 'none'}")
    axes[0, 0].set_ylabel("rate over that at all times")
    alt = f"Rates of onsets whose bounds exclude 1, by {'; by '.join(told)}."
    return captioned(
        "rhythms",
        figure,
        pd.concat([table.assign(unit=unit) for unit, table in tables.items()], ignore_index=True),
        alt,
        tight=False,
    )
