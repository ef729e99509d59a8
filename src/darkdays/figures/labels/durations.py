"""How long listed shutdowns and outages lasted."""

from __future__ import annotations

from typing import Final

import pandas as pd

from darkdays.figures.plot import Plot, captioned, framed, subplots

KINDS: Final = {"shutdown": ("#c44e00", "-"), "outage": ("#0064a8", "--")}
"""Colour and line of each kind of event, told apart in grey as well."""
_TICKS: Final = {0.25: "15 min", 1: "1 h", 5: "5 h", 24: "1 day", 168: "1 week"}


def durations(table: pd.DataFrame, *, width: float = 8) -> Plot:
    """Draw what share of events was over after how many hours.

    Parameters
    ----------
    table
        Columns ``kind``, ``percent`` and ``hours``.
    """
    figure, axis = subplots(1, 1, figsize=(width, 3.8))
    for kind, (colour, line) in KINDS.items():
        mine = table[(table["kind"] == kind) & (table["hours"] > 0)]
        axis.step(
            mine["hours"],
            mine["percent"],
            where="post",
            color=colour,
            ls=line,
            lw=2,
            label=kind + "s",
        )
    axis.set_xscale("log")
    axis.set_xticks(list(_TICKS), list(_TICKS.values()))
    axis.minorticks_off()
    axis.set(ylim=(0, 100), xlabel="lasted at most", ylabel="percent of events")
    axis.legend(frameon=False, loc="lower right")
    framed(axis, "Shutdowns last longer than outages", grid="both")
    halves = table[table["percent"] == 50].set_index("kind")["hours"]
    alt = (
        "Share of events over after so many hours: half of the shutdowns within "
        f"{halves.get('shutdown', float('nan')):.1f} hours, half of the outages within "
        f"{halves.get('outage', float('nan')):.1f}."
    )
    return captioned("durations", figure, table, alt)
