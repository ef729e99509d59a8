"""When each signal went down, with bounds."""

from __future__ import annotations

from typing import Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.recurrence import in_words, recurring
from darkdays.figures.key import in_a_line, key_below, network_key, wrapped
from darkdays.figures.plot import (
    COLOURS,
    Plot,
    bar,
    captioned,
    few_days,
    framed,
    hours,
    is_narrow,
    lines_of,
    named_above,
    say,
    signal_name,
    subplots,
)
from darkdays.files.writing import rows_of

_MOST_PATTERNS: Final = 3
_DAY: Final = pd.Timedelta(days=1)


def onset_times(
    case: Case, outages: pd.DataFrame, steps: pd.DataFrame, *, width: float = 9
) -> Plot:
    """Draw when each signal went down, with its interval, in the first day of the outages.

    Where it is narrow, signals are named above their rows.
    """
    believed = trusted(outages)
    patterns = recurring(outages, time_zone=case.time_zone)
    dated = believed[believed["onset"].notna()].sort_values(["onset", "datasource", "entity"])
    first_day = dated[dated["onset"] < dated["onset"].min() + pd.Timedelta(hours=12)]
    again = [
        f"{signal_name(case, one.entity, one.datasource)}: {in_words(one)}"
        for one in rows_of(patterns)
    ]
    title = lines_of("\n".join(["When each signal went down", *again[:_MOST_PATTERNS]]), width)
    narrow = is_narrow(width)
    row = 0.35 if narrow else 0.32
    figure, axis = subplots(
        1, 1, figsize=(width, 1.2 + 0.2 * len(title.splitlines()) + row * len(first_day))
    )
    names = []
    for place, outage in enumerate(rows_of(first_day)):
        colour = COLOURS[case.network_of(outage.entity) or "transit"]
        signal = signal_name(case, outage.entity, outage.datasource)
        names.append(in_a_line(signal) if narrow else wrapped(signal))
        falls = steps[
            (steps["entity"] == outage.entity) & (steps["datasource"] == outage.datasource)
        ]
        falls = falls[falls["time"] >= outage.onset]
        axis.plot(falls["time"], [place] * len(falls), "|", color=colour, ms=9, alpha=0.6)
        bar(axis, outage.onset_low, outage.onset_high, place, colour, lw=5)
        axis.plot(outage.onset, place, "o", color=colour, ms=6)
        axis.annotate(
            f"{_local(outage.onset, case):%H:%M}", (outage.onset_low, place), xytext=(-6, 0),
            textcoords="offset points", ha="right", va="center", fontsize=8.5, color=colour,
        )  # fmt: skip
    if first_day.empty:
        say(axis, lines_of("No outage with an observed beginning was found.", width))
    colours = [COLOURS[case.network_of(one) or "transit"] for one in first_day["entity"]]
    if narrow:
        named_above(axis, names, colours)
    else:
        axis.set_yticks(range(len(names)), names, fontsize=9)
        for tick, colour in zip(axis.get_yticklabels(), colours, strict=False):
            tick.set_color(colour)
        axis.invert_yaxis()
    axis.margins(x=0.18 if narrow else 0.08)
    if narrow and names:
        few_days(axis)
    known = first_day[["onset_low", "onset_high"]]
    long = len(known) and known["onset_high"].max() - known["onset_low"].min() > _DAY
    hours(axis, "%d %b\n%H:%M" if long else "%H:%M", case.time_zone)
    day = f", {_local(first_day['onset'].min(), case):%d %B %Y}" if len(first_day) else ""
    axis.set_xlabel(f"{case.time_zone}{day}")
    framed(axis, title, grid="x")
    present = {case.network_of(entity) or "transit" for entity in first_day["entity"]}
    data = first_day[["entity", "datasource", "onset", "onset_low", "onset_high"]]
    sequence = "; ".join(
        f"{name.replace(chr(10), ' ')} {_local(outage.onset, case):%H:%M}"
        for name, outage in zip(names, rows_of(first_day), strict=True)
    )
    said = "".join(f"Again and again, {one}. " for one in again)
    alt = f"{said}Onsets in order of time ({case.time_zone}): {sequence or 'none was found'}."
    plot = captioned("onsets", figure, data.reset_index(drop=True), alt)
    key_below(plot.figure, network_key(present))
    return plot


def _local(moment: pd.Timestamp, case: Case) -> pd.Timestamp:
    return moment.tz_convert(case.time_zone)
