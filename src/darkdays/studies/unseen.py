"""Why listed shutdowns are not among the curated outages: how many for which reason."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from darkdays.labels.finding import share
from darkdays.labels.gaps import NONE_FOUND, SEEN, gaps
from darkdays.studies.results import Results

DRAWN: Final = 50
"""Rows written out for a person to check."""
SEED: Final = 1


def unseen(shutdowns: pd.DataFrame, outages: pd.DataFrame, pairs: pd.DataFrame) -> Results:
    """Return the reason for each row of the list without a curated outage, in counts.

    Parameters
    ----------
    shutdowns, outages
        The whole lists, whatever the window.
    pairs
        Of :func:`darkdays.labels.matching.matches`.
    """
    found = gaps(shutdowns, outages, pairs)
    open_ = found[found["reason"] != SEEN]
    applies = open_.drop(columns="reason").sum()
    first = open_["reason"].value_counts()
    rows = [(why, int(first.get(why, 0)), int(applies[why])) for why in applies.index]
    if shutdowns.attrs["unread"]:
        rows.append(("no first day or no country", int(shutdowns.attrs["unread"]), 0))
    rows.append((NONE_FOUND, int(first.get(NONE_FOUND, 0)), 0))
    drawn = open_.index.to_series().sample(
        min(DRAWN, len(open_)), random_state=np.random.default_rng(SEED)
    )
    picked = shutdowns.loc[drawn.sort_values()]
    return Results(
        (
            share(
                "listed_without_a_reason",
                int(first.get(NONE_FOUND, 0)),
                len(open_),
                witnesses={"note": "rows of the list, a country each, with no outage beside them"},
            ),
        ),
        {
            "reasons": pd.DataFrame(rows, columns=["reason", "rows", "true of"]),
            "reasons_drawn": pd.DataFrame(
                {
                    "row of STOP": picked["row"],
                    "country": picked["country"],
                    "first day": picked["start"].dt.strftime("%Y-%m-%d"),
                    "scope": picked["scope"],
                    "network": picked["network"],
                    "reason": open_.loc[picked.index, "reason"],
                }
            ).reset_index(drop=True),
        },
    )
