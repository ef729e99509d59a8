"""How many listed shutdowns the curated outages show: by country, and where they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from darkdays.case.sources import Window
from darkdays.labels.finding import Finding, share
from darkdays.labels.recall import Recall, recall
from darkdays.studies.results import Results
from darkdays.studies.tables import bounds

_SCOPES: Final = ("national", "regional", "local")


def recalled(lists: Mapping[str, pd.DataFrame], pairs: pd.DataFrame, window: Window) -> Results:
    """Return the recall of every scope, by country and by place, and the rows that count.

    The published table takes shutdowns that begin until the day after the window; so does this.
    """
    start, end = (one.tz_localize(None) for one in bounds(window))
    shutdowns = lists["stop"]
    inside = shutdowns[(shutdowns["start"] >= start) & (shutdowns["start"] <= end)]
    found: list[Finding] = []
    rows = []
    for scope in _SCOPES:
        one = recall(inside, lists["ioda-curated"], pairs, scope)
        found += [_by_country(scope, one), _region_aware(scope, one)]
        if scope != "national":
            rows.append(_listed(scope, one.pairs))
    return Results(tuple(found), {"recall": pd.concat(rows, ignore_index=True)})


def _by_country(scope: str, one: Recall) -> Finding:
    return share(
        f"recall_{scope}_by_country",
        one.seen,
        one.listed,
        witnesses={
            "note": "rows that cut the full network, with an outage of the country at the time",
            "each shutdown once": f"{one.distinct_seen} of {one.distinct}",
        },
    )


def _region_aware(scope: str, one: Recall) -> Finding:
    named = one.pairs[
        (one.pairs["where"] == "same place") & (one.pairs["outage_scope"] == "region")
    ]
    least = one.seen_there if scope == "national" else named["shutdown"].nunique()
    n = max(one.listed, 1)
    return share(
        f"recall_{scope}_region_aware",
        one.seen_there,
        one.listed,
        low=least / n,
        high=(one.seen_there + one.perhaps_there) / n,
        witnesses={
            "note": "rows with an outage in the same place; from those whose area names the region "
            "of the outage, to those as well of which nobody can tell, for a network is no place",
            "rows of STOP": ", ".join(str(row) for row in sorted(_there(one.pairs))),
        },
    )


def _there(pairs: pd.DataFrame) -> set[int]:
    return set(pairs.loc[pairs["where"] == "same place", "shutdown"])


def _listed(scope: str, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of a scope as a reader wants them, texts only."""
    outage = pairs["outage_scope"].where(
        pairs["place"] == "", pairs["outage_scope"] + " " + pairs["place"]
    )
    return pd.DataFrame(
        {
            "scope": scope,
            "row of STOP": pairs["shutdown"],
            "country": pairs["country"],
            "first day": pairs["first_day"].dt.strftime("%Y-%m-%d"),
            "area": pairs["area"],
            "outage": pairs["id"],
            "begins (UTC)": pairs["outage_start"].dt.strftime("%Y-%m-%d %H:%M"),
            "of": outage,
            "where": pairs["where"],
        }
    )
