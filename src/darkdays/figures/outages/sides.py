"""What each datasource says of one outage, side by side: never an average."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from darkdays.case.case import Case
from darkdays.detect.outages.agreement import DOWN
from darkdays.figures.key import in_a_line, key_below, network_key, wrapped
from darkdays.figures.plot import (
    COLOURS,
    Plot,
    bar,
    captioned,
    few_days,
    framed,
    hours,
    in_words,
    is_narrow,
    lines_of,
    named_above,
    signal_name,
    subplots,
)
from darkdays.files.writing import rows_of

_MOST = 24
_SHORT = pd.Timedelta(days=5)
"""Below which a day alone would be named twice."""


def sides(case: Case, agreement: pd.DataFrame, *, width: float = 10) -> Plot:
    """Draw the longest event of each entity in every datasource: when it was down, and how far.

    Where it is narrow, signals are named above their rows.

    Parameters
    ----------
    case
        Names the entities.
    agreement
        Rows of events that more than one datasource was on record for (UTC).
    """
    chosen = _longest(agreement).head(_MOST)
    narrow = is_narrow(width)
    figure, axes = subplots(
        1, 2, figsize=(width, 1.3 + 0.36 * len(chosen) + 0.2 * narrow), sharey=True,
        width_ratios=[2.0 if narrow else 3.0, 1.0],
    )  # fmt: skip
    times, losses = axes
    names, colours = [], []
    for number, one in enumerate(rows_of(chosen)):
        colour = COLOURS[case.network_of(one.entity) or "transit"]
        signal = signal_name(case, one.entity, one.datasource)
        names.append(in_a_line(signal) if narrow else wrapped(signal))
        colours.append(colour)
        if one.state == DOWN:
            _span(times, number, one, colour, chosen["recovery_high"].max())
        if not pd.isna(one.depth):
            losses.barh(number, one.depth, height=0.55, color=colour, alpha=0.45)
            losses.plot([one.depth_low, one.depth_high], [number, number], color=colour, lw=2)
    if narrow:
        named_above(times, names, colours)
        few_days(times, 3)
    else:
        times.set_yticks(range(len(names)), names, fontsize=9)
        times.invert_yaxis()
    low, high = chosen["onset_low"].min(), chosen["recovery_high"].max()
    hours(times, "%d %b\n%H:%M" if high - low < _SHORT else "%d %b")
    losses.set_xlim(0, 1)
    if narrow:
        losses.set_xticks([0, 0.5, 1])
    for axis, title, unit in (
        (times, lines_of("Down, from onset to main recovery", 0.6 * width, size=10), "UTC"),
        (losses, "How far", lines_of("share of normal level lost", 0.25 * width, size=8.5)),
    ):
        axis.tick_params(axis="x", labelsize=8.5 if narrow else 8)
        axis.set_xlabel(unit, fontsize=8.5, loc="left")
        framed(axis, title, grid="x", size=10)
    told = "; ".join(
        f"{name}: {_told(one)}" for name, one in zip(names, rows_of(chosen), strict=True)
    )
    alt = f"Signals side by side. {told}."
    data = chosen.drop(columns=["event"]).reset_index(drop=True)
    plot = captioned("agreement", figure, data, alt)
    present = {case.network_of(str(entity)) or "transit" for entity in chosen["entity"]}
    key_below(plot.figure, network_key(present, alpha=0.45))
    return plot


def _longest(agreement: pd.DataFrame) -> pd.DataFrame:
    """Return the event of each entity that lasted longest."""
    ends = agreement["recovery"].fillna(agreement["recovery"].max())
    spans = agreement.assign(_end=ends).groupby(["entity", "event"])[["onset", "_end"]]
    lengths = spans.max()["_end"] - spans.min()["onset"]
    events = set(lengths.groupby(level="entity").idxmax().dropna())
    keys = list(zip(agreement["entity"], agreement["event"], strict=True))
    return agreement[[key in events for key in keys]]


def _span(axis: Axes, number: int, one: Any, colour: str, last: pd.Timestamp) -> None:
    if pd.isna(one.onset):
        return
    end = last if pd.isna(one.recovery) else one.recovery
    bar(axis, one.onset, end, number, colour, lw=8)
    bounds = [(one.onset_low, one.onset_high)]
    if not pd.isna(one.recovery):
        bounds.append((one.recovery_low, one.recovery_high))
    for low, high in bounds:
        axis.plot([low, high], [number, number], color=colour, lw=2)


def _told(one: Any) -> str:
    if one.state != DOWN:
        return str(one.state)
    lost = "loss not sized" if pd.isna(one.depth) else f"{one.depth:.0%} lost"
    return f"down from {in_words(one.onset)} to {in_words(one.recovery)}, {lost}"
