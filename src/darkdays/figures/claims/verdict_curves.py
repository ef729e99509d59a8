"""Every specification of claims about times, lengths and counts: the number each gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from darkdays.figures.key import key_below
from darkdays.figures.plot import Plot, captioned, is_narrow, lines_of, say, significant, subplots

VERDICTS: Final = {
    "supported": ("#0b6b34", "o"),
    "contradicted": ("#a4161a", "X"),
    "inconclusive": ("#7a4b00", "s"),
    "untested": ("#6b6b6b", "."),
}
"""Colour and mark of each verdict, told apart in grey as well."""
THRESHOLDS: Final = ("at_least_hours", "at_least_stages", "at_least_outages")
"""What a claim calls the number that decides; otherwise it is 0."""


def verdict_curves(verdicts: Sequence[Any], *, width: float = 9) -> Plot:
    """Draw the number under every specification, in order, coloured by verdict.

    Parameters
    ----------
    verdicts
        With a ``curve`` each: see :class:`darkdays.correlate.multiverse.SpecificationCurve`.
    """
    figure, axes = subplots(
        len(verdicts),
        1,
        figsize=(width, 0.6 + (1.9 if is_narrow(width) else 1.75) * len(verdicts)),
        squeeze=False,
    )
    tables, told = [], []
    for axis, one in zip(axes[:, 0], verdicts, strict=True):
        ordered = one.curve.table.sort_values(["low", "high", "value"], kind="stable")
        _draw(axis, ordered, one, width)
        tables.append(ordered.assign(claim=one.claim.id, unit=one.curve.unit))
        counts = one.curve.table["verdict"].value_counts(sort=False)
        told.append(
            f"{one.claim.statement} "
            + ", ".join(f"{verdict} in {count}" for verdict, count in counts.items())
        )
    used = dict.fromkeys(
        verdict
        for verdict in VERDICTS
        if any((one.curve.table["verdict"] == verdict).any() for one in verdicts)
    )
    alt = f"Verdicts by specification. {'; '.join(told)}."
    data = significant(pd.concat(tables, ignore_index=True))
    plot = captioned("specifications", figure, data, alt)
    marks = [
        Line2D([], [], lw=0, color=VERDICTS[one][0], marker=VERDICTS[one][1], label=one)
        for one in used
    ]
    key_below(plot.figure, marks)
    return plot


def _draw(axis: Axes, ordered: pd.DataFrame, one: Any, width: float) -> None:
    told = f"{one.claim.statement} {one.judgement.verdict.title()} in {one.holds:,} of {one.of:,}"
    axis.set_title(
        lines_of(told, width - 0.7, size=10),
        loc="left",
        fontsize=10,
    )
    low = ordered["low"].fillna(ordered["value"]).to_numpy()
    high = ordered["high"].fillna(ordered["value"]).to_numpy()
    known = np.isfinite(low)
    if not known.any():
        say(axis, "No specification gives a number.")
        return
    threshold = next(
        (float(getattr(one.claim, name)) for name in THRESHOLDS if hasattr(one.claim, name)), 0.0
    )
    # What has no upper bound is drawn to the edge.
    top = max(float(np.nanmax([low, high])), threshold)
    edge = top + 0.12 * max(top - min(float(np.nanmin(low)), threshold), 1e-9)
    places = np.arange(len(ordered))
    middle = ordered["value"].to_numpy()
    middle = np.where(np.isfinite(middle), middle, low)
    for verdict, (colour, mark) in VERDICTS.items():
        mine = known & (ordered["verdict"] == verdict).to_numpy()
        if not mine.any():
            continue
        ends = np.where(np.isfinite(high), high, edge)
        axis.vlines(places[mine], low[mine], ends[mine], color=colour, lw=1.2, alpha=0.55)
        axis.plot(places[mine], middle[mine], mark, color=colour, ms=3.5)
        open_ended = mine & ~np.isfinite(high)
        axis.plot(places[open_ended], ends[open_ended], "^", color=colour, ms=4)
    axis.axhline(threshold, color="#222222", lw=0.9, ls=":")
    axis.set(xticks=[], xlim=(-1, len(ordered)))
    axis.set_ylabel(one.curve.unit, fontsize=8.5)
    axis.tick_params(labelsize=8.5)
    axis.grid(axis="y", color="#dddddd")
