"""How many measurements volunteers could still make."""

from __future__ import annotations

from typing import Final

import pandas as pd

from darkdays.figures.key import key_below
from darkdays.figures.plot import COLOURS, Plot, captioned, is_narrow, lines_of, subplots

_MOST_DAYS: Final = 31
"""That are named on the axis."""


def measurement_counts(counts: pd.DataFrame, *, width: float = 9) -> Plot:
    """Draw how many OONI measurements came out per day, by kind of network."""
    narrow = is_narrow(width)
    figure, axis = subplots(1, 1, figsize=(width, 3.4))
    order = [
        kind for kind in ("mobile", "fixed", "transit", "other") if kind in set(counts["network"])
    ]
    palette = {**COLOURS, "other": "#b0a08a"}
    days = list(dict.fromkeys(counts["day"]))
    bar = 0.8 / len(order)
    for place, kind in enumerate(order):
        mine = counts[counts["network"] == kind]
        axis.bar(
            mine["day"].map(days.index) + (place + 0.5) * bar - 0.4, mine["measurements"], bar,
            color=palette[kind], label=kind,
        )  # fmt: skip
    axis.set_yscale("symlog", linthresh=10)
    axis.set(ylim=0, xlim=(-0.5, len(days) - 0.5), xlabel="UTC day", ylabel="measurements")
    axis.tick_params(axis="x", rotation=90 if narrow else 45, labelsize=8.5 if narrow else 8)
    every = max(1, -(-len(days) // (_MOST_DAYS // 3 if narrow else _MOST_DAYS)))
    axis.set_xticks(range(0, len(days), every), days[::every])
    title = lines_of("OONI Probe measurements that reached the outside", width - 0.6)
    axis.set_title(title, loc="left", fontsize=11)
    total = counts.groupby("day")["measurements"].sum()
    alt = (
        "Measurements per day: "
        + ", ".join(f"{day} {int(count)}" for day, count in total.items())
        + "."
    )
    plot = captioned("measurements", figure, counts, alt)
    key_below(plot.figure, axis.get_legend_handles_labels()[0])
    return plot
