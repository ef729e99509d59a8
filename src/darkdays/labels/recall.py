"""How many listed shutdowns show up in a list of outages: by country, and where they were."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from darkdays.labels.regions import SAME, UNKNOWN, compared

_SAME_SHUTDOWN = ["country", "start", "scope", "area", "network"]


@dataclass(frozen=True)
class Recall:
    """Shutdowns of one scope that were seen, out of those listed.

    Attributes
    ----------
    listed
        Rows of the list.
    seen
        Rows with an outage of the same country at the time.
    seen_there
        Rows with an outage that was in the same place as well.
    perhaps_there
        Rows whose only outages are of a network, of which nobody says where it is.
    distinct, distinct_seen
        ``listed`` and ``seen`` with every shutdown once, however many years list it.
    pairs
        Every pair that made a row ``seen``, as :func:`darkdays.labels.regions.compared` gives it.
    """

    listed: int
    seen: int
    seen_there: int
    perhaps_there: int
    distinct: int
    distinct_seen: int
    pairs: pd.DataFrame


def recall(
    shutdowns: pd.DataFrame, outages: pd.DataFrame, pairs: pd.DataFrame, scope: str
) -> Recall:
    """Count the listed shutdowns of a scope that outages were seen of.

    Parameters
    ----------
    shutdowns
        Those to look for, already of the window; rows that did not cut the full network are left
        out.
    outages
        The whole list of outages.
    pairs
        Of :func:`darkdays.labels.matching.matches`.
    scope
        ``national``, ``regional`` or ``local``.
    """
    wanted = shutdowns[shutdowns["full_network"] & (shutdowns["scope"] == scope)]
    mine = compared(pairs[pairs["shutdown"].isin(wanted["row"])], wanted, outages)
    there = set(mine.loc[mine["where"] == SAME, "shutdown"])
    perhaps = set(mine.loc[mine["where"] == UNKNOWN, "shutdown"]) - there
    seen = set(mine["shutdown"])
    told = wanted.assign(seen=wanted["row"].isin(seen))
    once = told.groupby(_SAME_SHUTDOWN, dropna=False)["seen"].any()  # many lists name no network
    return Recall(
        listed=wanted["row"].nunique(),
        seen=len(seen),
        seen_there=len(there),
        perhaps_there=len(perhaps),
        distinct=len(once),
        distinct_seen=int(once.sum()),
        pairs=mine,
    )
