"""When each place went down, on the clock of the place."""

from __future__ import annotations

import pandas as pd
from matplotlib.patches import Patch

from darkdays.case.case import Case
from darkdays.figures.key import beside, key_below
from darkdays.figures.plot import (
    COLOURS,
    PROTEST,
    Plot,
    bar,
    captioned,
    few_days,
    framed,
    hours,
    is_narrow,
    lines_of,
    subplots,
)
from darkdays.files.writing import rows_of

_ROW: float = 0.17
_FIRST = "#c44e00"


def place_onsets(case: Case, down: pd.DataFrame, *, width: float = 9) -> Plot:
    """Draw the onset of one outage in many places, with bounds, in local time.

    Parameters
    ----------
    case
        Its time zone is that of the axis.
    down
        One outage a place, with ``onset`` and bounds (UTC).
    """
    zone = case.time_zone
    local = down.assign(
        place=[_said(case, str(entity)) for entity in down["entity"]],
        **{
            name: down[name].dt.tz_convert(zone).dt.tz_localize(None)
            for name in ("onset", "onset_low", "onset_high")
        },
    ).sort_values(["onset", "place"], kind="stable", ignore_index=True)
    begun = local["onset"].dt.floor("1h")
    commonest = begun.mode().iloc[0]
    figure, axis = subplots(1, 1, figsize=(width, 1.2 + _ROW * len(local)))
    for number, one in enumerate(rows_of(local)):
        early = one.onset_high <= local["onset"].quantile(0.05)
        colour = _FIRST if early else COLOURS["region"]
        bar(axis, one.onset_low, one.onset_high, number, colour, lw=4, alpha=0.4)
        axis.plot(one.onset, number, "o", color=colour, ms=4)  # fmt: skip
    axis.axvspan(commonest, commonest + pd.Timedelta(hours=1), color=PROTEST, alpha=0.45, lw=0)
    narrow = is_narrow(width)
    shown = local["place"].map(beside) if narrow else local["place"]
    axis.set_yticks(range(len(local)), shown, fontsize=8.5 if narrow else 6.5)
    axis.set_ylim(len(local) - 0.3, -0.7)
    since = f"{zone}, {local['onset'].min():%d %B %Y} onwards"
    axis.set_xlabel(lines_of(since, width - 1.8, size=8.5), fontsize=8.5, loc="left")
    axis.tick_params(axis="x", labelsize=8.5 if narrow else 8)
    title = lines_of(f"When each of {len(local)} places went down", width - 1.8)
    framed(axis, title, grid="x")
    if narrow:
        few_days(axis, 3)
    hours(axis, "%d %b\n%H:%M")
    together = int((begun == commonest).sum())
    first = local.iloc[0]
    alt = (
        f"{len(local)} places in order of their onset, in {zone}: {together} in the hour of "
        f"{commonest:%d %B %H:%M}, the first {first['place']} at {first['onset']:%d %B %H:%M}, "
        f"the last {local['place'].iloc[-1]} at {local['onset'].iloc[-1]:%d %B %H:%M}."
    )
    times = {name: f"{name}_local" for name in ("onset", "onset_low", "onset_high")}
    data = local[["entity", "place", *times]].rename(columns=times)
    plot = captioned("places", figure, data, alt)
    entries = [
        Patch(facecolor=_FIRST, label="one of the first"),
        Patch(facecolor=COLOURS["region"], label="later"),
        Patch(facecolor=PROTEST, alpha=0.45, label="hour in which most went down"),
    ]
    key_below(plot.figure, entries)
    return plot


def _said(case: Case, entity: str) -> str:
    """Return what people call a place: a county with its province."""
    province, _, county = entity.partition(".")
    name = case.name_of(province).removeprefix("region/")
    return f"{county}, {name}" if county else name
