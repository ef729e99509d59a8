"""The stages in which signals came back."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import seaborn as sns
from matplotlib.patches import Patch

from darkdays.case.case import Case
from darkdays.detect.outages.analysis import Analysis
from darkdays.figures.key import in_a_line, key_below
from darkdays.figures.plot import (
    COLOURS,
    Plot,
    captioned,
    few_days,
    framed,
    hours,
    in_words,
    is_narrow,
    lines_of,
    say,
    signal_name,
    subplots,
)
from darkdays.files.writing import rows_of


def recovery(
    case: Case, analyses: Iterable[Analysis], stages: pd.DataFrame, *, width: float = 9
) -> Plot:
    """Draw the lasting stages in which signals came back."""
    lasting = stages[stages["new_ground"] & stages["sustained"]]
    keys = set(zip(lasting["entity"], lasting["datasource"], strict=True))
    chosen = [one for one in analyses if (one.entity, one.datasource) in keys]
    rows = []
    for one in chosen:
        share = pd.Series(one.values / one.baseline, index=one.times.tz_localize("UTC"))
        if len(lasting):
            share = share[share.index >= lasting["start"].min() - pd.Timedelta(hours=12)]
        rows.append(
            pd.DataFrame(
                {
                    "signal": signal_name(case, one.entity, one.datasource),
                    "time": share.index,
                    "share": share.to_numpy(),
                }
            )
        )
    columns = ["signal", "time", "share"]
    data = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    country = {
        signal_name(case, one.entity, one.datasource)
        for one in chosen
        if case.network_of(one.entity) == "country"
    }
    narrow = is_narrow(width)
    below = 0.15 * len(chosen) if narrow else 0.0  # for the names of signals
    figure, axis = subplots(1, 1, figsize=(width, 4.2 - narrow + below))
    if len(data):
        names = sorted(data["signal"].unique(), key=lambda name: (name not in country, name))
        # The palette's yellow is too faint for a line on white.
        colours = [
            colour
            for colour in sns.color_palette("colorblind")
            if colour[2] > 0.3 or colour[0] < 0.9
        ]
        palette = {name: colours[place % len(colours)] for place, name in enumerate(names)}
        palette |= dict.fromkeys(country, COLOURS["country"])
        sns.lineplot(
            data,
            x="time",
            y="share",
            hue="signal",
            style="signal",
            hue_order=names,
            style_order=names,
            palette=palette,
            ax=axis,
            errorbar=None,
            lw=1.6,
        )
        for stage in rows_of(lasting[lasting["entity"].str.startswith("country/")]):
            axis.axvspan(stage.start, stage.end, color="#bbbbbb", alpha=0.3, lw=0)
        beside = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), "fontsize": 8}
        if narrow:
            beside = {"loc": "upper left", "bbox_to_anchor": (-0.15, -0.18), "fontsize": 8.5}
        names = axis.legend(frameon=False, **beside).get_texts()
        for name in names if narrow else ():
            name.set_text(in_a_line(name.get_text()))
    else:
        say(axis, lines_of("No lasting return was observed.", width))
    axis.set(ylim=(0, 1.1), ylabel="share of normal level", xlabel="UTC")
    if narrow and len(data):
        few_days(axis)
    long = len(data) and data["time"].max() - data["time"].min() > pd.Timedelta(days=300)
    hours(axis, "%d %b %H:%M" if not narrow else "%d %b\n%Y" if long else "%d %b")
    axis.tick_params(axis="x", labelsize=8.5 if narrow else 8)
    framed(axis, "Coming back, in stages", grid="both")
    told = "; ".join(
        f"{signal_name(case, stage.entity, stage.datasource)} from "
        f"{in_words(stage.start)}: {stage.level_before:.0%} to {stage.level_after:.0%}"
        for stage in rows_of(lasting)
    )
    alt = f"Share of normal connectivity rising in stages: {told or 'none observed'}."
    plot = captioned("recovery", figure, data, alt)
    if lasting["entity"].str.startswith("country/").any():
        stage = Patch(facecolor="#bbbbbb", alpha=0.3, label="stage of the whole country")
        key_below(plot.figure, [stage])
    return plot
