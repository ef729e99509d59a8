"""How an onset moves with the confidence that is asked for: one signal, several levels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from darkdays.detect.outages.analysis import Analysis
from darkdays.figures.plot import (
    COLOURS,
    DOWN,
    Plot,
    bar,
    captioned,
    framed,
    hours,
    in_words,
    say,
    subplots,
)
from darkdays.files.writing import rows_of

_AROUND = pd.Timedelta(hours=3)
_STEPS_AROUND = 8


def onset_by_level(
    name: str, analysis: Analysis, onsets: Mapping[float, pd.Series | None], chosen: float
) -> Plot:
    """Draw a signal around its first onset, and where each confidence level puts that onset.

    Parameters
    ----------
    name
        Of the signal, as a reader calls it.
    analysis
        Of the signal, at any level.
    onsets
        The row of the first outage (:mod:`darkdays.detect.outages.outages`) by level; None where a
        level finds none.
    chosen
        The level to show in the upper half; one of ``onsets``.

    Returns
    -------
    Plot
        Its data are a row a level: ``level``, ``onset``, ``onset_low``, ``onset_high`` (UTC).
    """
    found = {level: row for level, row in sorted(onsets.items()) if row is not None}
    columns = ("onset", "onset_low", "onset_high")
    table = pd.DataFrame({"level": sorted(onsets)})
    for column in columns:
        moments = pd.Series([getattr(onsets[one], column, pd.NaT) for one in table["level"]])
        table[column] = pd.to_datetime(moments, utc=True)
    figure, (above, below) = subplots(
        2, 1, figsize=(9, 5.2), sharex=True, height_ratios=[3, 0.7 + 0.32 * len(onsets)]
    )
    times = analysis.times.tz_localize("UTC")
    shares = analysis.values / analysis.baseline
    near = np.ones(times.size, bool)
    if found:
        margin = max(_AROUND, _STEPS_AROUND * analysis.step)
        near = times >= min(row.onset_low for row in found.values()) - margin
        near &= times <= max(row.onset_high for row in found.values()) + margin
    above.plot(times[near], shares[near], ".-", color=COLOURS["fixed"], lw=0.8, ms=3)
    above.axhline(1, color="#999999", lw=0.8, ls=":")
    above.set_ylim(0, max(1.15, float(np.nanmax(shares[near], initial=1)) * 1.05))
    above.set_ylabel("share of normal level")
    if chosen in found:
        row = found[chosen]
        above.axvspan(row.onset_low, row.onset_high, color=DOWN, alpha=0.18, lw=0)
        above.axvline(row.onset, color=DOWN, lw=1.4)
    for place, (level, one) in enumerate(sorted(onsets.items())):
        colour = DOWN if level == chosen else "#444444"
        if one is not None:
            bar(below, one.onset_low, one.onset_high, place, colour, lw=6)
            below.plot(one.onset, place, "o", color=colour, ms=6)
    below.set_yticks(range(len(onsets)), [f"{level:g}" for level in sorted(onsets)], fontsize=9)
    framed(below, grid="x", ylim=(-0.7, len(onsets) - 0.3), ylabel="level")
    if found:
        hours(below, "%d %b\n%H:%M")
        below.set_xlabel("UTC")
    else:
        say(below, "At none of these levels is there an outage with an observed beginning.")
    above.set_title(f"{name}: {_headline(found.get(chosen), chosen)}", loc="left", fontsize=11)
    told = "; ".join(
        f"level {one.level:g}, "
        + (
            "none"
            if pd.isna(one.onset)
            else f"{in_words(one.onset)}, between {in_words(one.onset_low)} and "
            f"{in_words(one.onset_high)}"
        )
        for one in rows_of(table)
    )
    alt = f"First onset of {name} by confidence level: {told}."
    return captioned("onset-by-level", figure, table, alt, signal=name)


def _headline(row: pd.Series | None, level: float) -> str:
    if row is None:
        return f"no outage found at level {level:g}"
    width = (row.onset_high - row.onset_low) / pd.Timedelta(minutes=1)
    return f"down from {in_words(row.onset)}, known to {width:.0f} minutes at level {level:g}"
