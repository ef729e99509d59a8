"""When the outages of a table were over: one meaning for all who ask."""

from __future__ import annotations

from typing import Final

import pandas as pd

DATED: Final = [
    "entity", "datasource", "onset", "onset_low", "onset_high", "end_low", "end_high", "until",
]  # fmt: skip
"""Columns of a table as :func:`ended` gives it that say whose outage it is, and when it was."""
_HALF: Final = 0.5
_A_WEEK: Final = pd.Timedelta(days=7)


def ended(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of outages with the columns of :func:`ends`, as it is if it has them."""
    return table if "until" in table else table.join(ends(table))


def may_be_levels(table: pd.DataFrame) -> pd.Series:
    """Return which outages may be a new level of the network, or of what measures it.

    They took less than half, as the baseline has it, and had lasted a week or longer when their
    record ended: probes or users that have gone for good look the same.
    """
    lasts = table["last_seen"] - table["onset"] >= _A_WEEK
    over = table[["recovery", "restored"]].notna().any(axis=1)
    return lasts & ~over & (table["depth"] < _HALF).fillna(False)


def ends(table: pd.DataFrame) -> pd.DataFrame:
    """Return when each outage was over, as far as its record tells.

    An outage ends with its main rise, ``recovery``; where none is dated, with being ``restored``:
    after a shallow outage a level may be normal again with less than half of the loss back. One
    that shows neither was not over when its record ended.

    Parameters
    ----------
    table
        With the columns of times of :func:`darkdays.detect.outages.outages.outages`.

    Returns
    -------
    pandas.DataFrame
        By the index of the table (UTC): ``end`` with the bounds ``end_low`` and ``end_high``, and
        ``until``, the last moment known to belong to the outage. Of one that was not over ``end``
        and ``end_high`` are missing; ``end_low`` and ``until`` are the end of the record.
    """
    end = table["recovery"].fillna(table["restored"])
    last, over = table["last_seen"], end.notna()
    return pd.DataFrame(
        {
            "end": end,
            "end_low": table["recovery_low"].fillna(end).where(over, last),
            "end_high": table["recovery_high"].fillna(end).where(over),
            "until": end.fillna(last),
        }
    )
