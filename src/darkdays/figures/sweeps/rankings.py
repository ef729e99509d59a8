"""Where events are most frequent."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from darkdays.figures.plot import Plot, captioned, framed, say, subplots

MOST: Final = 25
_COLOUR: Final = "#00528a"


def ranking(table: pd.DataFrame) -> Plot:
    """Draw events and hours a year of the first in order.

    Parameters
    ----------
    table
        ``name``, ``events_a_year``, ``hours_a_year`` and ``events``, in order.
    """
    first = table[table["events"] > 0].head(MOST)
    figure, axes = subplots(
        1, 2, figsize=(9, 1.2 + 0.24 * max(len(first), 3)), sharey=True, layout="constrained"
    )
    places = np.arange(len(first))
    for axis, column, title in zip(
        axes,
        ("events_a_year", "hours_a_year"),
        ("Events a year", "Hours down a year, where both ends were seen"),
        strict=True,
    ):
        if first.empty:
            say(axis, "No event was found.")
            continue
        axis.barh(places, first[column], color=_COLOUR)
        axis.set_yticks(places, first["name"], fontsize=8)
        framed(axis, title, grid="x", size=10)
    axes[0].invert_yaxis()
    pairs = zip(first["name"], first["events_a_year"], strict=True)
    told = "; ".join(f"{name}: {number:.1f}" for name, number in pairs)
    alt = f"Events a year, most first. {told or 'None was found'}."
    return captioned("ranking", figure, table, alt, most=MOST, of=len(table), tight=False)
