"""At which minute of the hour listed shutdowns and outages began."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.figures.labels.durations import KINDS
from darkdays.figures.plot import Plot, captioned, framed, is_narrow, lines_of, subplots

_BY_CHANCE = 1 / 6
"""Outages are dated to bins of ten minutes, so that one in six begins on the hour by chance."""


def minutes_of_the_hour(table: pd.DataFrame, *, width: float = 8) -> Plot:
    """Draw at which minute of the local hour events began.

    Parameters
    ----------
    table
        Columns ``kind``, ``minute``, ``events`` and ``share``.
    """
    figure, axis = subplots(1, 1, figsize=(width, 3.6))
    starts = np.sort(table["minute"].unique())
    thick = 60 / max(len(starts), 1) * 0.4
    for place, (kind, (colour, _)) in enumerate(KINDS.items()):
        mine = table[table["kind"] == kind]
        axis.bar(
            mine["minute"] + (place - 0.5) * thick,
            mine["share"] * 100,
            width=thick,
            color=colour,
            hatch="" if place == 0 else "///",
            edgecolor="white",
            lw=0,
            label=f"{kind}s (n = {int(mine['events'].sum())})",
        )
    axis.axhline(_BY_CHANCE * 100, color="#444444", lw=1, ls=":")
    axis.annotate(
        "by chance, in bins of ten minutes",
        (59, _BY_CHANCE * 100),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        fontsize=8.5,
        color="#444444",
    )
    axis.set_xticks(starts[::3] if is_narrow(width) else starts)
    axis.legend(frameon=False)
    axis.set_xlabel(lines_of("minute of the hour, by the clocks of the country", width - 0.6))
    framed(axis, "Shutdowns begin on the hour", grid="y", ylabel="percent of events")
    first = table[table["minute"] == 0].set_index("kind")["share"]
    alt = (
        "Share of events by the minute they began: within the first five minutes of an hour "
        + ", ".join(f"{share:.0%} of {kind}s" for kind, share in first.items())
        + "."
    )
    return captioned("minutes", figure, table, alt)
