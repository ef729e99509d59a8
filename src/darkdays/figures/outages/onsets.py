"""When each signal went down, with bounds."""

from __future__ import annotations

from typing import Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.recurrence import in_words, recurring
from darkdays.figures.key import key_below, network_key, wrapped
from darkdays.figures.plot import (
    COLOURS,
    Plot,
    bar,
    captioned,
    framed,
    hours,
    say,
    signal_name,
    subplots,
)
from darkdays.files.writing import rows_of

_MOST_PATTERNS: Final = 3


def onset_times(case: Case, outages: pd.DataFrame, steps: pd.DataFrame) -> Plot:
    """Draw when each signal went down, with its interval, in the first day of the outages."""
    believed = trusted(outages)
    patterns = recurring(outages, time_zone=case.time_zone)
    dated = believed[believed["onset"].notna()].sort_values(["onset", "datasource", "entity"])
    first_day = dated[dated["onset"] < dated["onset"].min() + pd.Timedelta(hours=12)]
    figure, axis = subplots(1, 1, figsize=(9, 1.4 + 0.32 * len(first_day)))
    names = []
    for place, outage in enumerate(rows_of(first_day)):
        colour = COLOURS[case.network_of(outage.entity) or "transit"]
        names.append(wrapped(signal_name(case, outage.entity, outage.datasource)))
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
        say(axis, "No outage with an observed beginning was found.")
    axis.set_yticks(range(len(names)), names, fontsize=9)
    for tick, outage in zip(axis.get_yticklabels(), rows_of(first_day), strict=True):
        tick.set_color(COLOURS[case.network_of(outage.entity) or "transit"])
    axis.invert_yaxis()
    axis.margins(x=0.08)
    hours(axis, "%H:%M", case.time_zone)
    day = f", {_local(first_day['onset'].min(), case):%d %B %Y}" if len(first_day) else ""
    axis.set_xlabel(f"{case.time_zone}{day}")
    again = [
        f"{signal_name(case, one.entity, one.datasource)}: {in_words(one)}"
        for one in rows_of(patterns)
    ]
    title = "\n".join(["When each signal went down", *again[:_MOST_PATTERNS]])
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
