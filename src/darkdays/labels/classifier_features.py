"""What the shutdown-or-outage classifier looks at: clock times, length, signals, repetition.

Everything is known of an outage without knowing who caused it, and nothing names a country.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from darkdays.files.packaged import toml_of

_STATED: Final = toml_of("labels/classifier_features.toml")
FEATURES: Final[Mapping[str, str]] = _STATED["features"]
"""Name and reason of every feature, in the order of the columns."""
GROUPS: Final[Mapping[str, Sequence[str]]] = _STATED["groups"]
"""Features that belong together, to see what each group does alone."""
_WEEK: Final = 7 * 24


def features_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the features of labelled outages.

    Parameters
    ----------
    table
        Columns ``country``, ``start``, ``local_start``, ``local_end``, ``hours``, ``bgp``,
        ``probing`` and ``telescope``, as :func:`darkdays.labels.matching.labelled` gives them.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`FEATURES`, floats, same index. Where no usable end is known, the length
        is the median of the others and the features of the end are 0.
    """
    ended = (table["hours"] > 0).to_numpy()
    start, end = table["local_start"].dt, table["local_end"].dt
    hours = np.log(table["hours"].where(ended))
    angle = 2 * np.pi * (start.hour + start.minute / 60) / 24
    columns = (
        start.minute == 0,
        start.minute == 30,
        (end.minute == 0) & ended,
        (end.minute == 30) & ended,
        ~ended,
        hours.fillna(hours.median() if ended.any() else 0.0),
        table["bgp"],
        table["probing"],
        table["telescope"],
        np.sin(angle),
        np.cos(angle),
        repeats(table),
    )
    named = dict(zip(FEATURES, columns, strict=True))
    return pd.DataFrame(named, index=table.index).astype(np.float64)


def repeats(table: pd.DataFrame) -> pd.Series:
    """Tell which outages begin whole days, and at most a week, from another of their country."""
    found = pd.Series(data=False, index=table.index)
    for _, group in table.groupby("country"):
        times = group["start"].to_numpy("datetime64[m]").astype(np.int64)
        apart = np.abs(times[:, None] - times[None, :])
        hits = (apart > 0) & (apart <= _WEEK * 60) & (apart % (24 * 60) == 0)
        found.loc[group.index] = hits.any(axis=1)
    return found
