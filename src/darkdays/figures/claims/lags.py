"""Onsets by days since an event, in both directions, and what signals do around events."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from darkdays.association.associate import Association
from darkdays.association.directions import EVENTS_AFTER, OUTAGES_AFTER
from darkdays.figures.key import key_below
from darkdays.figures.plot import TITLES, Plot, captioned, is_narrow, say, significant, subplots

_BAND: Final = "#c9c9c4"
_POINT: Final = "#c44e00"
_KEY: Final = (
    Line2D([], [], marker="o", lw=0, color=_POINT, label="counted, or the mean"),
    Patch(facecolor=_BAND, label="by chance, on one day"),
    Patch(facecolor=_BAND, alpha=0.4, label="by chance, on any of the days"),
    Line2D([], [], color="#444444", lw=1, ls="--", label="expected by chance"),
)
_TITLES: Final = {
    OUTAGES_AFTER: "outages after {event}s",
    EVENTS_AFTER: "{event}s after outages",
}


def lags(found: Association, *, name: str = "lags", width: float = 9) -> Plot:
    """Draw the lag profile of both directions, and the mean of each signal around events.

    Parameters
    ----------
    found
        With its profiles and epochs.
    name
        Of the figure's files.
    """
    event = found.claim.event
    panels = 2 + max(len(found.epochs), 1)
    narrow = is_narrow(width)
    columns = 1 if narrow else 2
    lines = -(-panels // columns)
    size = (width, (2.0 if narrow else 3.1) * lines)
    figure, grid = subplots(lines, columns, figsize=size, squeeze=False)
    axes = grid.ravel()
    for unused in axes[panels:]:
        unused.set_axis_off()
    rows = []
    for axis, direction in zip(axes[:2], _TITLES, strict=True):
        title = _TITLES[direction].format(event=event)
        profile = found.profiles.get(direction)
        axis.set_title(title, loc="left", fontsize=10)
        if profile is None:
            say(axis, "The record is too short.")
            continue
        table = profile.table
        _bands(axis, table["lag"], table)
        axis.plot(table["lag"], table["coincidences"], "o", color=_POINT, ms=5)
        axis.set_xlabel("days later", fontsize=8.5)
        axis.set_ylabel("onsets", fontsize=8.5)
        axis.set_ylim(0, max(1.0, 1.05 * float(table[["coincidences", "high_all"]].max().max())))
        rows.append(_rows(table, "lag", "coincidences", title))
    for axis, (datasource, curve) in zip(axes[2:], found.epochs.items(), strict=False):
        title = f"{TITLES.get(datasource, datasource)} around the first day"
        axis.set_title(title, loc="left", fontsize=10)
        _bands(axis, curve.table["offset"], curve.table)
        axis.plot(curve.table["offset"], curve.table["mean"], "o-", color=_POINT, ms=5, lw=1)
        axis.set_xlabel(f"days since a {event} began", fontsize=8.5)
        axis.set_ylabel("share of normal", fontsize=8.5)
        rows.append(_rows(curve.table, "offset", "mean", title))
    if not found.epochs:
        axes[2].set_title("signals around the first day", loc="left", fontsize=10)
        say(axes[2], "Nothing to average.")
    for axis in axes:
        axis.tick_params(labelsize=8.5 if narrow else 8)
    names = ["series", "days", "value", "expected", "low", "high", "low_all", "high_all"]
    data = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=names)
    plot = captioned("lags", figure, significant(data), _in_words(found, data), name=name)
    if rows:
        key_below(plot.figure, _KEY)
    return plot


def _bands(axis: Axes, days: Any, table: pd.DataFrame) -> None:
    axis.fill_between(days, table["low_all"], table["high_all"], color=_BAND, alpha=0.4, lw=0)
    axis.fill_between(days, table["low"], table["high"], color=_BAND, lw=0)
    axis.plot(days, table["expected"], color="#444444", lw=1, ls="--")
    axis.axvline(0, color="#444444", lw=0.8, ls=":")
    axis.set_xticks(np.asarray(days))
    axis.grid(axis="y", color="#eeeeee")


def _rows(table: pd.DataFrame, days: str, value: str, series: str) -> pd.DataFrame:
    kept = table[["expected", "low", "high", "low_all", "high_all"]]
    return pd.concat(
        [
            pd.DataFrame(
                {"series": series, "days": table[days], "value": table[value].astype("float64")}
            ),
            kept.astype("float64"),
        ],
        axis=1,
    )


def _in_words(found: Association, data: pd.DataFrame) -> str:
    if data.empty:
        return f"Nothing to show: {found.no_profiles} {found.no_epochs}".strip()
    told = []
    for series, mine in data.groupby("series", sort=False):
        outside = mine[(mine["value"] > mine["high_all"]) | (mine["value"] < mine["low_all"])]
        days = ", ".join(f"{day:+d}" for day in outside["days"])
        told.append(
            f"{series}: "
            + (
                f"outside what chance gives on day {days}"
                if days
                else "within what chance gives on every day"
            )
        )
    return f"By days before and after: {'; '.join(told)}."
