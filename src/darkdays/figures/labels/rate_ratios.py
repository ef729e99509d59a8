"""One rate ratio under every specification, in order of size."""

from __future__ import annotations

from typing import Final

import matplotlib.ticker as ticker
import numpy as np
import pandas as pd

from darkdays.figures.plot import Plot, captioned, framed, lines_of, subplots

_OUTCOMES: Final = {
    "all shutdowns": "#222222",
    "without exams": "#0064a8",
    "episodes": "#c44e00",
    "episodes without exams": "#6a3d9a",
}
_CHOICES: Final = ("outcome", "stratum", "day")


def rate_ratios(table: pd.DataFrame, *, width: float = 8.5) -> Plot:
    """Draw the specification curve of a rate ratio, and below it what each choice was.

    Parameters
    ----------
    table
        Columns ``stratum``, ``outcome``, ``day``, ``value``, ``low`` and ``high``; a row a
        specification.
    """
    known = table[table["value"].notna()].sort_values(["value", *_CHOICES], ignore_index=True)
    figure, (upper, lower) = subplots(
        2, 1, figsize=(width, 6.2), sharex=True, gridspec_kw={"height_ratios": [3, 2.4]}
    )
    places = np.arange(len(known))
    colours = known["outcome"].map(_OUTCOMES).fillna("#6b6b6b")
    upper.vlines(places, known["low"], known["high"], colors=colours, lw=1.6, alpha=0.6)
    upper.scatter(places, known["value"], c=colours, s=22, zorder=3)
    upper.axhline(1, color="#444444", lw=1, ls=":")
    upper.set_yscale("log")
    upper.yaxis.set_major_locator(ticker.FixedLocator([0.5, 1, 2, 5, 10, 20, 50]))
    upper.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    upper.yaxis.set_minor_locator(ticker.NullLocator())
    title = lines_of("Days of protest against other days of the same country", width - 1.8)
    framed(upper, title, grid="y", ylabel="rate ratio, 95 %")
    names: list[str] = []
    for choice in _CHOICES:
        for option in dict.fromkeys(table[choice]):
            chosen = known[choice] == option
            lower.plot(
                places[chosen.to_numpy()],
                np.full(int(chosen.sum()), len(names)),
                "|",
                color=_OUTCOMES.get(option, "#222222"),
                ms=8,
                mew=2,
            )
            names.append(option)
    lower.set_yticks(range(len(names)), names, fontsize=8.5)
    lower.invert_yaxis()
    order = f"{len(known)} specifications, in order of the ratio"
    lower.set(xticks=[], xlabel=lines_of(order, width - 1.8))
    above = int((known["low"] > 1).sum())
    alt = (
        f"Rate ratio under {len(known)} specifications: from {known['value'].min():.1f} to "
        f"{known['value'].max():.1f}; in {above} the interval lies above 1."
        if len(known)
        else "No specification gives a rate ratio."
    )
    return captioned("rate-ratios", figure, table, alt)
