"""Bounds as numbers of a claim and as a sentence: what is excluded where nothing was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from darkdays.claims.judging.verdicts import Number
from darkdays.contracts.datasources import DATASOURCES
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of

_PREFERRED: Final = ("ioda.ping-slash24", "ioda.bgp", "ioda.merit-nt")
_TELLING: Final = 0.5
"""A bound above this says little; the shortest outage with a smaller one is told."""
_LONG: Final = 24.0


def bounds_of(evidence: Evidence, entities: Sequence[str]) -> pd.DataFrame:
    """Return the bounds of some entities in the datasources of a specification."""
    table = evidence.bounds
    believed = table["datasource"].isin(evidence.specification.datasources)
    return table[believed & table["entity"].isin(list(entities))]


def bound_numbers(table: pd.DataFrame, *, several: bool = False) -> tuple[Number, ...]:
    """Return a number for each length and datasource in which something is excluded.

    Parameters
    ----------
    table
        Of one or more signals.
    several
        Whether the entity has to be told in the name of a number.
    """
    return tuple(
        Number(
            ".".join(["excluded", *([row.entity] if several else []), row.datasource])
            + f".{row.hours:g}h",
            float(row.excluded_from),
            "share of normal level",
            n=int(row.places),
            note=(
                f"outages of {row.hours:g} hours or more and of this depth or more are excluded; "
                f"found from {_share(row.found_from)} on when put into the record "
                f"(theory {_share(row.found_from_theory)}), and the record itself leaves room for "
                f"{_share(row.limit)} at most"
            ),
        )
        for row in rows_of(table)
        if not np.isnan(row.excluded_from)
    )


def bound_sentence(evidence: Evidence, entities: Sequence[str]) -> str:
    """Say in a sentence which outages are excluded; empty if none was looked into.

    Parameters
    ----------
    evidence
        With the bounds.
    entities
        Those of the claim; the best datasource of each is told.
    """
    table = bounds_of(evidence, entities)
    told = []
    for entity in entities:
        mine = table[table["entity"] == entity]
        ordered = [name for name in _PREFERRED if name in set(mine["datasource"])]
        ordered += sorted(set(mine["datasource"]) - set(ordered))
        if not ordered:
            continue
        rows = mine[mine["datasource"] == ordered[0]].sort_values("hours")
        told.append(_of_signal(evidence.case.name_of(entity), ordered[0], rows))
    return " ".join(told)


def _of_signal(name: str, datasource: str, rows: pd.DataFrame) -> str:
    title = DATASOURCES[datasource].title.lower() if datasource in DATASOURCES else datasource
    known = rows[rows["excluded_from"].notna()]
    if known.empty:
        return f"No outage of {name} is excluded by {title}, whatever its depth and length."
    telling = known[known["excluded_from"] <= _TELLING]
    first = (telling if len(telling) else known).iloc[0]
    parts = [_part(first)]
    longer = known[(known["hours"] > first["hours"]) & (known["hours"] >= _LONG)]
    if len(longer) and longer.iloc[0]["excluded_from"] < first["excluded_from"]:
        parts.append(_part(longer.iloc[0]))
    return (
        f"An outage of {' or '.join(parts)} (up to {rows['hours'].max():g}) is excluded at "
        f"{float(first['level']):.0%} by {title} of {name}."
    )


def _part(row: pd.Series) -> str:
    # Rounded up: what is excluded must not grow in print.
    percent = int(np.ceil(100 * float(row["excluded_from"]) - 1e-9))
    return f"{percent} % or more for {row['hours']:g} hours or longer"


def _share(value: float) -> str:
    return "no depth" if np.isnan(value) else f"{value:.0%}"
