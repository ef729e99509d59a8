"""Signals, outages, gaps and protests on one axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

from darkdays.case.case import Case
from darkdays.contracts.events import local_days, of_kind
from darkdays.contracts.moments import utc_of_local
from darkdays.contracts.outages import ends
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import OUTAGE, trusted
from darkdays.detect.outages.recurrence import in_words as in_words_again
from darkdays.detect.outages.recurrence import recurring
from darkdays.figures.key import in_a_line, key_below, network_key, timeline_key, wrapped
from darkdays.figures.plot import (
    BLIND,
    COLOURS,
    DOWN,
    PROTEST,
    Plot,
    captioned,
    few_days,
    hours,
    in_words,
    is_narrow,
    lines_of,
    say,
    signal_name,
    subplots,
)
from darkdays.files.writing import rows_of

_MOST_DAYS: Final = 13
"""That are named on the axis."""
_LONG: Final = 300
"""Days from which on a day is named with its year."""
_OVERVIEW: Final = 6
_TOLD: Final = {"country": 0, "mobile": 1, "fixed": 2, "region": 3}
_HOUR: Final = pd.Timedelta(hours=1)


def timeline(
    case: Case,
    analyses: Iterable[Analysis],
    outages: pd.DataFrame,
    gaps: pd.DataFrame,
    events: pd.DataFrame,
    *,
    name: str = "timeline",
    width: float = 10,
) -> Plot:
    """Draw every signal as a share of its normal level, with outages, gaps and protests.

    Where it is narrow, signals are named above their bands.
    """
    ordered = sorted(analyses, key=lambda one: _order(case, outages, one))
    if not ordered:
        return _nothing(case, name, width)
    drawn = dict.fromkeys(("outage", "doubtful", "blind"), False)
    rows = []
    again = list(
        dict.fromkeys(map(in_words_again, rows_of(recurring(outages, time_zone=case.time_zone))))
    )[:2]
    title = "\n".join([f"{case.title}: share of normal connectivity, lowest in each hour", *again])
    title = lines_of(title, width)
    above = 0.24 + 0.18 * len(title.splitlines())
    narrow = is_narrow(width)
    size = (width, 0.48 + (above if narrow else 0.42) + (0.44 if narrow else 0.42) * len(ordered))
    figure, axes = subplots(len(ordered), 1, figsize=size, sharex=True, squeeze=False)
    axes = axes[:, 0]
    for axis in axes[:-1]:
        axis.xaxis.set_visible(False)  # only the last one's ticks show: the others cost as much
    protests = local_days(of_kind(events, "protest"), case.time_zone)
    for axis, one in zip(axes, ordered, strict=True):
        colour = COLOURS[case.network_of(one.entity) or "transit"]
        share = pd.Series(np.clip(one.values / one.baseline, 0, 1.15), index=one.times)
        step = max(_HOUR, one.step)
        hourly = share.resample(step).min()
        signal = signal_name(case, one.entity, one.datasource)
        edges = dates.date2num(  # type: ignore[no-untyped-call]
            hourly.index.union([hourly.index[-1] + step])
        )
        # As Axes.stairs, which would look at each of its steps for where the axis ends.
        axis.add_artist(StepPatch(hourly, edges, fill=True, color=colour, alpha=0.55, lw=0))
        axis.update_datalim([(edges[0], 0), (edges[-1], 1)])
        axis.set(ylim=(0, 1.15), yticks=[])
        if narrow:
            axis.set_title(in_a_line(signal), loc="left", fontsize=8.5, color=colour, pad=2)
        else:
            axis.set_ylabel(
                wrapped(signal), rotation=0, ha="right", va="center", fontsize=8.5, color=colour
            )
        for gap in rows_of(gaps[gaps["datasource"] == one.datasource]):
            drawn["blind"] = True
            axis.axvspan(gap.start, gap.end, facecolor="none", edgecolor=BLIND, hatch="////", lw=0)
        mine = outages[
            (outages["entity"] == one.entity) & (outages["datasource"] == one.datasource)
        ]
        for outage in rows_of(mine[mine["onset"].notna()].join(ends(mine)["until"])):
            colour = DOWN if outage.label == OUTAGE else BLIND
            drawn["outage" if colour == DOWN else "doubtful"] = True
            axis.plot(
                [outage.onset, outage.until],
                [1.07, 1.07],
                color=colour,
                lw=2.5,
                solid_capstyle="butt",
            )
        rows.append(
            pd.DataFrame({"signal": signal, "time": hourly.index, "lowest share": hourly.values})
        )
    begins, finish = (
        [utc_of_local(day + pd.Timedelta(days=later), case.time_zone) for day in protests]
        for later in (0, 1)
    )
    spans = [(one, end - one) for one, end in zip(begins, finish, strict=True)]
    for axis in axes:
        axis.broken_barh(
            spans,
            (0, 1),
            transform=axis.get_xaxis_transform(),
            color=PROTEST,
            alpha=0.45,
            lw=0,
            zorder=-5,
        )
    _days(axes[-1], case)
    height = figure.get_figheight()
    if narrow:
        few_days(axes[-1])
        figure.text(0.02, 1 - 0.06 / height, title, ha="left", va="top", fontsize=11)
    else:
        axes[0].set_title(title, loc="left", fontsize=11)
    figure.subplots_adjust(
        left=0.03 if narrow else 0.19,
        right=0.97,
        top=1 - above / height,
        bottom=max(0 if narrow else 0.075, 0.45 / height),
        hspace=0.75 if narrow else 0.12,
    )
    present = {case.network_of(one.entity) or "transit" for one in ordered}
    over = timeline_key({**drawn, "protest": bool(len(protests))})
    key_below(figure, [*network_key(present, alpha=0.55), *over])
    data = pd.concat(rows, ignore_index=True).dropna()
    believed = trusted(outages)
    down = believed[believed["onset"].notna()]
    alt = f"{len(ordered)} bands over time, one a signal. No outage was found in any."
    if len(down):
        alt = "".join(f"{one[0].upper()}{one[1:]}. " for one in again) + (
            f"{len(ordered)} bands over time, one a signal. All are near their normal level until "
            f"the first falls at {in_words(down['onset'].min())}; the last beginning of an outage "
            f"is at {in_words(down['onset'].max())}. {int(down['recovery'].isna().sum())} of "
            f"{len(down)} outages have no main recovery within the record. Protest days are "
            f"marked: {', '.join(f'{day.day} {day:%B}' for day in protests) or 'none'}."
        )
    return captioned(
        "timeline", figure, data.assign(time=data["time"].dt.tz_localize("UTC")), alt, name=name,
        tight=False,
    )  # fmt: skip


def overview(
    case: Case,
    analyses: Iterable[Analysis],
    outages: pd.DataFrame,
    gaps: pd.DataFrame,
    events: pd.DataFrame,
    *,
    width: float = 10,
) -> Plot:
    """Draw a few signals so: of each kind of network the first to go down in each datasource."""
    studied = {one.id for one in case.entities}
    mine = [one for one in analyses if one.entity in studied]
    ordered = sorted(mine, key=lambda one: _order(case, outages, one))
    first = {(case.network_of(one.entity), one.datasource): one for one in reversed(ordered)}
    ranked = sorted(first.values(), key=lambda one: _TOLD.get(_kind(case, one), 9))
    told = {id(one) for one in ranked[:_OVERVIEW]}
    chosen = [one for one in ordered if id(one) in told]
    return timeline(case, chosen, outages, gaps, events, name="overview", width=width)


def _nothing(case: Case, name: str, width: float) -> Plot:
    figure, axis = subplots(1, 1, figsize=(width, 1.6))
    sentence = "No signal of this case has a record long enough to judge."
    say(axis, lines_of(sentence, width))
    data = pd.DataFrame(columns=["signal", "time", "lowest share"])
    alt = f"An empty frame. {sentence}"
    return captioned("empty-timeline", figure, data, alt, name=name, case=case.title, tight=False)


def _kind(case: Case, one: Analysis) -> str:
    return case.network_of(one.entity) or "transit"


def _order(case: Case, outages: pd.DataFrame, one: Analysis) -> tuple[int, int, str, str]:
    kinds = ["country", "region", "mobile", "transit", "fixed"]
    mine = outages[(outages["entity"] == one.entity) & outages["onset"].notna()]
    first = int(mine["onset"].min().timestamp()) if len(mine) else 2**62
    return kinds.index(case.network_of(one.entity) or "fixed"), first, one.entity, one.datasource


def _days(axis: Axes, case: Case) -> None:
    days = (case.window.end - case.window.start).days
    every = max(1, -(-days // _MOST_DAYS))
    axis.xaxis.set_major_locator(dates.DayLocator(interval=every, tz="UTC"))  # type: ignore[no-untyped-call]
    hours(axis, "%d %b\n%Y" if days > _LONG else "%d %b")
    axis.tick_params(axis="x", labelsize=8.5)
    axis.set_xlabel("UTC", fontsize=8.5, loc="left")
