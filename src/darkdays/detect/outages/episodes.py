"""Episodes: outages of one place merged when less than a day apart."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from darkdays.detect.outages.controls import trusted
from darkdays.files.writing import rows_of

MERGE_WITHIN: Final = pd.Timedelta(hours=24)


def episodes(table: pd.DataFrame, *, within: pd.Timedelta = MERGE_WITHIN) -> pd.DataFrame:
    """Merge outages into episodes, so that one shutdown is counted once.

    Parameters
    ----------
    table
        Outages of one place, as :func:`darkdays.detect.outages.outages` gives them; those without
        an observed onset, and those of the instrument, are left out.
    within
        Outages whose gap is shorter than this are one episode.

    Returns
    -------
    pandas.DataFrame
        ``onset``, ``onset_low``, ``onset_high`` of the earliest outage, ``until`` when one was
        seen last: the end of the latest, or of its record where that ends before (UTC), and the
        number of ``outages``.
    """
    rows: list[dict[str, Any]] = []
    until = pd.NaT
    believed = trusted(table)
    dated = believed[believed["onset"].notna()].sort_values("onset", kind="stable")
    for outage in rows_of(dated):
        reached = outage.last_seen if pd.isna(outage.restored) else outage.restored
        if rows and outage.onset - until < within:
            rows[-1]["outages"] += 1
            rows[-1]["until"] = until = max(until, reached)
        else:
            rows.append(
                {
                    "onset": outage.onset,
                    "onset_low": outage.onset_low,
                    "onset_high": outage.onset_high,
                    "until": reached,
                    "outages": 1,
                }
            )
            until = reached
    return pd.DataFrame(rows, columns=["onset", "onset_low", "onset_high", "until", "outages"])
