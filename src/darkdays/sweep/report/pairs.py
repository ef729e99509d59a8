"""How often one datasource saw what another one saw."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from darkdays.detect.outages.agreement import DOWN, NOT_MEASURED
from darkdays.sweep.report.resampling import share

_EVENT: Final = ["study", "entity", "event"]


def pairs(sides: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Return how often one datasource saw what another one saw.

    Parameters
    ----------
    sides
        Rows of ``agreement.parquet`` under one setting.
    seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row an ordered pair: of the ``events`` in which ``first`` was down and ``second``
        measured, the ``share`` in which ``second`` was down too, with bounds of 95 %, and the
        median of the hours by which its onset came later.
    """
    states = sides.pivot_table(
        index=["place", *_EVENT], columns="datasource", values="state", aggfunc="first"
    )
    # An event whose begin nobody saw is left out by pivoting, and has its row all the same.
    onsets = sides.pivot_table(
        index=["place", *_EVENT], columns="datasource", values="onset", aggfunc="first"
    ).reindex(states.index)
    names = sorted(states.columns)
    places = states.index.get_level_values("place").to_numpy()
    labels, cluster = np.unique(places, return_inverse=True)
    rows = []
    for first in names:
        for second in names:
            if first == second:
                continue
            other = states[second]
            measured = other.notna() & (other != NOT_MEASURED)
            asked = ((states[first] == DOWN) & measured).to_numpy()
            both = asked & (other == DOWN).to_numpy()
            of = np.bincount(cluster, asked, labels.size)
            yes = np.bincount(cluster, both, labels.size)
            low, high = share(yes.astype(np.float64), of.astype(np.float64), seed)
            later = _hours(onsets, first, second)[both]
            rows.append(
                {
                    "first": first,
                    "second": second,
                    "events": int(asked.sum()),
                    "share": both.sum() / asked.sum() if asked.any() else np.nan,
                    "low": low,
                    "high": high,
                    "hours_later": later.median() if later.notna().any() else np.nan,
                }
            )
    columns = ["first", "second", "events", "share", "low", "high", "hours_later"]
    return pd.DataFrame(rows, columns=columns)


def _hours(onsets: pd.DataFrame, first: str, second: str) -> pd.Series:
    """Return the hours from the onsets of one datasource to those of another."""
    if first not in onsets or second not in onsets:
        return pd.Series(np.nan, index=onsets.index)
    return (onsets[second] - onsets[first]).dt.total_seconds() / 3600
