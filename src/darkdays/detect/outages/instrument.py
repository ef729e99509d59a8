"""Gaps of the instrument: every entity of a datasource vanishes from the record at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE, step_of

MIN_ENTITIES: Final = 3
"""With fewer entities, a gap of all of them says nothing about the instrument."""
COLUMNS: Final = ("datasource", "start", "end", "bins", "entities", "label")


def instrument_gaps(signals: xr.DataTree) -> pd.DataFrame:
    """Find the gaps that are the instrument's, not the networks'.

    Parameters
    ----------
    signals
        A node a datasource. Only bins the source itself has no value for count (``coverage``);
        bins that merely were not read do not. Without ``coverage`` every NaN counts.

    Returns
    -------
    pandas.DataFrame
        A row a gap (UTC): ``[start, end)``, its bins, how many entities it hit, and the label
        ``instrument``.
    """
    rows = []
    for name in sorted(signals.children):
        node = signals[name].to_dataset()
        if "coverage" in node:
            flags = node["coverage"].values
            blind, seen = flags == MISSING_AT_SOURCE, flags == MEASURED
        else:
            blind = np.isnan(node["value"].values)
            seen = ~blind
        counted = blind.sum(axis=0)
        all_blind = (counted >= MIN_ENTITIES) & ~seen.any(axis=0)
        times, step = pd.DatetimeIndex(node["time"].values), step_of(node)
        borders = np.flatnonzero(np.diff(np.concatenate([[0], all_blind.astype(np.int8), [0]])))
        for first, after in borders.reshape(-1, 2):
            rows.append(
                {
                    "datasource": name,
                    "start": times[first],
                    "end": times[after - 1] + step,
                    "bins": int(after - first),
                    "entities": int(counted[first:after].max()),
                    "label": "instrument",
                }
            )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("start", "end"):
        table[column] = pd.to_datetime(table[column], utc=True).dt.as_unit("s")
    return table
