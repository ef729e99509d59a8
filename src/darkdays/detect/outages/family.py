"""All signals of a study together: how many of their outages may be chance."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.false_discovery import false_discovery_rates

CANDIDATE: Final = "candidate"
"""Label of an outage that is significant alone and not among all signals that were looked at."""


def false_rates(p_values: NDArray[np.float64], quiet: int) -> NDArray[np.float64]:
    """Return the smallest false discovery rate at which each outage would stand.

    Parameters
    ----------
    p_values
        Of the outages, shape ``(k,)``.
    quiet
        How many signals without an outage were judged with them.
    """
    every = np.concatenate([p_values, np.ones(quiet)])
    return false_discovery_rates(every, any_dependence=True)[: p_values.size]


def corrected(table: pd.DataFrame, assessed: int, level: float, believed: str) -> pd.DataFrame:
    """Correct the p-values of outages over every signal that was judged.

    Benjamini & Yekutieli 2001 (Annals of Statistics 29, 1165-1188), because signals of one place
    depend on each other in ways nobody knows.

    Parameters
    ----------
    table
        Outages with ``p`` and ``label``.
    assessed
        How many signals were judged; one without an outage counts as a p-value of 1.
    level
        Of the expected share of outages that are not chance.
    believed
        The label of outages that are corrected; others are not part of the family.

    Returns
    -------
    pandas.DataFrame
        With ``q``, the smallest false discovery rate at which an outage would still stand (NaN
        outside the family), and with the label :data:`CANDIDATE` where that is too large.
    """
    family = (table["label"] == believed).to_numpy()
    quiet = max(
        assessed - table.loc[family, ["entity", "datasource"]].drop_duplicates().shape[0], 0
    )
    rates = np.full(len(table), np.nan)
    if family.any():
        rates[family] = false_rates(table.loc[family, "p"].to_numpy(np.float64), quiet)
    labels = table["label"].where(~(rates > 1 - level), CANDIDATE)
    return table.assign(q=rates, label=labels)
