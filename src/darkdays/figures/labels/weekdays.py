"""One weekday of a place, week after week, with the hours it was cut off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.figures.plot import DOWN, Plot, captioned, framed, is_narrow, subplots

_MOST_NAMED = 16
"""Days that are named on the axis on a telephone."""


def weekday_windows(table: pd.DataFrame, *, width: float = 9) -> Plot:
    """Draw the hours of every listed shutdown, and mark the days without one.

    Parameters
    ----------
    table
        Columns ``day`` (ISO 8601), ``shutdown``, ``from`` and ``until`` (hours after midnight
        UTC, missing where they are not known).
    """
    figure, axis = subplots(1, 1, figsize=(width, 3.8))
    places = np.arange(len(table))
    cut = table["shutdown"].to_numpy(bool)
    known = cut & table["from"].notna().to_numpy()
    axis.vlines(
        places[known], table["from"][known], table["until"][known], color=DOWN, lw=7, alpha=0.8
    )
    hours = table[["from", "until"]].to_numpy(np.float64)
    middle = float(np.nanmedian(hours)) if known.any() else 12.0
    axis.plot(places[~cut], np.full((~cut).sum(), middle), "x", color="#0064a8", ms=8, mew=2)
    dark = cut & ~known
    axis.plot(places[dark], np.full(dark.sum(), middle), "s", color=DOWN, ms=6)
    days = pd.to_datetime(table["day"])
    labels = [f"{day.day} {day:%b}" for day in days]
    every = -(-len(table) // _MOST_NAMED) if is_narrow(width) else 1
    size = 8.5 if is_narrow(width) else 7.5
    axis.set_xticks(places[::every], labels[::every], rotation=90, fontsize=size)
    low, high = (np.nanmin(hours), np.nanmax(hours)) if known.any() else (0.0, 24.0)
    axis.set_ylim(np.floor(low) - 1, np.ceil(high) + 1)
    ticks = np.arange(np.floor(low) - 1, np.ceil(high) + 2)
    axis.set_yticks(ticks, [f"{int(hour):02}:00" for hour in ticks], fontsize=8.5)
    axis.invert_yaxis()
    title = f"Cut off on {int(cut.sum())} of {len(table)} {days.dt.day_name().iloc[0]}s"
    framed(axis, title, grid="y", ylabel="UTC")
    clear = ", ".join(label for label, one in zip(labels, cut, strict=True) if not one)
    alt = (
        f"{int(cut.sum())} of {len(table)} {days.dt.day_name().iloc[0]}s had a shutdown, "
        f"most of them around {int(middle):02}:00 UTC; none on {clear or 'no day'}."
    )
    return captioned("weekdays", figure, table, alt)
