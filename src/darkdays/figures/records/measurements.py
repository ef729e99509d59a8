"""How many measurements volunteers could still make."""

from __future__ import annotations

from typing import Final

import pandas as pd
import seaborn as sns

from darkdays.figures.plot import COLOURS, Plot, captioned, subplots

_MOST_DAYS: Final = 31
"""That are named on the axis."""


def measurement_counts(counts: pd.DataFrame) -> Plot:
    """Draw how many OONI measurements came out per day, by kind of network."""
    figure, axis = subplots(1, 1, figsize=(9, 3.4))
    order = [
        kind for kind in ("mobile", "fixed", "transit", "other") if kind in set(counts["network"])
    ]
    palette = {**COLOURS, "other": "#b0a08a"}
    sns.barplot(
        counts,
        x="day",
        y="measurements",
        hue="network",
        hue_order=order,
        palette=palette,
        ax=axis,
        errorbar=None,
        saturation=1,
    )
    axis.set_yscale("symlog", linthresh=10)
    axis.set(ylim=0, xlabel="UTC day")
    axis.tick_params(axis="x", rotation=45, labelsize=8)
    days = counts["day"].nunique()
    axis.set_xticks(range(0, days, max(1, -(-days // _MOST_DAYS))))
    axis.legend(fontsize=8, frameon=False, ncols=4, loc="upper right")
    axis.set_title("OONI Probe measurements that reached the outside", loc="left", fontsize=11)
    total = counts.groupby("day")["measurements"].sum()
    alt = (
        "Measurements per day: "
        + ", ".join(f"{day} {int(count)}" for day, count in total.items())
        + "."
    )
    return captioned("measurements", figure, counts, alt)
