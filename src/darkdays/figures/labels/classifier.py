"""How well each kind of feature alone tells shutdowns from outages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.figures.key import key_below
from darkdays.figures.plot import Plot, captioned, framed, is_narrow, lines_of, subplots


def classifier_groups(table: pd.DataFrame, *, width: float = 8) -> Plot:
    """Draw the area under the ROC curve of each group of features alone, in unseen countries.

    Parameters
    ----------
    table
        Columns ``group``, ``auc`` (honest subset) and ``auc_all``.
    """
    figure, axis = subplots(1, 1, figsize=(width, 1.6 + 0.42 * len(table)))
    places = np.arange(len(table))
    for column, marker, colour, label in (
        ("auc", "o", "#c44e00", "without exams and Myanmar"),
        ("auc_all", "s", "#0064a8", "every event"),
    ):
        axis.plot(table[column], places, marker, color=colour, ms=7, label=label)
    axis.axvline(0.5, color="#444444", lw=1, ls=":")
    axis.set_yticks(places, table["group"])
    axis.invert_yaxis()
    axis.set(xlim=(0.3, 1), xlabel=lines_of("area under the ROC curve; 0.5 is a coin", width - 1.5))
    axis.margins(y=0.12)
    entries, _ = axis.get_legend_handles_labels()
    if not is_narrow(width):
        axis.legend(frameon=False, fontsize=8.5, loc="upper right")
    framed(axis, lines_of("What each kind of feature tells by itself", width - 1.5), grid="x")
    told = "; ".join(
        f"{row.group} {row.auc:.2f} and {row.auc_all:.2f}" for row in table.itertuples()
    )
    alt = f"Area under the ROC curve, without exams and Myanmar, and on every event: {told}."
    plot = captioned("classifier", figure, table, alt)
    if is_narrow(width):
        key_below(plot.figure, entries)
    return plot
