"""Days as a calendar, a year below the other."""

from __future__ import annotations

from typing import Final

import matplotlib as mpl
import numpy as np
import pandas as pd

from darkdays.figures.plot import Plot, captioned, say, subplots

_MONTHS: Final = tuple("JFMAMJJASOND")
_WEEKDAYS: Final = ("Mon", "", "Wed", "", "Fri", "", "Sun")
_FEW: Final = 3


def onset_calendar(days: pd.DataFrame) -> Plot:
    """Draw on how many entities an event began on each day.

    Parameters
    ----------
    days
        ``day`` (ISO 8601, local) and ``events``; days that nobody watched are left out.
    """
    dates = pd.DatetimeIndex(pd.to_datetime(days["day"]))
    counts = days["events"].to_numpy(np.float64)
    years = range(dates.min().year, dates.max().year + 1) if len(days) else range(1)
    figure, axes = subplots(
        len(years), 1, figsize=(9, 0.6 + 1.35 * len(years)), squeeze=False, layout="constrained"
    )
    scale = mpl.colors.Normalize(0, max(counts.max(initial=0.0), 1.0))
    colours = mpl.colormaps["Blues"]
    for axis, year in zip(axes[:, 0], years, strict=True):
        if not len(days):
            say(axis, "No event with an observed beginning was found.")
            continue
        whole = pd.date_range(f"{year}-01-01", f"{year}-12-31")
        here = pd.Series(np.nan, index=whole)
        here[dates[dates.year == year]] = counts[dates.year == year]
        offset = whole[0].day_of_week
        weeks = (np.arange(whole.size) + offset) // 7
        cells = np.full((7, weeks[-1] + 1), np.nan)
        cells[whole.day_of_week, weeks] = here.to_numpy()
        axis.pcolormesh(cells, cmap=colours, norm=scale, edgecolors="#dddddd", linewidth=0.4)
        axis.invert_yaxis()
        axis.set_yticks(np.arange(7) + 0.5, _WEEKDAYS, fontsize=7)
        firsts = [int(weeks[whole.month == month][0]) + 0.5 for month in range(1, 13)]
        axis.set_xticks(firsts, _MONTHS, fontsize=8)
        axis.set_ylabel(str(year), fontsize=9)
        axis.set_aspect("equal")
        axis.tick_params(length=0)
        for side in axis.spines.values():
            side.set_visible(False)
    if len(days):
        drawn = mpl.cm.ScalarMappable(scale, colours)
        bar = figure.colorbar(drawn, ax=list(axes[:, 0]), fraction=0.02, pad=0.01)
        bar.set_label("entities", fontsize=8)
        bar.ax.tick_params(labelsize=7)
    most = days.sort_values(["events", "day"], ascending=[False, True]).head(_FEW)
    pairs = zip(most["day"], most["events"], strict=True)
    told = "; ".join(f"{day}: {number}" for day, number in pairs) or "none"
    alt = f"Calendar of {int(counts.sum())} onsets on {len(days)} days. Most on {told}."
    return captioned("calendar", figure, days, alt, tight=False)
