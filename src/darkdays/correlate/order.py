"""The order in which networks went down, how long after the first event, and what is in doubt."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations
from typing import Any, Final

import pandas as pd

from darkdays.correlate.intervals import Lag, Moment, beginning_of, lag_between, onset_of
from darkdays.files.writing import rows_of

_ONSET: Final = ("onset", "onset_high", "datasource", "onset_low")
PAIR_COLUMNS = ("first", "second", "hours", "hours_low", "hours_high", "order")


def first_onsets(table: pd.DataFrame, entities: Collection[str] | None = None) -> pd.DataFrame:
    """Return the first dated outage of each entity, earliest first.

    Parameters
    ----------
    table
        Outages, as the detector gives them.
    entities
        Keep these only.
    """
    dated = table[table["onset"].notna()]
    if entities is not None:
        dated = dated[dated["entity"].isin(list(entities))]
    firsts = dated.sort_values(list(_ONSET), kind="stable")
    return firsts.drop_duplicates("entity").reset_index(drop=True)


def onset_order(firsts: pd.DataFrame) -> pd.DataFrame:
    """Compare the onsets of every two entities.

    Parameters
    ----------
    firsts
        One outage an entity, as :func:`first_onsets` gives them.

    Returns
    -------
    pandas.DataFrame
        A row a pair: hours from the first to the second with bounds, and ``order``: ``before``
        where the interval excludes zero, ``cannot tell`` elsewhere.
    """
    rows = []
    for first, second in combinations(rows_of(firsts), 2):
        lag = lag_between(onset_of(first), onset_of(second))
        told = "before" if lag.sign > 0 else "cannot tell"
        rows.append((first.entity, second.entity, lag.hours, lag.low, lag.high, told))
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def first_event(events: pd.DataFrame) -> Moment | None:
    """Return when the first event of a table can have begun, None for an empty table.

    No later than any of them: one dated to the hour bounds another that is dated to the day.
    """
    if events.empty:
        return None
    return beginning_of(events[["start_low", "start_high"]].min())


def lag_after_first_event(events: pd.DataFrame, table: pd.DataFrame, entity: str) -> Lag | None:
    """Return the hours from the first event to the first onset of an entity.

    Parameters
    ----------
    events
        Events of one kind, with ``start_low`` and ``start_high`` (UTC).
    table
        Outages.
    entity
        Whose onset.

    Returns
    -------
    Lag or None
        None without an event or a dated outage. The interval holds every hour that a day of the
        first event and the bounds of the onset allow.
    """
    begun = first_event(events)
    mine = table[(table["entity"] == entity) & table["onset"].notna()]
    if begun is None or mine.empty:
        return None
    return lag_between(begun, onset_of(_earliest(mine, *_ONSET)))


def _earliest(table: pd.DataFrame, *by: str) -> Any:
    """Return these columns of the row that sorting by them would put first, missing ones last."""
    return min(
        rows_of(table[list(by)]),
        key=lambda row: [(bool(pd.isna(one)), one) for one in (getattr(row, name) for name in by)],
    )
