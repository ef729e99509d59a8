"""How often one datasource saw what another one saw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.figures.plot import TITLES, Plot, captioned, say, subplots
from darkdays.files.writing import rows_of


def datasource_pairs(table: pd.DataFrame) -> Plot:
    """Draw the share of events of one datasource that another one saw too.

    Parameters
    ----------
    table
        A row an ordered pair: ``first``, ``second``, ``events``, ``share``, ``low``, ``high``.
    """
    names = sorted(set(table["first"]))
    size = 1.6 + 0.9 * max(len(names), 2)
    figure, axis = subplots(1, 1, figsize=(size + 2.4, size), layout="constrained")
    labels = [TITLES.get(name, name) for name in names]
    cells = np.full((len(names), len(names)), np.nan)
    place = {name: number for number, name in enumerate(names)}
    for row in rows_of(table):
        cells[place[row.first], place[row.second]] = row.share
    if names:
        axis.imshow(cells, cmap="cividis", vmin=0, vmax=1)
        axis.set_xticks(range(len(names)), labels, fontsize=8, rotation=30, ha="right")
        axis.set_yticks(range(len(names)), labels, fontsize=8)
        axis.set(xlabel="… was seen by", ylabel="What was seen by …")
    else:
        say(axis, "There are no two datasources to compare.")
    told = []
    for row in rows_of(table):
        known = f"{row.share:.0%}" if row.events else "none"
        axis.text(
            place[row.second],
            place[row.first],
            f"{known}\nof {row.events:,}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if not row.events or row.share < 0.6 else "black",
        )
        told.append(f"of what {row.first} saw, {row.second} saw {known} of {row.events}")
    alt = f"Agreement of datasources: {'; '.join(told) or 'none to compare'}."
    return captioned("pairs", figure, table, alt, tight=False)
