"""Which outages are excluded where none was found, by depth and length."""

from __future__ import annotations

import pandas as pd
import seaborn as sns

from darkdays.case.case import Case
from darkdays.figures.key import in_a_line
from darkdays.figures.plot import (
    Plot,
    captioned,
    framed,
    is_narrow,
    lines_of,
    signal_name,
    subplots,
)
from darkdays.files.writing import rows_of


def excluded_outages(case: Case, bounds: pd.DataFrame, *, width: float = 9) -> Plot:
    """Draw from which depth on an outage of each length is excluded, a line a signal.

    Parameters
    ----------
    case
        Names the entities.
    bounds
        As :func:`darkdays.detect.missed.bounds.outage_bounds` gives them, of one or more signals.
    """
    named = bounds.assign(
        signal=[signal_name(case, one.entity, one.datasource) for one in rows_of(bounds)]
    )
    figure, axis = subplots(1, 1, figsize=(width, 3.4 if is_narrow(width) else 4.0))
    signals = sorted(named["signal"].unique())
    colours = dict(zip(signals, sns.color_palette("colorblind", len(signals)), strict=True))
    told = []
    for name in signals:
        mine = named[named["signal"] == name].sort_values("hours")
        known = mine[mine["excluded_from"].notna()]
        if known.empty:
            told.append(f"{name}: nothing is excluded")
            continue
        axis.plot(
            known["hours"], known["excluded_from"], "o-", color=colours[name], label=in_a_line(name)
        )
        axis.plot(known["hours"], known["found_from_theory"], ":", color=colours[name], alpha=0.7)
        told.append(
            f"{name}: "
            + ", ".join(
                f"{one.excluded_from:.0%} for {one.hours:g} h or longer" for one in rows_of(known)
            )
        )
    axis.set_xscale("log")
    ticks = sorted(bounds["hours"].unique())
    axis.set_xticks(ticks, [f"{one:g}" for one in ticks])
    axis.minorticks_off()
    axis.set(xlabel="hours the outage lasts, or longer", ylabel="share of normal level lost")
    framed(
        axis,
        lines_of("On and above its line an outage is excluded", width - 0.7),
        grid="both",
        ylim=(0, 1),
    )
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize=8.5, frameon=False)
    level = float(bounds["level"].iloc[0])
    alt = f"Depth from which on outages are excluded. {'; '.join(told)}."
    return captioned("bounds", figure, bounds.reset_index(drop=True), alt, level=level)
