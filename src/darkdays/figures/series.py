"""Anyone's own series with the changes found in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates
from numpy.typing import NDArray

from darkdays.detect.answers import Answer
from darkdays.figures.plot import COLOURS, DOWN, Plot, captioned, framed, subplots

_DRAWN = 20_000  # more samples than a page can show are thinned out


def series_with_changes(
    name: str,
    times: pd.DatetimeIndex | None,
    values: NDArray[np.float64],
    answer: Answer,
) -> Plot:
    """Draw a series, its levels, its changes with their bounds, and when it was down.

    Parameters
    ----------
    name
        Of the series, for the axis.
    times
        UTC; positions are drawn where there are none.
    values
        Shape ``(n,)``, NaN where missing.
    answer
        What was found of it.
    """
    found = answer.changes
    along: NDArray[Any] = np.arange(values.size)
    if times is not None:
        along = pd.to_datetime(times, utc=True).tz_convert(None).to_numpy()
    edges = np.concatenate([[0], found.index, [values.size]]).astype(np.intp)
    figure, axis = subplots(1, 1, figsize=(9, 3.6))
    thin = slice(None, None, -(-values.size // _DRAWN))
    if times is not None:
        where = dates.AutoDateLocator(tz="UTC", minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
        as_text = dates.ConciseDateFormatter(where, tz="UTC")  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_locator(where)
        axis.xaxis.set_major_formatter(as_text)
    axis.plot(along[thin], values[thin], ".", color="#8a8a8a", markersize=2.5, zorder=1)
    for number, level in enumerate(found.levels):
        ends = along[edges[number]], along[edges[number + 1] - 1]
        axis.plot(ends, (level, level), color=COLOURS["fixed"], linewidth=1.8, zorder=2)
    for place, bounds, sure in zip(found.times, found.intervals, found.confirmed, strict=True):
        axis.axvspan(bounds[0], bounds[1], color=DOWN, alpha=0.18, linewidth=0, zorder=0)
        axis.axvline(place, color=DOWN, linewidth=1.2, linestyle="-" if sure else ":", zorder=3)
    top = axis.get_xaxis_transform()
    for down in answer.outages[["onset", "recovery"]].to_dict("records"):
        # A line along the top, over what the record shows of it.
        shown = [
            beyond if pd.isna(edge) else edge.tz_localize(None)
            for edge, beyond in zip(down.values(), along[[0, -1]], strict=True)
        ]
        axis.plot(shown, (0.985, 0.985), color=DOWN, linewidth=4, transform=top, zorder=3)
    counted = (("change", len(found)), ("outage", len(answer.outages)))
    counts = ", ".join(f"{count} {what}{'s' * (count > 1)}" for what, count in counted if count)
    title = f"{name}: {answer.verdict}" + (f" ({counts})" if counts else "")
    framed(axis, title, ylabel=name, xlabel="sample" if times is None else "UTC")
    table = pd.DataFrame(
        {
            "change": found.times,
            "from": [bounds[0] for bounds in found.intervals],
            "to": [bounds[1] for bounds in found.intervals],
            "before": found.before,
            "after": found.after,
            "p": found.p_values,
        }
    )
    told = "; ".join(
        f"at {row.change} from {row.before:.4g} to {row.after:.4g}" for row in table.itertuples()
    )
    alt = f"{values.size} samples of {title}{': ' if told else ''}{told}."
    return captioned("series", figure, table, alt, title=title)
